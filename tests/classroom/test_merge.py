"""A newer edition comes in by cell, and no text of the learner's is ever lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.utils import compute_checksum

from course.classroom.cells import (
    NotebookError,
    content,
    read_notebook,
    untouched,
    write_notebook,
)
from course.classroom.merge import GONE, STARTS, YOURS, merge
from course.lessons import lessons_source

Notebook = dict[str, Any]


def prose(name: str, text: str) -> dict[str, Any]:
    return cell("markdown", name, text, locked=True, grade=False)


def check(name: str) -> dict[str, Any]:
    return cell("code", f"{name}_check", f"exercises.{name}.check()", locked=True, grade=True)


def stub(name: str, text: str = "") -> dict[str, Any]:
    text = text or f"def {name}(x):\n    raise NotImplementedError"
    return cell("code", name, text, locked=False, grade=False, solution=True)


def words(name: str, text: str) -> dict[str, Any]:
    return cell("markdown", name, text, locked=False, grade=True, solution=True)


def code(name: str, text: str) -> dict[str, Any]:
    found = cell("code", name, text)
    found["metadata"] = {}
    return found


def cell(kind: str, name: str, text: str, solution: bool = False, **marks: Any) -> dict[str, Any]:
    marks = {"grade_id": name, "solution": solution, "points": 1, "schema_version": 3, **marks}
    found = {"cell_type": kind, "id": name, "source": text, "metadata": {"nbgrader": marks}}
    if kind == "code":
        found |= {"outputs": [], "execution_count": None}
    return found


def notebook(*cells: dict[str, Any]) -> Notebook:
    metadata = {"course": {"edition": "student"}}
    return copy.deepcopy(
        {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def edition() -> Notebook:
    return notebook(
        prose("intro", "# 03 · Loops"),
        code("imports", "import numpy as np"),
        prose("task", "Write f. It doubles."),
        stub("f"),
        check("f"),
        code("plot", "plot(lr=0.1)"),
        words("why", "**Exercise 2.** Why?\n\nWrite your answer here."),
        prose("end", "That was it."),
    )


def find(found: Notebook, name: str) -> dict[str, Any]:
    (one,) = (cell for cell in found["cells"] if cell["id"] == name)
    return one


def change(found: Notebook, name: str, text: str) -> Notebook:
    find(found, name)["source"] = text
    return found


def texts(found: Notebook) -> list[str]:
    return [cell["source"] for cell in found["cells"]]


def bring_in(mine: Notebook, theirs: Notebook, base: Notebook | None = None) -> Any:
    """Merge, and hold the result to what is promised of every merge."""
    merged = merge(base or edition(), mine, theirs)
    nbformat.validate(nbformat.from_dict(merged.notebook))
    again = merge(theirs, merged.notebook, theirs)
    assert write_notebook(again.notebook) == write_notebook(merged.notebook)
    return merged


def test_an_untouched_copy_becomes_the_new_edition() -> None:
    theirs = change(edition(), "intro", "# 03 · The loop")
    assert bring_in(edition(), theirs).notebook == theirs


def test_an_answer_is_kept_and_the_prose_around_it_renewed() -> None:
    mine = change(edition(), "f", "def f(x):\n    return 2 * x")
    theirs = change(edition(), "task", "Write f. It doubles its argument.")
    merged = bring_in(mine, theirs)
    assert find(merged.notebook, "f")["source"] == "def f(x):\n    return 2 * x"
    assert find(merged.notebook, "task")["source"] == "Write f. It doubles its argument."
    assert merged.news == {"answers kept": 1, "renewed": 1}


def test_prose_under_a_new_id_takes_the_place_of_the_old() -> None:
    theirs = edition()
    theirs["cells"][2] = prose("0123456789ab", "Write f. It doubles its argument.")
    merged = bring_in(change(edition(), "f", "mine"), theirs)
    assert [cell["id"] for cell in merged.notebook["cells"]] == [c["id"] for c in theirs["cells"]]


def test_an_exercise_that_begins_anew_says_so_below_the_answer() -> None:
    mine = change(edition(), "f", "def f(x):\n    return 2 * x")
    theirs = change(edition(), "f", "def f(x, factor):\n    raise NotImplementedError")
    found = texts(bring_in(mine, theirs).notebook)
    place = found.index("def f(x):\n    return 2 * x")
    assert STARTS in found[place + 1] and "def f(x, factor)" in found[place + 1]


def test_an_answer_in_words_is_kept() -> None:
    mine = change(edition(), "why", "**Exercise 2.** Why?\n\nBecause.")
    theirs = change(edition(), "why", "**Exercise 2.** Why so?\n\nWrite your answer here.")
    found = texts(bring_in(mine, theirs).notebook)
    assert "**Exercise 2.** Why?\n\nBecause." in found
    assert any("> **Exercise 2.** Why so?" in text for text in found)


def test_added_cells_stay_where_they_were() -> None:
    mine = edition()
    mine["cells"].insert(5, code("x1", "f(3)  # tried it"))
    mine["cells"].insert(0, prose("x0", "My notes"))
    del mine["cells"][0]["metadata"]["nbgrader"]
    theirs = edition()
    theirs["cells"].insert(1, prose("new", "Something new."))
    found = texts(bring_in(mine, theirs).notebook)
    assert found[0] == "My notes" and found[2] == "Something new."
    assert found[found.index("exercises.f.check()") + 1] == "f(3)  # tried it"


def test_a_cell_that_the_edition_moves_takes_the_answer_and_what_follows_it_along() -> None:
    mine = change(edition(), "f", "def f(x): return 2 * x")
    mine["cells"].insert(5, code("x1", "f(3)"))
    theirs = edition()
    theirs["cells"] = [theirs["cells"][n] for n in (0, 1, 5, 6, 2, 3, 4, 7)]
    found = [cell["id"] for cell in bring_in(mine, theirs).notebook["cells"]]
    assert found == ["intro", "imports", "plot", "why", "task", "f", "f_check", "x1", "end"]


def test_cells_that_the_learner_moved_go_back_and_it_is_said() -> None:
    mine = change(edition(), "f", "mine")
    mine["cells"].reverse()
    merged = bring_in(mine, change(edition(), "end", "The end."))
    assert [cell["id"] for cell in merged.notebook["cells"]] == [
        c["id"] for c in edition()["cells"]
    ]
    assert merged.moved_back and "mine" in texts(merged.notebook)


def test_deleted_lesson_cells_come_back_and_deleted_code_to_run_stays_away() -> None:
    mine = edition()
    mine["cells"] = [c for c in mine["cells"] if c["id"] not in ("task", "f_check", "plot")]
    merged = bring_in(mine, change(edition(), "end", "The end."))
    found = [cell["id"] for cell in merged.notebook["cells"]]
    assert "task" in found and "f_check" in found and "plot" not in found
    assert (merged.news["brought back"], merged.news["left out"]) == (2, 1)


@pytest.mark.parametrize("name", ["task", "f_check", "plot"])
def test_a_cell_that_both_changed_is_kept_beside_the_new_one_and_flagged(name: str) -> None:
    mine = change(edition(), name, "mine")
    merged = bring_in(mine, change(edition(), name, "theirs"))
    found = texts(merged.notebook)
    beside = found[found.index("theirs") + 1]
    assert YOURS in beside.splitlines()[0] and beside.endswith("mine")
    assert "nbgrader" not in merged.notebook["cells"][found.index(beside)]["metadata"]


def test_a_changed_check_gives_way_also_to_the_same_check() -> None:
    mine = change(edition(), "f_check", "1.0")
    merged = bring_in(mine, change(edition(), "end", "The end."))
    assert find(merged.notebook, "f_check")["source"] == "exercises.f.check()"
    assert f"# {YOURS}\n1.0" in texts(merged.notebook)


def test_code_to_run_that_only_the_learner_changed_stays() -> None:
    mine = change(edition(), "plot", "plot(lr=9)")
    find(mine, "plot")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    merged = bring_in(mine, change(edition(), "end", "The end."))
    assert find(merged.notebook, "plot")["source"] == "plot(lr=9)"
    assert find(merged.notebook, "plot")["outputs"]


def test_a_magic_stays_first_in_its_cell() -> None:
    mine = change(edition(), "plot", "%%time\nplot(lr=9)")
    found = texts(bring_in(mine, change(edition(), "plot", "plot(lr=0.2)")).notebook)
    assert "%%time\nplot(lr=9)" in found


def test_an_answer_whose_exercise_is_gone_is_kept() -> None:
    mine = change(edition(), "f", "def f(x): return 2 * x")
    theirs = edition()
    theirs["cells"] = [c for c in theirs["cells"] if c["id"] not in ("f", "f_check")]
    merged = bring_in(mine, theirs)
    assert f"# {GONE}\ndef f(x): return 2 * x" in texts(merged.notebook)
    assert "exercises.f.check()" not in texts(merged.notebook)


@pytest.mark.parametrize("place", [3, 4])
def test_a_pasted_copy_of_an_exercise_is_not_graded_twice(place: int) -> None:
    mine = edition()
    pasted = copy.deepcopy(find(mine, "f")) | {"id": "pasted", "source": "def f(x): return 0"}
    mine["cells"].insert(place, pasted)
    merged = bring_in(mine, change(edition(), "end", "The end."))
    assert find(merged.notebook, "f")["source"] == stub("f")["source"]
    assert find(merged.notebook, "pasted")["metadata"] == {}


def test_code_under_a_new_id_is_known_by_its_likeness() -> None:
    mine = change(edition(), "plot", "plot(lr=9)")
    theirs = edition()
    theirs["cells"][5] = code("0123456789ab", "plot(lr=0.2)")
    found = texts(bring_in(mine, theirs).notebook)
    assert found[5:7] == ["plot(lr=0.2)", f"# {YOURS}\nplot(lr=9)"]


def test_cells_without_ids_or_with_one_id_twice_get_their_own() -> None:
    mine = edition()
    twins = [code("twin", "f(3)"), code("twin", "f(3)"), code("imports", "f(4)")]
    nameless = [code("", "f(5)"), code("", "f(5)")]
    for one in nameless:
        del one["id"]
    mine["cells"][5:5] = copy.deepcopy([*twins, *nameless])
    merged = bring_in(mine, change(edition(), "end", "The end."))
    assert [text for text in texts(merged.notebook) if text.startswith("f(")] == [
        *("f(3)", "f(3)", "f(4)", "f(5)", "f(5)")
    ]


def test_code_without_an_id_is_known_by_content_and_likeness() -> None:
    mine = change(edition(), "plot", "plot(lr=9)")
    mine["cells"].append(mine["cells"].pop(1))  # the imports, to the end
    theirs = change(edition(), "plot", "plot(lr=0.2)")
    read = read_notebook(through_4_4(mine))
    found = texts(bring_in(read, theirs).notebook)
    assert found[1] == "import numpy as np" and found[-1] == "That was it."
    assert found[5:7] == ["plot(lr=0.2)", f"# {YOURS}\nplot(lr=9)"]


def test_blanks_at_the_ends_of_lines_are_no_edit() -> None:
    mine = change(edition(), "task", "Write f. It doubles.  \n\n")
    theirs = change(edition(), "task", "Write f. It doubles its argument.")
    assert bring_in(mine, theirs).news == {"renewed": 1}


# ------------------------------------------------------------------ what other tools make of it


def through_jupyterlab(found: Notebook) -> bytes:
    found = copy.deepcopy(found)
    for number, one in enumerate(found["cells"], start=1):
        one["source"] = one["source"].splitlines(keepends=True)
        one["metadata"]["jp-MarkdownHeadingCollapsed"] = True
        if one["cell_type"] == "code":
            one["execution_count"] = number
    found["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    return json.dumps(found, indent=1).encode()


def through_colab(found: Notebook) -> bytes:
    found = copy.deepcopy(found)
    for number, one in enumerate(found["cells"]):
        del one["id"]
        one["metadata"] |= {"id": f"aB{number}cD", "outputId": "0c1d", "colab": {"height": 35}}
    found["nbformat_minor"] = 0
    found["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    return json.dumps(found).encode()


def through_colab_keeping_ids(found: Notebook) -> bytes:
    found = copy.deepcopy(found)
    for one in found["cells"]:
        one["metadata"]["id"] = one.pop("id")
    found["nbformat_minor"] = 0
    return json.dumps(found).encode()


def through_vs_code(found: Notebook) -> bytes:
    found = copy.deepcopy(found)
    for one in found["cells"]:
        one["source"] = one["source"].rstrip("\n").splitlines(keepends=True)
        one["metadata"]["vscode"] = {"languageId": "python"}
    found["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    return ("\ufeff" + json.dumps(found, indent=2).replace("\n", "\r\n")).encode()


def through_4_4(found: Notebook) -> bytes:
    found = copy.deepcopy(found)
    for one in found["cells"]:
        del one["id"]
    found["nbformat_minor"] = 4
    return json.dumps(found).encode()


def through_3(found: Notebook) -> bytes:
    plain = nbformat.from_dict(json.loads(through_4_4(found)))
    return nbformat.writes(nbformat.convert(plain, 3)).encode()


TOOLS = [
    through_jupyterlab,
    through_colab,
    through_colab_keeping_ids,
    through_vs_code,
    through_4_4,
    through_3,
]


def test_colabs_own_place_for_an_id_is_read() -> None:
    mine = change(edition(), "plot", "import antigravity")  # nothing of the lesson's is left in it
    read = read_notebook(through_colab_keeping_ids(mine))
    merged = merge(edition(), read, change(edition(), "task", "Write f. It doubles."))
    assert merged.news["changes kept"] == 1 and not merged.news["added cells kept"]
    assert "import antigravity" in texts(merged.notebook)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
@pytest.mark.parametrize("lost", [False, True], ids=["with original", "without original"])
def test_an_edited_copy_from_any_tool_is_updated(
    tool: Callable[[Notebook], bytes], lost: bool
) -> None:
    mine = change(edition(), "f", "def f(x):\n    return 2 * x")
    change(mine, "plot", "plot(lr=0.3)")
    mine["cells"].insert(5, code("x1", "f(3)  # tried it"))
    theirs = change(edition(), "task", "Write f. It doubles its argument.")
    read = read_notebook(tool(mine))
    merged = merge(None if lost else edition(), read, theirs)
    found = texts(merged.notebook)
    for text in ("def f(x):\n    return 2 * x", "plot(lr=0.3)", "f(3)  # tried it"):
        assert text in found
    again = merge(theirs, read_notebook(write_notebook(merged.notebook)), theirs)
    assert write_notebook(again.notebook) == write_notebook(merged.notebook)
    nbformat.validate(nbformat.from_dict(merged.notebook))
    if lost:
        return
    expected = [text for text in texts(theirs)]
    expected[expected.index(stub("f")["source"])] = "def f(x):\n    return 2 * x"
    expected[expected.index("plot(lr=0.1)")] = "plot(lr=0.3)"
    expected.insert(5, "f(3)  # tried it")
    if tool is not through_3:  # which has no metadata by which to know a cell again
        assert found == expected


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'{"nbformat": 4}', b'{"nbformat": 4, "cells": [3]}', b"\xff\xfe"],
)
def test_what_is_no_notebook_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotebookError):
        read_notebook(data)


@pytest.mark.parametrize("path", sorted(lessons_source().glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_real_lesson_proves_itself_untouched_and_survives_being_read_and_written(path) -> None:
    found = read_notebook(path.read_bytes())
    assert write_notebook(found) == path.read_bytes()
    for one in found["cells"]:
        marks = one["metadata"].get("nbgrader")
        if marks:
            assert marks["checksum"] == compute_checksum(nbformat.from_dict(one))
            assert untouched(one) and not untouched({**one, "source": one["source"] + "!"})


# ------------------------------------------------------------------------- any edits at all

TEXT = st.text(st.characters(codec="ascii", categories=["L", "N", "Zs", "P"]), min_size=1).map(
    lambda text: f"own {text.strip()}"
)
PLACE = st.integers(0, 30)
EDIT = st.one_of(
    st.tuples(st.just("edit"), PLACE, TEXT),
    st.tuples(st.just("insert"), PLACE, TEXT),
    st.tuples(st.just("delete"), PLACE, TEXT),
    st.tuples(st.just("move"), PLACE, PLACE),
    st.tuples(st.just("copy"), PLACE, PLACE),
)


def edited(found: Notebook, edits: list[Any], who: str, new_ids: bool) -> Notebook:
    cells = found["cells"]
    for number, (what, place, more) in enumerate(edits):
        if what == "insert" or not cells:
            cells.insert(place % (len(cells) + 1), code(f"{who}{number}", f"{more}"))
        elif what == "edit":
            cells[place % len(cells)]["source"] = f"{more}"
            if new_ids and not cells[place % len(cells)]["metadata"]:
                cells[place % len(cells)]["id"] = f"{who}e{number}"
        elif what == "delete":
            del cells[place % len(cells)]
        elif what == "move":
            cells.insert(more % len(cells), cells.pop(place % len(cells)))
        elif what == "copy" and not new_ids:
            twin = copy.deepcopy(cells[place % len(cells)])
            cells.insert(more % len(cells), {**twin, "id": f"{who}c{number}"})
    return found


@settings(deadline=None, max_examples=300)
@given(
    st.lists(EDIT, max_size=8),
    st.lists(EDIT, max_size=6),
    st.sampled_from([None, *TOOLS[:5]]),
    st.booleans(),
)
def test_no_edits_lose_a_learners_text_and_a_second_update_changes_nothing(
    learners: list[Any], editors: list[Any], tool: Any, lost: bool
) -> None:
    mine = edited(edition(), learners, "m", new_ids=False)
    theirs = edited(edition(), editors, "t", new_ids=True)
    if tool is not None:
        mine = read_notebook(tool(mine))
    merged = merge(None if lost else edition(), mine, theirs)
    found = [content(cell)[1] for cell in merged.notebook["cells"]]
    lessons_own = {content(cell)[1] for cell in edition()["cells"]}
    for one in mine["cells"]:
        text = content(one)[1]
        assert text in lessons_own or any(text in other for other in found), text
    ids = [cell["id"] for cell in merged.notebook["cells"]]
    assert len(ids) == len(set(ids))
    nbformat.validate(nbformat.from_dict(merged.notebook))
    again = merge(theirs, read_notebook(write_notebook(merged.notebook)), theirs)
    assert write_notebook(again.notebook) == write_notebook(merged.notebook)
