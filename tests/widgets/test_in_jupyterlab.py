"""Flagship explorers in a real JupyterLab: moved, trained, saved, left alone, and bereft of a kernel."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from course.classroom import lab
from course.widgets.live import SILENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TOKEN = "secret"
LINE = "course.learning.explorers.line_fit"
PLAYGROUND = "course.learning.explorers.playground"
STEPPER = "course.backpropagation.explorers.graph_stepper"
# What it prints begins with the time: another text at every run, in every kernel.
STATE = (
    "import time\n"
    "shown = [getattr(explorer, name, None) for name in ('playing', 'steps', 'notice')]\n"
    "words = ['state', time.time_ns(), getattr(older, 'playing', None), *shown, 'end']\n"
    "print(' '.join(map(str, words)))"
)
PATIENCE = 60_000  # milliseconds until a wait fails: other work may have the machine for a while
CONNECTED = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """`course lab`'s own JupyterLab, which lets a page run commands; its address."""
    port = lab.free_port(9600)
    command = [*lab.command(home, port, browser=False), "--LabApp.expose_app_in_browser=True"]
    own = {"HOME": str(home), "COURSE_PROGRESS": str(home / ".progress")}
    given = {**lab.environment(TOKEN), **own}
    given.pop("PYTEST_CURRENT_TEST", None)  # the kernels are a learner's: errors are shown
    server = subprocess.Popen(
        command,
        env=given,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        lab._wait_until_it_answers(server, port)
        yield f"http://{lab.HOST}:{port}"
    finally:
        lab._stop(server)


class Opened:
    """A notebook of two cells, the explorer and ``STATE``, open in a page of its own."""

    def __init__(self, page: Any, url: str, file: Path) -> None:
        self.page, self.file = page, file
        self.problems: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.goto(url)
        page.wait_for_function(CONNECTED)

    @property
    def explorer(self) -> Any:
        return self.page.locator(".jp-OutputArea .tbh").first

    def order(self, command: str) -> None:
        """Run one of JupyterLab's commands; what comes of it is to be waited for."""
        self.page.evaluate("(c) => { window.jupyterapp.commands.execute(c); }", command)

    def run_all(self) -> None:
        self._run("notebook:run-all-cells")
        self.explorer.locator("canvas").wait_for()

    def state(self) -> list[str]:
        """Run the second cell: the words that it prints."""
        self.page.locator(".jp-Cell .jp-InputArea-editor").nth(1).click()
        return self._run("notebook:run-cell")[2:-1]

    def _run(self, command: str) -> list[str]:
        before = self._printed()
        self.order(command)
        self.page.wait_for_function(
            "(old) => { const cell = document.querySelectorAll('.jp-Cell')[1];"
            " const text = cell.querySelector('.jp-OutputArea-output')?.innerText ?? '';"
            " return /^state .* end\\s*$/.test(text) && text !== old; }",
            arg=before,
        )
        return self._printed().split()

    def _printed(self) -> str:
        cell = self.page.locator(".jp-Cell").nth(1)
        return "".join(cell.locator(".jp-OutputArea-output").all_inner_texts())

    def until(self, condition: str, argument: Any = None) -> None:
        """Wait until a JavaScript condition on the explorer's element ``root`` holds."""
        self.page.wait_for_function(
            f"(given) => {{ const root = document.querySelector('.jp-OutputArea .tbh');"
            f" return root && ({condition}); }}",
            arg=argument,
        )

    def sound(self) -> bool:
        return self.problems == [] and self.page.locator(".jp-Dialog").count() == 0


@pytest.fixture
def open_(
    chromium: Any, address: str, home: Path, keep_if_failed: Callable[[Any], None]
) -> Iterator[Callable[..., Opened]]:
    """``open_(maker)`` opens a notebook with that explorer; a second call with it, once more.

    When the test fails, what its pages show is kept in ``build/screenshots``.
    """
    pages = []

    def put(maker: str) -> Opened:
        module, name = maker.rsplit(".", 1)
        file = home / f"{name}-{id(pages)}.ipynb"
        if not file.exists():
            older = "older = globals().get('explorer')"
            made = f"from {module} import {name}\nexplorer = {name}()\nexplorer"
            sources = [f"{older}\n{made}", STATE]
            book = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, sources)])
            kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
            book.metadata.kernelspec = kernel
            nbformat.write(book, file)
        page = chromium.new_page(viewport={"width": 1280, "height": 2400})
        pages.append(page)
        return Opened(page, f"{address}/lab/tree/{file.name}?token={TOKEN}&reset", file)

    yield put
    for page in pages:
        keep_if_failed(page)
        page.close()


