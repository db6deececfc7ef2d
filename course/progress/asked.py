"""Which questions a lesson asks: read from its notebook and the room's `questions.py`, running neither."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

from course.lessons import lesson_cells, text_of

_ROOM = re.compile(r"^from course\.(\w+) import .*\bquestions\b", re.MULTILINE)
_CALL = re.compile(r"\bquestions\.(\w+)\(")
_ROOMS = Path(__file__).parents[1]


def questions_of(lesson: Path) -> frozenset[str]:
    """The names under which answers to the multiple-choice questions of a lesson's file are kept.

    Raises what :func:`course.lessons.read_lesson` does.
    """
    code = "\n".join(
        text_of(cell) for cell, _ in lesson_cells(lesson) if cell.get("cell_type") == "code"
    )
    room = _ROOM.search(code)
    known = _questions(_ROOMS / room[1] / "questions.py") if room else {}
    return frozenset(known[name] for name in _CALL.findall(code) if name in known)


@lru_cache(maxsize=64)
def _questions(file: Path) -> dict[str, str]:
    """For each function in ``file`` that makes a question, the name under which its answer is kept."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return {}
    found = {}
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Question":
                given = {word.arg: word.value for word in node.keywords}
                name = given.get("key") or given.get("prompt") or next(iter(node.args), None)
                if isinstance(name, ast.Constant):
                    found[function.name] = str(name.value)
    return found
