"""The book: built without a network, outputs without a kernel, no broken link, readable by everybody."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from course.authoring.book import make_book, pages
from course.authoring.book.run import WIDGET, BookError, settle

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.stem for path in (ROOT / "lessons").glob("*.ipynb"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every page, the lessons without outputs: running them all is for the workflow."""
    folder = tmp_path_factory.mktemp("whole")
    make_book(ROOT, folder, running=False, say=lambda _: None)
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first lesson, run."""
    folder = tmp_path_factory.mktemp("first")
    make_book(ROOT, folder, only={"00"}, say=lambda _: None)
    return folder


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {value for key in ("id", "name") if (value := given.get(key))}
        self.targets += [value for key in ("href", "src") if (value := given.get(key))]


def read(path: Path) -> Links:
    found = Links()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def test_no_link_is_broken_and_nothing_is_fetched_from_elsewhere(whole: Path) -> None:
    seen = {path.resolve(): read(path) for path in whole.glob("*.html")}
    for path, links in seen.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme in ("http", "https", "mailto", "data"):
                continue
            place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert place.exists(), f"{path.name} links to {target}"
            if parts.fragment and place in seen:
                assert unquote(parts.fragment) in seen[place].ids, f"{path.name} links to {target}"
        html = path.read_text(encoding="utf-8")
        fetched = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"(https?:[^\"]+)", html)
        assert fetched == [], f"{path.name} fetches {fetched}"


def test_each_lesson_has_a_page_with_its_launch_links(whole: Path) -> None:
    for name in LESSONS:
        html = (whole / f"{name}.html").read_text(encoding="utf-8")
        assert f"lessons/{name}.ipynb" in html and "colab.research.google.com" in html
        assert "%pip install" not in html and "BEGIN SOLUTION" not in html


def test_a_widget_became_its_picture_its_sentence_and_its_table(first: Path) -> None:
    html = (first / "00_start_here.html").read_text(encoding="utf-8")
    assert re.search(r'<figure><img alt="[^"]{20,}"', html)
    assert "<figcaption>" in html and "<summary>Table</summary>" in html
    assert "widget-view" not in html and "AnyWidget" not in html


def test_it_can_be_searched_and_names_its_sources(whole: Path) -> None:
    assert (whole / "searchindex.js").is_file()
    html = (whole / "figures.html").read_text(encoding="utf-8")
    assert "Sources of the figures" in html and "arXiv" in html


def test_formulas_are_pictures_with_their_text(whole: Path) -> None:
    html = (whole / "01_what_training_is.html").read_text(encoding="utf-8")
    assert re.search(r'<img alt="[^"]*slope[^"]*" class="formula"', html)
    assert "MathJax" not in html


def test_a_dollar_in_code_is_no_formula() -> None:
    assert pages.prose("`$x$` and `pip $HOME`") == "`$x$` and `pip $HOME`"
    assert 'alt="x"' in pages.prose("see $x$")


def test_an_output_keeps_one_form_and_no_kernel() -> None:
    new = nbformat.v4
    data = {WIDGET: {}, "text/plain": "words", "image/png": "AAAA", "text/html": "<p>all</p>"}
    cell = new.new_code_cell(
        "x",
        outputs=[
            new.new_output("display_data", data=dict(data)),
            new.new_output("stream", name="stderr", text="50%|"),
            new.new_output("stream", name="stdout", text="kept"),
        ],
    )
    notebook = new.new_notebook(cells=[cell], metadata={"widgets": {"state": {}}})
    outputs = settle(notebook).cells[0].outputs
    assert [out.get("data", out.get("text")) for out in outputs] == [
        {"text/html": "<p>all</p>"},
        "kept",
    ]
    assert "widgets" not in notebook.metadata


def test_a_lesson_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "lessons").mkdir()
    cells = [nbformat.v4.new_markdown_cell("# 99 · Bad"), nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lessons" / "99_bad.ipynb")
    with pytest.raises(BookError, match=r"99_bad\.ipynb does not run: ZeroDivisionError"):
        make_book(tmp_path, tmp_path / "out", say=lambda _: None)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BookError, match="is no book"):
        make_book(ROOT, tmp_path, running=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_has_no_serious_finding_and_a_phone_need_not_scroll_sideways(
    first: Path, theme: str, width: int
) -> None:
    api = pytest.importorskip("playwright.sync_api")
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium to look at the book")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(color_scheme=theme, viewport={"width": width, "height": 900})
        for name in ("index", "00_start_here", "figures"):
            page.goto((first / f"{name}.html").as_uri())
            found = axe.run(page).response["violations"]
            bad = [v for v in found if v["impact"] in ("serious", "critical")]
            told = [(v["id"], [n["html"] for n in v["nodes"][:3]]) for v in bad]
            assert told == [], f"{name}, {theme}, {width}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
