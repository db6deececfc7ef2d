"""Run a lesson for the book, and keep of each output the form that needs no kernel."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"
# The richest first: a widget's page holds its picture, its sentence and its table.
_FORMS = ("text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain")
_CELL_SECONDS = 600


class BookError(ValueError):
    """A page of the book cannot be made; the message says which and why."""


def run(path: Path) -> Any:
    """The notebook at ``path`` with its outputs, run in an empty folder with no progress.

    Raises BookError when a cell fails or does not run.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    before = os.environ.get("COURSE_PROGRESS")
    os.environ["COURSE_PROGRESS"] = "off"
    try:
        with tempfile.TemporaryDirectory() as folder:
            NotebookClient(
                notebook,
                timeout=_CELL_SECONDS,
                extra_arguments=["--IPKernelApp.log_level=40"],
                resources={"metadata": {"path": folder}},
            ).execute()
    except CellExecutionError as error:
        raise BookError(f"{path.name} does not run: {error.ename}: {error.evalue}") from error
    finally:
        if before is None:
            del os.environ["COURSE_PROGRESS"]
        else:
            os.environ["COURSE_PROGRESS"] = before
    silent = [n for n, cell in enumerate(notebook.cells, 1) if _did_not_run(cell)]
    if silent:  # nbclient was seen to stall and then to report success
        raise BookError(f"{path.name}: cells {silent} were not run.")
    return notebook


def _did_not_run(cell: Any) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip()) and not cell.execution_count


def settle(notebook: Any) -> Any:
    """The notebook with one form of each output, no progress bars, and no state of widgets."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _settled(output))]
    return notebook


def _settled(output: Any) -> Any:
    if output.output_type == "stream":
        # A progress bar rewrites its line on stderr; what a lesson prints is on stdout.
        return output if output.name == "stdout" else None
    if "data" not in output:
        return output
    for form in _FORMS:
        if form in output.data:
            output.data = {form: output.data[form]}
            return output
    return None
