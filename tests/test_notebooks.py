"""The committed notebooks are what their sources give; nbval runs them beside these tests.

What running them must show (every cell passes, full marks in the solutions, none in a blank
lesson, nothing skipped) is watched by `course.authoring.guard`.
"""

from pathlib import Path

import nbformat
import pytest

from course.authoring import limits, source
from course.authoring.build import build
from course.authoring.links import get_ready, repository
from course.lessons import read_lesson

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "solutions").glob("*.py"))


def test_course_build_check_finds_nothing() -> None:
    assert build(ROOT, check=True) == []


def test_every_lesson_has_both_editions() -> None:
    assert NAMES, "solutions/ has no lesson source"
    for folder in ("lessons", "solutions"):
        assert sorted(path.stem for path in (ROOT / folder).glob("*.ipynb")) == NAMES


def test_the_guard_watches_this_run(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("course.authoring.guard")


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_keeps_the_limits(name: str) -> None:
    assert limits.findings(source.read(ROOT / "solutions" / f"{name}.py")) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_of_a_lesson_is_graded(name: str) -> None:
    notebook = nbformat.read(ROOT / "lessons" / f"{name}.ipynb", as_version=4)
    metadata = [cell.metadata["nbgrader"] for cell in notebook.cells if "nbgrader" in cell.metadata]
    solved = {meta["grade_id"] for meta in metadata if meta["solution"] and not meta["grade"]}
    checked = {meta["grade_id"] for meta in metadata if meta["grade"] and not meta["solution"]}
    assert solved
    assert {f"{exercise}_check" for exercise in solved} <= checked


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_begins_by_getting_ready(name: str) -> None:
    second = nbformat.read(ROOT / "lessons" / f"{name}.ipynb", as_version=4).cells[1]
    assert (second.cell_type, second.source) == ("code", get_ready(repository(ROOT)))


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_s_table_says_what_the_lesson_says(name: str) -> None:
    lesson = read_lesson(ROOT / "lessons" / f"{name}.ipynb")
    row = f"| [{lesson.number} {lesson.title}](lessons/{name}.ipynb) | {lesson.minutes} |"
    assert row in (ROOT / "README.md").read_text(encoding="utf-8")
