"""A stranger's first five minutes on each road that can be walked here, timed, with a picture of each step.

    python benchmarks/newcomer.py FOLDER                      # every road
    python benchmarks/newcomer.py FOLDER clone wheel          # these
    python benchmarks/newcomer.py FOLDER book --book BUILT    # a book that is there already

| road | what is walked |
| clone | a clone, `start.py lab`, lesson 00 with the keyboard, a wrong answer and a right one |
| wheel | the wheel alone in an empty environment, `course start`, `course lab`, the same lesson |
| bundle | `course bundle`, its install.py without a network, `course lab` |
| binder | JupyterLab at a clone's root with Binder's settings, the page /course, the same lesson |
| book | the first page, a search, a lesson on a phone |

A new HOME each: nothing of this machine's user is known to what is started. It writes `walk.md` and the
pictures into FOLDER. The times are those of this machine and its network; a step's time is from the end of
the one before.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machine import chromium_here
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OPEN_AT = re.compile(r"http://127\.0\.0\.1:\d+/\S+")
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
ANSWERS = {"wrong": "return rate * error", "right": "return error - rate * error"}


class Walk:
    """One road: its steps' seconds and pictures."""

    def __init__(self, road: str, folder: Path, browser: Any) -> None:
        self.road, self.folder, self.browser = road, folder, browser
        self.home = Path(tempfile.mkdtemp(prefix=f"newcomer-{road}-"))
        self.rows: list[tuple[float, str]] = []
        self._last = time.perf_counter()
        self.page: Page | None = None

    def step(self, what: str) -> None:
        """Note what has been reached, and photograph the page where there is one."""
        now = time.perf_counter()
        self.rows.append((now - self._last, what))
        print(f"{self.road:>7} {now - self._last:6.1f} s  {what}", flush=True)
        if self.page:
            name = f"{self.road}-{len(self.rows):02d}.png"
            self.page.screenshot(path=self.folder / name)
        self._last = time.perf_counter()

    def call(self, *words: str | Path, cwd: Path | None = None) -> str:
        """Run a command to its end in the stranger's home; what it printed."""
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd or self.home,
            env=self.environment(),
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout

    def environment(self, **more: str) -> dict[str, str]:
        """This process's, with a home of its own and nothing of a virtual environment or a token."""
        own = {"HOME": str(self.home), "PIP_CACHE_DIR": str(self.home / "pip"), **more}
        gone = ("VIRTUAL_ENV", "PYTHONPATH", "JUPYTER_TOKEN", "COURSE_PROGRESS")
        return {k: v for k, v in os.environ.items() if k not in gone} | own

    def open(self, address: str, width: int = 1280, height: int = 900) -> Page:
        """Open a page there."""
        self.page = self.browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(90_000)
        self.page.goto(address)
        return self.page

    def close(self) -> None:
        """Close the page and forget the stranger's home."""
        if self.page:
            self.page.goto("about:blank")
            self.page.close()
        shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def started(walk: Walk, *words: str | Path, cwd: Path, **more: str) -> Iterator[str]:
    """Start what opens JupyterLab; the address that it prints."""
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env=walk.environment(PYTHONUNBUFFERED="1", **more),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said = []
        for line in process.stdout or ():
            said.append(line)
            found = OPEN_AT.search(line)
            if found:
                break
        else:
            raise RuntimeError(f"no address in what it printed:\n{''.join(said)}")
        threading.Thread(target=process.communicate, daemon=True).start()
        yield found[0]
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # install.py hands nothing on to what it started
        process.wait(30)


def lesson(walk: Walk) -> None:
    """Lesson 00, as it is open: Shift+Enter, a prediction, an explorer, a wrong and a right answer."""
    page = walk.page
    assert page
    page.locator(".jp-Cell").first.wait_for()
    page.locator(IDLE).wait_for()
    walk.step("the lesson is open and its kernel is ready")
    code = page.locator(".jp-CodeCell")
    code.first.locator(".jp-InputArea-editor").click()
    for _ in range(2):
        _run(page)
    page.locator(".jp-OutputArea-output").first.wait_for()
    walk.step("the first two cells have run: everything is here")
    _to(page, "steps_guess = ")
    _run(page)
    # Not the card that offers to keep the work, which Binder shows first.
    moved = page.locator(".jp-OutputArea .tbh").filter(has=page.get_by_role("slider"))
    card = moved.first
    card.get_by_role("slider").first.focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    card.get_by_role("button", name="Commit prediction").click()
    walk.step("a prediction is committed")
    _to(page, "explorers.shrinking_error")
    _run(page)
    explorer = moved.nth(1)
    explorer.get_by_role("slider").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    walk.step("an explorer has answered the arrow keys")
    _to(page, "steps_guess.compare")
    _run(page)
    _to(page, "def improve")
    _run(page)
    page.wait_for_timeout(800)
    _to(page, "improve.check")
    _run(page)
    page.wait_for_timeout(1500)
    walk.step("the exercise as it came, checked")
    for kind, line in ANSWERS.items():
        _to(page, "def improve")
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(f"def improve(error, rate):\n    {line}")
        _run(page)
        _to(page, "improve.check")
        _run(page)
        page.wait_for_timeout(1500)
        walk.step(f"a {kind} answer, checked")
    for source in ("questions.saving", "progress.panel"):
        _to(page, source)
        _run(page)
        page.wait_for_timeout(1000)
    walk.step("the lesson's end: what is done and what comes next")


