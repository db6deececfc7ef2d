"""The browser's edition: lessons 00 to 04 without PyTorch, and a site that brings the course along."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course.authoring.lite import LEFT_OUT, LESSONS, READY, make_site, stage

ROOT = Path(__file__).resolve().parents[2]
# As a browser: no PyTorch, no threads to start.
AS_A_BROWSER = """
import sys, threading
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Missing())
import course.checks.limits as limits
limits.sys = type("Sys", (), {**vars(sys), "platform": "emscripten"})
from course.scratch import set_num_threads
set_num_threads(1)
"""


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return stage(ROOT, tmp_path_factory.mktemp("lite"))


def test_each_lesson_of_part_one_is_there_and_gets_ready_in_the_browser(
    lessons: list[Path],
) -> None:
    assert [path.stem[:2] for path in lessons] == list(LESSONS)
    for path in lessons:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.cells[1].source == READY


@pytest.mark.slow
@pytest.mark.parametrize("number", LESSONS)
def test_it_runs_without_pytorch(lessons: list[Path], number: str, tmp_path: Path) -> None:
    (path,) = (path for path in lessons if path.stem.startswith(number))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = AS_A_BROWSER
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert all(cell.execution_count for cell in notebook.cells)


def test_little_is_left_out(lessons: list[Path]) -> None:
    for path in lessons:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert sum(cell["source"] == LEFT_OUT for cell in cells) <= 3, path.name


@pytest.mark.slow
def test_the_site_brings_the_lessons_and_the_course(tmp_path: Path) -> None:
    pytest.importorskip("jupyterlite_core")
    first = make_site(ROOT, tmp_path / "site", say=lambda _: None)
    assert first.is_file()
    listed = json.loads((tmp_path / "site" / "api" / "contents" / "all.json").read_text("utf-8"))
    assert sorted(entry["name"][:2] for entry in listed["content"]) == list(LESSONS)
    wheels = [path.name for path in (tmp_path / "site").rglob("train_by_hand-*.whl")]
    assert wheels, "the course's wheel is not on the site"
