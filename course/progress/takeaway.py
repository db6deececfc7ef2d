"""A learner's work as one zip file, to take from a computer that forgets (Binder, Colab) to another."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path, PurePosixPath

from course.lessons import lessons_source
from course.progress.record import FILE, learner_folder, place

FOLDERS = ("my-capstone",)  # what lessons write beside the notebooks
_LARGEST = 50_000_000  # bytes of one file; more is an accident or an attack


def work_in(folder: Path | None = None) -> dict[str, bytes]:
    """The content of each file worth taking along: changed notebooks, FOLDERS, and the progress.

    Names are relative, with "/" between folders. ``folder``: by default the learner's folder around the working directory, else that directory.
    """
    home = folder or learner_folder() or Path.cwd()
    found = {}
    for path in sorted(home.glob("*.ipynb")):
        data = path.read_bytes()
        if data != _as_handed_out(path.name):
            found[path.name] = data
    for path in sorted(path for name in FOLDERS for path in (home / name).rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
            found[path.relative_to(home).as_posix()] = path.read_bytes()
    progress = place(folder)
    if progress is not None and progress.is_file():
        found[FILE] = progress.read_bytes()
    return found


def pack(files: dict[str, bytes]) -> bytes:
    """The files as a zip archive; equal files give equal bytes."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return memory.getvalue()


def digest(files: dict[str, bytes]) -> str:
    """A fingerprint of the files: equal only where all of them are."""
    total = hashlib.sha256()
    for name, data in sorted(files.items()):
        total.update(f"{name}:{len(data)}:".encode() + data)
    return total.hexdigest()


def unpack(archive: Path, folder: Path) -> list[str]:
    """Put the files of ``archive`` into ``folder``; return what was done, a sentence each.

    A file of the same name stays where it was changed: then the one from the archive gets a name of
    its own. Raises ValueError for a file that is no such archive.
    """
    done = []
    for name, data in _contents(archive).items():
        if name == FILE:
            continue
        target = folder / name
        if target.exists() and target.read_bytes() == data:
            continue
        if target.exists() and target.read_bytes() != _as_handed_out(name):
            target = _free(target)
            done.append(f"{name} was changed here too: the one you brought is {target.name}.")
        else:
            done.append(f"{name} is as you brought it.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return done


def progress_in(archive: Path) -> bytes:
    """The progress file in ``archive``, b"" where it holds none; raises ValueError as `unpack`."""
    return _contents(archive).get(FILE, b"")


def _contents(archive: Path) -> dict[str, bytes]:
    found = {}
    try:
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                name = entry.filename
                if not (name == FILE or _plain(name)):
                    continue
                if entry.file_size > _LARGEST:
                    raise ValueError(f"{name} in {archive} is larger than {_LARGEST:,} bytes.")
                found[name] = opened.read(entry)
    except (zipfile.BadZipFile, RuntimeError, EOFError) as error:
        raise ValueError(f"{archive} is damaged, or no zip file of your work: {error}") from error
    if not found:
        raise ValueError(f"{archive} holds no notebook and no progress of this course.")
    return found


def _plain(name: str) -> bool:
    """Whether it is a notebook, or lies in one of FOLDERS, and nowhere outside the learner's folder."""
    parts = PurePosixPath(name).parts
    if set("\\:") & set(name) or ".." in parts or name.endswith("/"):
        return False
    return (len(parts) == 1 and name.endswith(".ipynb")) or (len(parts) > 1 and parts[0] in FOLDERS)


def _as_handed_out(name: str) -> bytes:
    try:
        return (lessons_source() / name).read_bytes()
    except OSError:
        return b""


def _free(path: Path) -> Path:
    count = 1
    while True:
        free = path.with_name(
            f"{path.stem}-brought{'' if count == 1 else f'-{count}'}{path.suffix}"
        )
        if not free.exists():
            return free
        count += 1
