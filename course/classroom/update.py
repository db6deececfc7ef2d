"""`course update`: a newer edition brought into the learner's lessons, cell by cell, with a backup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from course.classroom import folder as copies
from course.classroom.cells import Notebook, NotebookError, read_notebook, write_notebook
from course.classroom.merge import merge
from course.lessons import lessons_source
from course.progress.record import HOME

BACKUPS = "backups"

_SAID = {
    "renewed": "brought up to date",
    "new": "new",
    "taken out": "taken out of the lesson",
    "brought back": "brought back, which you had deleted",
    "answers kept": "with your answer, kept",
    "changes kept": "that you changed, kept as yours",
    "added cells kept": "that you added, kept",
    "kept beside": "that you and the lesson both changed: yours stands below the lesson's",
    "kept though taken out": "that you changed and the lesson no longer has: kept",
    "left out": "left out, as you had deleted them",
}


@dataclass
class Updated:
    """What became of one lesson: a sentence, the number of cells by what was done, the backup."""

    name: str
    sentence: str
    news: Counter[str] = field(default_factory=Counter)
    backup: Path | None = None

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.sentence}"]
        for key, words in _SAID.items():
            if self.news[key]:
                cells = "cell" if self.news[key] == 1 else "cells"
                lines.append(f"    {self.news[key]} {cells} {words}")
        if self.backup:
            lines.append(f"    Your notebook as it was: {self.backup}")
        return "\n".join(lines)


def update(folder: Path, wanted: Iterable[str] = (), source: Path | None = None) -> list[Updated]:
    """Bring the lessons in ``folder`` (those ``wanted``, or all that are there) up to date.

    Raises FolderError when the folder cannot be written, ValueError for a lesson that is not there.
    """
    source = source or lessons_source()
    folder = folder.expanduser().absolute()
    names = copies.chosen(source, wanted)
    if not wanted:
        names = [name for name in names if (folder / name).exists()]
    with copies.writing(folder):
        (folder / HOME).mkdir(parents=True, exist_ok=True)
        return [_update(folder, source, name) for name in names]


def _update(folder: Path, source: Path, name: str) -> Updated:
    target, edition = folder / name, (source / name).read_bytes()
    if not target.exists():
        copies.update(folder, source, [name])
        return Updated(name, "copied.")
    found, given = target.read_bytes(), copies.given(folder, name)
    if found == edition:
        copies.remember(folder, name, edition)
        return Updated(name, "is the newest edition already.")
    if target.suffix != ".ipynb":
        kept = name in copies.update(folder, source, [name]).kept
        return Updated(name, "kept as you changed it." if kept else "brought up to date.")
    try:
        mine = read_notebook(found)
    except NotebookError as error:
        return _replace_broken(folder, name, found, edition, str(error))
    if given == edition:
        return Updated(name, "there is no newer edition.")
    if given == found:
        copies.update(folder, source, [name])
        return Updated(name, "brought up to date; you had not changed it.")
    return _merge(folder, name, found, mine, given, edition)


def _merge(
    folder: Path, name: str, found: bytes, mine: Notebook, given: bytes | None, edition: bytes
) -> Updated:
    try:
        base = read_notebook(given) if given else None
    except NotebookError:
        base = None
    merged = merge(base, mine, read_notebook(edition))
    data = write_notebook(merged.notebook)
    if data == write_notebook(mine):
        copies.remember(folder, name, edition)
        return Updated(name, "has everything of the newest edition already.", merged.news)
    backup = _back_up(folder, name, found)
    if not copies.replace(folder, name, found, data):
        backup.unlink()
        sentence = "was saved while it was being updated, and is left as it is. Close it, then run this again."
        return Updated(name, sentence)
    copies.remember(folder, name, edition)
    sentence = "brought up to date."
    if merged.moved_back:
        sentence += " Its cells stand in the lesson's order again."
    if base is None:
        sentence += (
            " (The edition that you began from is not recorded here, so more of your copy may "
            "count as yours than you wrote.)"
        )
    return Updated(name, sentence, merged.news, backup)


def _replace_broken(folder: Path, name: str, found: bytes, edition: bytes, why: str) -> Updated:
    backup = _back_up(folder, name, found, "damaged ")
    if not copies.replace(folder, name, found, edition):
        return Updated(name, "is being written just now. Run this again.")
    copies.remember(folder, name, edition)
    sentence = (
        f"is damaged and cannot be read as a notebook ({why[:80]}). It is kept, and a fresh copy of "
        "the lesson is in its place; what you wrote can be copied from the kept file with a text editor."
    )
    return Updated(name, sentence, backup=backup)


def _back_up(folder: Path, name: str, data: bytes, word: str = "") -> Path:
    """Write ``data`` beside the lessons under a name with the time; nothing is written over."""
    path = Path(name)
    now = datetime.now().strftime("%Y-%m-%d %H.%M.%S")
    place = folder / BACKUPS
    place.mkdir(exist_ok=True)
    for number in range(1, 1000):
        more = f" ({number})" if number > 1 else ""
        backup = place / f"{path.stem} {word}{now}{more}{path.suffix}"
        try:
            with backup.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return backup
    raise copies.FolderError(f"{place} is full of backups; move some of them away.")
