"""`course progress`: seen, moved to another folder, reported, forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.cli import main
from course.lessons import lessons_source, read_lesson
from course.progress import record
from course.progress.store import Store

LOOP = read_lesson(lessons_source() / "03_training_loop.ipynb")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """``course(*words)`` runs the command in a folder of its own; (status, what it said)."""
    monkeypatch.delenv(record.PLACE)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
            raise SystemExit(0)
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err

    return run


def test_progress_is_shown_with_minutes(course, tmp_path: Path) -> None:
    record.check("sgd_step", 2, 2, "passed")
    status, said = course("progress")
    assert status == 0 and f"Your progress in {tmp_path}" in said
    assert f"1 of {len(LOOP.tasks)} done" in said and f"{LOOP.minutes} minutes" in said
    assert f"next: {LOOP.tasks[1].label}, {LOOP.tasks[1].name} (" in said


@pytest.mark.parametrize("way", ["code", "file"])
def test_progress_moves_to_another_folder_and_the_better_score_stays(course, tmp_path, way) -> None:
    record.check("sgd_step", 2, 2, "passed")
    record.check("adam_step", 0, 2, "sign")
    if way == "code":
        _, said = course("progress", "--code")
        given = said.strip()
    else:
        given = str(tmp_path / "mine.json")
        assert course("progress", "--export", given)[0] == 0
    there = tmp_path / "there"
    there.mkdir()
    Store(there / ".progress").add(
        {"what": "check", "name": "adam_step", "value": 1, "points": 2, "diagnosis": "x", "when": 1}
    )
    status, said = course("progress", "--dir", str(there), "--import", given)
    assert (
        status == 0 and "Taken in: exercises 2," in said and f"1 of {len(LOOP.tasks)} done" in said
    )
    found = Store(there / ".progress").read().checks
    assert (found["sgd_step"].best, found["adam_step"].best) == (2, 1)
    before = Store(there / ".progress").read()
    course("progress", "--dir", str(there), "--import", given)
    assert Store(there / ".progress").read() == before


def test_a_damaged_code_changes_nothing_and_is_a_sentence(course) -> None:
    record.check("sgd_step", 2, 2, "passed")
    code = course("progress", "--code")[1].strip()
    before = Store(record.place()).path.read_bytes()
    status, said = course("progress", "--import", code[:-4])
    assert status == 1 and "damaged or not whole" in said and "Traceback" not in said
    assert Store(record.place()).path.read_bytes() == before


def test_reports_are_written_and_another_ending_is_refused(course, tmp_path: Path) -> None:
    record.check("sgd_step", 1, 2, "sign")
    for name, sign in (("r.md", "| Exercise 1, sgd_step | 1 of 2 |"), ("r.html", "<h1>")):
        assert course("progress", "--report", name)[0] == 0
        assert sign in (tmp_path / name).read_text(encoding="utf-8")
    status, said = course("progress", "--report", "r.pdf")
    assert status == 1 and ".md or .html" in said


def test_forgetting_asks_first(course, tmp_path: Path, monkeypatch) -> None:
    record.check("sgd_step", 1, 2, "sign")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: "n")
    assert course("progress", "--forget")[0] == 130
    assert (tmp_path / ".progress").exists()
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: "y")
    status, said = course("progress", "--forget")
    assert status == 0 and "Deleted" in said and not list(tmp_path.glob(".progress*"))
    assert "There is no progress" in course("progress", "--forget")[1]


def test_progress_can_be_switched_off(course, monkeypatch) -> None:
    monkeypatch.setenv(record.PLACE, "off")
    assert record.check("sgd_step", 1, 2, "sign") == ""
    status, said = course("progress")
    assert status == 1 and "switched off" in said
