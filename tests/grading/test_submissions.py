"""Whose notebook is it, and of which lesson? Exports of Moodle, Classroom, nbgrader and mail."""

import json
from pathlib import Path

import pytest

from course.classroom.grading.submissions import find
from course.classroom.syllabus import Lesson


def learners(folder: Path, lesson: Lesson, *names: str) -> list[str]:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lesson.path.read_bytes())
    return [submission.learner for submission in find(folder, [lesson])]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Ada/01_small.ipynb", "Ben/01_small.ipynb"], ["Ada", "Ben"]),
        (["Ada_01_small.ipynb", "Ben_01_small.ipynb"], ["Ada", "Ben"]),
        (["Ada Lovelace - 01_small.ipynb"], ["Ada Lovelace"]),
        (
            [
                "Ada L_123_assignsubmission_file_/01_small.ipynb",
                "Ben M_9_assignsubmission_file_/x.ipynb",
            ],
            ["Ada L", "Ben M / x"],
        ),
        (["Ada L_123_assignsubmission_file_01_small.ipynb"], ["Ada L"]),
        (
            ["submitted/ada/01_small/01_small.ipynb", "submitted/ben/01_small/01_small.ipynb"],
            ["ada", "ben"],
        ),
        (["week3/Ada/01_small (1).ipynb", "week3/Ben/Copy of 01_small.ipynb"], ["Ada", "Ben"]),
        (["a/Ada/01_small.ipynb", "b/Ada/01_small.ipynb"], ["a / Ada", "b / Ada"]),
        (["01_small.ipynb"], ["(no name)"]),
    ],
)
def test_a_learner_is_named_by_folders_and_file(
    tmp_path: Path, small: Lesson, names: list[str], expected: list[str]
) -> None:
    assert learners(tmp_path, small, *names) == expected


def test_hidden_copies_are_no_submissions(tmp_path: Path, small: Lesson) -> None:
    names = ["Ada/01_small.ipynb", "Ada/.ipynb_checkpoints/01_small-checkpoint.ipynb"]
    names += ["__MACOSX/Ada/._01_small.ipynb"]
    assert learners(tmp_path, small, *names) == ["Ada"]


def test_the_metadata_tell_the_lesson_whatever_the_file_is_called(
    tmp_path: Path, small: Lesson
) -> None:
    (tmp_path / "final version.ipynb").write_bytes(small.path.read_bytes())
    (found,) = find(tmp_path, [small])
    assert found.lesson is small
    bare = {**small.notebook, "metadata": {}}
    (tmp_path / "final version.ipynb").write_text(json.dumps(bare))
    (found,) = find(tmp_path, [small])
    assert found.lesson is None
    (tmp_path / "final version.ipynb").rename(tmp_path / "ada_01_small.ipynb")
    (found,) = find(tmp_path, [small])
    assert found.lesson is small


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        ("[1, 2]", "no list of cells"),
        ('{"cells": [1]}', "no list of cells"),
        ('{"cells": [{"cell_type": "code", "source": [1]}]}', "no list of cells"),
        ('{"cells": [{"cell_type": "code", "source": "", "metadata": 3}]}', "no list of cells"),
    ],
)
def test_what_is_no_notebook_is_said(tmp_path: Path, small: Lesson, text: str, words: str) -> None:
    (tmp_path / "ada_01_small.ipynb").write_text(text)
    (found,) = find(tmp_path, [small])
    assert found.notebook is None
    assert words in found.problem
    assert found.lesson is small


def test_a_folder_without_notebooks_is_an_error(tmp_path: Path, small: Lesson) -> None:
    with pytest.raises(FileNotFoundError, match="no folder"):
        find(tmp_path / "gone", [small])
    with pytest.raises(FileNotFoundError, match="Unpack archives first"):
        find(tmp_path, [small])
