"""Install Train by Hand from this folder, without a network, and open it.

    python install.py             set up in .venv beside this file, then open JupyterLab
    python install.py --no-lab    set up only

Standard library only; a Python from 3.6 on can read it and say that it is too old.
"""

import json
import os
import subprocess
import sys
from typing import Any, Dict, List, Optional  # noqa: UP035  an old Python reads this file

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"win32": "win", "darwin": "mac"}


def problem(about: Dict[str, Any], version: str, platform: str) -> Optional[str]:  # noqa: UP006, UP045
    """The sentence for a computer that this folder does not serve, or None."""
    wanted = about["python"]
    if version != wanted:
        return (
            f"This folder is for Python {wanted}, and this is Python {version}. Run it with the other "
            f"one, for instance `python{wanted} install.py`, or on Windows `py -{wanted} install.py`."
        )
    if platform not in about["platforms"]:
        served = ", ".join(about["platforms"])
        return f"This folder is for {served}, and this computer is {platform}; ask for a bundle with it."
    return None


def main(arguments: List[str]) -> int:  # noqa: UP006
    """Set up where that is still to do, then open the course; return the exit status."""
    with open(os.path.join(HERE, "bundle.json")) as file:
        about = json.load(file)
    version = "{}.{}".format(*sys.version_info[:2])
    wrong = problem(about, version, NAMES.get(sys.platform, "linux"))
    if wrong:
        print("install.py: " + wrong, file=sys.stderr)
        return 1
    venv = os.path.join(HERE, ".venv")
    scripts = os.path.join(venv, "Scripts" if os.name == "nt" else "bin")
    python = os.path.join(scripts, "python.exe" if os.name == "nt" else "python")
    ready = os.path.join(venv, "ready")
    if not os.path.exists(ready):
        print(f"Setting up in {venv}, from this folder alone (a few minutes).", flush=True)
        target = f"{about['project']}[{about['extra']}]"
        words = [python, "-m", "pip", "install", "--no-index", "--disable-pip-version-check"]
        words += ["--quiet", "--find-links", os.path.join(HERE, "wheels"), target]
        # Settings of the computer's own could send pip to a network that is not there.
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
        clean["PIP_CONFIG_FILE"] = os.devnull
        for step in ([sys.executable, "-m", "venv", "--clear", venv], words):
            if subprocess.call(step, env=clean) != 0:
                print("install.py: that step failed; its own words are above.", file=sys.stderr)
                return 1
        open(ready, "w").close()
    course = [python, "-m", "course.cli"]
    if "--no-lab" in arguments:
        return subprocess.call([*course, "--version"])
    return subprocess.call([*course, "lab", "--dir", os.path.join(HERE, "my-course")])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
