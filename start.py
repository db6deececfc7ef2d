"""Set the course up in a virtual environment of its own, then run it.

    python start.py lab  [options of `course lab`]    set up, then open JupyterLab at the lessons
    python start.py test [options of pytest]          set up, then run every test
    python start.py setup [lab|test]                  set up only

Standard library only, and written so that a Python far too old for the course can still read it
and say so in a sentence. Everything that it makes lies in .venv beside this file.
"""

from __future__ import print_function

import hashlib
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
OLDEST = (3, 11)
EXTRAS = {
    "lab": ["data", "edge", "fairness"],
    "test": ["authoring", "book", "data", "dev", "edge", "fairness", "lite", "test", "text"],
}
PYTEST = ["-n", "2", "--dist", "loadscope", "--nbval-lax", "--nbval-cell-timeout=120"]
TESTS = ["tests", "lessons", "solutions"]

# Megabytes measured on Linux x86-64 with Python 3.11, the pins of constraints.txt and PyTorch's
# CPU build: the packages to download, and the disk for the environment and pip's cache of them.
DOWNLOAD_MB = {"lab": 400, "test": 630}
DISK_MB = {"lab": 2100, "test": 2900}
CUDA_MB = 2700  # what PyTorch's build for NVIDIA GPUs downloads on top of that
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_SECONDS = 3


class Problem(Exception):
    """Something that the person at the keyboard can put right; the message says how."""


def say(text):
    print(text)
    sys.stdout.flush()


def version_problem(version):
    """The sentence for a Python that is too old, or None."""
    if tuple(version[:2]) >= OLDEST:
        return None
    return (
        "Train by Hand needs Python {0}.{1} or newer; this is Python {2}.{3}. Install a newer one "
        "(https://www.python.org/downloads/), then name it: `make lab PYTHON=python3.13`, "
        "`python3.13 start.py lab`, or on Windows `py -3.13 start.py lab`."
    ).format(OLDEST[0], OLDEST[1], version[0], version[1])


def venv_python(venv):
    """The interpreter inside the virtual environment `venv`."""
    if os.name == "nt":
        return os.path.join(venv, "Scripts", "python.exe")
    return os.path.join(venv, "bin", "python")


