"""A process for each submission, made quickly: forked from one that has loaded the course already.

Loading NumPy and PyTorch anew for each submission takes seconds; a fork takes milliseconds and starts from
the same clean state. Where the system cannot fork (Windows), each process loads for itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import course

Worker = BaseProcess
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_WARM = "course.classroom.grading.warm"
# Starting a process collects others that have ended, which must not happen in two threads at once.
_lock = threading.Lock()


def start(target: Callable[..., None], words: tuple[Any, ...], modules: list[str]) -> Worker:
    """Start `target(*words)` in a new process, in which `modules` are loaded already, if it can be."""
    context = multiprocessing.get_context(_METHOD)
    with _lock, _environment():
        if _METHOD == "forkserver":
            context.set_forkserver_preload([target.__module__, "course.checks", *modules, _WARM])
        process: Worker = context.Process(target=target, args=words, daemon=True)  # type: ignore[attr-defined]
        process.start()
    return process


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """What the process from which others are forked must see; put back afterwards."""
    root = str(Path(course.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    # A new process would run the parent's main program once more, as a module: there is none.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    own = {**ONE_THREAD, "PYTHONPATH": path}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def wait(process: Worker, seconds: float) -> int | None:
    """Wait at most `seconds` for the process; its exit status, None when it still runs."""
    if not connection.wait([process.sentinel], seconds):
        return None
    with _lock:
        process.join()
    return process.exitcode


def end(process: Worker) -> None:
    """End a process and what it started."""
    if sys.platform == "win32" or process.pid is None:
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)  # it may not have made its group yet
    wait(process, 10)
