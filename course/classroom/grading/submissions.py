"""Find the notebooks that learners handed in, in whatever folders a learning platform made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.classroom.syllabus import Lesson

# Moodle appends this to a learner's name, in folder names and in front of file names.
_MOODLE = re.compile(r"_\d+_assignsubmission_[a-z]+_?")
_COPY = re.compile(r"^copy of |[ _-]*\(\d+\)$|[ _-]+copy\d*$", re.IGNORECASE)
_EDGES = " _-.,"


@dataclass(frozen=True)
class Submission:
    """One notebook handed in: whose it is, of which lesson, and what stands in it.

    `lesson` is None when neither the notebook nor its name tells; `problem` says in words why the
    notebook cannot be read.
    """

    path: Path
    learner: str
    lesson: Lesson | None
    notebook: dict[str, Any] | None
    problem: str = ""


def find(folder: Path, lessons: list[Lesson]) -> list[Submission]:
    """Every notebook under `folder`, in the order of learners and lessons.

    The learner is named by the folders between `folder` and the notebook and by what stands before
    the lesson's name in the file name; folders that all submissions share say nothing and are left out.
    Raises FileNotFoundError when there is no such folder or it holds no notebook.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {str(folder)!r} to grade.")
    paths = [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(folder).parts)
    ]
    if not paths:
        raise FileNotFoundError(
            f"No notebook (.ipynb) lies in {str(folder)!r} or below it. Unpack archives first."
        )
    found = [_read(path, lessons) for path in paths]
    names = [_parts(path, folder, lessons) for path in paths]
    while all(len(parts) > 1 for parts in names) and len({parts[0] for parts in names}) == 1:
        names = [parts[1:] for parts in names]
    submissions = [
        Submission(path, " / ".join(parts) or "(no name)", *rest)
        for path, parts, rest in zip(paths, names, found, strict=True)
    ]
    return sorted(submissions, key=lambda s: (s.learner.casefold(), s.path.name, s.path))


def _parts(path: Path, folder: Path, lessons: list[Lesson]) -> list[str]:
    """The names on the way to a notebook, less those of lessons and of platforms."""
    words = [*path.relative_to(folder).parent.parts, path.stem]
    return [name for name in (_clean(word, lessons) for word in words) if name]


def _clean(word: str, lessons: list[Lesson]) -> str:
    word = _COPY.sub("", _MOODLE.sub(" ", word).strip())
    for lesson in lessons:
        word = re.sub(re.escape(lesson.name), "", word, flags=re.IGNORECASE)
    return _COPY.sub("", word.strip(_EDGES)).strip(_EDGES)


def _read(path: Path, lessons: list[Lesson]) -> tuple[Lesson | None, dict[str, Any] | None, str]:
    named = next((lesson for lesson in lessons if lesson.name in path.stem), None)
    try:
        notebook = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        return named, None, f"cannot be opened ({error.strerror})"
    except (ValueError, RecursionError):
        return named, None, "is not a notebook: it holds no valid JSON"
    if not _is_notebook(notebook):
        return named, None, "is not a notebook: it holds no list of cells"
    try:
        source = Path(str(notebook["metadata"]["course"]["source"])).stem
    except (KeyError, TypeError):
        source = ""
    told = next((lesson for lesson in lessons if lesson.name == source), None)
    return told or named, notebook, ""


def _is_notebook(value: Any) -> bool:
    cells = value.get("cells") if isinstance(value, dict) else None
    return isinstance(cells, list) and all(
        isinstance(cell, dict)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("metadata", {}), dict)
        and isinstance(cell.get("source", ""), (str, list))
        and all(isinstance(line, str) for line in cell.get("source", ""))
        for cell in cells
    )
