"""The machine, its cores, and the environment that all engines run in."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from catalogue import ENGINES

from course import process

_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUM_CPU_THREADS")


def environment(threads: int | str) -> dict[str, str]:
    """The variables that a child adds to the parent's: the same for all engines."""
    # PyTorch compiles in the process, so that no pool of compilers is about while others are timed.
    more = {"TORCHINDUCTOR_COMPILE_THREADS": "1", "JAX_PLATFORMS": "cpu", "DEV": "CPU"}
    return process.environment() | dict.fromkeys(_POOLS, str(threads)) | more


def cores() -> list[int]:
    """The logical processors this process may use, one of each core before any core's second."""
    if not hasattr(os, "sched_getaffinity"):
        return list(range(os.cpu_count() or 1))
    usable = sorted(os.sched_getaffinity(0))
    seen: dict[str, int] = {}
    rank = {}
    for cpu in usable:
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        core = siblings.read_text() if siblings.exists() else str(cpu)
        rank[cpu] = seen[core] = seen.get(core, -1) + 1
    return sorted(usable, key=lambda cpu: (rank[cpu], cpu))


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Start children on so many cores, so that engines without a setting for threads obey too."""
    if not hasattr(os, "sched_setaffinity"):  # only Linux has it
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores()[:threads])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def describe() -> dict[str, Any]:
    """The machine and the versions, for the result."""
    packages = dict.fromkeys(["numpy", *(engine.package for engine in ENGINES.values())])
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores_usable": len(cores()),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in packages if (version := _version(name))},
        "load_before": load,
    }


def chromium_here() -> str:
    """The browser's path; ends the program with what to do where there is none."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        sys.exit("No Chromium here: install chromium, then run this again.")
    return found


def _cpu() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):  # a system that does not say
        return None


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
