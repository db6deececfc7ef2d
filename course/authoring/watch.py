"""Rebuild a lesson whenever its source is saved: `course build --watch`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from course.authoring.build import build

PAUSE = 0.5  # seconds between two looks


def watch(
    root: Path,
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Build the lessons under `root`, then each again when it is saved, until Ctrl-C.

    `say` is told what was rebuilt and what is wrong with it; a source that cannot be built, whatever
    the reason, waits for the next save. Raises FileNotFoundError without a folder `solutions`.
    """
    seen: dict[Path, tuple[int, int]] = {}
    first = True
    while True:
        now = _stamps(root)
        changed = {path.stem for path, stamp in now.items() if seen.get(path) != stamp}
        gone = {path.stem for path in seen if path not in now}
        if first or changed or gone:
            _rebuild(root, changed, say)
        if first:
            say("Watching solutions/*.py; Ctrl-C ends it.")
        seen, first = now, False
        sleep(PAUSE)


def _stamps(root: Path) -> dict[Path, tuple[int, int]]:
    """When each source was saved, and how long it is; one that vanishes meanwhile is left out."""
    stamps = {}
    for path in sorted((root / "solutions").glob("*.py")):
        try:
            about = path.stat()
        except OSError:
            continue
        stamps[path] = (about.st_mtime_ns, about.st_size)
    return stamps


def _rebuild(root: Path, names: set[str], say: Callable[[str], None]) -> None:
    listed = ", ".join(sorted(names)) or "nothing"
    try:
        messages = build(root, only=names)
    except FileNotFoundError:
        raise
    except Exception as error:  # an editor may have saved half a file
        say(f"{listed}: not built ({type(error).__name__}: {error}). Save again to try again.")
        return
    for message in messages:
        say(message)
    clock = time.strftime("%H:%M:%S")
    say(f"{clock}  rebuilt {listed}" + (f"; {len(messages)} to put right" if messages else ""))
