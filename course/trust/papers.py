"""What every paper of a model shares: named sections, what is missing in them, Markdown and HTML.

A paper is a frozen dataclass whose fields are its sections; `section` says how each is headed, what
belongs in it, and whether it may be left out. `ModelCard` and `Datasheet` are papers.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

# What people write so that a field is not empty: it says nothing, so it counts as nothing.
_NOTHING = frozenset(
    [
        "none",
        "no",
        "n/a",
        "na",
        "nil",
        "tbd",
        "todo",
        "to do",
        "unknown",
        "none known",
        "no known limitations",
        "no limitations",
        "not applicable",
        "see above",
        "-",
        "...",
        "…",
        "?",
    ]
)


class UnfinishedPaper(ValueError):
    """A paper lacks sections that it needs; ``problems`` names each and what belongs there."""

    def __init__(self, kind: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} section{'s' if len(problems) > 1 else ''}"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"This {kind} is not finished: {count} to write first.\n{lines}")


@dataclass(frozen=True)
class Problem:
    """One section that is not good enough: its field, what is wrong, and what belongs there."""

    field: str
    wrong: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.field}: {self.wrong}. {self.wanted}"


@dataclass(frozen=True)
class Section:
    """How a section is headed, what belongs in it, whether a paper without it is refused."""

    heading: str
    wanted: str
    required: bool


def section(heading: str, wanted: str, *, required: bool = True) -> Any:
    """A field of a paper: text, or a sequence of texts; empty until the author writes it."""
    return dataclasses.field(
        default="", metadata={"section": Section(heading, wanted, required)}, kw_only=True
    )


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document with sections; a subclass adds them as fields made with :func:`section`."""

    kind: ClassVar[str] = "paper"
    name: str
    version: str = "1"
    date: str = ""

    def problems(self) -> tuple[Problem, ...]:
        """What must be written before this may be published; empty when it is finished."""
        found = []
        if not text_of(self.name):
            found.append(Problem("name", "it is empty", "What is this called?"))
        if self.date and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(self.date)):
            found.append(Problem("date", f"{self.date!r} is no date", "Write it as YYYY-MM-DD."))
        for field, spec in self.sections().items():
            wrong = said_nothing(getattr(self, field))
            if wrong and (spec.required or wrong != "it is empty"):
                found.append(Problem(field, wrong, spec.wanted))
        return tuple(found)

    @property
    def finished(self) -> bool:
        """True when nothing that must be there is missing."""
        return not self.problems()

    def check(self) -> None:
        """Raise UnfinishedPaper, which names each missing section, unless it is finished."""
        problems = self.problems()
        if problems:
            raise UnfinishedPaper(self.kind, problems)

    @classmethod
    def sections(cls) -> dict[str, Section]:
        """The sections by field, in the order in which they are printed."""
        fields = dataclasses.fields(cls)
        return {f.name: f.metadata["section"] for f in fields if "section" in f.metadata}

    def markdown(self, *, draft: bool = False) -> str:
        """The paper as Markdown; raises UnfinishedPaper unless it is finished or a ``draft``."""
        return "\n".join(_markdown(block) for block in self._blocks(draft)).rstrip() + "\n"

    def html(self, *, draft: bool = False) -> str:
        """The paper as one HTML ``article``; raises UnfinishedPaper like :meth:`markdown`."""
        inner = "\n".join(_html(block) for block in self._blocks(draft))
        return f'<article lang="en">\n{inner}\n</article>\n'

    def tables(self) -> list[tuple[str, list[str], list[list[str]]]]:
        """Tables after the sections, as (heading, columns, rows); a subclass may have some."""
        return []

    def _blocks(self, draft: bool) -> list[tuple[str, Any]]:
        if not draft:
            self.check()
        dated = f", {self.date}" if self.date else ""
        blocks: list[tuple[str, Any]] = [
            ("title", f"{self.kind[:1].upper()}{self.kind[1:]}: {self.name}"),
            ("text", [f"Version {self.version}{dated}"]),
        ]
        if draft and self.problems():
            missing = ", ".join(p.field for p in self.problems())
            blocks.append(("text", [f"DRAFT, not to be published. Still to write: {missing}."]))
        for field, spec in self.sections().items():
            texts = lines_of(getattr(self, field))
            if texts:
                blocks += [("heading", spec.heading), ("list" if len(texts) > 1 else "text", texts)]
        for heading, columns, rows in self.tables():
            blocks += [("heading", heading), ("table", (columns, rows))]
        return blocks

    def __str__(self) -> str:
        return self.markdown(draft=True)

    def _repr_html_(self) -> str:
        return self.html(draft=True)


def lines_of(value: Any) -> list[str]:
    """A section's text as its lines: a text is one, a sequence one each; empty ones are dropped."""
    values = [value] if isinstance(value, str) or not isinstance(value, Sequence) else value
    return [text for text in (text_of(v) for v in values) if text]


def text_of(value: Any) -> str:
    """Any value as text on one line; None is empty."""
    return "" if value is None else " ".join(str(value).split())


def said_nothing(value: Any) -> str:
    """Why a section's text does not count ("it is empty", ...), or "" when it does."""
    texts = lines_of(value)
    if not texts:
        return "it is empty"
    if all(text.lower().strip(" .!") in _NOTHING or not re.search(r"\w", text) for text in texts):
        return f"“{texts[0][:40]}” says nothing"
    return ""


def _markdown(block: tuple[str, Any]) -> str:
    kind, content = block
    if kind == "title":
        return f"# {plain_markdown(content)}\n"
    if kind == "heading":
        return f"## {plain_markdown(content)}\n"
    if kind == "table":
        columns, rows = content
        lines = [columns, ["---"] * len(columns), *rows]
        cells = [
            " | ".join(plain_markdown(str(c)).replace("|", "\\|") for c in line) for line in lines
        ]
        return "\n".join(f"| {line} |" for line in cells) + "\n"
    mark = "- " if kind == "list" else ""
    return "\n".join(f"{mark}{plain_markdown(text)}" for text in content) + "\n"


def plain_markdown(text: str) -> str:
    """Text that stays text in Markdown: no tag, and no line that would start a heading."""
    text = text.replace("<", "&lt;")
    return f"\\{text}" if re.match(r"(#|---|===|>)", text) and text != "---" else text


def _html(block: tuple[str, Any]) -> str:
    kind, content = block
    if kind in ("title", "heading"):
        level = "h1" if kind == "title" else "h2"
        return f"<{level}>{escape(content)}</{level}>"
    if kind == "table":
        columns, rows = content
        head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    if kind == "list":
        return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in content) + "</ul>"
    return "".join(f"<p>{escape(text)}</p>" for text in content)


def told(values: Mapping[str, Any]) -> str:
    """A mapping as ``name value, name value``, for a cell of a table."""
    return ", ".join(f"{key} {value}" for key, value in values.items())
