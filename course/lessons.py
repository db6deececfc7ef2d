"""Where the lessons lie, and what a lesson asks: read from its notebook, never typed twice."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAME = re.compile(r"(\d\d)_[a-z0-9_]+")
_TITLE = re.compile(r"^# (?:\d\d\s*·\s*)?(.+)$", re.MULTILINE)
_MINUTES = re.compile(r"(\d+) minutes?\b")
_EXERCISE = re.compile(r"\*\*(Exercise \w+)\*\*[^\n(]*(?:\((\d+) minutes?\))?")
_CHECK = "_check"


@dataclass(frozen=True)
class Task:
    """One thing to do in a lesson: an exercise with a check, or (``words``) an answer in words."""

    name: str
    label: str
    minutes: int
    points: float
    words: bool = False


@dataclass(frozen=True)
class Lesson:
    """What a lesson's notebook says of itself; ``minutes`` is 0 where it does not say."""

    name: str
    title: str
    minutes: int
    tasks: tuple[Task, ...]

    @property
    def number(self) -> str:
        """The two digits that the lesson's name begins with."""
        return self.name[:2]


def clone_root() -> Path | None:
    """The repository that this package runs from, or None when it was installed as a wheel."""
    root = Path(__file__).resolve().parents[1]
    return root if (root / "pyproject.toml").is_file() and (root / "lessons").is_dir() else None


def lessons_source() -> Path:
    """The edition's own lessons: the repository's, else those in the installed package.

    Raises FileNotFoundError when neither is there.
    """
    root = clone_root()
    source = root / "lessons" if root else Path(__file__).parent / "classroom" / "lessons"
    if not source.is_dir():
        raise FileNotFoundError(
            f"The lessons are not in this installation (looked in {source}). "
            "Install the course again."
        )
    return source


def read_lessons(folder: Path) -> list[Lesson]:
    """The lessons in ``folder``, by number; a file that is no lesson is left aside."""
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        if _NAME.fullmatch(path.stem):
            try:
                found.append(read_lesson(path))
            except (OSError, ValueError):
                continue
    return found


def read_lesson(path: Path) -> Lesson:
    """Read one lesson's notebook.

    Raises OSError when the file cannot be read, ValueError when it is no notebook.
    """
    cells = _cells(path)
    prose = [text_of(cell) for cell in cells if cell.get("cell_type") == "markdown"]
    first = prose[0] if prose else ""
    title, minutes = _TITLE.search(first), _MINUTES.search(first)
    return Lesson(
        name=path.stem,
        title=title[1].strip() if title else path.stem,
        minutes=int(minutes[1]) if minutes else 0,
        tasks=tuple(_tasks(cells)),
    )


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        return [cell for cell in cells if isinstance(cell, dict)]
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a notebook ({type(error).__name__})") from error


def text_of(cell: dict[str, Any]) -> str:
    """A cell's source as one text; a notebook file may hold it as a list of lines."""
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def grading(cell: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's part of a cell's metadata, empty where there is none."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def lesson_cells(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each cell of a notebook with its :func:`grading`; raises what :func:`read_lesson` does."""
    return [(cell, grading(cell)) for cell in _cells(path)]


def _tasks(cells: list[dict[str, Any]]) -> list[Task]:
    tasks: list[Task] = []
    latest: re.Match[str] | None = None
    announced: dict[str, re.Match[str] | None] = {}
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            for latest in _EXERCISE.finditer(text_of(cell)):  # noqa: B007  the last one counts
                pass
        marks = grading(cell)
        name = str(marks.get("grade_id", ""))
        if marks.get("solution"):
            announced[name] = latest
        if not marks.get("grade"):
            continue
        words = bool(marks.get("solution"))
        task = name if words else name.removesuffix(_CHECK)
        said = announced.get(task, latest)
        minutes = int(said[2]) if said and said[2] else 0
        points = marks.get("points")
        worth = float(points) if isinstance(points, int | float) else 0.0
        tasks.append(Task(task, said[1] if said else task, minutes, worth, words))
    return tasks
