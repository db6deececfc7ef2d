"""A pytest plugin beside nbval: a green run means that every cell ran, and every check scored.

Three things are watched that nbval leaves open:

- *Scores.* In the solution edition each check must give full marks, in the blank student edition
  none. nbgrader's own `determine_grade` reads the score from the cell's outputs.
- *Counts.* Of each notebook under the paths that pytest was given, as many code cells must have
  passed as plain reading of its file finds. A skipped cell, an expected failure, a notebook that
  nobody collected: each fails the session.
- *Network.* The kernels are forbidden it (see `offline`): a cell that reaches for it fails.
"""

from __future__ import annotations

import copy
import fnmatch
import html
import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from course.authoring import offline

TITLE = "notebooks"
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
# Whoever passes one of these asks for a part of the tests.
_SELECTIONS = ("keyword", "markexpr", "lf", "deselect", "stepwise")


class Counts:
    """What passed of each notebook, and what had to; kept by the process that reports."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.passed: dict[Path, set[str]] = defaultdict(set)
        self.seen: set[Path] = set()
        self.lines: list[str] = []
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which notebook cells passed."""
        path = (self.config.rootpath / report.nodeid.split("::")[0]).resolve()
        if path.suffix == ".ipynb":
            self.seen.add(path)
            if report.when == "call" and report.passed:
                self.passed[path].add(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare what passed with what the files hold, and fail the session on a difference."""
        expected = {path: count_code_cells(path) for path in notebooks_under(self.config)}
        expected.update({path: count_code_cells(path) for path in self.seen - set(expected)})
        if not expected or self.config.option.collectonly:
            return
        part = selection(self.config)
        if part:
            self.lines = [f"not counted, because {part} selects a part of the tests"]
            return
        for path, wanted in sorted(expected.items()):
            passed = len(self.passed[path])
            if passed != wanted:
                self.failed = True
                name = os.path.relpath(path, self.config.rootpath)
                never = "" if path in self.seen else "; pytest never collected it (--nbval-lax?)"
                self.lines.append(f"{name}: {passed} of {wanted} code cells passed{never}")
        if self.failed:
            self.lines.append("The run fails: every code cell of every notebook has to pass.")
            if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        else:
            cells = sum(expected.values())
            self.lines = [f"{len(expected)} notebooks ran whole, {cells} code cells passed"]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say the outcome in the terminal."""
        if self.lines:
            terminalreporter.section(TITLE, red=self.failed)
            for line in self.lines:
                terminalreporter.line(line, red=self.failed)


def pytest_configure(config: pytest.Config) -> None:
    """Count in the process that gathers the reports, which with xdist is not one that runs.

    The kernels of all of them start with a profile that forbids the network.
    """
    folder = tempfile.TemporaryDirectory(prefix="course-offline-")
    config.add_cleanup(folder.cleanup)
    os.environ["IPYTHONDIR"] = str(offline.profile(Path(folder.name)))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Counts(config), "course-notebook-counts")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """After nbval ran a cell, hold its score to the edition's, and its time to the limit."""
    result = yield
    if item.path.suffix == ".ipynb" and hasattr(item, "test_outputs"):
        notebook_cell: Any = item
        # nbval interrupts a cell that takes too long: code that swallows the interrupt would
        # pass, and so would the cells after it, from which nbval expects failure.
        if notebook_cell.parent.timed_out:
            problem: str | None = "The cell ran into the time limit (--nbval-cell-timeout)."
        else:
            edition = notebook_cell.parent.nb.metadata.get("course", {}).get("edition")
            problem = score_problem(notebook_cell.cell, notebook_cell.test_outputs or [], edition)
        if problem:
            notebook_cell.raise_cell_error(problem)
    return result


def score_problem(cell: Any, outputs: list[Any], edition: str | None) -> str | None:
    """Return what is wrong with the score that `cell` gave in `outputs`, or None.

    `edition` is "solution" (full marks are due), "student" (no marks are due), or None for a
    notebook that is not of the course. Cells that no machine grades have no score.
    """
    from nbgrader.utils import determine_grade, is_grade, is_solution

    if edition is None or cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
        return None
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    if len(results) != 1:
        return "The check shows no score; its last line must be the score."
    text = results[0]["data"].get("text/plain", "")
    try:
        float(text)
    except ValueError:
        return f"The check shows {text!r}; nbgrader needs a number as its plain text."
    ran = copy.deepcopy(cell)
    ran.outputs = outputs
    try:
        grade, points = determine_grade(ran)
    except ValueError as error:
        return f"nbgrader refuses the score {text}: {error}."
    due = points if edition == "solution" else 0.0
    if grade != due:
        said = _SPACE.sub(" ", _TAG.sub(" ", results[0]["data"].get("text/html", ""))).strip()
        message = f"The {edition} edition scores {grade} of {points} here; expected {due}."
        return f"{message}\nThe check said: {html.unescape(said)}" if said else message
    return None


def count_code_cells(path: Path) -> int:
    """Count the code cells of a notebook by reading its JSON, and with nothing else."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return sum(cell["cell_type"] == "code" for cell in cells)


def notebooks_under(config: pytest.Config) -> Iterator[Path]:
    """Yield the notebooks under the paths that pytest was given, folders of `norecursedirs` not."""
    skipped = config.getini("norecursedirs")
    for argument in config.args:
        start = config.invocation_params.dir / argument.split("::")[0]
        if start.is_file() and start.suffix == ".ipynb":
            yield start.resolve()
        for folder, below, files in os.walk(start):
            below[:] = [
                name
                for name in below
                if not any(fnmatch.fnmatch(name, pattern) for pattern in skipped)
                and not (Path(folder, name) / "pyvenv.cfg").exists()
            ]
            yield from (Path(folder, name).resolve() for name in files if name.endswith(".ipynb"))


def selection(config: pytest.Config) -> str | None:
    """Return how the caller asked for a part of the tests only, or None for the whole of them."""
    for name in _SELECTIONS:
        if getattr(config.option, name, None):
            return f"--{name}"
    single = [argument for argument in config.args if "::" in argument]
    return single[0] if single else None
