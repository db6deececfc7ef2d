"""What the lessons say of themselves: number, title, minutes, parts; read from their notebooks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from course.lessons import lessons_source, text_of

_NAME = re.compile(r"(?P<number>\d\d)_(?P<slug>[a-z0-9_]+)")
_TITLE = re.compile(r"^# (?:\d+ · )?(?P<title>.+)$", re.MULTILINE)
_MINUTES = re.compile(r"^\*\*(?P<minutes>\d+) minutes\*\*", re.MULTILINE)
_PART = re.compile(
    r"^## (?P<title>[^\n]+?) \((?P<minutes>\d+) (?:minutes|min)\)[ \t]*$", re.MULTILINE
)


@dataclass(frozen=True)
class Part:
    """A stretch of a lesson that can be taught on its own."""

    title: str
    minutes: int


@dataclass(frozen=True)
class Lesson:
    """One student notebook."""

    path: Path

    @property
    def name(self) -> str:
        """Number and slug, for instance `03_training_loop`."""
        return self.path.stem

    @property
    def number(self) -> str:
        """Two digits."""
        return self.name[:2]

    @cached_property
    def notebook(self) -> dict[str, Any]:
        """The notebook's JSON."""
        found = json.loads(self.path.read_text(encoding="utf-8"))
        return dict(found)

    @cached_property
    def prose(self) -> str:
        """All Markdown of the lesson, in order."""
        cells = self.notebook["cells"]
        return "\n\n".join(text_of(c) for c in cells if c["cell_type"] == "markdown")

    @property
    def title(self) -> str:
        """The words of the first heading, without the number."""
        found = _TITLE.search(self.prose)
        return found["title"].strip() if found else self.name

    @property
    def parts(self) -> tuple[Part, ...]:
        """The headings that carry their minutes; the whole lesson where none does."""
        found = [Part(p["title"], int(p["minutes"])) for p in _PART.finditer(self.prose)]
        if found:
            return tuple(found)
        whole = _MINUTES.search(self.prose)
        minutes = int(whole["minutes"]) if whole else 0
        return (Part("The whole lesson", minutes),) if minutes else ()

    @property
    def minutes(self) -> int:
        """The minutes that its first cell states, else the sum over its parts; 0 when neither."""
        whole = _MINUTES.search(self.prose)
        return int(whole["minutes"]) if whole else sum(part.minutes for part in self.parts)


def lessons(folder: Path | None = None) -> list[Lesson]:
    """Every lesson of this edition in order, or those in `folder`."""
    folder = folder or lessons_source()
    return [Lesson(p) for p in sorted(folder.glob("*.ipynb")) if _NAME.fullmatch(p.stem)]


def choose(wanted: str | None, known: list[Lesson] | None = None) -> list[Lesson]:
    """The lessons that `wanted` ("01,03", numbers or names) asks for, in its order; all for None.

    Raises ValueError for one that does not exist.
    """
    known = lessons() if known is None else known
    if wanted is None:
        return known
    chosen: list[Lesson] = []
    for word in filter(None, (word.strip() for word in wanted.split(","))):
        number = word.zfill(2)
        found = [lesson for lesson in known if word == lesson.name or number == lesson.number]
        if not found:
            numbers = ", ".join(lesson.number for lesson in known) or "none"
            raise ValueError(f"There is no lesson {word!r}; the lessons here are {numbers}.")
        chosen += [lesson for lesson in found if lesson not in chosen]
    if not chosen:
        raise ValueError(f"--lessons {wanted!r} names no lesson; write for instance 01,03.")
    return chosen
