"""The learner's engine: their own pieces in the frame of `engine.py`, as a module and as text."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

from course.backpropagation import engine

PIECES = ("mul_backward", "tanh_backward", "matmul_backward", "topological_order", "send_back")


@dataclass(frozen=True, repr=False)
class Assembled:
    """An engine to work with (its functions are attributes), its text, and whose pieces it has."""

    module: ModuleType
    source: str
    yours: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)

    @property
    def lines(self) -> int:
        """The lines of its text, empty ones not counted."""
        return sum(1 for line in self.source.splitlines() if line.strip())

    @property
    def complete(self) -> bool:
        """True when all five pieces are the learner's."""
        return len(self.yours) == len(PIECES)

    @property
    def whose(self) -> str:
        """Whose engine this is, in words."""
        if self.complete:
            return f"Your engine: {self.lines} lines, and all five pieces are yours."
        lent = ", ".join(name for name in PIECES if name not in self.yours)
        own = ", ".join(self.yours) if self.yours else "none yet"
        return (
            f"An engine of {self.lines} lines. Yours: {own}. The course lends: {lent}. Finish those "
            "exercises and run this cell again."
        )

    @property
    def shown(self) -> str:
        """Its text without the bodies of the lent pieces, which the reader is still to write."""
        lines, places = self.source.splitlines(), _places(self.source)
        lent = [places[name] for name in PIECES if name not in self.yours]
        for place in sorted(lent, key=lambda place: -place.lineno):
            lines[place.body[0].lineno - 1 : place.end_lineno] = ["    ...  # yours to write"]
        return "\n".join(lines) + "\n"

    def save(self, path: str | Path = "my_engine.py") -> str:
        """Write the text to a file that can be imported; raises FileExistsError if there is one."""
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(self.source)
        return f"Saved as {path}. In Python: import {Path(path).stem}"

    def __str__(self) -> str:
        return self.whose

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return (
            f"<p>{escape(self.whose)}</p><details><summary>Read it whole</summary>"
            f"<pre>{escape(self.shown)}</pre></details>"
        )


def assemble(pieces: Mapping[str, Callable]) -> Assembled:
    """Put `pieces` (functions by name) in the place of the engine's own.

    Raises ValueError for a name that is none of PIECES.
    """
    unknown = sorted(set(pieces) - set(PIECES))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no piece of the engine; it has {', '.join(PIECES)}")
    frame = inspect.getsource(engine)
    module = ModuleType("my_engine", "Lesson 02's engine, with pieces of your own.")
    exec(compile(frame, "my_engine.py", "exec"), module.__dict__)
    # The functions themselves, and not their text: they may use a helper of the learner's notebook.
    module.__dict__.update(pieces)
    return Assembled(module, _text(frame, pieces), tuple(n for n in PIECES if n in pieces))


def _text(frame: str, pieces: Mapping[str, Callable]) -> str:
    """The frame's text with the text of each piece in its place; the lent one where it has none."""
    lines = frame.splitlines()
    places = _places(frame)
    for name in sorted(pieces, key=lambda name: -places[name].lineno):
        try:
            text = textwrap.dedent(inspect.getsource(pieces[name])).strip()
        except (OSError, TypeError):
            continue
        text = "\n".join(line for line in text.splitlines() if "SOLUTION" not in line)
        place = places[name]
        lines[place.lineno - 1 : place.end_lineno] = text.splitlines()
    return "\n".join(lines) + "\n"


def _places(source: str) -> dict[str, ast.FunctionDef]:
    """The functions of a module's text, by name."""
    return {n.name: n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}
