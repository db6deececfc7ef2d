"""Lints on the built editions: what must hold of the files that people open.

A lint takes a `Built` lesson and yields one sentence a finding.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from course.authoring.editions import FOLDERS
from course.authoring.leaks import leaks
from course.authoring.links import launched_files
from course.authoring.source import numbered, role

_LINK = re.compile(r"\]\(<?([^)\s>]+)|(?:href|src)=\"([^\"]+)\"")


@dataclass(frozen=True)
class Built:
    """A lesson's source and both its editions; `exists` knows the paths of the course."""

    name: str
    source: NotebookNode
    solution: NotebookNode
    student: NotebookNode
    exists: Callable[[str], bool]

    def editions(self) -> Iterator[tuple[str, NotebookNode]]:
        """Yield the path of each edition's file with its notebook."""
        yield f"{FOLDERS['solution']}/{self.name}.ipynb", self.solution
        yield f"{FOLDERS['student']}/{self.name}.ipynb", self.student


def no_solution_line_is_shown(built: Built) -> Iterator[str]:
    """No telling line of a solution appears in the student's file (see `leaks`)."""
    for where, cell in numbered(built.source):
        if role(cell) in ("exercise", "answer"):
            for line in leaks(cell, built.student):
                yield (
                    f"{where}: the student's file shows this line of the solution: {line!r}. "
                    "Reword one of the two, or name the line in shown=[...]."
                )


def stubs_keep_signatures(built: Built) -> Iterator[str]:
    """The stub defines what the solution defines, argument for argument."""
    for where, solved, stub in _exercises(built):
        wanted, given = _signatures(solved), _signatures(stub)
        for signature in wanted:
            if signature not in given:
                yield f"{where}: `{signature}` stands inside the solution region; move it out."


def stubs_raise_only_when_called(built: Built) -> Iterator[str]:
    """A stub stands inside a function, so that a blank notebook runs from top to bottom."""
    for where, _, stub in _exercises(built):
        try:
            tree = ast.parse(stub.source)
        except SyntaxError as error:
            yield f"{where}: the stub is not valid Python ({error.msg}, line {error.lineno})."
            continue
        if any(isinstance(node, ast.Raise) for node in _outside_functions(tree)):
            yield f"{where}: the stub raises as soon as the cell runs; put it into a function."


def launch_links_open_this_file(built: Built) -> Iterator[str]:
    """A launch link opens an existing notebook of its own edition, and in cell 1 this very one."""
    for file, notebook in built.editions():
        folder = posixpath.dirname(file)
        for number, cell in enumerate(notebook.cells, start=1):
            if cell.cell_type != "markdown":
                continue
            for target in launched_files(cell.source):
                if not built.exists(target):
                    yield f"{file}, cell {number}: launches {target}, which does not exist."
                elif posixpath.dirname(target) != folder or (number == 1 and target != file):
                    yield f"{file}, cell {number}: launches {target}, of another edition or lesson."


def relative_links_exist(built: Built) -> Iterator[str]:
    """A link without a host leads to a file of the course."""
    for file, notebook in built.editions():
        for number, cell in enumerate(notebook.cells, start=1):
            if cell.cell_type != "markdown":
                continue
            for pair in _LINK.findall(cell.source):
                link = (pair[0] or pair[1]).split("#")[0]
                if not link or re.match(r"[a-z]+:", link):
                    continue
                target = posixpath.normpath(posixpath.join(posixpath.dirname(file), link))
                if not built.exists(target):
                    yield f"{file}, cell {number}: links to {target}, which does not exist."


def schema_is_three(built: Built) -> Iterator[str]:
    """nbgrader metadata has schema version 3 and grade ids are unique in the file."""
    for file, notebook in built.editions():
        seen: set[str] = set()
        for number, cell in enumerate(notebook.cells, start=1):
            meta = cell.metadata.get("nbgrader")
            if meta is None:
                continue
            if meta.get("schema_version") != 3:
                version = meta.get("schema_version")
                yield f"{file}, cell {number}: nbgrader schema {version!r}; expected 3."
            if meta.get("grade_id") in seen:
                yield f"{file}, cell {number}: grade id {meta['grade_id']!r} is taken."
            seen.add(meta.get("grade_id"))


def nothing_is_saved_from_a_run(built: Built) -> Iterator[str]:
    """No outputs, execution counts or widget state."""
    for file, notebook in built.editions():
        yield from run_traces(file, notebook)


def run_traces(file: str, notebook: NotebookNode) -> Iterator[str]:
    """Yield what a run left in `notebook`: outputs, execution counts, widget state."""
    if "widgets" in notebook.metadata:
        yield f"{file}: holds a saved widget state, which breaks its rendering; run `course build`."
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and (cell.get("outputs") or cell.get("execution_count")):
            yield f"{file}, cell {number}: holds the output of a run; run `course build`."


EDITION_LINTS: tuple[Callable[[Built], Iterator[str]], ...] = (
    no_solution_line_is_shown,
    stubs_keep_signatures,
    stubs_raise_only_when_called,
    launch_links_open_this_file,
    relative_links_exist,
    schema_is_three,
    nothing_is_saved_from_a_run,
)


def _exercises(built: Built) -> Iterator[tuple[str, NotebookNode, NotebookNode]]:
    """Yield place, solution cell and student cell of every exercise."""
    cells = zip(numbered(built.source), built.solution.cells, built.student.cells, strict=True)
    for (where, cell), solved, stub in cells:
        if role(cell) == "exercise":
            yield where, solved, stub


def _signatures(cell: NotebookNode) -> list[str]:
    """Return the def and class lines that a user of the cell can see, methods included."""
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:
        return []
    found: list[str] = []

    def collect(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
                found.append(f"def {prefix}{node.name}({ast.unparse(node.args)}){result}")
            elif isinstance(node, ast.ClassDef):
                bases = ", ".join(map(ast.unparse, node.bases))
                found.append(f"class {prefix}{node.name}({bases})")
                collect(node.body, f"{prefix}{node.name}.")

    collect(tree.body, "")
    return found


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _outside_functions(child)
