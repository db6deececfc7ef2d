"""A new lesson builds as it stands; nothing is ever written over."""

from pathlib import Path

import nbformat
import pytest

from course.authoring.build import build
from course.authoring.new_lesson import new_lesson


def test_a_new_lesson_builds_and_passes_every_lint(course_root: Path) -> None:
    path = new_lesson(course_root, "7", "language_models")
    assert path == course_root / "solutions" / "07_language_models.py"
    assert build(course_root) == []
    student = nbformat.read(course_root / "lessons" / "07_language_models.ipynb", as_version=4)
    assert student.cells[0].source.startswith("# 07 · Language models\n")


def test_its_check_gives_full_marks_for_the_solution_and_none_for_the_stub(
    course_root: Path,
) -> None:
    new_lesson(course_root, "07", "language_models")
    build(course_root)
    for folder, due in (("solutions", 1.0), ("lessons", 0.0)):
        notebook = nbformat.read(course_root / folder / "07_language_models.ipynb", as_version=4)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        names: dict[str, object] = {}
        for source in code[1:-1]:  # the first is for IPython
            exec(source, names)
        assert float(eval(code[-1], names)) == due


def test_a_number_that_is_taken_is_refused_and_nothing_is_written(course_root: Path) -> None:
    before = (course_root / "solutions" / "01_tiny.py").read_bytes()
    for slug in ("tiny", "other"):
        with pytest.raises(FileExistsError, match=r"taken by solutions/01_tiny\.py"):
            new_lesson(course_root, "01", slug)
    assert [path.name for path in (course_root / "solutions").iterdir()] == ["01_tiny.py"]
    assert (course_root / "solutions" / "01_tiny.py").read_bytes() == before


@pytest.mark.parametrize(
    ("number", "slug", "words"),
    [
        ("seven", "x", "number is 'seven'"),
        ("123", "x", "number is '123'"),
        ("07", "Edge-AI", "slug is 'Edge-AI'"),
        ("07", "../x", "slug is"),
        ("07", "", "slug is"),
    ],
)
def test_a_name_that_makes_no_lesson_is_refused(
    tmp_path: Path, number: str, slug: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        new_lesson(tmp_path, number, slug)
    assert list(tmp_path.iterdir()) == []
