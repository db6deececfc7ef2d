"""What every lesson's first cell runs: nothing to see at home, a way to keep the work elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from course import hosts
from course.progress.record import FILE, PLACE
from course.widgets.keep import KeepWork

_DRIVE = Path("/content/drive/MyDrive")
_IDLE_MINUTES = 0.6 * hosts.BINDER_IDLE_MINUTES  # early enough for a slow network


def ready() -> KeepWork | None:
    """A card that downloads the learner's work, on a computer that forgets it; else None.

    On Colab progress is kept in the learner's Drive where that is connected (the folder symbol at the
    left, then the Drive symbol), so that the next visit finds it.
    """
    host, note = hosts.where(), hosts.leaving_note()
    if host == hosts.COLAB:
        note += " " + _in_drive()
    if not note:
        return None
    return KeepWork(note, minutes=_IDLE_MINUTES if host == hosts.BINDER else 0)


def _in_drive() -> str:
    if os.environ.get(PLACE):
        return ""
    if not _DRIVE.is_dir():
        return "Connect your Drive (the folder symbol at the left) and run this cell again to keep that, too."
    home = _DRIVE / "train-by-hand"
    try:
        home.mkdir(exist_ok=True)
    except OSError as error:
        return f"Your Drive cannot be written ({error.strerror or error})."
    os.environ[PLACE] = str(home / FILE)
    return f"Your progress is kept in your Drive, in {home.name}."
