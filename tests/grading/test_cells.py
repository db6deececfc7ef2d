"""Which cells are run: every official check, the learner's code, and no training to look at."""

from grading_helpers import RIGHT, code

from course.classroom.grading.cells import answers, imports_for_checks, to_run


def checks(cells) -> list[str]:
    return [cell.check for cell in cells if cell.check]


def text(cells) -> str:
    return "\n".join(cell.source for cell in cells)


def test_the_official_check_replaces_whatever_stands_in_its_place(small, answered):
    cells = to_run(small.notebook, answered(improve_check="1.0", double_check="2.0"))
    assert checks(cells) == ["improve", "double"]
    assert [c.source for c in cells if c.check == "improve"] == ["exercises.improve.check()"]
    assert "2.0" not in text(cells)
    assert [c.points for c in cells if c.check] == [1.0, 2.0]


def test_a_deleted_check_is_run_at_the_end(small, answered):
    cells = to_run(small.notebook, answered(improve_check=None))
    assert checks(cells) == ["double", "improve"]


def test_a_repeated_check_is_run_once(small, answered):
    notebook = answered()
    notebook["cells"] += [c for c in notebook["cells"] if c["id"] == "improve_check"]
    assert checks(to_run(small.notebook, notebook)) == ["improve", "double"]


def test_without_metadata_and_ids_the_checks_are_known_by_their_text(small, answered):
    notebook = answered(**RIGHT)
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"], cell["id"] = {}, f"colab{number}"
    cells = to_run(small.notebook, notebook)
    assert checks(cells) == ["improve", "double"]
    assert [bool(c.check) for c in cells[-4:]] == [False, True, False, True]


def test_the_course_s_own_cells_are_skipped_where_nothing_needs_them(small, answered):
    assert "left_alone" not in text(to_run(small.notebook, answered()))
    needed = answered(double="def double(number):\n    return len(left_alone) and 2 * number")
    assert "left_alone = " in text(to_run(small.notebook, needed))
    magic = answered("%timeit 1")
    assert "left_alone = " in text(to_run(small.notebook, magic))


def test_a_cell_of_the_course_that_the_learner_changed_is_run(small, answered):
    notebook = answered()
    cell = next(c for c in notebook["cells"] if "left_alone" in "".join(c["source"]))
    cell["source"] = "left_alone = 4"
    assert "left_alone = 4" in text(to_run(small.notebook, notebook))


def test_imports_that_nobody_uses_are_not_run(small, answered):
    official = {"cells": [code("import torch, math\nfrom os import path, sep", "x")]}
    official["cells"] += small.notebook["cells"]
    cells = to_run(official, answered(double="def double(n):\n    return math.fsum([n, n])"))
    assert cells[0].source != "import torch, math"
    mine = {"cells": [*official["cells"], code("math.pi", "y")]}
    assert to_run(official, mine)[0].source == "import math"


def test_what_checks_import_is_taken_from_the_official_edition(small):
    assert imports_for_checks(small.notebook) == "from course.welcome import exercises"


def test_an_answer_in_words_is_for_a_person(small, answered):
    (blank,) = answers(small.notebook, answered())
    assert (blank.name, blank.points, blank.blank) == ("why", 1.0, True)
    (given,) = answers(small.notebook, answered(why="Because."))
    assert not given.blank
    (deleted,) = answers(small.notebook, answered(why=None))
    assert deleted.blank
