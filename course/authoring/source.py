"""Read a lesson's source, `solutions/NN_slug.py` in Jupytext's py:percent form.

An author writes a cell's part in short, on its `# %%` line:

    # %% exercise="sgd_step"                the learner writes the marked region
    # %% check="sgd_step" points=2          the exercise's check; its last line shows the score
    # %% [markdown] answer="why" points=1   an answer in words, graded by a person

Every other cell is prose or code to run. `shown=["..."]` on an exercise names the lines of its
solution that a learner may also meet elsewhere in the lesson.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
from nbformat.notebooknode import NotebookNode

ROLES = ("exercise", "check", "answer")
KEYS = (*ROLES, "points", "shown", "tags", "slideshow")
BEGIN = "BEGIN SOLUTION"
END = "END SOLUTION"

# Jupytext notes here how many blank lines stood between two cells; a notebook has no use for it.
_SPACING = ("lines_to_next_cell", "lines_to_end_of_cell_marker")


def read(path: Path) -> NotebookNode:
    """Read the lesson source at `path`; its cells carry the short metadata of this module."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> NotebookNode:
    """Parse the `text` of a lesson source; its cells carry the short metadata of this module."""
    notebook = jupytext.reads(text, fmt="py:percent")
    for cell in notebook.cells:
        for key in _SPACING:
            cell.metadata.pop(key, None)
    return notebook


def role(cell: NotebookNode) -> str | None:
    """Return "exercise", "check" or "answer", or None for prose and code to run."""
    return next((name for name in ROLES if name in cell.metadata), None)


def grade_id(cell: NotebookNode) -> str | None:
    """Return the nbgrader id of an exercise, check or answer, and None for any other cell."""
    part = role(cell)
    if part is None:
        return None
    name = str(cell.metadata[part])
    return f"{name}_check" if part == "check" else name


def solution_lines(cell: NotebookNode) -> list[str]:
    """Return the lines between the cell's solution markers, without the markers."""
    lines: list[str] = []
    inside = False
    for line in cell.source.split("\n"):
        if BEGIN in line:
            inside = True
        elif END in line:
            inside = False
        elif inside:
            lines.append(line)
    return lines


def numbered(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield each cell with the words that name it in a message, such as "cell 7 (check sgd)"."""
    for number, cell in enumerate(notebook.cells, start=1):
        part = role(cell)
        name: Any = f" ({part} {cell.metadata[part]})" if part else ""
        yield f"cell {number}{name}", cell
