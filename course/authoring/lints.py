"""Lints on a lesson's source: what must hold before it can be built.

Each lint takes the notebook of a source and yields one sentence a finding.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from nbformat.notebooknode import NotebookNode

from course.authoring import links
from course.authoring.source import BEGIN, END, KEYS, ROLES, grade_id, numbered, role

Lint = Callable[[NotebookNode], Iterator[str]]

MAX_LINES = 15
_GRADE_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,57}")


def first_cell_is_title(lesson: NotebookNode) -> Iterator[str]:
    """The first cell is Markdown, begins with `# Title` and has the launch links."""
    first = lesson.cells[0] if lesson.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "cell 1: expected Markdown that begins with `# ` and the lesson's title."
    elif links.PLACEHOLDER not in first.source:
        yield f"cell 1: no launch links; write `{links.PLACEHOLDER}` where they belong."


def metadata_is_known(lesson: NotebookNode) -> Iterator[str]:
    """A cell's metadata has known keys, at most one part, and points only where they count."""
    for where, cell in numbered(lesson):
        if cell.cell_type == "raw":
            yield f"{where}: raw cells are not used; write Markdown or code."
        for key in sorted(set(cell.metadata) - set(KEYS)):
            yield f"{where}: unknown metadata {key!r}; known are {', '.join(KEYS)}."
        parts = [name for name in ROLES if name in cell.metadata]
        if len(parts) > 1:
            yield f"{where}: is {' and '.join(parts)} at once; give each a cell of its own."
        kind = "markdown" if parts == ["answer"] else "code"
        if parts and cell.cell_type != kind:
            yield f"{where}: is a {cell.cell_type} cell; expected {kind}."
        points = cell.metadata.get("points", 1)
        if "points" in cell.metadata and not {"check", "answer"} & set(parts):
            yield f"{where}: has points, but only a check or an answer is graded."
        if isinstance(points, bool) or not isinstance(points, (int, float)) or points <= 0:
            yield f"{where}: points={points!r}; expected a number above 0."


def markers_in_pairs(lesson: NotebookNode) -> Iterator[str]:
    """Exercises and answers, and no other cell, have solution markers, each begun and ended."""
    for where, cell in numbered(lesson):
        marks = [m for line in cell.source.split("\n") for m in (BEGIN, END) if m in line]
        if role(cell) not in ("exercise", "answer"):
            if marks:
                yield f"{where}: has solution markers; mark it exercise= or answer=."
        elif not marks:
            yield f"{where}: no `### {BEGIN}` and `### {END}`; the whole cell would be erased."
        elif marks != [BEGIN, END] * (len(marks) // 2):
            yield f"{where}: solution markers are not in pairs: {', '.join(marks)}."


def grade_ids_are_unique(lesson: NotebookNode) -> Iterator[str]:
    """No two cells share a grade id, and each is a plain name."""
    seen: dict[str, str] = {}
    for where, cell in numbered(lesson):
        name = grade_id(cell)
        if name is None:
            continue
        if not _GRADE_ID.fullmatch(name):
            yield f"{where}: grade id {name!r}; expected letters, digits and _, at most 58."
        if name in seen:
            yield f"{where}: grade id {name!r} is taken by {seen[name]}."
        seen.setdefault(name, where)


def checks_follow_exercises(lesson: NotebookNode) -> Iterator[str]:
    """Each check comes after the exercise of its name, and each exercise has a check."""
    waiting: dict[str, str] = {}
    known: set[str] = set()
    for where, cell in numbered(lesson):
        if role(cell) == "exercise":
            known.add(cell.metadata["exercise"])
            waiting[cell.metadata["exercise"]] = where
        elif role(cell) == "check":
            name = cell.metadata["check"]
            if name not in known:
                yield f"{where}: no exercise={name!r} stands before it."
            waiting.pop(name, None)
    for name, where in waiting.items():
        yield f"{where}: no check={name!r} stands after it."


def checks_end_in_score(lesson: NotebookNode) -> Iterator[str]:
    """A check's last line is an expression; nbgrader gives full marks where it sees no value."""
    for where, cell in numbered(lesson):
        if role(cell) != "check" or cell.cell_type != "code":
            continue
        tree = _parse(cell.source)
        if tree is None:
            yield f"{where}: is not plain Python."
        elif not tree.body or not isinstance(tree.body[-1], ast.Expr):
            yield f"{where}: its last line must be the score, such as `exercises.sgd.check()`."
        elif cell.source.rstrip().endswith(";"):
            yield f"{where}: the `;` at its end hides the score."


def exercises_define_their_name(lesson: NotebookNode) -> Iterator[str]:
    """An exercise defines the function or class of its name, which its check looks up."""
    for where, cell in numbered(lesson):
        if role(cell) != "exercise" or cell.cell_type != "code":
            continue
        tree = _parse(cell.source)
        name = cell.metadata["exercise"]
        if tree is None:
            yield f"{where}: is not plain Python."
        elif name not in {getattr(node, "name", None) for node in tree.body}:
            yield f"{where}: defines no function or class {name!r}."


def code_cells_are_short(lesson: NotebookNode) -> Iterator[str]:
    """Code to run has at most MAX_LINES lines, blank ones not counted; exercises may be longer."""
    for where, cell in numbered(lesson):
        count = sum(1 for line in cell.source.split("\n") if line.strip())
        if cell.cell_type == "code" and role(cell) != "exercise" and count > MAX_LINES:
            yield f"{where}: has {count} lines; at most {MAX_LINES}, move the rest into `course`."


# A source with a finding of these cannot be built as its author means it.
STRUCTURE_LINTS: tuple[Lint, ...] = (
    first_cell_is_title,
    metadata_is_known,
    markers_in_pairs,
    grade_ids_are_unique,
)
CONTENT_LINTS: tuple[Lint, ...] = (
    checks_follow_exercises,
    checks_end_in_score,
    exercises_define_their_name,
    code_cells_are_short,
)


def _parse(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except SyntaxError:
        return None
