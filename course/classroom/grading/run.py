"""Run one submission in a process of its own and turn what it reports into a result."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import course
from course.classroom.grading import records
from course.classroom.grading.cells import answers, imports_for_checks, official_checks, to_run
from course.classroom.grading.records import Mark, Result
from course.classroom.grading.runner import job
from course.classroom.grading.submissions import Submission

_MOST_REPORT = 4 << 20  # bytes of events that are read
_MOST_BESIDE = 1 << 20  # bytes of a file handed in beside the notebook
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class GraderFailed(ValueError):
    """The fault is the course's or the installation's, so no learner may lose points by it."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use: seconds a cell and in all, megabytes, the network."""

    seconds: float = 30.0
    memory_mb: int = 4096
    network: bool = False

    @property
    def total(self) -> float:
        """Seconds for the whole submission."""
        return 4 * self.seconds


def grade_one(
    submission: Submission,
    limits: Limits,
    cache: Path,
    started: Callable[[subprocess.Popen[bytes]], None] = lambda process: None,
) -> Result:
    """Grade one submission; its files are copied, never touched.

    `started` is told the process, so that the caller can end it.
    Raises GraderFailed when the course itself cannot run.
    """
    lesson = submission.lesson
    result = Result(submission.learner, lesson.name if lesson else "", str(submission.path))
    if lesson is None:
        note = submission.problem or "neither its name nor its metadata tell which lesson it is"
        status = records.UNREADABLE if submission.problem else records.UNKNOWN_LESSON
        return replace(result, status=status, note=note)
    official = lesson.notebook
    if submission.notebook is None:
        marks = _marks(official, {}, "unreadable")
        return replace(result, status=records.UNREADABLE, marks=marks, note=submission.problem)
    todo = job(
        to_run(official, submission.notebook),
        imports_for_checks(official),
        limits.seconds,
        limits.total,
        limits.memory_mb,
        limits.network,
    )
    begun = time.monotonic()
    events, code = _run(todo, submission.path, limits, cache, started)
    seconds = round(time.monotonic() - begun, 2)
    broken = [e["said"] for e in events if e["event"] == "broken"]
    if broken:
        raise GraderFailed(
            f"The course itself fails before any learner's code runs: {broken[0]}. "
            "Run `course doctor`; no score was kept from this."
        )
    checks = {e["name"]: e for e in reversed(events) if e["event"] == "check"}
    allowed = next((e for e in events if e["event"] == "limits"), {})
    status, note = _status(events, code)
    marks = (
        *_marks(official, checks, "not reached"),
        *(
            Mark(a.name, None, a.points, "left blank" if a.blank else "for a person to read")
            for a in answers(official, submission.notebook)
        ),
    )
    return replace(
        result,
        status=status,
        marks=marks,
        note=note,
        seconds=seconds,
        network_cut=bool(allowed.get("network")),
        memory_limited=bool(allowed.get("memory")),
    )


def _marks(official: dict[str, Any], checks: dict[str, Any], missing: str) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            exercise=name,
            points=checks[name]["points"] if name in checks else 0.0,
            most=most,
            diagnosis=checks[name]["diagnosis"] if name in checks else missing,
            message=checks[name]["message"] if name in checks else "",
            seconds=checks[name]["seconds"] if name in checks else 0.0,
        )
        for name, most in official_checks(official).items()
    )


def _status(events: list[dict[str, Any]], code: int | None) -> tuple[str, str]:
    """The submission's own word, and a note on it."""
    kinds = [e for e in events if e["event"] == "cell"]
    changed = [e["changed"] for e in events if e["event"] == "check" and e["changed"]]
    memory = any(e["kind"] == "MemoryError" for e in kinds)
    if code is None:
        return records.STOPPED, "the process was ended; exercises after that got no points"
    if not events or events[-1]["event"] != "end":
        if memory:
            return records.MEMORY, "the process ended after it had run out of memory"
        return records.CRASHED, f"the process ended by itself, with {_exit_word(code)}"
    if changed:
        return records.CHANGED, f"look at it: {'; '.join(dict.fromkeys(changed))}"
    if memory:
        return records.MEMORY, "a cell asked for more memory than the limit"
    if any(e["kind"] == "time" for e in kinds):
        return records.CELL_STOPPED, "the cells after it were run"
    failed = [f"{e['kind']}: {e['said']}".rstrip(": ") for e in kinds]
    return records.GRADED, f"a cell failed with {failed[0]}" if failed else ""


def _exit_word(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _run(
    todo: dict[str, Any],
    path: Path,
    limits: Limits,
    cache: Path,
    started: Callable[[subprocess.Popen[bytes]], None],
) -> tuple[list[dict[str, Any]], int | None]:
    """Run the job in a temporary folder; return its events and exit status, None when ended."""
    token = secrets.token_hex(16)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as report,
    ):
        _copy(path, Path(folder))
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "course.classroom.grading.runner"],
            stdin=subprocess.PIPE,
            stdout=report,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=_environment(folder, cache),
            start_new_session=True,
        )
        started(process)
        code: int | None
        try:
            process.communicate(json.dumps({**todo, "token": token}).encode(), limits.total + 10)
            code = process.returncode
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end(process)
        report.seek(0)
        return _events(report.read(_MOST_REPORT), token), code


def end(process: subprocess.Popen[bytes]) -> None:
    """End a submission's process and what it started."""
    if os.name == "nt":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _events(report: bytes, token: str) -> list[dict[str, Any]]:
    """The events that carry the token; the first of two for the same check is the true one."""
    events = []
    for line in report.split(b"\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and event.get("token") == token:
            events.append(event)
    return events


def _copy(path: Path, folder: Path) -> None:
    """Copy the notebook, and small files that lie in a folder of the learner's own beside it."""
    shutil.copyfile(path, folder / path.name)
    siblings = [p for p in path.parent.iterdir() if p != path]
    if any(p.suffix == ".ipynb" for p in siblings):
        return  # a folder that learners share, or a whole course folder
    for sibling in siblings:
        if sibling.is_file() and sibling.stat().st_size <= _MOST_BESIDE:
            shutil.copyfile(sibling, folder / sibling.name)


def _environment(folder: str, cache: Path) -> dict[str, str]:
    """A bare environment: nothing of the instructor's shell, one thread, the copy as home."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own = {name: folder for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP")}
    return {
        **kept,
        **threads,
        **own,
        "COURSE_PROGRESS": "off",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(Path(course.__file__).parents[1]),
        "PYTHONUTF8": "1",
    }
