"""The glossary: terms are marked where a lesson defines them, and the page is made from that.

In a source, `A [[model]] is a function …` defines a term, and `its [[weights|weight]]` one whose
form in the sentence is another. The notebooks show the words in bold. The glossary's entry is the
sentence itself, so the two cannot drift apart; a formula that follows its colon belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from course.authoring.source import role

PAGE = "docs/glossary.md"
_MARK = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]|\n]+))?\]\]")
_TITLE = re.compile(r"# (?:\d\d · )?(.+)")
# A paragraph, a row of a table or an item of a list is a text of its own.
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*>] |\d+\. |[|#]))")
_SENTENCE = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][*)]))\s+(?=[A-Z\[*`$(])")
_COLUMN = re.compile(r"(?<!\[)\|(?![^\[]*\]\])")
_HEAD = """\
# Glossary

Every term of the lessons, in the sentence that defines it. In a notebook: `from course import glossary`, then
`glossary.look_up("loss")`.

<!-- `course build` makes this page from the terms marked in solutions/*.py; edit those. -->
"""


@dataclass(frozen=True)
class Term:
    """A term, the sentence that defines it, and the lesson in which it stands."""

    name: str
    sentence: str
    lesson: str
    title: str
    cell: int


def shown(markdown: str) -> str:
    """`markdown` as a reader sees it: marked terms in bold."""
    return _MARK.sub(r"**\1**", markdown)


def terms(lesson: NotebookNode, name: str) -> Iterator[Term]:
    """Yield the terms that the lesson called `name` defines, in their order."""
    found = _TITLE.match(lesson.cells[0].source) if lesson.cells else None
    title = found[1].strip() if found else name
    for number, cell in enumerate(lesson.cells, start=1):
        if cell.cell_type != "markdown" or role(cell) == "answer":
            continue
        blocks = _BLOCK.split(cell.source)
        for at, block in enumerate(blocks):
            formula = blocks[at + 1] if at + 1 < len(blocks) else ""
            if block.lstrip().startswith("|"):
                block = next((column for column in _COLUMN.split(block) if "[[" in column), "")
            for sentence in _SENTENCE.split(" ".join(block.split())):
                for mark in _MARK.finditer(sentence):
                    text = _entry(sentence, formula)
                    yield Term((mark[2] or mark[1]).strip(), text, name, title, number)


def defined_twice(found: Iterable[Term]) -> Iterator[str]:
    """Yield a sentence for each term that is defined a second time."""
    first: dict[str, Term] = {}
    for term in found:
        before = first.setdefault(term.name.lower(), term)
        if before is not term:
            yield (
                f"solutions/{term.lesson}.py: cell {term.cell} defines {term.name!r}, which cell "
                f"{before.cell} of {before.lesson} defines already; mark it where it first appears."
            )


def page(found: Iterable[Term]) -> str:
    """The glossary as Markdown, a paragraph for each term, by the alphabet."""
    first: dict[str, Term] = {}
    for term in found:
        first.setdefault(term.name.lower(), term)
    entries = [
        f"**{term.name}** ([lesson {term.lesson[:2]}](../lessons/{term.lesson}.ipynb)): {term.sentence}\n"
        for _, term in sorted(first.items())
    ]
    return "\n".join([_HEAD, *entries])


def _entry(sentence: str, formula: str) -> str:
    text = _MARK.sub(r"\1", re.sub(r"^(?:[-*>]|\d+\.) ", "", sentence)).replace("**", "")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    if text.endswith(":") and formula.strip().startswith("$$"):
        text = f"{text} {' '.join(formula.split()).replace('$$', '$')}"
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!:$" else f"{text}."
