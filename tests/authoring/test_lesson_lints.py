"""Each lint passes a sound lesson and names what is wrong in a broken one."""

import inspect

import pytest

from course.authoring import edition_lints, editions, lints, source
from course.authoring.build import build_lesson
from course.authoring.edition_lints import Built

EXERCISE = '# %% exercise="double"'
CHECK = '# %% check="double" points=2'
ANSWER = '# %% [markdown] answer="why" points=1'


def found(lint, text: str) -> str:
    return "\n".join(lint(source.parse(text)))


def built(text: str) -> Built:
    lesson = source.parse(text)
    return Built(
        name="01_tiny",
        source=lesson,
        solution=editions.solution_edition(lesson, "01_tiny", "owner/name"),
        student=editions.student_edition(lesson, "01_tiny", "owner/name"),
        exists=lambda file: file in ("lessons/01_tiny.ipynb", "solutions/01_tiny.ipynb"),
    )


def found_in_editions(lint, text: str) -> str:
    return "\n".join(lint(built(text)))


def test_a_sound_lesson_has_no_finding(tiny: str) -> None:
    findings, notebooks = build_lesson(
        source.parse(tiny), "01_tiny", "owner/name", built(tiny).exists
    )
    assert findings == []
    assert sorted(notebooks) == ["lessons/01_tiny.ipynb", "solutions/01_tiny.ipynb"]


@pytest.mark.parametrize(
    ("lint", "old", "new", "words"),
    [
        (lints.first_cell_is_title, "# # 01 · A tiny lesson", "# A tiny lesson", "title"),
        (lints.first_cell_is_title, "{{ launch_links }}", "", "no launch links"),
        (lints.metadata_is_known, EXERCISE, '# %% excercise="double"', "'excercise'"),
        (lints.metadata_is_known, EXERCISE, EXERCISE + " points=2", "only a check"),
        (lints.metadata_is_known, "points=2", "points=0", "points=0"),
        (lints.metadata_is_known, "points=2", 'points="two"', "'two'"),
        (lints.metadata_is_known, EXERCISE, EXERCISE + ' check="a"', "at once"),
        (lints.metadata_is_known, ANSWER, '# %% answer="why"', "expected markdown"),
        (lints.metadata_is_known, "# %% [markdown]\n# Write", "# %% [raw]\n# Write", "raw"),
        (lints.markers_in_pairs, "    ### BEGIN SOLUTION\n", "", "not in pairs"),
        (lints.markers_in_pairs, "    ### END SOLUTION\n", "", "not in pairs"),
        (lints.markers_in_pairs, "# <!-- END SOLUTION -->\n", "", "(answer why)"),
        (lints.markers_in_pairs, EXERCISE, "# %%", "mark it exercise="),
        (lints.grade_ids_are_unique, 'answer="why"', 'answer="double"', "is taken by"),
        (lints.grade_ids_are_unique, 'answer="why"', 'answer="why not"', "'why not'"),
        (lints.checks_follow_exercises, 'check="double"', 'check="triple"', "'triple'"),
        (lints.checks_follow_exercises, CHECK, "# %%", "no check='double'"),
        (lints.checks_end_in_score, "2.0 * passed", "score = 2.0", "must be the score"),
        (lints.checks_end_in_score, "2.0 * passed", "2.0 * passed;", "hides the score"),
        (lints.checks_end_in_score, "2.0 * passed", "2.0 *", "not plain Python"),
        (lints.exercises_define_their_name, "def double", "def twice", "'double'"),
        (lints.exercises_define_their_name, "total =", "total = =", "not plain Python"),
        (lints.code_cells_are_short, "factor = 2", "factor = 2\n" * 16, "has 16 lines"),
    ],
)
def test_a_broken_source_is_named(lint, old: str, new: str, words: str, tiny: str) -> None:
    assert found(lint, tiny) == ""
    assert old in tiny
    assert words in found(lint, tiny.replace(old, new))


def test_a_cell_without_any_marker_would_be_erased(tiny: str) -> None:
    text = tiny.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", "")
    assert "whole cell would be erased" in found(lints.markers_in_pairs, text)
    text = tiny.replace("# <!-- BEGIN SOLUTION -->\n", "").replace("# <!-- END SOLUTION -->\n", "")
    assert "(answer why): no" in found(lints.markers_in_pairs, text)


def test_fifteen_lines_of_code_are_allowed_and_blank_ones_free(tiny: str) -> None:
    text = tiny.replace("# %%\nfactor = 2", "# %%\n" + "factor = 2\n\n" * 15, 1)
    assert found(lints.code_cells_are_short, text) == ""


