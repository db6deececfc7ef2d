"""Every explorer of every subject room, found by itself, and what a reader could do to it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import course
from course.widgets import LiveExplorer
from course.widgets.direct import SceneFront
from course.widgets.front import Front
from course.widgets.parameters import Control


def rooms() -> list[str]:
    """The names of all ``course.<subject>.explorers`` modules and packages."""
    found = Path(course.__path__[0]).glob("*/explorers*")
    return sorted(f"course.{p.parent.name}.explorers" for p in found if p.suffix in ("", ".py"))


def makers() -> list[Callable[[], Front]]:
    """The public functions of these modules that return an explorer, as their type hints say."""
    found = []
    for name in rooms():
        module = importlib.import_module(name)
        for label, function in inspect.getmembers(module, inspect.isfunction):
            home = function.__module__
            if label.startswith("_") or (home != name and not home.startswith(f"{name}.")):
                continue
            made = get_type_hints(function).get("return")
            if inspect.isclass(made) and issubclass(made, Front):
                found.append(function)
    return found


def called(make: Callable[[], Front]) -> str:
    """The full name of a maker: what a test about it is called."""
    return f"{make.__module__}.{make.__name__}"


def change(control: Control, value: Any) -> dict[str, Any]:
    """The message part that sets a control to ``value``."""
    if control.kind == "slider":
        return {"text": control.text(value)}
    return {"value": list(value) if isinstance(value, tuple) else value}


def moves(widget: Front) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every control to its ends and default, every handle over its panel, every button."""
    for name, control in widget._controls.items():
        for value in control.extremes():
            yield (
                f"{name} = {value!r}",
                {"kind": "set", "changes": {name: change(control, value)}},
            )
        yield f"{name} = nonsense", {"kind": "set", "changes": {name: {"text": "nonsense"}}}
        yield f"{name} = nothing", {"kind": "set", "changes": {name: {"value": None}}}
    if isinstance(widget, SceneFront):
        yield from _acts(widget)
    if isinstance(widget, LiveExplorer):
        for kind in ("step", "step", "restart", "step", "pause"):
            yield kind, {"kind": kind}
    yield "reset", {"kind": "reset"}


def _acts(widget: SceneFront) -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in widget._scene.panels:
        for mark in panel.marks:
            places: list[tuple[float, float]] = []
            if mark in widget._scene.handles.values():
                middle = (sum(panel.x) / 2, sum(panel.y) / 2)
                places = [(panel.x[0], panel.y[0]), middle, (panel.x[1], panel.y[1])]
            elif mark in widget._scene.spots.values():
                places = [(mark.x + mark.width / 2, mark.y + mark.height / 2)]  # type: ignore[union-attr]
            for x, y in places:
                act = {"name": mark.name, "x": x, "y": y}  # type: ignore[union-attr]
                yield f"{act}", {"kind": "set", "acts": [act]}


def sweep(widget: Front) -> list[str]:
    """Make every move and say what went wrong after which."""
    wrong = []
    for number, (what, message) in enumerate(list(moves(widget)), start=1):
        try:
            widget.handle({**message, "number": number})
        except Exception as error:
            wrong.append(f"{what}: {type(error).__name__}: {error}")
            continue
        if widget.error or widget.answered != number:
            wrong.append(f"{what}: {widget.error or 'not answered'}")
        if widget.wrong and "nonsense" not in what and "nothing" not in what:
            wrong.append(f"{what}: {widget.wrong}")
        if not (widget.sentence.strip() and widget.table["columns"] and widget.table["rows"]):
            wrong.append(f"{what}: no sentence or no table")
    return wrong