def _to(page: Page, source: str) -> None:
    """Click into the code cell whose text has ``source``."""
    cell = page.locator(".jp-CodeCell", has_text=source).first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()


def _run(page: Page) -> None:
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(200)
    page.locator(IDLE).wait_for()


def _clone(walk: Walk) -> Path:
    walk.call("git", "clone", "--quiet", ROOT, "course")
    walk.step("cloned (from a folder, without a network)")
    return walk.home / "course"


def clone(walk: Walk) -> None:
    """README's first command."""
    home = _clone(walk)
    with started(walk, sys.executable, "start.py", "lab", "--no-browser", cwd=home) as address:
        walk.step("`make lab` has set everything up and says where the course is open")
        walk.open(address)
        lesson(walk)
    walk.page = None
    with started(walk, sys.executable, "start.py", "lab", "--no-browser", cwd=home):
        walk.step("`make lab` a second time")


def wheel(walk: Walk) -> None:
    """The wheel, with no clone beside it."""
    walk.call(sys.executable, "-m", "build", "--wheel", "--outdir", walk.home, ROOT)
    walk._last = time.perf_counter()  # the reader has not built it
    walk.call(sys.executable, "-m", "venv", "env")
    (file,) = walk.home.glob("*.whl")
    python = walk.home / "env" / "bin" / "python"
    pins = ROOT / "constraints.txt"
    walk.call(python, "-m", "pip", "install", "-q", "-c", pins, f"{file}[data,edge,fairness]")
    walk.step("installed with pip into an empty environment")
    course = walk.home / "env" / "bin" / "course"
    print(walk.call(course, "start"))
    walk.step("`course start`")
    with started(walk, course, "lab", "--no-browser", cwd=walk.home) as address:
        walk.step("`course lab`")
        walk.open(address)
        lesson(walk)


def bundle(walk: Walk) -> None:
    """A stick for a room without network; its packages are of this Python."""
    version = "{}.{}".format(*sys.version_info[:2])
    course = Path(sys.executable).with_name("course")
    told = walk.call(course, "bundle", "stick", "--platform", "linux", "--python", version)
    walk.step(f"the instructor's `course bundle`: {told.strip().splitlines()[0]}")
    offline = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    stick = walk.home / "stick"
    with started(
        walk, sys.executable, "install.py", cwd=stick, BROWSER="true", **offline
    ) as address:
        walk.step("`python install.py`, no network")
        walk.open(address)
        lesson(walk)


def binder(walk: Walk) -> None:
    """What Binder opens, in this environment instead of Binder's image."""
    home = _clone(walk)
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--allow-root"]
    settings = {"JUPYTER_CONFIG_PATH": str(ROOT / "course" / "classroom" / "jupyter")}
    settings |= {"BINDER_LAUNCH_HOST": "https://mybinder.org/", "OMP_NUM_THREADS": "1"}
    settings |= {"PYTHONPATH": str(home)}
    with started(walk, *words, cwd=home, **settings) as address:
        walk.step("the server is up (an image that Binder has built starts here)")
        walk.open(re.sub(r"/lab\?", "/course?", address))
        walk.page.locator("h1").wait_for()
        walk.step("the page that Binder opens")
        walk.page.locator("a.go").click()
        lesson(walk)


def book(walk: Walk, built: Path | None = None) -> None:
    """The book, from a folder."""
    if built is None:
        built = walk.home / "book"
        walk.call(Path(sys.executable).with_name("course"), "book", built, cwd=ROOT)
    walk._last = time.perf_counter()
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(quiet, directory=built)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{server.server_port}"
    try:
        page = walk.open(f"{at}/index.html")
        walk.step("the first page")
        page.goto(f"{at}/search.html?q=learning+rate")
        page.locator("#search-results li").first.wait_for()
        walk.step("a search")
        page.goto(
            f"{at}/03_training_loop.html" if (built / "03_training_loop.html").exists() else at
        )
        walk.step("lesson 03")
        page.set_viewport_size({"width": 390, "height": 844})
        walk.step("lesson 03 on a phone")
    finally:
        server.shutdown()


ROADS: dict[str, Callable[..., None]] = {
    road.__name__: road for road in (clone, wheel, bundle, binder, book)
}


def main() -> None:
    """Walk the roads asked for, one after the other."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path, help="where walk.md and the pictures go")
    options.add_argument("roads", nargs="*", metavar="road", help=", ".join(ROADS))
    options.add_argument("--book", type=Path, help="the folder of a book that is built")
    given = options.parse_args()
    unknown = set(given.roads) - set(ROADS)
    if unknown:
        options.error(f"no such road: {', '.join(unknown)}; there are {', '.join(ROADS)}")
    chromium = chromium_here()
    given.folder.mkdir(parents=True, exist_ok=True)
    lines = ["| road | seconds | reached |", "| :-- | --: | :-- |"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for road in given.roads or ROADS:
            walk = Walk(road, given.folder, browser)
            try:
                ROADS[road](walk, **({"built": given.book} if road == "book" else {}))
            finally:
                walk.close()
            lines += [f"| {road} | {seconds:.1f} | {what} |" for seconds, what in walk.rows]
        browser.close()
    (given.folder / "walk.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