@pytest.mark.parametrize(
    ("lint", "old", "new", "words"),
    [
        (
            edition_lints.no_solution_line_is_shown,
            "# Write `double`.",
            "# Write `double`: `total = number+number`.",
            "'total = number + number'",
        ),
        (
            edition_lints.no_solution_line_is_shown,
            "# Why does",
            "# Because multiplication distributes over addition.\n#\n# Why does",
            "(answer why)",
        ),
        (
            edition_lints.launch_links_open_this_file,
            "{{ launch_links }}",
            "[Colab](https://colab.research.google.com/github/o/n/blob/main/lessons/01_tiny.ipynb)",
            "solutions/01_tiny.ipynb, cell 1: launches lessons/01_tiny.ipynb, of another",
        ),
        (
            edition_lints.launch_links_open_this_file,
            "{{ launch_links }}",
            "[Binder](https://mybinder.org/v2/gh/o/n/main?urlpath=lab/tree/lessons/1_tiny.ipynb)",
            "lessons/1_tiny.ipynb, which does not exist",
        ),
        (
            edition_lints.launch_links_open_this_file,
            "{{ launch_links }}",
            "[GitHub](https://github.com/o/n/blob/main/lessons/02_other.ipynb)",
            "lessons/02_other.ipynb, which does not exist",
        ),
        (
            edition_lints.relative_links_exist,
            "# Write `double`.",
            "# Write `double`, as in [lesson 2](02_other.ipynb#there).",
            "lessons/02_other.ipynb, which does not exist",
        ),
    ],
)
def test_a_broken_edition_is_named(lint, old: str, new: str, words: str, tiny: str) -> None:
    assert found_in_editions(lint, tiny) == ""
    assert old in tiny
    assert words in found_in_editions(lint, tiny.replace(old, new))


def test_the_def_line_must_stand_outside_the_region(tiny: str) -> None:
    inside = tiny.replace("    ### BEGIN SOLUTION\n", "").replace(
        "def double", "### BEGIN SOLUTION\ndef double"
    )
    lint = edition_lints.stubs_keep_signatures
    assert "`def double(number)` stands inside" in found_in_editions(lint, inside)
    assert found_in_editions(lint, tiny) == ""


def test_a_stub_outside_a_function_would_raise_at_once(tiny: str) -> None:
    bare = tiny.replace(
        "    ### END SOLUTION",
        "    ### END SOLUTION\n\n\n### BEGIN SOLUTION\nhalf = 1 / 2\n### END SOLUTION",
    )
    lint = edition_lints.stubs_raise_only_when_called
    assert "raises as soon as the cell runs" in found_in_editions(lint, bare)
    assert found_in_editions(lint, tiny) == ""


def test_a_stub_at_the_wrong_depth_is_not_python(tiny: str) -> None:
    shallow = tiny.replace("    ### BEGIN SOLUTION", "### BEGIN SOLUTION").replace(
        '    """Return twice the number."""\n', ""
    )
    lint = edition_lints.stubs_raise_only_when_called
    assert "not valid Python" in found_in_editions(lint, shallow)


def test_an_old_schema_and_a_repeated_grade_id_are_named(tiny: str) -> None:
    lesson = built(tiny)
    lesson.student.cells[3].metadata.nbgrader["schema_version"] = 2
    lesson.solution.cells[4].metadata.nbgrader["grade_id"] = "double"
    words = "\n".join(edition_lints.schema_is_three(lesson))
    assert "lessons/01_tiny.ipynb, cell 4: nbgrader schema 2; expected 3" in words
    assert "solutions/01_tiny.ipynb, cell 5: grade id 'double' is taken" in words


def test_what_a_run_leaves_behind_is_named(tiny: str) -> None:
    lint = edition_lints.nothing_is_saved_from_a_run
    assert found_in_editions(lint, tiny) == ""
    lesson = built(tiny)
    lesson.student.cells[1].execution_count = 1
    lesson.student.metadata["widgets"] = {}
    words = "\n".join(lint(lesson))
    assert "cell 2: holds the output of a run" in words
    assert "saved widget state" in words


@pytest.mark.parametrize(
    ("module", "run_by_build"),
    [
        (lints, lints.STRUCTURE_LINTS + lints.CONTENT_LINTS),
        (edition_lints, edition_lints.EDITION_LINTS),
    ],
)
def test_a_build_runs_every_lint(module, run_by_build) -> None:
    helpers = {"run_traces"}
    defined = {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_"
    }
    assert {lint.__name__ for lint in run_by_build} == defined - helpers


def test_findings_of_every_stage_reach_the_author(tiny: str) -> None:
    text = tiny.replace("2.0 * passed", "2.0 * passed;").replace(
        "# Write `double`.", "# Write `double`: `total = number + number`, [see](gone.md)."
    )
    findings, notebooks = build_lesson(source.parse(text), "01_tiny", None, built(tiny).exists)
    words = "\n".join(findings)
    assert "hides the score" in words
    assert "shows this line of the solution" in words
    assert "gone.md, which does not exist" in words
    assert len(notebooks) == 2
