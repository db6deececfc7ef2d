"""Notebooks that are broken, skipped, slow or wrongly scored fail a run of pytest with nbval."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.formatters import PlainTextFormatter
from nbgrader.utils import determine_grade

from course.authoring import source
from course.authoring.editions import solution_edition, student_edition, text_of
from course.authoring.guard import score_problem
from course.checks.score import Score

NBVAL = ("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=20")
WORKERS = ("-n", "2", "--dist", "loadscope")


def run(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run pytest in `folder` with the guard and nothing of this repository's settings."""
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "course.authoring.guard", "-q", "-rA", *arguments],
        cwd=folder,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def write(path: Path, *sources: str) -> None:
    """Write a notebook with these code cells."""
    cells = [nbformat.v4.new_code_cell(text) for text in sources]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def write_editions(folder: Path, text: str) -> None:
    """Write both editions of the lesson source `text`."""
    lesson = source.parse(text)
    for name, make in (("solutions", solution_edition), ("lessons", student_edition)):
        (folder / name).mkdir(exist_ok=True)
        file = folder / name / "01_tiny.ipynb"
        file.write_text(text_of(make(lesson, "01_tiny")), encoding="utf-8")


def test_both_editions_run_whole_and_are_counted(tmp_path: Path, tiny: str) -> None:
    write_editions(tmp_path, tiny)
    code, words = run(tmp_path, *NBVAL, *WORKERS, "lessons", "solutions")
    assert code == 0, words
    assert "2 notebooks ran whole, 8 code cells passed" in words


def test_each_kind_of_broken_notebook_fails_the_run(tmp_path: Path) -> None:
    books = tmp_path / "books"
    write(books / "broken.ipynb", "a = 1", "a / 0", "a")
    write(books / "good.ipynb", "a = 1", "a")
    write(books / "skipped.ipynb", "a = 1", "# NBVAL_SKIP\na")
    write(
        books / "stuck.ipynb",
        "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass",
        "a = 1",
    )
    code, words = run(tmp_path, *NBVAL, "--nbval-cell-timeout=2", *WORKERS, "books")
    assert code == 1, words
    assert "FAILED books/broken.ipynb::Cell 1" in words
    assert "books/broken.ipynb: 2 of 3 code cells passed" in words
    assert "books/skipped.ipynb: 1 of 2 code cells passed" in words
    assert "FAILED books/stuck.ipynb::Cell 0" in words
    # nbval expects the cells after a time-out to fail; one that passes has not been tested.
    assert "books/stuck.ipynb: 0 of 2 code cells passed" in words
    assert "books/good.ipynb: " not in words


def test_a_silently_skipped_cell_alone_fails_the_run(tmp_path: Path) -> None:
    write(tmp_path / "books" / "skipped.ipynb", "a = 1", "# NBVAL_SKIP\na")
    code, words = run(tmp_path, *NBVAL, *WORKERS, "books")
    assert code == 1, words
    assert "1 passed, 1 skipped" in words
    assert "every code cell of every notebook has to pass" in words


def test_a_notebook_that_nobody_collects_fails_the_run(tmp_path: Path) -> None:
    write(tmp_path / "books" / "ignored.ipynb", "a = 1")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text("def test_one(): pass\n", encoding="utf-8")
    code, words = run(tmp_path, "tests", "books")
    assert code == 1, words
    assert "books/ignored.ipynb: 0 of 1 code cells passed; pytest never collected it" in words
    ignore = 'collect_ignore_glob = ["*.ipynb"]\n'
    (tmp_path / "books" / "conftest.py").write_text(ignore, encoding="utf-8")
    code, words = run(tmp_path, *NBVAL, "tests", "books")
    assert code == 1, words
    assert "1 passed in" in words
    assert "books/ignored.ipynb: 0 of 1 code cells passed" in words


def test_a_run_of_ordinary_tests_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "books" / "ignored.ipynb", "a = 1")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text("def test_one(): pass\n", encoding="utf-8")
    code, words = run(tmp_path, "tests")
    assert code == 0, words
    assert "notebooks" not in words
    code, words = run(tmp_path, *NBVAL, "-k", "test_one", "tests", "books")
    assert code == 0, words
    assert "not counted, because --keyword selects a part" in words


