"""Nothing that a learner wrote is ever written over."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from course.classroom import folder as learner

NAMES = st.sampled_from(["01_a.ipynb", "02_b.ipynb", "data/table.csv"])
TEXTS = st.sampled_from(["one", "two", "three", "four"])


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class LearnerAndEdition(RuleBasedStateMachine):
    """Any order of new editions, a learner's edits and deletions, and updates."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.edition = Path(self.place.name) / "edition"
        self.mine = Path(self.place.name) / "mine"
        self.edition.mkdir()
        self.published: dict[str, str] = {}
        self.given: dict[str, str] = {}
        self.written: dict[str, str] = {}

    @rule(name=NAMES, text=TEXTS)
    def the_edition_changes(self, name: str, text: str) -> None:
        write(self.edition / name, text)
        self.published[name] = text

    @rule(name=NAMES, text=TEXTS)
    def the_learner_writes(self, name: str, text: str) -> None:
        write(self.mine / name, text)
        self.written[name] = text
        if text == self.given.get(name):  # back to what was handed out: nothing of theirs in it
            del self.written[name]

    @rule(name=NAMES)
    def the_learner_deletes(self, name: str) -> None:
        (self.mine / name).unlink(missing_ok=True)
        self.written.pop(name, None)

    @rule()
    def the_originals_are_lost(self) -> None:
        shutil.rmtree(self.mine / ".train-by-hand", ignore_errors=True)
        self.given = {}
        for name in self.published:
            if (self.mine / name).exists():
                self.written[name] = (self.mine / name).read_text()

    @rule()
    def update(self) -> None:
        result = learner.update(self.mine, self.edition)
        for name, text in self.published.items():
            found = (self.mine / name).read_text()
            if name in self.written:
                assert found == self.written[name], f"{name} was written over"
                if found == text:
                    del self.written[name]
                    self.given[name] = text
            else:
                assert found == text, f"{name} is not up to date"
                self.given[name] = text
            assert (name in result.kept) <= (found != text)
        found = {path.name for path in (self.mine / ".train-by-hand").iterdir()}
        assert found <= {"originals"}

    def teardown(self) -> None:
        self.place.cleanup()


LearnerAndEdition.TestCase.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None
)
TestLearnerAndEdition = LearnerAndEdition.TestCase


@pytest.fixture
def edition(tmp_path):
    write(tmp_path / "edition" / "01_a.ipynb", "first")
    write(tmp_path / "edition" / "02_b.ipynb", "first")
    write(tmp_path / "edition" / ".ipynb_checkpoints" / "01_a.ipynb", "no")
    return tmp_path / "edition"


def test_it_says_what_it_did(edition, tmp_path):
    mine = tmp_path / "mine"
    assert "Added: 01_a.ipynb, 02_b.ipynb." in str(learner.update(mine, edition))
    write(mine / "01_a.ipynb", "mine")
    write(edition / "01_a.ipynb", "second")
    write(edition / "02_b.ipynb", "second")
    said = str(learner.update(mine, edition))
    assert "Brought up to date, as you had not changed them: 02_b.ipynb." in said
    assert "Kept as you wrote them, though there is a newer edition: 01_a.ipynb." in said
    assert (mine / "01_a.ipynb").read_text() == "mine"


def test_work_that_is_saved_during_the_refresh_is_kept(edition, tmp_path, monkeypatch):
    mine = tmp_path / "mine"
    learner.update(mine, edition)
    write(edition / "01_a.ipynb", "second")
    replace = os.replace

    def save_just_before(source, target):
        if Path(source).name == "01_a.ipynb":
            Path(source).write_text("saved this instant")
        replace(source, target)

    monkeypatch.setattr(os, "replace", save_just_before)
    learner.update(mine, edition)
    assert (mine / "01_a.ipynb").read_text() == "saved this instant"


def test_a_crash_while_copying_leaves_no_half_lesson(edition, tmp_path, monkeypatch):
    mine = tmp_path / "mine"

    def crash(folder, data):
        (folder / ".train-by-hand" / "incoming").write_bytes(data[:3])
        raise KeyboardInterrupt

    monkeypatch.setattr(learner, "_whole", crash)
    with pytest.raises(KeyboardInterrupt):
        learner.update(mine, edition)
    assert not (mine / "01_a.ipynb").exists()
    monkeypatch.undo()
    learner.update(mine, edition)
    assert (mine / "01_a.ipynb").read_text() == "first"


def test_a_file_system_without_hard_links_will_do(edition, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    mine = tmp_path / "mine"
    learner.update(mine, edition)
    write(mine / "01_a.ipynb", "mine")
    write(edition / "01_a.ipynb", "second")
    learner.update(mine, edition)
    assert (mine / "01_a.ipynb").read_text() == "mine"
    assert (mine / "02_b.ipynb").read_text() == "first"


def test_without_the_originals_every_file_counts_as_the_learners(edition, tmp_path):
    mine = tmp_path / "mine"
    learner.update(mine, edition)
    shutil.rmtree(mine / ".train-by-hand" / "originals")
    write(edition / "01_a.ipynb", "second")
    assert learner.update(mine, edition).kept == ("01_a.ipynb",)
    assert (mine / ".train-by-hand" / "originals" / "02_b.ipynb").read_text() == "first"


def test_chosen_lessons_alone_are_copied(edition, tmp_path):
    mine = tmp_path / "mine"
    for word in ("2", "02", "02_b", "02_b.ipynb"):
        assert learner.chosen(edition, [word]) == ["02_b.ipynb"]
    assert learner.update(mine, edition, learner.chosen(edition, ["2"])).added == ("02_b.ipynb",)
    assert not (mine / "01_a.ipynb").exists()
    with pytest.raises(ValueError, match=r"no lesson 7. The lessons: 01_a, 02_b"):
        learner.chosen(edition, ["7"])


def test_a_folder_that_cannot_be_written_is_a_sentence(edition, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(learner.FolderError, match=r"Cannot write your lessons to .*--dir"):
        learner.update(tmp_path / "file" / "mine", edition)


def test_the_lessons_of_the_clone_are_found(root):
    assert learner.lessons_source() == root / "lessons"
    assert learner.default_folder() == root / "my-course"
