"""The learner's folder: a copy of the lessons that is brought up to date and never written over.

A lesson is copied when the folder lacks it, and replaced by a newer edition only while the copy is,
byte for byte, one that was put there. The folder's `.train-by-hand/originals` remembers what was put
there; without it every file counts as the learner's. `course.classroom.update` brings a newer
edition into lessons that the learner has changed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from course.lessons import clone_root, lessons_source
from course.progress.record import HOME
from course.progress.summary import ORIGINALS

__all__ = ["FolderError", "Update", "clone_root", "default_folder", "lessons_source", "update"]


class FolderError(OSError):
    """The learner's folder cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Update:
    """What `update` did: names of lessons added, refreshed, and kept though a newer one exists."""

    folder: Path
    added: tuple[str, ...] = ()
    refreshed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"Your lessons are in {self.folder}."]
        if self.added:
            lines.append(f"Added: {_list(self.added)}.")
        if self.refreshed:
            lines.append(
                f"Brought up to date, as you had not changed them: {_list(self.refreshed)}."
            )
        if self.kept:
            lines.append(
                f"Kept as you wrote them, though there is a newer edition: {_list(self.kept)}. "
                "`course update` brings it in and keeps your answers."
            )
        return "\n".join(lines)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def default_folder() -> Path:
    """`my-course` in the repository, or in the current folder when there is no repository."""
    return (clone_root() or Path.cwd()) / "my-course"


def landing_page(folder: Path) -> str:
    """The name of the notebook to open first, or "" where there is none yet."""
    return min((path.name for path in folder.glob("*.ipynb")), default="")


def chosen(source: Path, wanted: Iterable[str]) -> list[str]:
    """The files of the lessons `wanted` ("3", "03", "03_training_loop"), of all where none is named.

    Raises ValueError, naming the lessons there are, for one that is not among them.
    """
    names = list(_files(source))
    wanted = [word.removesuffix(".ipynb") for word in wanted]
    if not wanted:
        return names
    lessons = {Path(name).stem: name for name in names if name.endswith(".ipynb")}
    found = {name for name in names if not name.endswith(".ipynb")}  # what lessons may need
    for word in wanted:
        number = word.zfill(2) if word.isdigit() else word
        fitting = [name for stem, name in lessons.items() if number in (stem, stem.split("_")[0])]
        if not fitting:
            raise ValueError(f"There is no lesson {word}. The lessons: {', '.join(lessons)}.")
        found.update(fitting)
    return [name for name in names if name in found]


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a file that cannot be written, in this block, into a FolderError that says what to do."""
    try:
        yield
    except FolderError:
        raise
    except OSError as error:
        raise FolderError(
            f"Cannot write your lessons to {folder} ({error.strerror or error}). "
            "Choose a folder of your own, for instance: course lab --dir my-course"
        ) from error


def update(folder: Path, source: Path | None = None, names: Iterable[str] | None = None) -> Update:
    """Bring the files `names` (all) in `folder` up to date, leaving what the learner changed.

    Raises FolderError when the folder cannot be written, FileNotFoundError without lessons.
    """
    source = source or lessons_source()
    folder = folder.expanduser().absolute()
    with writing(folder):
        return _update(folder, source, list(_files(source) if names is None else names))


def _update(folder: Path, source: Path, names: list[str]) -> Update:
    (folder / HOME).mkdir(parents=True, exist_ok=True)
    added, refreshed, kept = [], [], []
    for name in names:
        target, edition, before = folder / name, (source / name).read_bytes(), given(folder, name)
        if not os.path.lexists(target):
            if _place(folder, name, edition):
                remember(folder, name, edition)
                added.append(name)
        elif not target.is_file():
            kept.append(name)
        elif (found := target.read_bytes()) == edition:
            remember(folder, name, edition)
        elif found == before and replace(folder, name, found, edition):
            remember(folder, name, edition)
            refreshed.append(name)
        elif edition != before:
            kept.append(name)
    return Update(folder, tuple(added), tuple(refreshed), tuple(kept))


def _files(source: Path) -> Iterator[str]:
    """Names, relative and in order, of the files that belong to the lessons."""
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and not any(part.startswith((".", "__")) for part in name.parts):
            yield name.as_posix()


def given(folder: Path, name: str) -> bytes | None:
    """The file as it was last copied into the folder, or None where that is not known."""
    try:
        return (folder / HOME / ORIGINALS / name).read_bytes()
    except OSError:
        return None


def remember(folder: Path, name: str, data: bytes) -> None:
    """Record what was copied, after it was: a crash in between makes a file count as changed."""
    if given(folder, name) == data:
        return
    path = folder / HOME / ORIGINALS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(_whole(folder, data), path)


def _whole(folder: Path, data: bytes) -> Path:
    """A whole file with this content, in the folder's own file system, to be moved in place."""
    path = folder / HOME / "incoming"
    path.write_bytes(data)
    return path


def _place(folder: Path, name: str, data: bytes) -> bool:
    """Put a whole file at `name`, unless something has come to be there."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    return _move_without_overwriting(_whole(folder, data), target)


def replace(folder: Path, name: str, untouched: bytes, data: bytes) -> bool:
    """Replace the file, moved aside and looked at again: the learner may just have saved it."""
    target = folder / name
    # A folder of its own, so that not even a crash right here could cost the learner that work.
    aside = Path(tempfile.mkdtemp(prefix="outgoing-", dir=folder / HOME)) / target.name
    os.replace(target, aside)
    changed = aside.read_bytes() != untouched
    if changed:
        _move_without_overwriting(aside, target)
    placed = not changed and _place(folder, name, data)
    if placed:
        aside.unlink()
    if not aside.exists():
        aside.parent.rmdir()
    return placed


def _move_without_overwriting(path: Path, target: Path) -> bool:
    """Rename `path` to `target` if nothing is there; a plain rename would write over it."""
    try:
        os.link(path, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            return False
        os.replace(path, target)
        return True
    path.unlink()
    return True
