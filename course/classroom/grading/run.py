"""Run one submission in a process of its own and turn what it reports into a result."""

from __future__ import annotations

import ast
import json
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from course.classroom.grading import processes, records
from course.classroom.grading.cells import answers, imports_for_checks, official_checks, to_run
from course.classroom.grading.processes import Worker
from course.classroom.grading.records import Mark, Result
from course.classroom.grading.runner import enter, job
from course.classroom.grading.submissions import Submission

GRACE = 10.0  # seconds beyond the limit, before a process that did not stop itself is ended
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
    started: Callable[[Worker], None] = lambda process: None,
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
    if not events and code is not None:
        broken = [f"its process ended before it began, with {_exit_word(code)}"]
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
    if code is None or code == -getattr(signal, "SIGXCPU", 0):
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
    todo: dict[str, Any], path: Path, limits: Limits, cache: Path, started: Callable[[Worker], None]
) -> tuple[list[dict[str, Any]], int | None]:
    """Run the job in a temporary folder; return its events and exit status, None when ended."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder, report = Path(place, "copy"), Path(place, "report")
        folder.mkdir()
        report.touch()
        _copy(path, folder)
        job_and_token = {**todo, "token": token}
        words = (job_and_token, str(report), str(folder), _environment(str(folder), cache))
        process = processes.start(enter, words, modules_of(todo["imports"]))
        started(process)
        try:
            code = processes.wait(process, limits.total + GRACE)
        finally:
            processes.end(process)
        with report.open("rb") as file:
            return _events(file.read(_MOST_REPORT), token), code


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


def modules_of(imports: str) -> list[str]:
    """The modules that import lines name, and those that they may name."""
    found = []
    for node in ast.parse(imports).body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def _environment(folder: str, cache: Path) -> dict[str, str]:
    """A bare environment: nothing of the instructor's shell, the copy as home."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    own = {name: folder for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP")}
    return {
        **kept,
        **processes.ONE_THREAD,
        **own,
        "COURSE_PROGRESS": "off",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(cache),
    }
