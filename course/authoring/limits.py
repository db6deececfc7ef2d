"""The limits of a whole lesson: its length, its minutes, and what no lesson goes without.

The lints in `lints.py` hold of any source that can be built, a first draft too; these hold of a
lesson that is published. Each takes the notebook of a source and yields one sentence a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from course.authoring.links import READY
from course.authoring.source import BEGIN, END, read, role

CELLS = (20, 35)
# By number: the welcome may be shorter, the capstone longer.
CELLS_OF = {"00": (1, 35), "14": (20, 60)}
WELCOME = "00"  # asks one question, and no more than one exercise
QUESTIONS = 3
WORDS_A_MINUTE = 200
MINUTES_AN_EXPLORER = 2

_NUMBER = re.compile(r"# (\d\d) · ")
_STATED = re.compile(r"^\*\*(\d+) minutes\*\*", re.MULTILINE)
_HEADING = re.compile(r"^## ([^\n]+)$", re.MULTILINE)
_PART = re.compile(r"\((\d+) minutes\)$")
_EXERCISE = re.compile(r"\*\*(Exercise \w+)\*\*[^\n(]*(?:\((\d+) minutes?\))?")
_REPAIR = re.compile(
    r"\*\*Exercise \w+\*\*(?:(?!\*\*Exercise).)*?\brepair", re.DOTALL | re.IGNORECASE
)
_FENCE = re.compile(r"```.*?```", re.DOTALL)
_ANSWER = re.compile(rf"^[^\n]*{BEGIN}.*?{END}[^\n]*$", re.DOTALL | re.MULTILINE)
_QUESTION = re.compile(r"\bquestions\.\w+\(")
_EXPLORER = re.compile(r"\bexplorers\.\w+\(")


def length(lesson: NotebookNode) -> Iterator[str]:
    """A lesson has 20 to 35 cells, the one that gets it ready aside."""
    fewest, most = CELLS_OF.get(number(lesson), CELLS)
    count = sum(cell.source.strip() != READY for cell in lesson.cells)
    if not fewest <= count <= most:
        yield f"it has {count} cells; expected {fewest} to {most}."


def minutes(lesson: NotebookNode) -> Iterator[str]:
    """Each part states its minutes, and together they are the lesson's."""
    stated = stated_minutes(lesson)
    if stated is None:
        yield "cell 1: expected the lesson's minutes, such as `**40 minutes**, in four parts.`"
        return
    total = 0
    for heading in _HEADING.findall(_prose(lesson)):
        part = _PART.search(heading)
        if part is None:
            yield f"the heading {heading!r} states no minutes; expected `({10} minutes)` at its end."
        else:
            total += int(part[1])
    if total != stated:
        yield f"its parts take {total} minutes together, but its first cell says {stated}."


def minutes_are_honest(lesson: NotebookNode) -> Iterator[str]:
    """The minutes suffice for reading, for the exercises as they are marked, and for trying."""
    stated = stated_minutes(lesson)
    yield from _exercises_without_minutes(lesson)
    if stated is not None and stated + 0.5 < counted(lesson):
        yield (
            f"it states {stated} minutes, but to read it ({WORDS_A_MINUTE} words a minute), to do its "
            f"exercises and to try its explorers ({MINUTES_AN_EXPLORER} minutes each) and to answer takes "
            f"{counted(lesson):.0f} at least."
        )


def three_questions(lesson: NotebookNode) -> Iterator[str]:
    """Under the heading `Reflect`, three questions are asked."""
    if number(lesson) == WELCOME:
        return
    asked, reflecting = 0, False
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            for heading in _HEADING.findall(cell.source):
                reflecting = heading.startswith("Reflect")
        elif reflecting:
            asked += len(_QUESTION.findall(cell.source))
    if asked != QUESTIONS:
        yield (
            f"{asked} questions stand under `## Reflect`; expected {QUESTIONS}, such as "
            "`display(questions.one(), questions.two(), questions.three())`."
        )


def kinds_of_exercise(lesson: NotebookNode) -> Iterator[str]:
    """One exercise repairs code, and one is answered in words."""
    if number(lesson) == WELCOME:
        return
    if not _REPAIR.search(_prose(lesson)):
        yield "no exercise repairs code that is subtly wrong; say `repair` where one does."
    if not any(role(cell) == "answer" for cell in lesson.cells):
        yield 'no exercise is answered in words (`# %% [markdown] answer="name"`).'


LIMITS: tuple[Callable[[NotebookNode], Iterator[str]], ...] = (
    length,
    minutes,
    minutes_are_honest,
    three_questions,
    kinds_of_exercise,
)


def findings(lesson: NotebookNode) -> list[str]:
    """Everything in which `lesson` is not what a published lesson is."""
    return [sentence for limit in LIMITS for sentence in limit(lesson)]


def of_course(root: Path) -> list[str]:
    """The findings of every lesson under `root`, each with the name of its source."""
    return [
        f"solutions/{path.name}: {sentence}"
        for path in sorted((root / "solutions").glob("*.py"))
        for sentence in findings(read(path))
    ]


def number(lesson: NotebookNode) -> str:
    """The two digits in the lesson's title; empty where it has none."""
    found = _NUMBER.match(lesson.cells[0].source) if lesson.cells else None
    return found[1] if found else ""


def stated_minutes(lesson: NotebookNode) -> int | None:
    """The minutes that the first cell states, or None."""
    found = _STATED.search(lesson.cells[0].source) if lesson.cells else None
    return int(found[1]) if found else None


def counted(lesson: NotebookNode) -> float:
    """The least minutes that a reader needs: reading, exercises, explorers, a minute a question."""
    prose = _prose(lesson)
    exercises = sum(int(found or 0) for _, found in _EXERCISE.findall(prose))
    code = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "code")
    explorers = len(_EXPLORER.findall(code))
    trying = MINUTES_AN_EXPLORER * explorers + (QUESTIONS if number(lesson) != WELCOME else 1)
    return len(prose.split()) / WORDS_A_MINUTE + exercises + trying


def _exercises_without_minutes(lesson: NotebookNode) -> Iterator[str]:
    for found in _EXERCISE.finditer(_prose(lesson)):
        if not found[2]:
            yield f"{found[1]} states no minutes; expected `(5 minutes)` after its dots."


def _prose(lesson: NotebookNode) -> str:
    """All Markdown, without code to read and without the solutions of answers."""
    text = "\n\n".join(c.source for c in lesson.cells if c.cell_type == "markdown")
    return _ANSWER.sub("", _FENCE.sub("", text))
