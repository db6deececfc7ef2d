"""A directly drawn explorer: its scene is packed, its handles set parameters, it has a still."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from toy_scenes import direct

from course.widgets.scene import HeatMap, Line, Panel, Scene, shades, ticks


def act(name: str, x: Any, y: Any) -> dict[str, Any]:
    return {"kind": "set", "acts": [{"name": name, "x": x, "y": y}]}


def test_a_scene_is_json_and_one_buffer() -> None:
    widget = direct()
    json.dumps(widget.scene)
    marks = widget.scene["panels"][0]["marks"]
    start, count, two = next(m["points"] for m in marks if m["kind"] == "Line")
    ends = np.frombuffer(widget.numbers, np.float32, count * two, start)
    assert ends.tolist() == [-2.0, -1.0, 2.0, 1.0]


def test_a_handle_sets_the_parameters_it_names_and_keeps_them_in_range() -> None:
    widget = direct()
    widget.handle(act("dot", 1.25, -0.5))
    assert (widget.parameters.slope, widget.parameters.height) == (1.25, -0.5)
    widget.handle(act("dot", -77.0, 0.0))
    assert widget.parameters.slope == -2.0 and "rises -2 a unit" in widget.sentence


def test_act_computes_what_a_handle_alone_cannot_say() -> None:
    widget = direct(height=0.5)
    widget.handle(act("end", 2.0, 2.5))
    assert widget.parameters.slope == 1.0


def test_a_spot_sets_its_values_when_pressed() -> None:
    widget = direct()
    widget.handle(act("one", 0.0, 0.0))
    assert widget.parameters.power == "one"
    spot = next(m for m in widget.scene["panels"][1]["marks"] if m["kind"] == "Spot")
    assert spot["pressed"] is True


def test_what_has_no_control_is_shared_and_reset() -> None:
    widget = direct()
    assert [c["name"] for c in widget.controls] == ["slope"]
    widget.handle(act("dot", 0.5, 1.0))
    assert widget.share() == widget.code == "direct(height=1.0)"
    widget.handle({"kind": "reset"})
    assert widget.parameters.height == 0.0


@pytest.mark.parametrize(
    "acts",
    [None, "end", [3], [{}], [{"name": "no", "x": 0, "y": 0}], [{"name": "dot", "x": "1", "y": 2}],
     [{"name": "dot", "x": float("nan"), "y": 0.0}], [{"name": 3, "x": 0, "y": 0}]],
)  # fmt: skip
def test_an_act_without_sense_changes_nothing(acts: Any) -> None:
    widget = direct()
    before = widget.parameters
    widget.handle({"kind": "set", "acts": acts, "number": 4})
    assert widget.parameters == before and widget.answered == 4 and widget.error == ""


def test_an_error_is_shown_and_the_old_scene_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.widgets.front.raises_errors", lambda: False)
    widget = direct()
    before = widget.numbers
    widget.handle(act("dot", 2.0, 0.0))
    assert "a slope of two is too much" in widget.error and widget.numbers == before
    widget.handle(act("dot", 1.0, 0.0))
    assert widget.error == "" and widget.numbers != before


def test_without_widgets_there_is_a_picture_of_the_scene() -> None:
    data, _ = direct()._repr_mimebundle_()
    assert data["image/png"] and "the loss is" in data["text/html"]


def test_shades_run_from_low_to_high_and_nan_is_low() -> None:
    values = [[-1.0, 0.0, 5.0, 10.0, 99.0, np.nan]]
    assert shades(HeatMap(values, 0, 10)).tolist() == [[0, 0, 128, 255, 255, 0]]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Panel(x=(1, 1)), "cannot run from 1 to 1"),
        (lambda: Panel(y=(0, 1), y_log=True), "cannot run from 0 to 1"),
        (lambda: Panel(x=(0, np.inf)), "cannot run from 0 to inf"),
        (lambda: Scene(Panel(marks=[Line([1.0, 2.0, 3.0, 4.0])])).pack(), r"shape \(n, 2\)"),
        (lambda: Scene(Panel(marks=[HeatMap([1.0])])).pack(), r"not \(1,\) from 0"),
    ],
)
def test_a_scene_that_cannot_be_drawn_is_named(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


def test_ticks_of_a_wide_logarithmic_axis_lie_on_it_and_are_short():
    found = ticks(1e7, 1e18, True)
    assert all(1e7 <= value <= 1e18 for value, _ in found)
    assert [text for _, text in found][:2] == ["1e8", "1e10"]
    assert ticks(0.01, 100.0, True)[0] == (pytest.approx(0.01), "0.01")
