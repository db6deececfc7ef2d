"""A small lesson of two checked exercises and an answer in words, and classes that handed it in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from grading_helpers import SOURCE, Notebook, code

from course.classroom.grading.grade import Graded, grade
from course.classroom.grading.run import Limits
from course.classroom.syllabus import Lesson, lessons


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """The lesson's student edition, built as every lesson is."""
    build = pytest.importorskip("course.authoring.build").build
    root = tmp_path_factory.mktemp("small")
    (root / "solutions").mkdir()
    (root / "solutions" / "01_small.py").write_text(SOURCE, encoding="utf-8")
    assert build(root) == []
    (lesson,) = lessons(root / "lessons")
    return lesson


@pytest.fixture
def answered(small: Lesson) -> Callable[..., Notebook]:
    """Make a submission: the lesson with cells replaced, and perhaps cells added at the top."""

    def make(*first: str, **cells: str | None) -> Notebook:
        notebook = copy.deepcopy(small.notebook)
        known = {cell["id"]: cell for cell in notebook["cells"]}
        for name, source in cells.items():
            if source is None:
                notebook["cells"].remove(known[name])
            else:
                known[name]["source"] = source
        for number, source in enumerate(first):
            notebook["cells"].insert(0, code(source, f"mine{number}"))
        return notebook

    return make


@pytest.fixture
def grade_small(small: Lesson, tmp_path: Path) -> Callable[..., Graded]:
    """Grade the folder `class` with the small lesson and narrow limits."""

    def run(**options: Any) -> Graded:
        options.setdefault("limits", Limits(seconds=2, memory_mb=1500))
        return grade(tmp_path / "class", lessons=[small], **options)

    return run
