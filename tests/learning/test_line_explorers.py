"""The dragged line and the descent as the reader has them: handles, controls, words, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course.learning import explorers, line
from course.learning.explorers import fit, valley
from course.widgets.parameters import controls_of

POINTS = line.diabetes()


def drag(widget: Any, name: str, x: float, y: float) -> None:
    widget.handle({"kind": "set", "acts": [{"name": name, "x": x, "y": y, "drag": True}]})


def test_dragging_one_end_leaves_the_other_where_it_is() -> None:
    widget = explorers.line_fit(slope=0.5, intercept=1.0)
    drag(widget, "right", 2.0, 3.0)
    p = widget.parameters
    assert (p.intercept, p.intercept + 2 * p.slope) == pytest.approx((1.0, 3.0))
    drag(widget, "left", 0.0, 0.5)
    p = widget.parameters
    assert (p.intercept, p.intercept + 2 * p.slope) == pytest.approx((0.5, 3.0))


def test_dragging_the_dot_is_dragging_the_line() -> None:
    widget = explorers.line_fit()
    slope, intercept = line.best_line(POINTS)
    drag(widget, "dot", slope, intercept)
    assert widget.result.loss == pytest.approx(line.loss(slope, intercept, POINTS), abs=1e-4)
    assert "no line has less" in widget.sentence
    assert widget.share() == f"line_fit(slope={slope:.3f}, intercept={intercept:.3f})"


def test_what_is_dragged_out_of_the_picture_stays_in_range() -> None:
    widget = explorers.line_fit()
    for name in ("left", "right", "dot"):
        drag(widget, name, 1e9, -1e9)
        assert np.isfinite(widget.result.loss) and widget.error == ""
    drag(widget, "nobody", 1, 1)
    assert widget.error == ""


def test_the_line_says_what_it_predicts_and_how_far_it_is_from_the_best() -> None:
    result = fit.simulate(fit.FitParameters(slope=0.5, intercept=1.0))
    said = fit.describe(result)
    assert "predicts 100 at a body mass index of 20 and 150 at 30" in said
    assert f"error is {line.loss(0.5, 1.0, POINTS):.3f}" in said
    assert [row[0] for row in fit.table(result).rows] == ["your line", "best line"]


@pytest.mark.parametrize("opener", [explorers.line_fit, explorers.gradient_descent])
def test_every_control_at_its_least_default_and_greatest(opener: Any) -> None:
    widget = opener()
    for name, control in controls_of(widget.parameters).items():
        for value in control.extremes():
            widget.handle({"kind": "reset"})
            widget.set(**{name: value})
            assert widget.error == "" and widget.wrong == {} and widget.sentence
            assert getattr(widget.parameters, name) == value
            assert widget.table["rows"] and widget.png()[:4] == b"\x89PNG"


@pytest.mark.parametrize("opener", [explorers.line_fit, explorers.gradient_descent])
@pytest.mark.parametrize("typed", ["", "soup", "1e999", "nan", "--1", "9" * 400])
def test_nonsense_in_a_field_is_named_and_nothing_changes(opener: Any, typed: str) -> None:
    widget = opener()
    before, sentence = widget.parameters, widget.sentence
    for name, control in controls_of(before).items():
        if control.kind == "slider" and not control.hidden:
            widget.handle({"kind": "set", "changes": {name: {"text": typed}}})
            assert "must be" in widget.wrong[name]
    assert widget.parameters == before and widget.sentence == sentence


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"learning_rate": 0.1}, "14.7 % of the largest stable rate, the loss is"),
        ({"learning_rate": 0.75}, "1.1 times the largest stable rate, the loss left all bounds"),
        ({"learning_rate": 0.69, "steps": 20}, "farther from its least after 20 steps than before"),
        ({"learning_rate": 0.1, "momentum": 0.9}, "% of the largest stable rate"),
    ],
)
def test_the_descent_says_where_it_stands_to_the_edge(settings: dict, said: str) -> None:
    widget = explorers.gradient_descent(**settings)
    assert said in widget.sentence


def test_the_table_has_the_edge_and_the_first_and_last_step() -> None:
    run = valley.simulate(valley.ValleyParameters(steps=37))
    shown = valley.table(run)
    assert "largest stable rate: 2 / λ = 0.6809" in shown.caption
    assert (shown.rows[0][0], shown.rows[-1][0]) == (0, 37)
    with_momentum = valley.table(valley.simulate(valley.ValleyParameters(momentum=0.5)))
    assert "2 (1 + momentum) / λ = 1.021" in with_momentum.caption


def test_the_start_can_be_dragged_and_the_state_shared() -> None:
    widget = explorers.gradient_descent(learning_rate=0.3)
    drag(widget, "start", -1.0, 2.0)
    assert widget.result.path[0] == pytest.approx([-1.0, 2.0])
    assert widget.share() == (
        "gradient_descent(learning_rate=0.3, start_slope=-1.0, start_intercept=2.0)"
    )
    with pytest.raises(ValueError, match="Momentum must be a number between 0 and"):
        explorers.gradient_descent(momentum=2.0)
