"""The learner's folder: a copy of the lessons that is brought up to date and never written over.

A lesson is copied when the folder lacks it, and replaced by a newer edition only while the copy is,
byte for byte, one that this module put there. A manifest of hashes in the folder's
`.train-by-hand` remembers what was put there; without it every file counts as the learner's.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course.lessons import clone_root, lessons_source
from course.progress.record import HOME


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
                "To get the newer one, rename yours and run this command again."
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


def update(folder: Path, source: Path | None = None) -> Update:
    """Bring the lessons in `folder` up to date with `source`, leaving what the learner changed.

    Raises FolderError when the folder cannot be written, FileNotFoundError without lessons.
    """
    source = source or lessons_source()
    folder = folder.expanduser().absolute()
    try:
        return _update(folder, source)
    except OSError as error:
        raise FolderError(
            f"Cannot write your lessons to {folder} ({error.strerror or error}). "
            "Choose a folder of your own, for instance: course lab --dir my-course"
        ) from error


def _update(folder: Path, source: Path) -> Update:
    state = folder / HOME
    state.mkdir(parents=True, exist_ok=True)
    given = _read_manifest(state)
    added, refreshed, kept = [], [], []
    for name in _files(source):
        target = folder / name
        edition = _hash(source / name)
        if not os.path.lexists(target):
            if _place(source / name, target, state):
                given[name] = edition
                added.append(name)
        elif not target.is_file():
            kept.append(name)
        elif (found := _hash(target)) == edition:
            given[name] = edition
        elif found == given.get(name) and _replace(source / name, target, found, state):
            given[name] = edition
            refreshed.append(name)
        elif edition != given.get(name):
            kept.append(name)
    _write_manifest(state, given)
    return Update(folder, tuple(added), tuple(refreshed), tuple(kept))


def _files(source: Path) -> Iterator[str]:
    """Names, relative and in order, of the files that belong to the lessons."""
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and not any(part.startswith((".", "__")) for part in name.parts):
            yield name.as_posix()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _place(lesson: Path, target: Path, state: Path) -> bool:
    """Put a whole copy of `lesson` at `target`, unless something has come to be there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    whole = state / "incoming"
    shutil.copyfile(lesson, whole)
    return _move_without_overwriting(whole, target)


def _replace(lesson: Path, target: Path, untouched: str, state: Path) -> bool:
    """Replace `target`, moved aside and looked at again: the learner may just have saved it."""
    # A folder of its own, so that not even a crash right here could cost the learner that work.
    aside = Path(tempfile.mkdtemp(prefix="outgoing-", dir=state)) / target.name
    os.replace(target, aside)
    changed = _hash(aside) != untouched
    if changed:
        _move_without_overwriting(aside, target)
    placed = not changed and _place(lesson, target, state)
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


def _read_manifest(state: Path) -> dict[str, str]:
    try:
        given = json.loads((state / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return given if isinstance(given, dict) else {}


def _write_manifest(state: Path, given: dict[str, str]) -> None:
    half = state / "manifest.new"
    half.write_text(json.dumps(given, indent=1, sort_keys=True), encoding="utf-8")
    os.replace(half, state / "manifest.json")