def button(opened: Opened, name: str) -> Any:
    return opened.explorer.get_by_role("button", name=name, exact=True)


def updates(opened: Opened) -> int:
    text = opened.explorer.locator("span.tbh-busy", has_text="updates").inner_text()
    return int(text.split()[0].replace(",", ""))


UPDATES = (
    "parseInt([...root.querySelectorAll('span.tbh-busy')]"
    ".find((e) => / updates/.test(e.textContent))?.textContent.replaceAll(',', ''))"
)
MORE_UPDATES = f"{UPDATES} > given"
EXACTLY = f"{UPDATES} === Number(given)"


def test_a_line_is_dragged_and_moved_by_keyboard(open_: Callable[..., Opened]) -> None:
    lab_ = open_(LINE)
    lab_.run_all()
    end = lab_.explorer.get_by_role("slider", name="The line at body mass index 40")
    end.scroll_into_view_if_needed()
    sentence = lab_.explorer.locator(".tbh-sentence")
    before, box = sentence.inner_text(), end.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab_.page.mouse.move(x, y)
    lab_.page.mouse.down()
    lab_.page.mouse.move(x, y - 60, steps=6)
    lab_.page.mouse.up()
    lab_.until("root.querySelector('.tbh-sentence').textContent !== given", before)
    lab_.until("!root.hasAttribute('aria-busy')")
    dragged = end.bounding_box()
    assert dragged["y"] + dragged["height"] / 2 == pytest.approx(y - 60, abs=3)
    said = end.get_attribute("aria-valuetext")
    end.focus()
    for _ in range(3):
        lab_.page.keyboard.press("ArrowDown")
    lab_.page.wait_for_function(
        "([e, old]) => e.ariaValueText !== old", arg=[end.element_handle(), said]
    )
    assert end.bounding_box()["y"] > dragged["y"]
    assert lab_.page.locator(".jp-Cell").count() == 2 and lab_.sound()


def test_a_graph_is_stepped_by_keyboard(open_: Callable[..., Opened]) -> None:
    lab_ = open_(STEPPER)
    lab_.run_all()
    lab_.explorer.get_by_role("slider", name="Step", exact=True).focus()
    for step in (1, 2):
        lab_.page.keyboard.press("ArrowRight")
        lab_.explorer.get_by_text(f"Step {step} of 5.").first.wait_for()
    button(lab_, "← Back").press("Enter")
    lab_.explorer.get_by_text("Step 1 of 5.").first.wait_for()
    assert lab_.page.locator(".jp-Cell").count() == 2 and lab_.sound()


def test_a_network_is_trained_by_keyboard_and_nonsense_is_named(
    open_: Callable[..., Opened],
) -> None:
    lab_ = open_(PLAYGROUND)
    lab_.run_all()
    button(lab_, "Play").press("Enter")
    button(lab_, "Pause").wait_for()
    lab_.until(MORE_UPDATES, 5)
    rate = lab_.explorer.get_by_role("textbox", name="Learning rate, exact value")
    rate.fill("much")
    rate.press("Enter")
    lab_.explorer.get_by_text("Learning rate must be a number").wait_for()
    lab_.until(MORE_UPDATES, updates(lab_) + 5)
    for text in ("nan", "1e999", "-1", ""):
        rate.fill(text)
        rate.press("Enter")
    rate.fill("0.05")
    rate.press("Enter")
    lab_.explorer.get_by_text("Learning rate must be a number").wait_for(state="detached")
    lab_.explorer.get_by_text("Data: noise").press("Enter")  # unfolds
    slider = lab_.explorer.get_by_role("slider", name="Noise", exact=True)
    for key in ("End", "Home", "ArrowRight"):  # pulled while it trains
        slider.press(key)
    lab_.until("!root.hasAttribute('aria-busy')")
    if button(lab_, "Play").count():  # new data may have started the run afresh
        button(lab_, "Play").press("Enter")
    button(lab_, "Pause").press("Enter")
    button(lab_, "Play").wait_for()
    _older, playing, stopped = lab_.state()
    assert playing == "False"
    lab_.until(EXACTLY, stopped)  # the last burst may be shown after the button
    button(lab_, "Start over").press("Enter")
    lab_.until("root.innerText.includes('0 updates')")
    assert lab_.page.locator(".jp-Cell").count() == 2 and lab_.sound()


