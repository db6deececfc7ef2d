"""Decide which cells of a submission are run: the learner's code, and the course's own checks.

A check is always the official edition's, whatever the submission has in its place. The learner's
cells are run in the learner's order. Of the course's own cells that the learner left as they were,
those are skipped on which nothing else depends (a training loop to watch, a picture): a class is
graded in a fraction of the time, and no score can tell the difference.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from dataclasses import dataclass
from typing import Any

from course.lessons import grading as _meta
from course.lessons import text_of

_WORD = re.compile(r"[^\W\d]\w*")
STUB = "Write your answer here."


@dataclass(frozen=True)
class Cell:
    """Something to run. `check` is the exercise's name for a check, and `points` its maximum."""

    source: str
    check: str = ""
    points: float = 0.0


@dataclass(frozen=True)
class Answer:
    """An answer in words, for a person to read."""

    name: str
    points: float
    blank: bool


def to_run(official: dict[str, Any], submission: dict[str, Any]) -> list[Cell]:
    """The cells to run, in order: every official check once, in the submission's place for it."""
    checks = {key: cell for key, cell in _graded(official).items() if _is_check(cell)}
    by_text = {_norm(text_of(cell)): key for key, cell in checks.items()}
    own = {_norm(text_of(cell)) for cell in official["cells"] if not _is_solution(cell)}
    listed: list[tuple[Cell, bool]] = []  # with whether it may be skipped
    seen: set[str] = set()

    def add(key: str) -> None:
        seen.add(key)
        name = key.removesuffix("_check")
        points = float(_meta(checks[key])["points"])
        listed.append((Cell(text_of(checks[key]), name, points), False))

    for cell in submission["cells"]:
        if cell["cell_type"] != "code":
            continue
        text = text_of(cell)
        # A platform may strip metadata or ids; then the text of the check still tells.
        keys = (_meta(cell).get("grade_id"), cell.get("id"), by_text.get(_norm(text)))
        found = [k for k in keys if isinstance(k, str) and k in checks]
        if found:
            if found[0] not in seen:
                add(found[0])
        elif text.strip():
            listed.append((Cell(text), _norm(text) in own))
    for key in checks:
        if key not in seen:  # deleted, or taken for something else: judged at the end
            add(key)
    return _needed(listed)


def answers(official: dict[str, Any], submission: dict[str, Any]) -> list[Answer]:
    """The answers in words that the lesson asks for, and whether the submission left them blank."""
    given = {
        str(_meta(cell).get("grade_id") or cell.get("id")): cell for cell in submission["cells"]
    }
    found = []
    for key, cell in _graded(official).items():
        if not _is_check(cell):
            text = text_of(given[key]) if key in given else ""
            blank = _norm(text).endswith(STUB) or not text.strip()
            found.append(Answer(key, float(_meta(cell)["points"]), blank))
    return found


def official_checks(official: dict[str, Any]) -> dict[str, float]:
    """The maximum of each exercise that a machine grades, by its name."""
    return {
        key.removesuffix("_check"): float(_meta(cell)["points"])
        for key, cell in _graded(official).items()
        if _is_check(cell)
    }


def imports_for_checks(official: dict[str, Any]) -> str:
    """The course's own import lines that its checks need, to be run before any learner's code."""
    words = set()
    for cell in _graded(official).values():
        if _is_check(cell):
            words |= _names(text_of(cell))
    lines: list[str] = []
    for cell in official["cells"]:
        if cell["cell_type"] == "code" and not _meta(cell):
            lines += [
                ast.unparse(node)
                for node in _prune(text_of(cell), words).body
                if isinstance(node, (ast.Import, ast.ImportFrom))
            ]
    return "\n".join(lines)


def _graded(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    cells = [cell for cell in notebook["cells"] if _meta(cell).get("grade")]
    return {str(_meta(cell)["grade_id"]): cell for cell in cells}


def _is_check(cell: dict[str, Any]) -> bool:
    return cell["cell_type"] == "code" and not _is_solution(cell)


def _is_solution(cell: dict[str, Any]) -> bool:
    return bool(_meta(cell).get("solution"))


def _norm(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _needed(listed: list[tuple[Cell, bool]]) -> list[Cell]:
    """Drop, from the end backwards, skippable cells on which no kept cell depends."""
    if any(_reads_unnamed(cell.source) for cell, _ in listed):
        return [cell for cell, _ in listed]
    foreign = set(dir(builtins)) | {
        name for cell, skippable in listed if skippable for name in _imported(cell.source)
    }
    kept: list[Cell] = []
    used: set[str] = set()
    for cell, skippable in reversed(listed):
        if skippable:
            tree = _prune(cell.source, used)
            source = ast.unparse(tree)
            # A cell that mentions a name may change what it holds, so mentioning counts.
            if not ((_names(source) - foreign) | _imported(source)) & used:
                continue
            cell = Cell(source)
        used |= _names(cell.source)
        kept.append(cell)
    return kept[::-1]


def _reads_unnamed(source: str) -> bool:
    """Whether a cell may use a name without mentioning it: magics, star imports, eval."""
    return bool(
        re.search(r"^\s*[%!]|import \*|\b(eval|exec|globals|locals|vars)\(", source, re.MULTILINE)
    )


def _names(source: str) -> set[str]:
    """The global names that the code mentions; every word of it where it is not plain Python."""
    try:
        tables = [symtable.symtable(source, "<cell>", "exec")]
    except (SyntaxError, ValueError):
        return set(_WORD.findall(source))
    found = {symbol.get_name() for symbol in tables[0].get_symbols()}
    while tables:
        table = tables.pop()
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        tables += table.get_children()
    return found


def _prune(source: str, used: set[str]) -> ast.Module:
    """The cell without the imported names that nobody uses."""
    tree = ast.parse(source)
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names = [n for n in node.names if _bound_by(n) in used]
            if not node.names:
                continue
        body.append(node)
    tree.body = body
    return tree


def _imported(source: str) -> set[str]:
    """The names that the cell's import lines bind."""
    nodes = [n for n in ast.parse(source).body if isinstance(n, (ast.Import, ast.ImportFrom))]
    return {_bound_by(alias) for node in nodes for alias in node.names}


def _bound_by(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]
