"""Building both editions, and checking that they are what their sources give."""

import json
from pathlib import Path

import nbformat
import pytest

from course.authoring import editions, links, source
from course.authoring.build import build

SOLUTION = "solutions/01_tiny.ipynb"
STUDENT = "lessons/01_tiny.ipynb"


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_built_course_passes_its_check(course_root: Path) -> None:
    assert build(course_root) == []
    assert build(course_root, check=True) == []


def test_two_builds_are_equal_to_the_byte(course_root: Path) -> None:
    build(course_root)
    first = files(course_root)
    for name in (SOLUTION, STUDENT):
        (course_root / name).unlink()
    build(course_root)
    assert files(course_root) == first


def test_a_check_writes_nothing_and_names_what_is_missing(course_root: Path) -> None:
    before = files(course_root)
    messages = build(course_root, check=True)
    assert files(course_root) == before
    assert [message.split(" ")[0] for message in messages] == [SOLUTION, STUDENT]


def test_a_stale_notebook_is_named(course_root: Path, tiny: str) -> None:
    build(course_root)
    text = tiny.replace("Write `double`.", "Write `double` now.")
    (course_root / "solutions" / "01_tiny.py").write_text(text, encoding="utf-8")
    messages = build(course_root, check=True)
    assert messages == [
        f"{name} is not what its source gives; run `course build` and commit it."
        for name in (SOLUTION, STUDENT)
    ]


def test_a_notebook_without_a_source_is_named_and_kept(course_root: Path) -> None:
    build(course_root)
    orphan = course_root / "lessons" / "02_gone.ipynb"
    orphan.write_bytes((course_root / STUDENT).read_bytes())
    for check in (True, False):
        (message,) = build(course_root, check=check)
        assert message.startswith("lessons/02_gone.ipynb has no source")
    assert orphan.exists()


def test_a_saved_run_is_named_and_the_next_build_strips_it(course_root: Path) -> None:
    build(course_root)
    path = course_root / STUDENT
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].execution_count = 1
    notebook.metadata["widgets"] = {}
    nbformat.write(notebook, path)
    messages = "\n".join(build(course_root, check=True))
    assert "holds the output of a run" in messages
    assert "saved widget state" in messages
    assert build(course_root) == []
    assert "widgets" not in json.loads(path.read_text(encoding="utf-8"))["metadata"]


def test_a_notebook_that_is_no_json_is_named(course_root: Path) -> None:
    build(course_root)
    (course_root / STUDENT).write_text("<<<<<<< HEAD", encoding="utf-8")
    assert any("cannot be read as a notebook" in line for line in build(course_root, check=True))


def test_line_ends_of_windows_are_no_difference(course_root: Path) -> None:
    build(course_root)
    path = course_root / STUDENT
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert build(course_root, check=True) == []


def test_a_broken_source_builds_nothing(course_root: Path, tiny: str) -> None:
    text = tiny.replace("    ### BEGIN SOLUTION\n", "")
    (course_root / "solutions" / "01_tiny.py").write_text(text, encoding="utf-8")
    (message,) = build(course_root)
    assert message.startswith("solutions/01_tiny.py: cell 4 (exercise double)")
    assert not (course_root / "lessons").exists()


def test_a_badly_named_source_and_a_missing_folder_are_named(course_root: Path) -> None:
    (course_root / "solutions" / "01_tiny.py").rename(course_root / "solutions" / "Tiny.py")
    assert any("expected a name such as" in message for message in build(course_root))
    with pytest.raises(FileNotFoundError, match="no folder"):
        build(course_root / "elsewhere")


def test_the_student_gets_a_stub_and_the_solution_edition_the_solution(course_root: Path) -> None:
    build(course_root)
    student = nbformat.read(course_root / STUDENT, as_version=4)
    solution = nbformat.read(course_root / SOLUTION, as_version=4)
    assert student.cells[3].source == (
        "def double(number):\n"
        '    """Return twice the number."""\n'
        '    raise NotImplementedError("Write your answer here.")'
    )
    assert "total = number + number" in solution.cells[3].source
    assert student.cells[5].source.endswith("\n\nWrite your answer here.")
    assert "distributes" in solution.cells[5].source
    assert student.cells[0].source.startswith("# 01 · A tiny lesson")


