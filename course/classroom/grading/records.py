"""What is kept of a graded submission, one file each, so that an interrupted run goes on."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import course

GRADED = "graded"
UNREADABLE = "unreadable"
UNKNOWN_LESSON = "lesson not recognised"
CELL_STOPPED = "a cell was stopped at the time limit"
STOPPED = "stopped at the time limit"
MEMORY = "ran out of memory"
CRASHED = "crashed"
CHANGED = "changed the checks"

COLUMNS = (
    "learner",
    "lesson",
    "exercise",
    "points",
    "max",
    "diagnosis",
    "seconds",
    "status",
    "file",
)


@dataclass(frozen=True)
class Mark:
    """One exercise of one submission. `points` is None where a person has to read the answer."""

    exercise: str
    points: float | None
    most: float
    diagnosis: str
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Result:
    """One submission after its run."""

    learner: str
    lesson: str
    file: str
    status: str = GRADED
    marks: tuple[Mark, ...] = ()
    note: str = ""
    seconds: float = 0.0
    network_cut: bool = False
    memory_limited: bool = False

    @property
    def points(self) -> float:
        """The sum of what the machine graded."""
        return sum(mark.points or 0.0 for mark in self.marks)

    @property
    def most(self) -> float:
        """The maximum of what the machine grades."""
        return sum(mark.most for mark in self.marks if mark.points is not None)


@dataclass
class Records:
    """The folder of results: `key` names a file by everything that a result depends on."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def key(self, submission: bytes, official: bytes) -> str:
        """A hash of the submission, the official lesson, the course's code and the settings."""
        digest = hashlib.sha256()
        settings = json.dumps(self.settings, sort_keys=True).encode()
        for part in (submission, official, course_code(), settings):
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()[:32]

    def read(self, key: str) -> Result | None:
        """The result kept under `key`; None when there is none, or only a damaged one."""
        try:
            kept = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            marks = tuple(Mark(**mark) for mark in kept.pop("marks"))
            return Result(**kept, marks=marks)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, key: str, result: Result) -> None:
        """Keep `result`: whole, or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        half = self.folder / f"{key}.new"
        half.write_text(json.dumps(asdict(result), indent=1), encoding="utf-8")
        os.replace(half, self.folder / f"{key}.json")


@lru_cache(maxsize=1)
def course_code() -> bytes:
    """A hash over the course's Python files: a check that was repaired grades anew."""
    digest = hashlib.sha256()
    root = Path(course.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.digest()


def write_csv(path: Path, results: Iterable[Result]) -> None:
    """Write a line for each exercise of each submission, COLUMNS on top."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for result in results:
            for mark in result.marks or (Mark("", 0.0, 0.0, result.status),):
                points = "" if mark.points is None else f"{mark.points:g}"
                row = [result.learner, result.lesson, mark.exercise, points, f"{mark.most:g}"]
                row += [mark.diagnosis, f"{mark.seconds:.2f}", result.status, result.file]
                writer.writerow([_harmless(value) for value in row])


def _harmless(value: str) -> str:
    """A name that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
