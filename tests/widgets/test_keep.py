"""The card that downloads the learner's work, in a real browser; `ready` shows it where it is needed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course import hosts, ready
from course.widgets.keep import KeepWork

HOSTS = ("BINDER_LAUNCH_HOST", "BINDER_REPO_URL", "COLAB_RELEASE_TAG", "JUPYTERHUB_USER")


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*HOSTS, "COURSE_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Sent(KeepWork):
    """Remembers what goes to the page."""

    def send(self, content: Any, buffers: Any = None) -> None:
        self.out: list[tuple[Any, Any]] = [*getattr(self, "out", []), (content, buffers)]


def test_the_button_sends_the_work(at_home: Path) -> None:
    (at_home / "04_data.ipynb").write_text("mine")
    card = Sent("Take it along.")
    card.handle({"pack": "button"})
    ((content, (data,)),) = card.out
    assert content["file"].endswith(".zip")
    assert zipfile.ZipFile(io.BytesIO(data)).read("04_data.ipynb") == b"mine"
    assert content["file"] in card.said


def test_a_page_left_alone_gets_each_state_of_the_work_once(at_home: Path) -> None:
    card = Sent("Take it along.", minutes=1)
    card.handle({"pack": "idle"})
    assert not hasattr(card, "out") and card.said == ""
    (at_home / "x.ipynb").write_text("mine")
    for _ in range(2):
        card.handle({"pack": "idle"})
    assert len(card.out) == 1
    (at_home / "x.ipynb").write_text("mine, later")
    card.handle({"pack": "idle"})
    assert len(card.out) == 2


def test_with_nothing_to_take_the_button_says_so() -> None:
    card = Sent("Take it along.")
    card.handle({"pack": "button"})
    assert "nothing to take along" in card.said and not hasattr(card, "out")


@pytest.mark.browser
def test_in_a_browser_the_work_is_a_download(show: Callable[..., Any]) -> None:
    page = show(KeepWork("You are on Binder.", minutes=0.01))
    page.wait_for_function("window.model.sent.length === 1")  # left alone for 0.6 s
    assert page.evaluate("window.model.sent[0].pack") == "idle"
    page.get_by_role("button", name="Download my work").click()
    assert page.evaluate("window.model.sent[1].pack") == "button"
    with page.expect_download() as waiting:
        page.evaluate(
            "window.model.heard['msg:custom'][0]({file: 'w.zip'}, [new TextEncoder().encode('PK')])"
        )
    assert waiting.value.suggested_filename == "w.zip"
    page.evaluate("void (window.model.send = () => { throw new Error('Cannot send'); })")
    page.get_by_role("button").click()
    page.get_by_text("Run this cell again.").wait_for(timeout=3000)
    assert page.problems == []


def test_at_home_nothing_is_shown() -> None:
    assert hosts.where() == hosts.HERE and ready.ready() is None


def test_on_binder_the_first_cell_says_when_the_work_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    card = ready.ready()
    assert card is not None and "10 minutes without activity" in card.note
    assert 0 < card.minutes < hosts.BINDER_IDLE_MINUTES


def test_on_colab_progress_goes_to_a_connected_drive(
    at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    monkeypatch.setattr(ready, "_DRIVE", at_home / "MyDrive")
    card = ready.ready()
    assert card is not None and "Connect your Drive" in card.note
    (at_home / "MyDrive").mkdir()
    monkeypatch.setenv("COURSE_PROGRESS", "")
    card = ready.ready()
    assert card is not None and "kept in your Drive" in card.note
    from course.progress import record

    assert record.place() == at_home / "MyDrive" / "train-by-hand" / ".progress"
