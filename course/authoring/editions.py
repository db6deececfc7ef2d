"""Turn a lesson source into its two notebooks, with nbgrader's own preprocessors.

The solution edition is the source with full metadata. The student edition has a stub in place of
each marked region. No database and no server takes part, so an instructor can still hand either
file to nbgrader.
"""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from course.authoring import links, source, terms

STUB_SENTENCE = "Write your answer here."
STUB = f'raise NotImplementedError("{STUB_SENTENCE}")'
FOLDERS = {"solution": "solutions", "student": "lessons"}

_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def solution_edition(lesson: NotebookNode, name: str, slug: str | None = None) -> NotebookNode:
    """Return the complete notebook of the lesson called `name`, for repository `slug`."""
    return _process(_expand(lesson, name, "solution", slug), CheckCellMetadata(), LockCells())


def student_edition(lesson: NotebookNode, name: str, slug: str | None = None) -> NotebookNode:
    """Return the notebook in which a stub stands for every solution.

    Raises RuntimeError from nbgrader when solution markers are not in pairs.
    """
    return _process(
        _expand(lesson, name, "student", slug),
        CheckCellMetadata(),
        LockCells(),
        ClearSolutions(code_stub={"python": STUB}, text_stub=STUB_SENTENCE),
        ClearHiddenTests(),
        ComputeChecksums(),
        CheckCellMetadata(),
    )


def text_of(notebook: NotebookNode) -> str:
    """Return the notebook as the text of its file; equal notebooks give equal text."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def cell_ids(lesson: NotebookNode) -> list[str]:
    """Return one id a cell: its grade id, else a hash of its source, numbered where equal."""
    graded = [source.grade_id(cell) for cell in lesson.cells]
    used = {name for name in graded if name}
    ids = []
    for cell, name in zip(lesson.cells, graded, strict=True):
        if name is None:
            text = f"{cell.cell_type}\n{cell.source}"
            first = name = hashlib.sha256(text.encode()).hexdigest()[:12]
            count = 1
            while name in used:
                count += 1
                name = f"{first}-{count}"
            used.add(name)
        ids.append(name)
    return ids


def _expand(lesson: NotebookNode, name: str, edition: str, slug: str | None) -> NotebookNode:
    file = f"{FOLDERS[edition]}/{name}.ipynb"
    origin = f"solutions/{name}.py"
    banner = f"Contributors: `course build` makes this notebook from {origin}; edit that file."
    cells = []
    for old, cell_id in zip(lesson.cells, cell_ids(lesson), strict=True):
        kind = nbformat.v4.new_code_cell
        text = old.source
        if old.cell_type == "markdown":
            kind = nbformat.v4.new_markdown_cell
            text = terms.shown(_comment_markers(text)).replace(
                links.PLACEHOLDER, links.launch_links(slug, file)
            )
        elif text.strip() == links.READY:
            text = links.get_ready(slug)
        cells.append(kind(text, id=cell_id, metadata=_cell_metadata(old, cell_id)))
    cells[0].source += f"\n\n<!-- {banner} -->"
    course = {"banner": banner, "edition": edition, "source": origin}
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={**copy.deepcopy(_METADATA), "course": course}
    )
    notebook.nbformat_minor = 5
    return notebook


def _cell_metadata(cell: NotebookNode, cell_id: str) -> dict[str, Any]:
    """Expand the short metadata of one cell to nbgrader's, schema version 3."""
    kept = {key: cell.metadata[key] for key in ("tags", "slideshow") if key in cell.metadata}
    part = source.role(cell)
    if part is None and cell.cell_type == "code":
        return kept  # a learner may change it and run it again
    nbgrader = {
        "schema_version": 3,
        "grade_id": cell_id,
        "grade": part in ("check", "answer"),
        "solution": part in ("exercise", "answer"),
        "locked": part not in ("exercise", "answer"),
        "task": False,
    }
    if nbgrader["grade"]:
        nbgrader["points"] = float(cell.metadata.get("points", 1))
    return {**kept, "nbgrader": nbgrader}


def _comment_markers(markdown: str) -> str:
    """Hide solution markers from a reader: `### BEGIN SOLUTION` would render as a heading."""
    lines = markdown.split("\n")
    for marker in (source.BEGIN, source.END):
        lines = [f"<!-- {marker} -->" if marker in line else line for line in lines]
    return "\n".join(lines)


def _process(notebook: NotebookNode, *steps: Any) -> NotebookNode:
    resources: dict[str, Any] = {}
    for step in steps:
        notebook, resources = step.preprocess(notebook, resources)
    return notebook
