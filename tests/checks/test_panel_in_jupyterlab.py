"""A check's panel in a real JupyterLab: hints come one at a time, and a keyboard alone reads them."""

import json
import shutil
import subprocess

import pytest

from course.classroom import lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CELL = (
    "from course.welcome import exercises\n"
    "def improve(error, rate):\n    return error + rate * error\n"
    "exercises.improve.check()"
)


def notebook() -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**cell, "id": "only", "source": CELL}]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book)


@pytest.fixture
def address(tmp_path, monkeypatch):
    """A notebook of one cell, opened by `course lab`'s own JupyterLab."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "try.ipynb").write_text(notebook(), encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_PROGRESS", str(home / ".progress"))
    port = lab.free_port(9400)
    server = subprocess.Popen(
        lab.command(home, port, browser=False),
        env=lab.environment("secret"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        lab._wait_until_it_answers(server, port)
        yield f"http://{lab.HOST}:{port}/lab/tree/try.ipynb?token=secret"
    finally:
        lab._stop(server)


def test_hints_come_one_at_a_time_and_open_by_keyboard(address: str) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        idle = page.get_by_text("Kernel status: Idle").first
        idle.wait_for(state="attached", timeout=60_000)
        unrun = page.locator(".jp-InputPrompt", has_text="[ ]:")
        hints = page.locator(".jp-OutputArea summary")
        for count in (1, 2):
            while True:  # the notebook may not listen yet
                page.locator(".jp-Notebook .cm-content").click()
                page.keyboard.press("Control+Enter")
                page.wait_for_timeout(1000)
                if not unrun.count():
                    break
            hints.nth(count - 1).wait_for(timeout=30_000)
            assert hints.count() == count
        opened = "hint => hint.parentElement.open"
        assert [hints.nth(n).evaluate(opened) for n in (0, 1)] == [False, True]
        page.keyboard.press("Escape")  # command mode, in which JupyterLab takes keys for itself
        focused = "document.activeElement.innerText"
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate(focused) == "Hint 1":
                break
        assert page.evaluate(focused) == "Hint 1"
        for key, state in (("Enter", True), ("Space", False)):
            page.keyboard.press(key)
            assert hints.nth(0).evaluate(opened) == state
        browser.close()
