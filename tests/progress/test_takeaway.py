"""The work in one zip: what was changed goes along, and nothing at the other end is written over."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from course.capstone import workshop
from course.cli import main
from course.lessons import lessons_source
from course.progress import record, takeaway

LESSON = "00_start_here.ipynb"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    for path in lessons_source().glob("*.ipynb"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def packed(folder: Path) -> Path:
    target = folder / "work.zip"
    target.write_bytes(takeaway.pack(takeaway.work_in(folder)))
    return target


def test_only_what_was_changed_goes_along(folder: Path) -> None:
    assert takeaway.work_in(folder) == {}
    (folder / LESSON).write_text("mine")
    record.check("improve", 1.0, 1.0, "passed")
    assert set(takeaway.work_in(folder)) == {LESSON, ".progress"}


def test_what_the_capstone_wrote_goes_along(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert workshop.FOLDER in takeaway.FOLDERS
    report = folder / workshop.FOLDER / "digits" / "report.md"
    report.parent.mkdir(parents=True)
    report.write_text("mine")
    other = tmp_path_factory.mktemp("other")
    takeaway.unpack(packed(folder), other)
    brought = other / workshop.FOLDER / "digits"
    assert (brought / "report.md").read_text() == "mine"
    (brought / "report.md").write_text("written there")
    takeaway.unpack(packed(folder), other)
    assert (brought / "report.md").read_text() == "written there"
    assert (brought / "report-brought.md").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    [
        "my-capstone/../../evil.txt",
        "/my-capstone/evil.txt",
        "my-capstone\\..\\evil.txt",
        "other/evil.txt",
    ],
)
def test_nothing_is_written_outside(name: str, folder: Path) -> None:
    archive = folder / "work.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("ours.ipynb", "{}")
        opened.writestr(name, "evil")
    takeaway.unpack(archive, folder / "home")
    assert [path.name for path in (folder / "home").rglob("*")] == ["ours.ipynb"]


def test_equal_work_gives_an_equal_archive_and_fingerprint(folder: Path) -> None:
    (folder / LESSON).write_text("mine")
    first, again = takeaway.work_in(folder), takeaway.work_in(folder)
    assert takeaway.pack(first) == takeaway.pack(again)
    assert takeaway.digest(first) == takeaway.digest(again)
    (folder / LESSON).write_text("mine, later")
    assert takeaway.digest(takeaway.work_in(folder)) != takeaway.digest(first)


def test_the_command_brings_progress_and_notebooks_to_another_computer(
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / LESSON).write_text("mine")
    record.check("improve", 1.0, 1.0, "passed")
    archive = packed(folder)
    other = tmp_path_factory.mktemp("other")
    monkeypatch.chdir(other)
    main(["progress", "--dir", str(other), "--import", str(archive)])
    said = capsys.readouterr().out
    assert "exercises 1" in said and f"{LESSON} is as you brought it." in said
    assert (other / LESSON).read_text() == "mine"
    assert record.state().checks["improve"].best == 1.0


def test_a_notebook_changed_at_both_ends_stays_and_the_other_comes_beside_it(folder: Path) -> None:
    (folder / LESSON).write_text("mine")
    archive = packed(folder)
    (folder / LESSON).write_text("written here since")
    assert "00_start_here-brought.ipynb" in takeaway.unpack(archive, folder)[0]
    assert (folder / LESSON).read_text() == "written here since"
    takeaway.unpack(archive, folder)
    assert {path.name for path in folder.glob("*-brought*")} == {
        "00_start_here-brought.ipynb",
        "00_start_here-brought-2.ipynb",
    }


def test_an_untouched_lesson_gives_way(folder: Path) -> None:
    (folder / LESSON).write_text("mine")
    archive = packed(folder)
    (folder / LESSON).write_bytes((lessons_source() / LESSON).read_bytes())
    takeaway.unpack(archive, folder)
    assert (folder / LESSON).read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["../00_start_here.ipynb", "deep/x.ipynb", "/x.ipynb", "..\\x.ipynb"]
)
def test_a_name_that_leads_elsewhere_is_left_aside(folder: Path, name: str) -> None:
    with zipfile.ZipFile(folder / "evil.zip", "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(ValueError, match="holds no notebook"):
        takeaway.unpack(folder / "evil.zip", folder / "inner")


def test_a_damaged_archive_is_a_sentence(folder: Path) -> None:
    (folder / LESSON).write_text("mine")
    archive = packed(folder)
    archive.write_bytes(archive.read_bytes()[:40])
    with pytest.raises(ValueError, match="damaged"):
        takeaway.unpack(archive, folder)
