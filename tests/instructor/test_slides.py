"""A heading on every slide, everything of the lesson on some slide, and nothing from the network."""

import json
import re
import shutil

import pytest

from course.classroom.slides import page, split, write_slides
from course.classroom.syllabus import choose

CELLS = [
    ("markdown", "# 01 · Title\n\nWelcome to it."),
    ("code", "# not a heading\nx = 1"),
    ("markdown", "## One\n\nFirst.\n\n```python\n# nor this\n```\n\n### Two\n\nSecond $x < 1$."),
    ("markdown", "More of two: `$HOME` costs nothing.\n\n$$\\frac{a}{b}$$"),
    ("markdown", "<!-- Contributors: a banner -->"),
    ("code", "y = '<b>'"),
]


@pytest.fixture
def lesson(make_lessons):
    (made,) = make_lessons(_01_x="X: 10")
    notebook = json.loads(made.path.read_text())
    blank = {"metadata": {}}
    notebook["cells"] = [{"cell_type": kind, "source": text, **blank} for kind, text in CELLS]
    made.path.write_text(json.dumps(notebook))
    return made


def test_each_heading_begins_a_slide_and_further_prose_carries_it_on(lesson):
    found = [(s.heading, len(s.cells)) for s in split(lesson)]
    assert found == [("01 · Title", 2), ("One", 1), ("Two", 1), ("Two", 2)]
    assert page(lesson).count("<h2>") == page(lesson).count("<section ") == 4


def test_every_word_is_on_a_slide_and_the_banner_is_not(lesson):
    text = re.sub(r"<[^>]*>", "", page(lesson))
    for words in ("Welcome to it.", "# not a heading", "First.", "nor this", "More of two"):
        assert words in text
    assert "Contributors" not in text
    assert "&lt;b&gt;" in page(lesson)


def test_formulas_are_pictures_with_their_tex_as_text(lesson):
    html = page(lesson)
    assert '<img class="formula" alt="x &lt; 1" src="data:image/svg+xml;base64,' in html
    assert '<img class="formula" alt="\\frac{a}{b}"' in html
    assert "$HOME" in html
    assert "FORMULA0" not in html


def test_a_formula_that_cannot_be_drawn_stays_readable(lesson):
    notebook = json.loads(lesson.path.read_text())
    notebook["cells"][0]["source"] = "# T\n\n$\\nosuchcommand{x}$"
    lesson.path.write_text(json.dumps(notebook))
    assert "<code>\\nosuchcommand{x}</code>" in page(lesson)


def test_the_slides_of_every_lesson_load_nothing_from_the_network():
    for real in choose(None):
        html = page(real)
        assert not re.findall(
            r'(?:src|href)="(?!data:|#)(?:https?:)?//[^"]*"[^>]*rel="?style', html
        )
        assert not re.findall(
            r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?!data:)[^\"]*", html
        )
        assert "@import" not in html


@pytest.mark.browser
def test_the_arrow_keys_turn_the_pages(lesson, tmp_path):
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    path = write_slides(lesson, tmp_path / "out" / "slides.html")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page()
        asked = []
        view.on("request", lambda request: asked.append(request.url))
        view.goto(path.as_uri())
        seen = []
        for key in (None, "ArrowRight", "PageDown", "ArrowLeft", "End", "ArrowRight", "Home"):
            if key:
                view.keyboard.press(key)
            shown = view.locator("section:visible")
            seen.append(
                (shown.count(), shown.get_attribute("id"), view.locator("footer").inner_text())
            )
        found = axe.Axe().run(view).response["violations"]
        browser.close()
    assert [(n, s) for n, s, _ in seen] == [(1, f"s{i}") for i in (1, 2, 3, 2, 4, 4, 1)]
    assert seen[1][2] == "2 / 4"
    assert all(not url.startswith("http") for url in asked)
    told = [(v["id"], [n["html"] + n["failureSummary"] for n in v["nodes"]]) for v in found]
    assert [
        t for t, v in zip(told, found, strict=True) if v["impact"] in ("serious", "critical")
    ] == []
