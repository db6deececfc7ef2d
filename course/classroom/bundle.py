"""Make a folder from which a room without network installs the course and starts.

The wheels are those of the versions installed here, for each platform asked for. pip evaluates
conditions such as `sys_platform == "win32"` for the computer it runs on, not for the one it
downloads for; so the list of packages is worked out here, for each platform's own conditions, and
pip fetches each by name.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from course.classroom.release import release
from course.classroom.wheelhouse import missing, requires
from course.lessons import clone_root
from course.repository import PROJECT, requirement

EXTRA = "data"
# Pure Python published without a wheel: one that is built here serves every platform.
_NO_WHEEL = ("names",)
_GPU = ("nvidia", "cuda", "triton")  # what PyPI's PyTorch for Linux asks for
TORCH_CPU = "https://download.pytorch.org/whl/cpu"
_SETUP = """\
You need Python {python}, and no network. In this folder:

    python install.py

It installs everything into `.venv` beside it and opens JupyterLab at the lessons; the same command opens them again.
With several versions of Python write `python{python} install.py`, on Windows `py -{python} install.py`."""
INSTALLER = Path(__file__).with_name("install_offline.py")
_LINUX: tuple[str, ...] = (
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_24_x86_64",
)
_LINUX += ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64")
_LINUX += ("manylinux2010_x86_64", "manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64")
_MAC: tuple[str, ...] = tuple(
    f"macosx_{major}_0_{arch}" for major in (14, 13, 12, 11) for arch in ("arm64", "universal2")
)
_MAC += ("macosx_10_15_universal2", "macosx_10_13_universal2", "macosx_10_9_universal2")


class BundleError(OSError):
    """The bundle could not be made; the message says what to do."""


@dataclass(frozen=True)
class Platform:
    """A kind of computer: pip's tags for it, and what conditions of packages see there."""

    tags: tuple[str, ...]
    markers: dict[str, str]


