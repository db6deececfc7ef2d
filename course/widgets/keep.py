"""A card for computers that forget: downloads the learner's work, by a button or before it is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import traitlets

from course.progress import takeaway
from course.widgets.base import KitWidget, script


class KeepWork(KitWidget):
    """A sentence and the button *Download my work*.

    The page asks by itself, too, once nobody has touched it for ``minutes``; it then gets the work
    only if that changed since the last download. ``minutes`` 0 never asks.
    """

    _esm = script("theme.js", "keep.js")
    _css = script("kit.css")
    note = traitlets.Unicode().tag(sync=True)
    minutes = traitlets.Float(0).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)

    def __init__(self, note: str, *, minutes: float = 0) -> None:
        super().__init__(note=note, minutes=minutes)
        self._taken = ""

    def handle(self, message: dict[str, Any]) -> None:
        """Send the work to the page, as a file of the name ``file``."""
        asked = message.get("pack")
        if asked not in ("button", "idle"):
            return
        try:
            files = takeaway.work_in()
            now = takeaway.digest(files)
            if asked == "idle" and (not files or now == self._taken):
                return
            if not files:
                self.said = "There is nothing to take along yet: no notebook here differs from the course's."
                return
            name = f"train-by-hand-{datetime.now():%Y-%m-%d-%H%M}.zip"
            self.send({"file": name}, buffers=[takeaway.pack(files)])
        except OSError as error:
            self.said = f"Your work could not be read ({error}). Use File, Download in the menu."
            return
        self._taken = now
        self.said = (
            f"{len(files)} files, in {name} among your downloads ({datetime.now():%H:%M}). Elsewhere, drag "
            f"it into the list of files and run: !course progress --import {name}"
        )

    def static(self) -> dict[str, Any]:
        """The sentence alone."""
        return {"text/plain": self.note}
