"""Watching rebuilds what was saved, says so, and outlives a source that cannot be built."""

from collections.abc import Callable
from pathlib import Path

import pytest

from course.authoring.watch import watch

Step = Callable[[], object]


def watched(root: Path, *steps: Step) -> list[str]:
    """What `watch` says while `steps` happen, one between two looks each."""
    said: list[str] = []
    todo = list(steps)

    def sleep(seconds: float) -> None:
        if not todo:
            raise KeyboardInterrupt
        said.append("--")
        todo.pop(0)()

    with pytest.raises(KeyboardInterrupt):
        watch(root, said.append, sleep)
    return said


def after(said: list[str], step: int) -> str:
    """What was said after the given step, 0 for before any."""
    return "\n".join("\n".join(said).split("--")[step].strip().splitlines())


def edit(path: Path, old: str, new: str) -> Step:
    def act() -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return act


def test_a_save_rebuilds_that_lesson_and_no_other(course_root: Path, tiny: str) -> None:
    one, two = course_root / "solutions" / "01_tiny.py", course_root / "solutions" / "02_more.py"
    two.write_text(tiny, encoding="utf-8")
    book = course_root / "lessons" / "02_more.ipynb"
    said = watched(
        course_root,
        lambda: book.write_text("left alone"),
        edit(one, "Write `double`.", "Write `double`, please."),
    )
    assert "rebuilt 01_tiny, 02_more" in after(said, 0)
    assert after(said, 1) == ""
    assert after(said, 2).endswith("rebuilt 01_tiny")
    assert "please" in (course_root / "lessons" / "01_tiny.ipynb").read_text(encoding="utf-8")
    assert book.read_text() == "left alone"


def test_a_source_with_an_error_waits_for_the_next_save(course_root: Path) -> None:
    path = course_root / "solutions" / "01_tiny.py"
    book = course_root / "lessons" / "01_tiny.ipynb"
    said = watched(
        course_root,
        edit(path, "    total = number", "    total = = number"),
        edit(path, "    total = = number", "    total = number"),
    )
    assert "01_tiny.py: cell 4 (exercise double): is not plain Python" in after(said, 1)
    assert "1 to put right" in after(said, 1)
    assert after(said, 2).endswith("rebuilt 01_tiny")
    assert book.exists()


def test_a_source_that_no_one_can_read_ends_nothing(course_root: Path, tiny: str) -> None:
    path = course_root / "solutions" / "01_tiny.py"
    said = watched(
        course_root,
        lambda: path.write_bytes(b"\xff\xfe\x00"),
        lambda: path.write_text(tiny, encoding="utf-8"),
    )
    assert "01_tiny: not built (UnicodeDecodeError" in after(said, 1)
    assert after(said, 2).endswith("rebuilt 01_tiny")


def test_a_source_that_goes_away_leaves_its_notebooks_named(course_root: Path) -> None:
    path = course_root / "solutions" / "01_tiny.py"
    said = watched(course_root, path.unlink)
    assert "lessons/01_tiny.ipynb has no source" in after(said, 1)


def test_without_sources_there_is_nothing_to_watch(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no folder"):
        watch(tmp_path, print)
