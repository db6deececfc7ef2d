"""Lessons to plan with, made of their first cells only."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from course.classroom.syllabus import Lesson, lessons


@pytest.fixture
def make_lessons(tmp_path: Path) -> Callable[..., list[Lesson]]:
    """Make student notebooks: for each `number="title: minutes, minutes"` parts of these lengths."""

    def make(**wanted: str) -> list[Lesson]:
        folder = tmp_path / "lessons"
        folder.mkdir(exist_ok=True)
        for name, words in wanted.items():
            title, _, listed = words.partition(": ")
            minutes = [int(word) for word in listed.split(",") if word]
            cells = [f"# {name[1:3]} · {title}\n\n**{sum(minutes)} minutes**, in parts."]
            cells += [
                f"## Part {n} · P{n} ({m} minutes)\n\nText." for n, m in enumerate(minutes, 1)
            ]
            notebook = {
                "cells": [{"cell_type": "markdown", "metadata": {}, "source": c} for c in cells],
                "metadata": {"course": {"edition": "student"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
            (folder / f"{name[1:]}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        return lessons(folder)

    return make
