"""Every explorer of every subject survives all that a reader can do to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_type_hints

import pytest
from sweep import called, change, makers, sweep
from toy_explorer import explorer
from toy_scenes import direct, live

from course.widgets import Explorer, Table, style
from course.widgets.canvas import Canvas
from course.widgets.front import Front


def pictures() -> list[Callable[[], Explorer]]:
    return [make for make in makers() if issubclass(get_type_hints(make)["return"], Explorer)]


@pytest.mark.parametrize("make", makers(), ids=called)
def test_every_control_handle_and_button(make: Callable[[], Front]) -> None:
    assert sweep(make()) == []


@pytest.mark.parametrize("make", makers(), ids=called)
def test_it_is_shared_by_its_own_name_and_has_a_still(make: Callable[[], Front]) -> None:
    widget = make()
    assert widget.share() == f"{make.__name__}()"
    data = widget.static()
    assert data["image/png"] and "<figcaption>" in data["text/html"]
    assert "alt=" in data["text/html"] and "<table>" in data["text/html"]


@pytest.mark.parametrize("make", makers(), ids=called)
def test_labels_and_columns_have_words(make: Callable[[], Front]) -> None:
    widget = make()
    assert all(control["label"] for control in widget.controls)
    assert widget.title and all(widget.table["columns"]) and widget.table["caption"]


@pytest.mark.parametrize("make", pictures(), ids=called)
def test_a_picture_tells_nothing_of_those_before_it(make: Callable[[], Explorer]) -> None:
    widget = make()
    size = widget._figure.get_size_inches()
    states = [(name, v) for name, c in widget._controls.items() for v in c.extremes()]
    for number, (name, value) in enumerate(states[:: max(1, len(states) // 8)]):
        theme = "dark" if number % 5 == 2 else "light"
        widget.handle({"kind": "look", "theme": theme, "scale": 1})
        new = change(widget._controls[name], value)
        widget.handle({"kind": "set", "changes": {name: new}})
        paint = partial(widget._draw, widget.result)
        assert widget.png() == style.draw(Canvas(*size), paint, theme), (name, value)


def test_the_race_is_among_them() -> None:
    assert "optimizer_race" in [make.__name__ for make in makers()]


@pytest.mark.parametrize("make", [direct, live])
def test_the_sweep_passes_what_is_sound(make: Callable[[], Any]) -> None:
    widget = make()
    found = sweep(widget)
    # Both toys fail at one end on purpose.
    assert found and all("too much" in f or "no longer a number" in f for f in found)


def test_the_sweep_names_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = explorer()
    monkeypatch.setattr(widget, "_tabulate", lambda result: Table("", ("a",), []))
    assert any("no sentence or no table" in line for line in sweep(widget))