def fingerprint(root):
    """A hash over the files that decide what gets installed."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read() + b"\0")
    return digest.hexdigest()


def stamp_path(venv):
    return os.path.join(venv, "train-by-hand.json")


def read_stamp(venv):
    """What the last completed set-up wrote, or {} when it never completed."""
    try:
        with open(stamp_path(venv)) as file:
            stamp = json.load(file)
    except (OSError, IOError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(venv, root, extras):
    """Note a completed set-up; written aside and renamed, so that a half stamp never counts."""
    stamp = {"root": root, "hash": fingerprint(root), "extras": sorted(extras)}
    with open(stamp_path(venv) + ".new", "w") as file:
        json.dump(stamp, file)
    os.replace(stamp_path(venv) + ".new", stamp_path(venv))


def is_current(venv, root, extras):
    """Whether the last completed set-up covers `extras` as the files ask today."""
    stamp = read_stamp(venv)
    return (
        stamp.get("root") == root
        and stamp.get("hash") == fingerprint(root)
        and set(extras) <= set(stamp.get("extras", []))
        and os.path.exists(venv_python(venv))
    )


def make_venv(venv):
    """Make `venv` anew, whatever an interrupted set-up left of it."""
    try:
        import ensurepip  # noqa: F401  Debian splits these two off
        import venv as venv_module  # noqa: F401
    except ImportError:
        raise Problem(
            "This Python cannot make virtual environments (its venv or pip part is missing). On "
            "Debian and Ubuntu run `sudo apt install python{0}.{1}-venv`; elsewhere install Python "
            "from https://www.python.org/downloads/. Then run the same command again.".format(
                *sys.version_info[:2]
            )
        )
    if os.path.lexists(venv) and not is_ours(venv):
        raise Problem(
            "{0} exists and is not a virtual environment, so it is left alone. Move it away, then "
            "run the same command again.".format(venv)
        )
    status = subprocess.call([sys.executable, "-m", "venv", "--clear", venv])
    if status != 0:
        raise Problem(
            "Python could not make the virtual environment {0}; its own message is above. Check "
            "that the disk is not full, then run the same command again.".format(venv)
        )


def is_ours(venv):
    """Whether `venv` is a virtual environment, whole or half made, and may be made anew."""
    if not os.path.isdir(venv):
        return False
    if os.path.exists(os.path.join(venv, "pyvenv.cfg")):
        return True
    return set(os.listdir(venv)) <= {"bin", "include", "lib", "lib64", "Include", "Lib", "Scripts"}


def check_writable(root):
    """Raise Problem unless files can be made in `root`."""
    probe = os.path.join(root, ".start-{0}".format(os.getpid()))
    try:
        os.mkdir(probe)
        os.rmdir(probe)
    except OSError as error:
        raise Problem(
            "Cannot write in {0} ({1}). Copy the course into a folder of your own, for instance "
            "in your home folder, and run the same command there.".format(root, error.strerror)
        )


def check_disk(root, megabytes):
    """Raise Problem unless `megabytes` are free where `root` lies."""
    import shutil

    free = shutil.disk_usage(root).free / 1e6
    if free < megabytes:
        raise Problem(
            "Not enough room on the disk of {0}: the set-up needs about {1:.1f} GB and {2:.1f} GB "
            "are free. Free some, or move the course to another disk.".format(
                root, megabytes / 1e3, free / 1e3
            )
        )


def finds_cpu_torch(python):
    """Whether pip, as configured on this computer, already knows a CPU build of PyTorch."""
    try:
        listed = subprocess.check_output(
            [python, "-m", "pip", "index", "versions", "torch"], stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return "{0}+cpu".format(pinned("torch")) in listed.decode("utf-8", "replace")


def pinned(name):
    """The version of `name` in constraints.txt."""
    with open(os.path.join(ROOT, "constraints.txt")) as file:
        for line in file:
            if line.startswith(name + "=="):
                return line.split("==")[1].split(";")[0].strip()
    raise Problem(
        "constraints.txt has no line for {0}; restore it from the repository.".format(name)
    )


def reachable(url):
    """Whether `url` answers within PROBE_SECONDS."""
    from urllib.request import Request, urlopen

    try:
        urlopen(Request(url + "/torch/", method="HEAD"), timeout=PROBE_SECONDS).close()
    except Exception:  # whatever it is, the answer is no
        return False
    return True


def torch_options(python):
    """pip's options, and the megabytes beyond the estimate, for PyTorch on this computer.

    On Linux, PyPI's PyTorch is the one for NVIDIA GPUs; the course needs the CPU build only.
    """
    if not sys.platform.startswith("linux") or finds_cpu_torch(python):
        return [], 0
    if reachable(CPU_INDEX):
        return ["--extra-index-url", CPU_INDEX], 0
    return [], CUDA_MB


def announce(command, more):
    """Say how much the set-up downloads, and what the figure depends on."""
    size = DOWNLOAD_MB[command] + more
    need = "the course" if command == "lab" else "the course and its tests"
    say("   About {0} MB to download for {1}, less what pip has in its cache.".format(size, need))
    if more:
        say("   ({0} MB of it are PyTorch's GPU libraries: {1}".format(more, CPU_INDEX))
        say("   did not answer, and PyPI has no smaller PyTorch for Linux.)")
    elif not sys.platform.startswith("linux"):
        say("   (Measured on Linux with PyTorch's CPU build; yours may differ by 100 MB.)")


def pip_install(python, log, options):
    """Run `pip install`: its own progress bars on a terminal, a line for each step elsewhere.

    Returns its exit status and the last lines that were not shown.
    """
    words = [python, "-m", "pip", "install", "--disable-pip-version-check", "--log", log]
    # A personal "install for the user" setting of pip cannot work inside an environment.
    environment = dict(os.environ, PIP_USER="0")
    if sys.stdout.isatty():
        return subprocess.call(words + options, cwd=ROOT, env=environment), []
    process = subprocess.Popen(
        words + options,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    tail = []
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace").strip()
        tail = tail[-14:] + [line]
        if line.startswith(("Downloading ", "Using cached ", "Building ")):
            say("   " + line)
        elif line.startswith("Installing collected packages: "):
            say("   Installing {0} packages (a minute or so)".format(line.count(",") + 1))
    return process.wait(), tail


REASONS = (
    (
        ("No space left on device", "Errno 28", "not enough space"),
        "The disk is full. Free about {gb:.1f} GB, then run the same command again.",
    ),
    (
        ("No matching distribution found for torch",),
        "PyTorch {torch} has no build for this computer and Python {python}. Take another Python "
        "between 3.11 and 3.13 (64 bit); Macs with an Intel processor are no longer served.",
    ),
    (
        (
            "NewConnectionError",
            "Max retries exceeded",
            "Read timed out",
            "ReadTimeout",
            "Temporary failure in name resolution",
            "ProxyError",
            "SSLError",
            "Connection refused",
            "IncompleteRead",
            "IncompleteDownload",
        ),
        "A download failed: check the network (behind a proxy, set HTTPS_PROXY), then run the same "
        "command again; what was downloaded already is kept in pip's cache.",
    ),
    (
        ("Permission denied", "Errno 13"),
        "A file could not be written; close programs that use {venv}, check that it is yours, then "
        "run the same command again.",
    ),
)


def reason(log_text, **values):
    """The sentence for what went wrong in pip, from what pip logged; None when it is not known."""
    for signs, sentence in REASONS:
        if any(sign in log_text for sign in signs):
            return sentence.format(**values)
    return None


def set_up(command):
    """Bring .venv to what `command` needs; return its interpreter. Quick when nothing is to do."""
    venv = os.path.join(ROOT, ".venv")
    python = venv_python(venv)
    if is_current(venv, ROOT, EXTRAS[command]):
        return python

    say("Setting up Train by Hand in {0} (once; later starts skip this).".format(venv))
    check_writable(ROOT)
    before = read_stamp(venv)
    extras = sorted(set(EXTRAS[command]) | set(before.get("extras", [])))
    if before.get("root") == ROOT and os.path.exists(python):
        say("1. The virtual environment is there; bringing it up to date.")
        os.remove(stamp_path(venv))
    else:
        check_disk(ROOT, DISK_MB[command])
        say("1. Making a virtual environment with Python {0}.{1}.{2}.".format(*sys.version_info))
        make_venv(venv)
    say("2. Looking for PyTorch's CPU build.")
    options, more = torch_options(python)
    if more:
        check_disk(ROOT, DISK_MB[command] + 2 * more)
    say("3. Downloading and installing packages.")
    announce(command, more)
    log = os.path.join(venv, "set-up.log")
    target = ".[{0}]".format(",".join(extras))
    status, tail = pip_install(python, log, options + ["-c", "constraints.txt", "-e", target])
    if status != 0:
        raise Problem(failure(log, tail, venv, command))
    write_stamp(venv, ROOT, extras)
    say("Set-up complete.")
    return python


def failure(log, tail, venv, command):
    """The sentence for a failed `pip install`, with pip's own last words where it is not known."""
    try:
        with open(log, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except (OSError, IOError):
        text = ""
    known = reason(
        text + "\n".join(tail),
        gb=DISK_MB[command] / 1e3,
        torch=pinned("torch"),
        python="{0}.{1}".format(*sys.version_info),
        venv=venv,
    )
    if known:
        return known
    words = "\n".join(["pip could not install the course. Its last words:"] + tail)
    return (
        words
        + "\nAll of them are in {0}. Put that right, then run the same command again.".format(log)
    )


def run(words):
    """Hand this process over to `words`; on Windows, which cannot, wait for it."""
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(words[0], words)
    process = subprocess.Popen(words)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the program hears Ctrl-C too, and ends in its own way
            continue


def main(arguments):
    problem = version_problem(sys.version_info)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    command = arguments[0] if arguments else "help"
    rest = arguments[1:]
    try:
        if command == "lab":
            return run([set_up("lab"), "-m", "course.cli", "lab"] + rest)
        if command == "test":
            python = set_up("test")
            os.chdir(ROOT)
            # Two processes test at once: with two threads each they would wait for one another.
            for pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
                os.environ.setdefault(pool, "1")
            return run([python, "-m", "pytest"] + PYTEST + TESTS + rest)
        if command == "setup" and (not rest or rest[0] in EXTRAS):
            set_up(rest[0] if rest else "lab")
            return 0
        if command in ("help", "-h", "--help"):
            print(__doc__)
            return 0
        raise Problem(
            "start.py knows `lab`, `test` and `setup [lab|test]`, not `{0}`.".format(
                " ".join(arguments)
            )
        )
    except Problem as error:
        print("\nstart.py: {0}".format(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
