"""Run a learner's code so that its output, errors and endless loops cannot hurt the notebook.

What cannot be stopped from Python is a single long operation inside C that keeps the interpreter's
lock (``10 ** 10 ** 9``); the notebook's own cell time limit is there for that.
"""

from __future__ import annotations

import contextlib
import contextvars
import ctypes
import io
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Literal

import numpy as np

Ending = Literal["returned", "raised", "time", "interrupted", "unstoppable"]


@dataclass(frozen=True)
class Ran:
    """How a call ended: with ``value``, or with ``error``."""

    ending: Ending
    value: Any = None
    error: BaseException | None = None
    printed: str = ""


class TimeIsUp(BaseException):
    """Raised inside the learner's code when its time is up; no ``except Exception`` stops it."""


class _Sink(io.TextIOBase):
    """Keeps the beginning of what is printed, so that an endless print fills no memory."""

    def __init__(self, keep: int = 2000) -> None:
        self._keep, self._text = keep, ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self._text) < self._keep:
            self._text += str(text)[: self._keep - len(self._text)]
        return len(text)

    def close(self) -> None:
        """Stay open: a learner who closes stdout must not break the check."""

    @property
    def kept(self) -> str:
        return self._text


def run_limited(function: Callable[[], Any], seconds: float) -> Ran:
    """Call ``function()`` for at most ``seconds``, its output swallowed and its exceptions caught.

    On the main thread a timer signal stops it, also inside ``time.sleep``. Elsewhere (a subshell
    thread, Windows) it runs on a thread of its own, which is told to stop and, if it does not hear,
    left behind. A browser has neither: there the time is looked at before every line.
    """
    sink = _Sink()
    with _quiet(sink):
        on_main = threading.current_thread() is threading.main_thread()
        if sys.platform == "emscripten":
            ran = _run_by_lines(function, seconds)
        elif on_main and hasattr(signal, "setitimer"):
            ran = _run_with_signal(function, seconds)
        else:
            ran = _run_on_thread(function, seconds)
    return Ran(ran.ending, ran.value, ran.error, sink.kept)


@contextlib.contextmanager
def _quiet(sink: _Sink) -> Iterator[None]:
    """Swallow output and warnings; give every run the same random numbers, the caller's kept."""
    py_state, np_state = random.getstate(), np.random.get_state()
    random.seed(0)
    np.random.seed(0)
    out, err = sys.stdout, sys.stderr
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sys.stdout = sys.stderr = sink
            with _nothing_written():
                yield
    finally:
        sys.stdout, sys.stderr = out, err
        random.setstate(py_state)
        np.random.set_state(np_state)


@contextlib.contextmanager
def _nothing_written() -> Iterator[None]:
    """Send to nowhere what programs that an answer starts, and C code, write: `os.system`.

    nbgrader scores a cell that writes to stderr as 0.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    kept = []
    try:
        for number in (1, 2):
            with contextlib.suppress(OSError):  # a program without a terminal has none
                kept.append((number, os.dup(number)))
                os.dup2(nowhere, number)
        yield
    finally:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)


def _guarded(function: Callable[[], Any]) -> Ran:
    try:
        return Ran("returned", function())
    except TimeIsUp:
        return Ran("time")
    except KeyboardInterrupt:
        return Ran("interrupted")
    except BaseException as error:  # SystemExit too: exit() in an answer must not end the kernel
        return Ran("raised", error=error)


def _run_with_signal(function: Callable[[], Any], seconds: float) -> Ran:
    state = {"armed": False, "fired": 0}
    tracer = sys.gettrace()

    def on_alarm(signum: int, frame: FrameType | None) -> None:
        if not state["armed"]:
            return
        state["fired"] += 1
        if state["fired"] > 2:
            _raise_at_every_line(frame)
        raise TimeIsUp

    old_handler = signal.signal(signal.SIGALRM, on_alarm)
    old_timer = signal.setitimer(signal.ITIMER_REAL, 0)
    started = time.monotonic()
    ran = Ran("time")
    try:
        state["armed"] = True
        # The repeat is for code that catches everything: `while True: try: ... except: pass`.
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), 0.05)
        ran = _guarded(function)
        state["armed"] = False
    except TimeIsUp:  # the alarm rang between the function's return and the line that disarms it
        state["armed"] = False
    finally:
        sys.settrace(tracer)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old_handler if old_handler is not None else signal.SIG_DFL)
        if old_timer[0]:
            left = max(old_timer[0] - (time.monotonic() - started), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, left, old_timer[1])
    return ran


def _raise_at_every_line(frame: FrameType | None) -> None:
    """Make the next line of the learner's frames raise too, so that an ``except: pass`` is left."""

    def tracer(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            return None
        if event == "line":  # not at "exception": that is still inside the learner's try
            raise TimeIsUp
        return tracer

    sys.settrace(tracer)
    while frame is not None and frame.f_code.co_filename != __file__:
        frame.f_trace = tracer
        frame = frame.f_back


def _run_by_lines(function: Callable[[], Any], seconds: float) -> Ran:
    deadline = time.monotonic() + seconds
    before = sys.gettrace()

    def tracer(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            return None
        if event == "line" and time.monotonic() > deadline:
            raise TimeIsUp
        return tracer

    sys.settrace(tracer)
    try:
        return _guarded(function)
    finally:
        sys.settrace(before)


def _run_on_thread(function: Callable[[], Any], seconds: float, patience: float = 1.0) -> Ran:
    box: list[Ran] = []
    context = contextvars.copy_context()
    worker = threading.Thread(
        target=lambda: box.append(context.run(_guarded, function)), daemon=True, name="check"
    )
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        give_up = time.monotonic() + patience
        while worker.is_alive() and time.monotonic() < give_up:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(worker.ident or 0), ctypes.py_object(TimeIsUp)
            )
            worker.join(0.02)
        return Ran("unstoppable" if worker.is_alive() else "time")
    return box[0] if box else Ran("time")


def learner_line(error: BaseException) -> tuple[int, str] | None:
    """(line number, source) of the last line in ``error``'s traceback that the learner wrote."""
    import linecache

    found: tuple[int, str] | None = None
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        code = trace.tb_frame.f_code
        installed = "site-packages" in code.co_filename or "dist-packages" in code.co_filename
        if not (is_ours(module) or installed) and trace.tb_lineno is not None:
            source = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            if source or code.co_filename.startswith("<"):
                found = (trace.tb_lineno, source)
        trace = trace.tb_next
    return found


_LIBRARIES = frozenset(sys.stdlib_module_names - {"__main__"}) | {"numpy", "torch", "course"}


def is_ours(module: str) -> bool:
    """True for code that is no learner's: the course, the standard library, NumPy, PyTorch."""
    return module.split(".")[0] in _LIBRARIES