PLATFORMS = {
    "win": Platform(
        ("win_amd64",),
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
        | {"platform_machine": "AMD64"},
    ),
    "mac": Platform(
        _MAC,
        {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"}
        | {"platform_machine": "arm64"},
    ),
    "linux": Platform(
        _LINUX,
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
        | {"platform_machine": "x86_64"},
    ),
}


@dataclass(frozen=True)
class Bundle:
    """What was put together, and where."""

    folder: Path
    platforms: tuple[str, ...]
    python: str
    wheels: int
    megabytes: float

    def __str__(self) -> str:
        return (
            f"{self.folder} holds the lessons and {self.wheels} wheels ({self.megabytes:.0f} MB) for "
            f"{', '.join(self.platforms)} with Python {self.python}. Copy it to each computer; there, in "
            "the folder, one command sets up and starts:\n  python install.py"
        )


def bundle(
    folder: Path, platforms: Iterable[str], python: str, lessons: str | None = None
) -> Bundle:
    """Write lessons, wheels and `install.py` to `folder`, for `platforms` with `python` ("3.12").

    Raises ValueError for an unknown platform or version, FileExistsError for a folder with
    something in it, BundleError when pip cannot get a wheel.
    """
    wanted = tuple(dict.fromkeys(platforms)) or (this_platform(),)
    for name in wanted:
        if name not in PLATFORMS:
            raise ValueError(f"platform is {name!r}; choose among {', '.join(PLATFORMS)}.")
    major, _, minor = python.partition(".")
    if major != "3" or not minor.isdigit() or int(minor) < 11:
        raise ValueError(f"python is {python!r}; give 3.11 or newer, for instance 3.12.")
    folder = folder.expanduser()
    release(folder, lessons, setup=_SETUP.format(python=python))
    wheels = folder / "wheels"
    wheels.mkdir()
    own = requires(own_wheel(wheels))
    for name in wanted:
        download(requirements(name, python, own), name, python, wheels)
        absent = missing(
            wheels, f"{PROJECT}[{EXTRA}]", PLATFORMS[name].tags, environment(name, python)
        )
        if absent:
            raise BundleError(
                f"Installing on {name} would still ask for {', '.join(absent)}, which the bundle lacks. "
                "Bring your own installation up to date (`course doctor`), and try again."
            )
    shutil.copyfile(INSTALLER, folder / "install.py")
    about = {"platforms": wanted, "python": python, "project": PROJECT, "extra": EXTRA}
    (folder / "bundle.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    files = list(wheels.glob("*.whl"))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    return Bundle(folder, wanted, python, len(files), megabytes)


def this_platform() -> str:
    """The kind of computer that this is."""
    return {"win32": "win", "darwin": "mac"}.get(sys.platform, "linux")


def full_version(python: str) -> str:
    """`python` ("3.12") with its third number: this Python's own, else 0, which every room has."""
    here = ".".join(map(str, sys.version_info[:3]))
    return here if here.startswith(f"{python}.") else f"{python}.0"


def environment(platform: str, python: str) -> dict[str, str]:
    """What conditions of packages see on `platform` with `python`."""
    return {
        **PLATFORMS[platform].markers,
        "python_version": python,
        "python_full_version": full_version(python),
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def requirements(platform: str, python: str, own: list[str]) -> list[str]:
    """`name==version` of everything the course needs there, itself left out, in order.

    `own` is what the course's wheel requires: a clone may be newer than what is installed of it.
    Versions are those installed here; a package that only the other platform needs is not
    installed here, and comes without one.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    there = environment(platform, python)
    found: dict[str, str] = {}
    todo = [(PROJECT, frozenset({EXTRA}))]
    seen = set()
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            lines = own if name == PROJECT else metadata.requires(name) or []
            found[name] = f"{name}=={_version(name, platform)}"
        except metadata.PackageNotFoundError:
            found.setdefault(name, name)
            continue
        for line in lines:
            needed = Requirement(line)
            if name == "torch" and needed.name.startswith(_GPU):
                continue
            marker = needed.marker
            if marker is None or any(
                marker.evaluate({**there, "extra": extra}) for extra in ("", *extras)
            ):
                child = canonicalize_name(needed.name)
                todo.append((child, frozenset(needed.extras)))
                if child not in found:
                    found[child] = f"{child}{needed.specifier}"
    found.pop(PROJECT, None)
    return sorted(found.values())


def _version(name: str, platform: str) -> str:
    """The version installed here; of PyTorch, on Linux always the build without GPU libraries."""
    public = metadata.version(name).partition("+")[0]
    return f"{public}+cpu" if name == "torch" and platform == "linux" else public


def download(wanted: list[str], platform: str, python: str, wheels: Path) -> None:
    """Let pip fetch a wheel of each of `wanted`; raises BundleError with pip's last words.

    PyTorch's own server is asked for PyTorch alone: out of reach, it would cost pip many tries for
    each of a hundred packages.
    """
    tags = [word for tag in PLATFORMS[platform].tags for word in ("--platform", tag)]
    options = ["--only-binary=:all:", "--no-deps", "--implementation", "cp", *tags]
    options += ["--python-version", full_version(python), "--dest", str(wheels)]
    built = [line for line in wanted if re.split(r"[<>=!~]", line)[0] in _NO_WHEEL]
    if built:
        done = _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), *built)
        if done.returncode != 0:
            raise BundleError(f"{', '.join(built)} could not be built:\n{_last(done)}")
    wanted = [line for line in wanted if line not in built]
    there = [line for line in wanted if platform == "linux" and line.startswith("torch==")]
    calls = [[*options, "--extra-index-url", TORCH_CPU, *there]] if there else []
    calls.append([*options, *(line for line in wanted if line not in there)])
    for words in calls:
        done = _pip("download", *words)
        if done.returncode != 0:
            raise BundleError(
                f"pip found no wheel for {platform} with Python {python}. Its last words:\n"
                f"{_last(done)}\nTry another --python, or another --platform."
            )


def own_wheel(wheels: Path) -> Path:
    """Put the course's own wheel there, built from the clone, else from the repository."""
    source = str(clone_root() or requirement(EXTRA))
    done = _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), source)
    if done.returncode != 0:
        raise BundleError(
            f"The course's own wheel could not be made. pip's last words:\n{_last(done)}"
        )
    return next(wheels.glob("*.whl"))


def _pip(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    return subprocess.run(command, capture_output=True, text=True)


def _last(done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join(done.stderr.strip().splitlines()[-6:])
