"""How fast the explorers answer, in a real JupyterLab in headless Chromium.

    python benchmarks/widgets.py            # every explorer of every room, half a minute each
    python benchmarks/widgets.py --quick    # see that it works; the figures mean little
    python benchmarks/widgets.py --only course.learning --rounds 20
    python benchmarks/widgets.py --out FOLDER

Measured: a slider's event to the new picture, for pictures that Python draws and for scenes that the page
draws; screen refreshes without a picture while a slider is dragged; frames and updates a second of live
training, beside the updates of the same training with nothing drawn; a click on Pause until training
stands still; and another cell's answer while training runs. Times are the page's own clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_type_hints

import nbformat
from machine import chromium_here, describe
from playwright.sync_api import Error, Page, sync_playwright

from course.classroom import lab
from course.widgets import DirectExplorer, Explorer, LiveExplorer

TOKEN = "benchmark"
SCRIPT = Path(__file__).with_suffix(".js")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "widgets"))
KINDS = {Explorer: "Python", DirectExplorer: "the page", LiveExplorer: "live"}

# The same training with nothing drawn, in the same kernel; the second cell of a live notebook.
BARE = """
import time
explorer.restart()
began = time.perf_counter()
while time.perf_counter() - began < {seconds} and not explorer.training.done:
    explorer._step()
print("bare", explorer.training.steps / (time.perf_counter() - began))
"""


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """JupyterLab as `course lab` starts it, on `folder`; its address."""
    port = lab.free_port(9500)
    command = lab.command(folder, port, browser=False)
    process = subprocess.Popen(
        command, env=lab.environment(TOKEN), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        lab._wait_until_it_answers(process, port)
        yield f"http://{lab.HOST}:{port}"
    finally:
        lab._stop(process)


def explorers() -> list[tuple[str, str]]:
    """What draws each explorer of the course, and its maker's full name; the fastest to see first."""
    from sweep import makers  # the tests' own search

    found = []
    for make in makers():
        made = get_type_hints(make)["return"]
        kind = next(name for base, name in KINDS.items() if issubclass(made, base))
        found.append((kind, f"{make.__module__}.{make.__name__}"))
    return sorted(found, key=lambda each: list(KINDS.values()).index(each[0]))


def notebook(folder: Path, maker: str, more: list[str]) -> str:
    """A notebook that shows the explorer, and further cells; its name."""
    module, name = maker.rsplit(".", 1)
    cells = [f"from {module} import {name}\nexplorer = {name}()\nexplorer", *more]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(book, folder / f"{name}.ipynb")
    return f"{name}.ipynb"


def opened(page: Page, address: str, name: str) -> Any:
    """Open a notebook, run its first cell and return the explorer's element."""
    page.goto(f"{address}/lab/tree/{name}?token={TOKEN}&reset")
    page.locator(".jp-Cell").first.wait_for(timeout=60_000)
    time.sleep(3)  # JupyterLab puts the focus where it likes until it has settled
    root = page.locator(".tbh").first
    run(page, 0)
    root.wait_for(timeout=60_000)
    root.locator("img.tbh-picture, canvas").first.wait_for()
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    time.sleep(1.5)  # the look of the page has reached Python, and the window has settled
    return root


def run(page: Page, number: int) -> None:
    """Run a cell by keyboard once the kernel is there."""
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
    page.locator(".jp-Cell .jp-InputArea-editor").nth(number).click()
    page.keyboard.press("Control+Enter")


def printed(page: Page, word: str, wait: float) -> list[float]:
    """The numbers that a cell printed after `word`."""
    line = page.locator(".jp-OutputArea-output", has_text=word).last
    line.wait_for(timeout=wait * 1000)
    return [float(each) for each in line.inner_text().split()[1:]]


def share(times: list[float], part: float) -> float:
    """The time within which so large a part of all stayed."""
    return sorted(times)[min(len(times) - 1, int(part * len(times)))]


def sliders(page: Page, address: str, folder: Path, maker: str, rounds: int) -> dict[str, Any]:
    """Slider to picture, and flicker, of one explorer."""
    root = opened(page, address, notebook(folder, maker, []))
    root.evaluate("root => measure.slider(root, 8)")  # what is computed once has been computed
    times = root.evaluate("(root, rounds) => measure.slider(root, rounds)", rounds)
    seen = root.evaluate("root => measure.flicker(root, 2)")
    return {
        "explorer": maker,
        "median_ms": statistics.median(times),
        "p95_ms": share(times, 0.95),
        "times_ms": times,
        "dragged": seen,
    }


