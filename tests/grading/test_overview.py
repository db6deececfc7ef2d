"""The class on one page: what it says, that it is safe, and that a screen reader can read it."""

import shutil

import pytest

from course.classroom.grading import overview, records
from course.classroom.grading.records import Mark, Result

WORDS = "It grew: `subtract` the share."


def result(learner: str, *marks: Mark, **more) -> Result:
    return Result(learner, "01_small", f"{learner}/01_small.ipynb", marks=marks, **more)


@pytest.fixture
def page(tmp_path) -> str:
    full, why = Mark("improve", 1.0, 1.0, "passed"), Mark("why", None, 1.0, "for a person to read")
    miss = Mark("improve", 0.0, 1.0, "mistake 3", WORDS)
    blank = Mark("improve", 0.0, 1.0, "not attempted", "Write `improve`.")
    results = [
        result("Ada", full, why),
        result("Ben", miss, why),
        result("Cleo", miss, why),
        result("Dan", blank, why),
        result("<b>Eva</b>", blank, why, status=records.CRASHED, note="<script>alert(1)</script>"),
    ]
    path = tmp_path / "overview.html"
    overview.write(path, results, [result("Ada", blank, why)])
    return path.read_text(encoding="utf-8")


def test_it_tells_scores_frequent_diagnoses_and_who_is_stuck(page):
    assert "5 submissions of 5 learners; 1 of them need a look" in page
    assert '<th scope="row">Ada</th><td class="number full">1</td><td></td>' in page
    assert '<td class="number">2</td><td>mistake 3</td><td>It grew: <code>subtract</code>' in page
    assert "<dt>improve</dt><dd>2 tried: Ben, Cleo</dd>" in page
    assert "2 not attempted: &lt;b&gt;Eva&lt;/b&gt;, Dan" in page
    assert '<td class="number">0.20</td>' in page  # the mean of the class
    assert "handed in twice" in page


def test_the_most_frequent_diagnosis_stands_first(tmp_path):
    rare, often = Mark("a", 0.0, 1.0, "rare", "R."), Mark("a", 0.0, 1.0, "often", "O.")
    path = tmp_path / "overview.html"
    overview.write(path, [result("Ada", rare), result("Ben", often), result("Cleo", often)])
    table = path.read_text(encoding="utf-8").partition("Frequent diagnoses</h3>")[2]
    assert 0 < table.index("<td>often</td>") < table.index("<td>rare</td>")


def test_nothing_that_a_learner_wrote_becomes_html(page):
    assert "<b>Eva" not in page
    assert "<script" not in page


def test_a_class_without_trouble_says_so(tmp_path):
    path = tmp_path / "overview.html"
    overview.write(path, [result("Ada", Mark("improve", 1.0, 1.0, "passed"))])
    text = path.read_text(encoding="utf-8")
    for words in ("every notebook ran to its end", "everybody solved everything", "Nobody."):
        assert words in text


def test_points_are_rounded_and_a_crash_is_not_taken_for_a_try(tmp_path):
    marks = (Mark("a", 2 / 3, 2.0, "mistake 1", "No."), Mark("b", 2 / 3, 2.0, "mistake 2", "No."))
    crashed = (Mark("a", 0.0, 2.0, "not reached"), Mark("b", 0.0, 2.0, "not reached"))
    path = tmp_path / "overview.html"
    overview.write(path, [result("Ada", *marks), result("Ben", *crashed, status=records.CRASHED)])
    text = path.read_text(encoding="utf-8")
    assert '<td class="number part">0.67<br>' in text and '<td class="number">1.33</td>' in text
    assert "<dd>1 tried: Ada</dd>" in text and "1 not judged: Ben" in text


@pytest.mark.browser
def test_it_is_accessible(page):
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        view = browser.new_page()
        view.set_content(page)
        found = axe.Axe().run(view).response["violations"]
        browser.close()
    assert [violation["id"] for violation in found] == []