def test_a_wrong_score_fails_either_edition(tmp_path: Path, tiny: str) -> None:
    write_editions(tmp_path, tiny.replace("2.0 * passed", "1.0 + passed / 2"))
    code, words = run(tmp_path, *NBVAL, "lessons", "solutions")
    assert code == 1, words
    assert "The solution edition scores 1.5 of 2.0 here; expected 2.0." in words
    assert "The student edition scores 1.0 of 2.0 here; expected 0.0." in words


def test_the_kernel_is_the_one_that_runs_the_tests(tmp_path: Path) -> None:
    """A kernelspec `python3` of another Python, first on the path, is not taken."""
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = ["no-such-python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.joinpath("kernel.json").write_text(
        json.dumps({"argv": argv, "display_name": "Other", "language": "python"}), encoding="utf-8"
    )
    prefix = json.dumps(sys.prefix)
    write(tmp_path / "books" / "where.ipynb", f"import sys\nassert sys.prefix == {prefix}")
    env = {"JUPYTER_PATH": str(tmp_path / "jupyter")}
    code, words = run(tmp_path, *NBVAL, "books", env=env)
    assert code == 0, words


def graded(points: float = 2.0) -> nbformat.NotebookNode:
    meta = {"grade": True, "solution": False, "points": points, "grade_id": "a_check"}
    return nbformat.v4.new_code_cell("a", metadata={"nbgrader": meta})


def ran(*outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    cell = graded()
    cell.outputs = list(outputs)
    return cell


def result(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("execute_result", data={"text/plain": text}, execution_count=1)


STDERR = nbformat.v4.new_output("stream", name="stderr", text="a warning")


@pytest.mark.parametrize(
    ("outputs", "edition", "words"),
    [
        ([result("2.0")], "solution", None),
        ([result("0.0")], "student", None),
        ([result("1.5")], "solution", "scores 1.5 of 2.0 here; expected 2.0"),
        ([result("1.5")], "student", "scores 1.5 of 2.0 here; expected 0.0"),
        ([], "solution", "shows no score"),
        ([result("None")], "solution", "'None'; nbgrader needs a number"),
        ([result("3.0")], "solution", "nbgrader refuses the score 3.0"),
        ([STDERR, result("2.0")], "solution", "scores 0 of 2.0"),
        ([result("-1.0")], "student", "scores 2.0 of 2.0"),
        ([], None, None),
    ],
)
def test_a_score_is_read_as_nbgrader_reads_it(
    outputs: list, edition: str | None, words: str | None
) -> None:
    problem = score_problem(graded(), outputs, edition)
    assert problem is None if words is None else words in (problem or "")


@pytest.mark.parametrize(
    ("value", "problem"), [(2.0, None), (1.5, "scores 1.5 of 2.0"), (0.0, "scores 0.0 of 2.0")]
)
def test_the_score_of_a_check_is_a_grade(value: float, problem: str | None) -> None:
    score = Score(value, exercise="double", points=2.0, message="a message")
    text = PlainTextFormatter()(score)
    assert determine_grade(ran(result(text))) == (value, 2.0)
    output = result(text)
    output.data["text/html"] = score._repr_html_()
    found = score_problem(graded(), [output], "solution")
    if problem is None:
        assert found is None
    else:
        assert problem in str(found)
        assert "The check said: double: not right yet" in str(found)


def test_nbgrader_gives_full_marks_for_silence_and_none_for_a_warning() -> None:
    assert determine_grade(ran()) == (2.0, 2.0)
    assert determine_grade(ran(STDERR, result("2.0"))) == (0, 2.0)


def test_cells_that_no_machine_grades_need_no_score() -> None:
    assert score_problem(nbformat.v4.new_code_cell("a"), [], "solution") is None
    assert score_problem(nbformat.v4.new_markdown_cell("a"), [], "student") is None
