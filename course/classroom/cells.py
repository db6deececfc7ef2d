"""A notebook file of any age or tool as plain cells, and what a cell says of itself."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from typing import Any

from course.lessons import grading, text_of

Cell = dict[str, Any]
Notebook = dict[str, Any]
_KINDS = ("code", "markdown", "raw")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class NotebookError(ValueError):
    """A file that no notebook can be read from."""


def read_notebook(data: bytes) -> Notebook:
    """The notebook in a file's content, in the form of nbformat 4 with each source as one text.

    Raises NotebookError when there is none.
    """
    try:
        text = data.decode("utf-8-sig")
        notebook = json.loads(text)
        if int(notebook["nbformat"]) < 4:
            notebook = _modern(text)
        cells = [_read_cell(cell) for cell in notebook["cells"]]
    except Exception as error:  # nbformat's own errors for old files are many
        raise NotebookError(f"{type(error).__name__}: {error}") from error
    metadata = notebook.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _modern(text: str) -> Notebook:
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = json.loads(nbformat.writes(nbformat.reads(text, as_version=4)))
    for cell in notebook["cells"]:
        cell.pop("id", None)  # made up by the conversion, another one each time
    return dict(notebook)


def _read_cell(cell: Any) -> Cell:
    if cell["cell_type"] not in _KINDS:
        raise ValueError(f"a cell of the kind {cell['cell_type']!r:.40}")
    found = {**cell, "source": text_of(cell)}
    found["metadata"] = cell["metadata"] if isinstance(cell.get("metadata"), dict) else {}
    if not (isinstance(cell.get("id"), str) and _ID.fullmatch(cell["id"])):
        found.pop("id", None)
    if cell["cell_type"] == "code":
        found["outputs"] = cell.get("outputs") or []
        found["execution_count"] = cell.get("execution_count")
    return found


def write_notebook(notebook: Notebook) -> bytes:
    """The content of the notebook's file; equal notebooks give equal files."""
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = nbformat.writes(nbformat.from_dict(notebook))
    return (text.rstrip("\n") + "\n").encode("utf-8")


def is_answer(cell: Cell) -> bool:
    """True for a cell in which the learner is to write."""
    return bool(grading(cell).get("solution"))


def is_locked(cell: Cell) -> bool:
    """True for prose and checks, which the learner is not to change."""
    return bool(grading(cell).get("locked")) and not is_answer(cell)


def names(cell: Cell) -> tuple[str, str, str]:
    """What a cell is known by, best first: its id, Colab's id, its grade id; "" where missing."""
    colab = cell["metadata"].get("id")
    kept = colab if isinstance(colab, str) else ""
    return str(cell.get("id", "")), kept, str(grading(cell).get("grade_id", ""))


def content(cell: Cell) -> tuple[str, str]:
    """A cell's kind and text; editors differ in the blanks at the ends of lines."""
    lines = (line.rstrip() for line in cell["source"].splitlines())
    return cell["cell_type"], "\n".join(lines).strip("\n")


def same(one: Cell, other: Cell) -> bool:
    """True when two cells hold the same, whatever they have put out."""
    pictures = one.get("attachments") or {}, other.get("attachments") or {}
    return content(one) == content(other) and pictures[0] == pictures[1]


def untouched(cell: Cell) -> bool:
    """True when a cell of a lesson proves, without its original, that nobody changed it.

    A graded cell carries nbgrader's checksum; the id of any other is a hash of its text.
    """
    marks = grading(cell)
    if marks:
        return marks.get("checksum") == _checksum(cell, marks)
    text = f"{cell['cell_type']}\n{cell['source']}"
    return hashlib.sha256(text.encode()).hexdigest()[:12] == str(cell.get("id", ""))[:12]


def _checksum(cell: Cell, marks: dict[str, Any]) -> str:
    """nbgrader's checksum, which a learner's installation has no nbgrader to compute."""
    solution, grade = bool(marks.get("solution")), bool(marks.get("grade"))
    locked = not solution and (grade or bool(marks.get("locked")))
    parts = [cell["source"], cell["cell_type"], str(grade), str(solution), str(locked)]
    parts.append(str(marks.get("grade_id")))
    if grade:
        parts.append(str(float(marks.get("points", 0))))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