def test_markers_in_prose_render_as_nothing(course_root: Path, tiny: str) -> None:
    text = tiny.replace("# <!-- BEGIN SOLUTION -->", "# ### BEGIN SOLUTION")
    (course_root / "solutions" / "01_tiny.py").write_text(text, encoding="utf-8")
    assert build(course_root) == []
    answer = nbformat.read(course_root / SOLUTION, as_version=4).cells[5].source
    assert "<!-- BEGIN SOLUTION -->" in answer
    assert "###" not in answer


def test_the_editions_are_valid_and_say_where_they_come_from(course_root: Path) -> None:
    build(course_root)
    for name, edition in ((SOLUTION, "solution"), (STUDENT, "student")):
        notebook = nbformat.read(course_root / name, as_version=4)
        nbformat.validate(notebook)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert notebook.metadata.kernelspec.name == "python3"
        assert notebook.metadata.course.edition == edition
        assert "solutions/01_tiny.py" in notebook.metadata.course.banner
        assert "solutions/01_tiny.py" in notebook.cells[0].source


def test_cells_are_locked_and_graded_as_nbgrader_expects(course_root: Path) -> None:
    build(course_root)
    notebook = nbformat.read(course_root / STUDENT, as_version=4)
    _, code, prose, exercise, check, answer, _ = notebook.cells
    assert "nbgrader" not in code.metadata
    assert "editable" not in exercise.metadata
    assert prose.metadata.editable is False
    assert check.metadata.editable is False
    assert check.metadata.deletable is exercise.metadata.deletable is False
    assert check.metadata.nbgrader.points == 2.0
    parts = [
        (cell.metadata.nbgrader.grade, cell.metadata.nbgrader.solution)
        for cell in (prose, exercise, check, answer)
    ]
    assert parts == [(False, False), (False, True), (True, False), (True, True)]
    assert all("checksum" in c.metadata.nbgrader for c in (prose, exercise, check, answer))


def test_cell_ids_are_the_grade_ids_else_hashes_that_no_two_cells_share(tiny: str) -> None:
    ids = editions.cell_ids(source.parse(tiny))
    assert ids[3:6] == ["double", "double_check", "why"]
    assert ids[6] == f"{ids[1]}-2"
    assert len(set(ids)) == len(ids)


def test_each_edition_launches_itself(course_root: Path) -> None:
    build(course_root)
    for name in (SOLUTION, STUDENT):
        first = nbformat.read(course_root / name, as_version=4).cells[0].source
        assert links.launched_files(first) == [name, name]
        assert "owner/name" in first


def test_without_a_repository_the_links_give_way_to_a_sentence(course_root: Path) -> None:
    (course_root / "pyproject.toml").unlink()
    assert build(course_root) == []
    first = nbformat.read(course_root / STUDENT, as_version=4).cells[0].source
    assert links.launched_files(first) == []
    assert "`course lab`" in first


def test_the_short_metadata_survives_a_round_trip(tiny: str) -> None:
    import jupytext

    text = tiny.replace('exercise="double"', 'exercise="double" shown=["a = b", "c"]')
    again = source.parse(jupytext.writes(source.parse(text), "py:percent"))
    first = source.parse(text)
    assert [cell.metadata for cell in again.cells] == [cell.metadata for cell in first.cells]
    assert [cell.source for cell in again.cells] == [cell.source for cell in first.cells]
    assert first.cells[3].metadata == {"exercise": "double", "shown": ["a = b", "c"]}
    assert first.cells[4].metadata == {"check": "double", "points": 2}
    assert first.cells[5].metadata == {"answer": "why", "points": 1}
