"""Lesson 00: the look at the installation, the first explorer, the first exercise."""

import pytest

from course.checks import verify
from course.welcome import essentials, exercises, questions
from course.welcome.explorers import ShrinkingParameters, describe, shrinking_error
from course.welcome.shrinking import shrink
from course.widgets.parameters import controls_of


def test_here_everything_is_well():
    report = essentials.look()
    assert report.well, report
    assert report.verdict == "Everything that you need to begin is here."
    assert report._repr_html_().count("<li>") == len(report.findings) == 6


def test_what_is_missing_is_named_with_what_to_do(tmp_path, monkeypatch):
    old = essentials.python((3, 9, 1))
    assert not old.well and "3.11 or newer" in old.do
    gone = essentials.packages(("numpy", "no_such_package"))
    assert not gone.well and "no_such_package" in gone.what
    assert not essentials.writing(str(tmp_path / "nowhere")).well
    monkeypatch.setattr(essentials, "find_spec", lambda name: None)
    report = essentials.look()
    assert not report.well and "things need your attention" in report.verdict
    assert "pip install torch" in str(report)


def test_a_check_that_breaks_is_told(monkeypatch):
    def broken():
        raise RuntimeError("out of paper")

    monkeypatch.setattr(essentials, "engine", broken)
    assert "out of paper" in str(essentials.look())


def test_reference_stub_and_mistakes_are_told_apart():
    verify(exercises.improve)


def test_the_error_shrinks_by_its_formula():
    found = shrink(0.1, 50)
    assert found.errors[7] == pytest.approx(100 * 0.9**7)
    assert found.errors[found.reached] < 1 <= found.errors[found.reached - 1]
    assert questions.steps_needed() == found.reached
    for rate, steps in ((0.0, 5), (float("nan"), 5), (0.1, -1)):
        with pytest.raises(ValueError):
            shrink(rate, steps)


def test_every_control_at_its_ends():
    widget = shrinking_error()
    for name, control in controls_of(ShrinkingParameters).items():
        for value in control.extremes():
            widget.handle({"kind": "set", "changes": {name: {"text": control.text(value)}}})
            assert widget.error == "" and widget.wrong == {} and widget.table["rows"]


def test_the_sentence_says_what_the_rate_does():
    assert "It came below 1 at step" in describe(shrink(0.5, 20))
    assert "not come below 1 yet" in describe(shrink(0.05, 5))
    assert "Its size came below 1 at step 4" in describe(shrink(1.3, 20))
    assert "just as much" in describe(shrink(2.0, 5))
    assert "it grows" in describe(shrink(2.1, 5))


def test_every_option_explains_itself():
    assert all(len(option["why"]) > 30 for option in questions.saving().options)
