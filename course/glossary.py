"""The glossary in a notebook: `glossary.look_up("momentum")`.

It reads the page that `course build` makes from the lessons, so that it says what they say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from course.lessons import clone_root

_ENTRY = re.compile(
    r"^\*\*(.+?)\*\* \(\[(lesson \d\d)\]\(\.\./lessons/(.+?)\)\): (.+)$", re.MULTILINE
)


@dataclass(frozen=True)
class Entry:
    """A term with the sentence that defines it and the lesson; `lesson` is empty for no term."""

    term: str
    sentence: str
    lesson: str = ""
    file: str = ""

    def __str__(self) -> str:
        return f"{self.term} ({self.lesson}): {self.sentence}" if self.lesson else self.sentence

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        if not self.lesson:
            return self.sentence
        return f"**{self.term}** ([{self.lesson}]({self.file})): {self.sentence}"


def look_up(term: str) -> Entry:
    """What `term` means, in the sentence that defines it; for an unknown one, what comes near."""
    wanted = " ".join(str(term).lower().split())
    known = _entries()
    for name in (wanted, wanted.removesuffix("s"), wanted.removesuffix("es")):
        if name in known:
            return known[name]
    near = get_close_matches(wanted, known, n=4, cutoff=0.5)
    near += [name for name in known if wanted and wanted in name and name not in near]
    said = f"The glossary has no {str(term)!r}."
    said += f" Near it: {', '.join(near)}." if near else ""
    return Entry(str(term), f"{said} glossary.terms() lists all {len(known)} terms.")


def terms() -> list[str]:
    """Every term that the glossary explains, by the alphabet."""
    return [entry.term for entry in _entries().values()]


@lru_cache(maxsize=1)
def _entries() -> dict[str, Entry]:
    root = clone_root()
    path = root / "docs" / "glossary.md" if root else Path(__file__).with_name("glossary.md")
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = (Entry(name, said, lesson, file) for name, lesson, file, said in _ENTRY.findall(text))
    return {entry.term.lower(): entry for entry in found}
