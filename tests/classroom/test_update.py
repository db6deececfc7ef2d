"""`course update` in a folder: a backup, a summary, damaged files set aside, and no surprise."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from course.classroom import folder as copies
from course.classroom import update as updating
from course.classroom.update import update
from course.cli import main

LESSON = "03_loops.ipynb"


def notebook(prose: str = "Write f.", answer: str = "def f(): ...") -> dict[str, Any]:
    marks = {"grade": False, "grade_id": "f", "schema_version": 3}
    cells = [
        {
            "cell_type": "markdown",
            "id": "task",
            "metadata": {"nbgrader": {**marks, "grade_id": "task", "locked": True}},
            "source": prose,
        },
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "f",
            "metadata": {"nbgrader": {**marks, "solution": True}},
            "outputs": [],
            "source": answer,
        },
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An edition of two lessons, which is the course's own."""
    folder = tmp_path / "edition"
    folder.mkdir()
    for name in ("02_lines.ipynb", LESSON):
        (folder / name).write_text(json.dumps(notebook()))
    for module in (copies, updating):
        monkeypatch.setattr(module, "lessons_source", lambda: folder)
    monkeypatch.setattr("course.lessons.lessons_source", lambda: folder)
    return folder


@pytest.fixture
def mine(source: Path, tmp_path: Path) -> Path:
    """A learner's folder with lesson 03 of that edition."""
    copies.update(tmp_path / "mine", source, [LESSON])
    return tmp_path / "mine"


def publish(source: Path, prose: str) -> None:
    (source / LESSON).write_text(json.dumps(notebook(prose)))


def answer(mine: Path, text: str) -> None:
    found = json.loads((mine / LESSON).read_text())
    found["cells"][1]["source"] = text
    (mine / LESSON).write_text(json.dumps(found))


def test_a_changed_lesson_is_merged_with_a_backup_and_a_summary(source: Path, mine: Path) -> None:
    answer(mine, "def f(): return 1")
    before = (mine / LESSON).read_bytes()
    publish(source, "Write f, in words.")
    (done,) = update(mine)
    found = json.loads((mine / LESSON).read_text())
    assert [cell["source"] for cell in found["cells"]] == [
        ["Write f, in words."],
        ["def f(): return 1"],
    ]
    (backup,) = (mine / "backups").iterdir()
    assert backup.read_bytes() == before
    said = str(done)
    assert "1 cell brought up to date" in said and "1 cell with your answer, kept" in said
    assert str(backup) in said and backup.name.startswith("03_loops 20")


def test_a_second_update_changes_nothing(source: Path, mine: Path) -> None:
    answer(mine, "def f(): return 1")
    publish(source, "Write f, in words.")
    update(mine)
    before = {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    (done,) = update(mine)
    assert "no newer edition" in str(done)
    assert {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()} == before


def test_an_unchanged_lesson_is_replaced_and_needs_no_backup(source: Path, mine: Path) -> None:
    publish(source, "Write f, in words.")
    (done,) = update(mine)
    assert "you had not changed it" in str(done) and not (mine / "backups").exists()
    assert (mine / LESSON).read_bytes() == (source / LESSON).read_bytes()
    assert "newest edition already" in str(update(mine)[0])


def test_only_lessons_that_are_there_are_updated_unless_they_are_named(source, mine) -> None:
    assert [done.name for done in update(mine)] == [LESSON]
    assert "copied" in str(update(mine, ["2"])[0])
    with pytest.raises(ValueError, match="no lesson 9"):
        update(mine, ["9"])


@pytest.mark.parametrize("newer", [False, True])
def test_a_damaged_file_is_kept_and_a_fresh_copy_put_in_its_place(source, mine, newer) -> None:
    broken = (mine / LESSON).read_bytes()[:-30]
    (mine / LESSON).write_bytes(broken)
    if newer:
        publish(source, "Write f, in words.")
    (done,) = update(mine)
    assert (mine / LESSON).read_bytes() == (source / LESSON).read_bytes()
    (kept,) = (mine / "backups").iterdir()
    assert kept.read_bytes() == broken and str(kept) in str(done)
    assert "cannot be read as a notebook" in str(done)
    assert "newest edition already" in str(update(mine)[0])


def test_a_save_in_the_middle_of_the_update_is_kept(source, mine, monkeypatch) -> None:
    answer(mine, "def f(): return 1")
    publish(source, "Write f, in words.")
    replace = os.replace

    def save_just_before(old: Any, new: Any) -> None:
        if Path(old) == mine / LESSON:
            Path(old).write_text("saved this instant")
        replace(old, new)

    monkeypatch.setattr(os, "replace", save_just_before)
    (done,) = update(mine)
    assert (mine / LESSON).read_text() == "saved this instant"
    assert "was saved while it was being updated" in str(done)


def test_a_lost_original_is_said(source: Path, mine: Path) -> None:
    answer(mine, "def f(): return 1")
    (mine / ".train-by-hand" / "originals" / LESSON).unlink()
    publish(source, "Write f, in words.")
    (done,) = update(mine)
    assert "is not recorded here" in str(done)
    assert "def f(): return 1" in (mine / LESSON).read_text()
    (mine / ".train-by-hand" / "originals" / LESSON).unlink()
    backups = list((mine / "backups").iterdir())
    (again,) = update(mine)
    assert "has everything of the newest edition already" in str(again)
    assert list((mine / "backups").iterdir()) == backups


def test_data_beside_the_lessons_is_renewed_and_a_changed_table_kept(source, mine) -> None:
    (source / "table.csv").write_text("1")
    copies.update(mine, source, ["table.csv"])
    (source / "table.csv").write_text("2")
    assert "brought up to date" in str(next(d for d in update(mine) if d.name == "table.csv"))
    (mine / "table.csv").write_text("own")
    (source / "table.csv").write_text("3")
    assert "kept as you changed it" in str(next(d for d in update(mine) if d.name == "table.csv"))
    assert (mine / "table.csv").read_text() == "own"


def course(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
        raise SystemExit(0)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def test_the_commands_start_and_update(source, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    status, said = course(capsys, "update", "--dir", "mine")
    assert status == 1 and "course start" in said
    status, said = course(capsys, "start", "3", "--dir", "mine")
    assert status == 0 and f"Added: {LESSON}." in said
    assert not (tmp_path / "mine" / "02_lines.ipynb").exists()
    publish(source, "Write f, in words.")
    answer(tmp_path / "mine", "mine")
    status, said = course(capsys, "start", "--dir", "mine")
    assert "`course update` brings it in" in said
    monkeypatch.chdir(tmp_path / "mine")
    status, said = course(capsys, "update")
    assert status == 0 and "1 cell with your answer, kept" in said
    status, said = course(capsys, "start", "17")
    assert status == 1 and "There is no lesson 17." in said