def live(
    page: Page, address: str, folder: Path, maker: str, seconds: float, rounds: int
) -> dict[str, Any]:
    """Frames, speed, Pause and another cell of one live explorer."""
    bare = BARE.format(seconds=seconds)
    root = opened(page, address, notebook(folder, maker, [bare, 'print("answer", 6 * 7)']))
    speeds, found = [], []
    for _ in range(rounds):  # in turns, so that a disturbance touches both
        run(page, 1)
        speeds += printed(page, "bare", seconds + 30)
        start_over(root)
        found.append(root.evaluate("(root, s) => measure.live(root, s)", seconds))
        found[-1]["pause_ms"] = root.evaluate("root => measure.pause(root)")
    start_over(root)
    answer = other_cell(page)
    root.evaluate("root => measure.pause(root)")
    rates = [each["updates"] / each["seconds"] for each in found]
    return {
        "explorer": maker,
        "frames_per_s": statistics.median(e["frames"] / e["seconds"] for e in found),
        "updates_per_s": statistics.median(rates),
        "bare_updates_per_s": statistics.median(speeds),
        "share_of_bare": statistics.median(a / b for a, b in zip(rates, speeds, strict=True)),
        "pause_ms": max(each["pause_ms"] for each in found),
        "other_cell_ms": answer,
    }


def start_over(root: Any) -> None:
    """From the first update on, as fast as possible: what is done by itself would not play again."""
    root.get_by_role("button", name="Start over").click()
    time.sleep(0.5)
    root.get_by_label("Speed").select_option("0")
    root.get_by_role("button", name="Play").click()


def other_cell(page: Page) -> float:
    """Milliseconds from running the third cell to its output, while training runs."""
    page.locator(".jp-Cell .jp-InputArea-editor").nth(2).click()
    page.evaluate(
        """() => { window.answered = new Promise((done) => {
          let began = 0;
          window.addEventListener("keydown", () => { began = performance.now(); }, { capture: true });
          new MutationObserver((_, observer) => {
            const texts = [...document.querySelectorAll(".jp-OutputArea-output")];
            if (!texts.some((each) => each.textContent.includes("answer 42"))) return;
            observer.disconnect();
            done(performance.now() - began);
          }).observe(document.body, { childList: true, subtree: true });
        }); }"""
    )
    page.keyboard.press("Control+Enter")
    return float(page.evaluate("() => window.answered"))


def report(result: dict[str, Any]) -> str:
    """The figures as Markdown tables, each with its target."""
    lines = ["| explorer | drawn by | median, ms | 95 %, ms | refreshes without a picture |"]
    lines.append("| :-- | :-- | --: | --: | --: |")
    for kind, target in (("Python", "80 / 120"), ("the page", "30")):
        for each in result[kind]:
            name = each["explorer"].rsplit(".", 1)[1]
            empty = f"{each['dragged']['empty']} of {each['dragged']['frames']}"
            lines.append(
                f"| {name} | {kind} (target {target}) | {each['median_ms']:.0f} "
                f"| {each['p95_ms']:.0f} | {empty} |"
            )
    lines += ["", "| live | frames a second | share of the speed undrawn | Pause, ms | cell, ms |"]
    lines.append("| :-- | --: | --: | --: | --: |")
    lines.append("| target | 20 or more | 80 % or more | 200 at most | |")
    for each in result["live"]:
        lines.append(
            f"| {each['explorer'].rsplit('.', 1)[1]} | {each['frames_per_s']:.0f} "
            f"| {each['share_of_bare']:.0%} | {each['pause_ms']:.0f} | {each['other_cell_ms']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print and write `widgets.json` and `widgets.md`."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="the figures mean little")
    options.add_argument("--only", default="", help="explorers whose name has this in it")
    options.add_argument("--rounds", type=int, default=60, help="moves of a slider")
    options.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    asked = options.parse_args()
    browser = chromium_here()
    rounds, seconds, turns = (10, 1.0, 2) if asked.quick else (asked.rounds, 3.0, 7)
    result: dict[str, Any] = {"machine": describe(), "Python": [], "the page": [], "live": []}
    failed = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=browser, args=flags)
        with server(Path(folder)) as address:
            for kind, maker in explorers():
                if asked.only not in maker:
                    continue
                # A page and a kernel of its own each, closed after: nothing competes with it.
                page = chromium.new_page(viewport={"width": 1280, "height": 900})
                measured, amounts = (
                    (live, (seconds, turns)) if kind == "live" else (sliders, (rounds,))
                )
                print(maker, file=sys.stderr)
                try:
                    result[kind].append(measured(page, address, Path(folder), maker, *amounts))
                except Error as error:  # Playwright's; the others are measured all the same
                    failed.append(f"{maker}: {str(error).splitlines()[0]}")
                page.goto("about:blank")
                page.close()
        chromium.close()
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "widgets.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (asked.out / "widgets.md").write_text(report(result) + "\n", encoding="utf-8")
    print(report(result))
    print("load average when it began", result["machine"].get("load_before"))
    if failed:
        sys.exit("\n".join(["Not measured:", *failed]))


if __name__ == "__main__":
    main()
