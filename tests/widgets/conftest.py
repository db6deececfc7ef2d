"""A real browser and a stand-in for Jupyter: the real scripts talk to the real Python widgets."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

HARNESS = """
class Model {
  constructor(state) { this.state = state; this.heard = {}; this.sent = []; }
  get(name) { return this.state[name]; }
  on(name, act) { (this.heard[name] ||= []).push(act); }
  off(name, act) { this.heard[name] = (this.heard[name] || []).filter((a) => a !== act); }
  send(message) {
    this.sent.push(message);
    if (!window.deaf) window.toPython(message).then((state) => this.update(state));
  }
  update(state) {
    const fresh = unpack(state);
    const changed = Object.keys(fresh).filter((name) => differs(fresh[name], this.state[name]));
    for (const name of changed) this.state[name] = fresh[name];
    for (const name of changed) (this.heard[`change:${name}`] || []).forEach((act) => act());
  }
}
window.hear = (message, text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  (window.model.heard["msg:custom"] || []).forEach((act) => act(message, [new DataView(bytes.buffer)]));
};
const plain = (value) => (value instanceof DataView ? [...new Uint8Array(value.buffer)] : value);
const differs = (a, b) => JSON.stringify(plain(a)) !== JSON.stringify(plain(b));
function unpack(state) {
  const fresh = { ...state };
  for (const name of ["picture", "numbers"].filter((name) => name in fresh)) {
    const bytes = Uint8Array.from(atob(fresh[name]), (c) => c.charCodeAt(0));
    fresh[name] = new DataView(bytes.buffer);
  }
  return fresh;
}
window.show = async (source, css, state) => {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  window.model = new Model(unpack(state));
  window.end = widget.render({ model: window.model, el: document.querySelector("main") });
};
"""
PAGE = """<!doctype html><html lang="en"><head><title>Widget</title></head>
<body><main></main></body></html>"""


SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """Note a failure where the test's fixtures find it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def keep_if_failed(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """``keep_if_failed(page)``, when a test is over: its last sight, should the test have failed."""
    kept = []

    def keep(page: Any) -> None:
        if request.node.stash.get(FAILED, False) and not page.is_closed():
            kept.append(page)
            page.screenshot(path=SCREENSHOTS / f"{request.node.name}-{len(kept)}.png")

    return keep


@contextmanager
def with_chromium() -> Iterator[Any]:
    """A headless Chromium; tests that need it are skipped, with the reason, where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    path = path or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium to test the scripts")
    with api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


# Not for the session: while Playwright is open, its event loop counts as running in this thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium."""
    with with_chromium() as browser:
        yield browser


def state_of(widget: Any) -> dict[str, Any]:
    """What Jupyter would sync of a widget, as JSON."""
    state = {n: getattr(widget, n) for n in widget.trait_names(sync=True) if n[0] != "_"}
    for foreign in ("layout", "comm", "tabbable", "tooltip", "keys"):
        state.pop(foreign, None)
    for name in {"picture", "numbers"} & set(state):
        state[name] = base64.b64encode(state[name]).decode()
    return dict(json.loads(json.dumps(state)))


@pytest.fixture(name="state_of")
def state_of_fixture() -> Callable[[Any], dict[str, Any]]:
    """``state_of(widget)``: what Jupyter would sync of it, as JSON."""
    return state_of


def opened(browser: Any, widget: Any, theme: str, width: int) -> Any:
    """A page of its own with the widget on it; ``page.problems`` are the errors of its scripts."""
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.problems = problems

    def to_python(message: dict[str, Any]) -> dict[str, Any]:
        widget.handle(message)
        return state_of(widget)

    page.expose_function("toPython", to_python)
    page.set_content(PAGE)
    page.add_script_tag(content=HARNESS)
    page.evaluate(
        "([source, css, state]) => window.show(source, css, state)",
        [str(widget._esm), str(widget._css), state_of(widget)],
    )
    return page


@pytest.fixture
def show(chromium: Any, keep_if_failed: Callable[[Any], None]) -> Iterator[Callable[..., Any]]:
    """``show(widget, theme="light")`` puts a widget on a page and returns the page."""
    pages = []

    def put(widget: Any, theme: str = "light", width: int = 1000) -> Any:
        pages.append(opened(chromium, widget, theme, width))
        return pages[-1]

    yield put
    for page in pages:
        keep_if_failed(page)
        page.context.close()


@pytest.fixture
def axe() -> Callable[[Any], list[str]]:
    """``axe(page)`` names axe-core's serious and critical findings."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def run(page: Any) -> list[str]:
        page.add_script_tag(content=source)
        found = page.evaluate("axe.run(document.querySelector('main'))")["violations"]
        return [
            f"{v['id']}: {v['nodes'][0]['html']} {v['nodes'][0]['failureSummary']}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]

    return run
