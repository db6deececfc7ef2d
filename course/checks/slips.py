"""Known wrong answers in one line each: the reference with one slip in it."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Slip:
    """A wrong answer made from the reference by replacing text, and what to say of it."""

    message: str
    edits: tuple[str, ...]

    def of(self, reference: Callable[..., Any]) -> Any:
        """The reference with this slip.

        Raises ValueError when a text to be replaced is not in it exactly once.
        """
        source = _source(reference)
        for old, new in zip(self.edits[::2], self.edits[1::2], strict=True):
            if source.count(old) != 1:
                raise ValueError(
                    f"the slip {self.message!r} replaces {old!r}, which is {source.count(old)} "
                    f"times in {reference.__name__}; give a text that is there once"
                )
            source = source.replace(old, new)
        space = dict(_surroundings(reference))
        exec(compile(source, f"<{reference.__name__} with a slip>", "exec"), space)
        return space[reference.__name__]


def slip(message: str, *edits: str) -> Slip:
    """A plausible wrong answer: in the reference, each first text of a pair becomes the second.

    ``slip("You walk uphill: subtract.", "-= lr", "+= lr")``. Raises ValueError for half a pair.
    """
    if not edits or len(edits) % 2:
        raise ValueError(f"the slip {message!r} needs pairs of texts, old and new, not {edits!r}")
    return Slip(message, edits)


def _surroundings(reference: Any) -> dict[str, Any]:
    """The names that the reference's text may use."""
    if not inspect.isfunction(reference):
        return vars(sys.modules[reference.__module__])
    cells = zip(reference.__code__.co_freevars, reference.__closure__ or (), strict=True)
    return {**reference.__globals__, **{name: cell.cell_contents for name, cell in cells}}


def _source(reference: Callable[..., Any]) -> str:
    """The definition's text without its decorators, as one that stands alone."""
    text = textwrap.dedent(inspect.getsource(reference))
    node = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
