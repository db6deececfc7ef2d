"""The NumPy half of lessons 00 to 04 for JupyterLite: Python and Jupyter inside the browser, no server.

The lessons lose what needs PyTorch, which has no build for browsers, and install the course from the
site itself. The rest of what they import comes with Pyodide.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course.authoring import links

LESSONS = ("00", "01", "02", "03", "04")
READY = """\
# Everything runs in this browser. The first time this takes a minute.
import piplite
await piplite.install(["numpy", "matplotlib", "scikit-learn", "ipywidgets", "anywidget", "tqdm", "click"])
await piplite.install("train-by-hand", deps=False)
from course.ready import ready
ready()"""
LEFT_OUT = (
    "*What stood here compares with PyTorch, which does not run inside a browser. The book shows what it "
    "prints; on Colab, Binder or your own computer you can run it.*"
)
# What in a statement needs PyTorch; a test runs the lessons without it and finds what this misses.
_PYTORCH = re.compile(
    r"\btorch\b|\bcompare\.cmp\b|\bbeside_torch\b|\bbeside\b|\bin_pytorch\b|\bengines\.|\bside_by_side\b"
)
_IMPORTS = re.compile(r"^from course import compare\n", re.MULTILINE)


# A contributor's environment has extensions for graders, which learners do not need.
_SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Train by Hand",
        "disabledExtensions": ["@jupyter/nbgrader", "jupyterlab-jupytext"],
    },
}


class LiteError(ValueError):
    """The site cannot be made; the message says why."""


def browser_edition(notebook: dict[str, Any], ready: str) -> dict[str, Any]:
    """The notebook as it runs without PyTorch; ``ready`` is the cell that gets it ready elsewhere."""
    cells = []
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code" and text.strip() == ready.strip():
            cell = {**cell, "source": READY}
        elif cell["cell_type"] == "code":
            text = without_pytorch(_IMPORTS.sub("", text))
            said = {"cell_type": "markdown", "id": cell["id"], "metadata": {}, "source": LEFT_OUT}
            cell = {**cell, "source": text} if text else said
        cells.append(cell)
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    return {**notebook, "cells": cells, "metadata": {**notebook["metadata"], "kernelspec": kernel}}


def without_pytorch(code: str) -> str:
    """The statements of a cell that do without PyTorch; "" where it is all about PyTorch."""
    if not _PYTORCH.search(code):
        return code
    statements = [(node, ast.get_source_segment(code, node) or "") for node in ast.parse(code).body]
    if any(isinstance(node, ast.Import) and "torch" in text for node, text in statements):
        return ""
    return "\n".join(text for _, text in statements if not _PYTORCH.search(text))


def stage(root: Path, folder: Path) -> list[Path]:
    """Write the browser's edition of each lesson of the repository at ``root`` into ``folder``."""
    ready = links.get_ready(links.repository(root))
    made = []
    for path in sorted((root / "lessons").glob("*.ipynb")):
        if path.stem[:2] in LESSONS:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            target = folder / path.name
            target.write_text(json.dumps(browser_edition(notebook, ready)), encoding="utf-8")
            made.append(target)
    return made


def make_site(root: Path, folder: Path, *, say: Callable[[str], object] = print) -> Path:
    """Write the site into ``folder`` and return its first page.

    Its pages fetch Pyodide, with NumPy, matplotlib and scikit-learn, from Pyodide's own server when a
    reader opens them. Raises ImportError without JupyterLite, LiteError when it cannot build.
    """
    try:
        import jupyterlite_core  # noqa: F401
        import jupyterlite_pyodide_kernel  # noqa: F401
    except ModuleNotFoundError as error:
        raise ImportError(
            f"The site needs the package {error.name!r}. "
            "Install it at the top of the course's repository: pip install -e '.[lite]'"
        ) from error
    with tempfile.TemporaryDirectory(prefix="lite-") as name:
        work = Path(name)
        (work / "contents").mkdir()
        stage(root, work / "contents")
        (work / "jupyter-lite.json").write_text(json.dumps(_SETTINGS), encoding="utf-8")
        say("Building the course's wheel ...")
        _run(
            sys.executable,
            "-m",
            "build",
            "--no-isolation",
            "--wheel",
            "--outdir",
            str(work / "pypi"),
            str(root),
        )
        say("Building the site ...")
        _run(
            *(sys.executable, "-m", "jupyterlite_core", "build"),
            *("--lite-dir", str(work), "--contents", str(work / "contents")),
            *("--output-dir", str(work / "site")),
            cwd=work,  # where it keeps its notes
        )
        shutil.copytree(work / "site", folder, dirs_exist_ok=True)
    return folder / "lab" / "index.html"


def _run(*words: str, cwd: Path | None = None) -> None:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise LiteError(f"`{' '.join(words[1:4])}` failed:\n{(done.stdout + done.stderr)[-3000:]}")