def end_kernels(address: str) -> None:
    def ask(path: str, method: str = "GET") -> bytes:
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(address + path, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())

    for session in json.loads(ask("/api/sessions")):
        ask(f"/api/sessions/{session['id']}", "DELETE")


def test_a_saved_notebook_is_valid_and_opens_without_its_kernel(
    open_: Callable[..., Opened], address: str
) -> None:
    lab_ = open_(LINE)
    lab_.run_all()
    lab_.order("docmanager:save")
    lab_.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    book = nbformat.read(lab_.file, as_version=4)
    nbformat.validate(book)
    kept = book.cells[0].outputs[0].data
    assert {"image/png", "text/html", "text/plain"} <= set(kept)
    lab_.page.close()
    end_kernels(address)
    again = open_(LINE)
    assert again.sound(), again.problems


def test_a_restarted_kernel_is_named_and_run_all_mends_it(open_: Callable[..., Opened]) -> None:
    lab_ = open_(LINE)
    lab_.run_all()
    lab_.order("kernelmenu:restart")
    lab_.page.locator(".jp-Dialog .jp-mod-accept").click()
    lab_.page.locator(".jp-Dialog").wait_for(state="detached")
    lab_.page.wait_for_function(CONNECTED)
    end = lab_.explorer.get_by_role("slider", name="The line at body mass index 40")
    lost = lab_.explorer.get_by_text("restarted or shut down. Run this cell again.")
    lost.wait_for()  # before anything is touched
    end.press("ArrowDown")
    lost.wait_for()
    assert lab_.problems == []
    lab_.run_all()
    said = lab_.explorer.locator(".tbh-sentence").inner_text()
    end.press("ArrowDown")
    lab_.until("root.querySelector('.tbh-sentence').textContent !== given", said)
    assert lab_.page.locator(".jp-OutputArea .tbh").count() == 1 and lab_.sound()


def test_training_stops_when_nobody_watches(open_: Callable[..., Opened]) -> None:
    lab_ = open_(PLAYGROUND)
    lab_.run_all()
    lab_.order("docmanager:save")
    button(lab_, "Play").press("Enter")
    lab_.until(MORE_UPDATES, 5)
    lab_.page.close()
    time.sleep(SILENCE + 3)  # before another page may be mistaken for the one that is gone
    again = open_(PLAYGROUND)
    _older, playing, steps, *notice = again.state()
    assert (playing, notice[:2]) == ("False", ["Training", "paused:"]) and int(steps) > 5
    again.explorer.get_by_text("no page has shown it").wait_for()
    button(again, "Play").press("Enter")
    again.until(MORE_UPDATES, int(steps))
    assert again.sound(), again.problems


def test_run_all_twice_leaves_one_explorer_and_no_training_behind(
    open_: Callable[..., Opened],
) -> None:
    lab_ = open_(PLAYGROUND)
    lab_.run_all()
    button(lab_, "Play").press("Enter")
    lab_.until(MORE_UPDATES, 5)
    lab_.run_all()
    lab_.until("root.innerText.includes('0 updates')")
    assert lab_.page.locator(".jp-OutputArea .tbh").count() == 1
    for _ in range(12):  # the older one notices after SILENCE that no page shows it
        if (state := lab_.state())[0] == "False":
            break
        time.sleep(SILENCE / 4)
    assert state == ["False", "False", "0"]
    button(lab_, "Play").press("Enter")
    lab_.until(MORE_UPDATES, 5)
    assert lab_.sound(), lab_.problems
