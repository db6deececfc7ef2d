"""What is handed out: the lessons asked for, blank, with a note; never a solution."""

import json
import zipfile

import pytest

from course.authoring import source
from course.classroom.release import NOTE, release
from course.lessons import clone_root, lessons_source


def files(folder) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_the_lessons_asked_for_and_no_others(tmp_path):
    done = release(tmp_path / "out", "03")
    assert files(tmp_path / "out") == [NOTE, "lessons/03_training_loop.ipynb"]
    released = (tmp_path / "out" / "lessons" / "03_training_loop.ipynb").read_bytes()
    assert released == (lessons_source() / "03_training_loop.ipynb").read_bytes()
    assert str(done).startswith("Released 03_training_loop (")


def test_no_line_of_a_solution_is_released(tmp_path):
    root = clone_root()
    assert root is not None
    release(tmp_path / "out")
    names = [path.stem for path in (tmp_path / "out" / "lessons").glob("*.ipynb")]
    assert names
    for name in names:
        text = (tmp_path / "out" / "lessons" / f"{name}.ipynb").read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text
        stubs = {cell["id"]: "".join(cell["source"]) for cell in json.loads(text)["cells"]}
        for cell in source.read(root / "solutions" / f"{name}.py").cells:
            if source.role(cell) in ("exercise", "answer"):
                stub = stubs[source.grade_id(cell)]
                for line in source.solution_lines(cell):
                    if line.strip(" #"):
                        assert line.strip() not in [x.strip() for x in stub.splitlines()]


def test_the_note_says_how_to_start_and_where_the_data_comes_from(tmp_path):
    release(tmp_path / "out", "03")
    words = (tmp_path / "out" / NOTE).read_text(encoding="utf-8")
    for part in ("# Train by Hand: The training loop", "mlxtend", "course doctor", "minutes)"):
        assert part in words
    # By its name alone pip would take whatever package bears it on the index.
    assert '"train-by-hand[data] @ https://github.com/' in words


def test_a_zip_holds_the_same_files_in_a_folder_and_twice_the_same_bytes(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        release(tmp_path / place / "out", "03", zipped=True)
    archive = tmp_path / "a" / "out.zip"
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        assert {entry.date_time[0] for entry in opened.infolist()} == {2000}  # whenever it is made
    assert names == [f"out/{NOTE}", "out/lessons/03_training_loop.ipynb"]
    assert archive.read_bytes() == (tmp_path / "b" / "out.zip").read_bytes()
    assert not (tmp_path / "a" / "out").exists()


@pytest.mark.parametrize("zipped", [False, True])
def test_a_release_is_never_mixed_with_an_older_one(tmp_path, zipped):
    release(tmp_path / "out", "03", zipped)
    with pytest.raises(FileExistsError, match="exists already"):
        release(tmp_path / "out", "03", zipped)


def test_a_solution_edition_is_refused_and_nothing_is_written(tmp_path):
    root = clone_root()
    assert root is not None
    with pytest.raises(ValueError, match="not a blank student edition"):
        release(tmp_path / "out", "03", source=root / "solutions")
    assert not (tmp_path / "out").exists()


def test_a_notebook_that_claims_to_be_blank_is_looked_at(tmp_path, make_lessons):
    (lesson,) = make_lessons(_01_x="X: 10")
    notebook = json.loads(lesson.path.read_text())
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    about = {"course": {"edition": "solution"}}  # solved, and without a marker
    lesson.path.write_text(json.dumps({**notebook, "metadata": about}))
    with pytest.raises(ValueError, match="not a blank student edition"):
        release(tmp_path / "out", source=lesson.path.parent)
    for extra, words in (
        ({"source": "### BEGIN SOLUTION"}, "not a blank student edition"),
        ({"source": "1", "outputs": [{"output_type": "stream"}]}, "outputs of a run"),
    ):
        text = json.dumps({**notebook, "cells": [*notebook["cells"], {**cell, **extra}]})
        lesson.path.write_text(text)
        with pytest.raises(ValueError, match=words):
            release(tmp_path / "out", source=lesson.path.parent)
