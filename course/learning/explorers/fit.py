"""A line dragged over points, and the same line as a dot on the loss surface beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.learning.line import Array, best_line, diabetes, hessian, loss, surface
from course.learning.line import Points as LinePoints
from course.widgets import DirectExplorer, Table, slider, switch
from course.widgets.scene import Handle, HeatMap, Line, Panel, Points, Scene

_ENDS = (0.0, 2.0)  # x of the line's two handles: a body mass index of 20 and of 40
_X, _Y = (-0.4, 2.4), (-0.5, 4.5)
_SLOPES, _INTERCEPTS = (-2.0, 4.0), (-2.0, 4.0)
_CELLS = 72


@dataclass(frozen=True)
class FitParameters:
    """What the reader sets."""

    slope: float = slider(0.0, *_SLOPES, step=0.01, label="Slope")
    intercept: float = slider(2.5, *_INTERCEPTS, step=0.01, label="Intercept")
    errors: bool = switch(False, label="Draw each point's error")
    best: bool = switch(False, label="Draw the best line")


@dataclass(frozen=True)
class Fit:
    """A line on points: its loss, and the best line's."""

    parameters: FitParameters
    points: LinePoints
    loss: float
    best: tuple[float, float]
    least: float


def simulate(p: FitParameters) -> Fit:
    """The loss of the line that the parameters describe, and of the best line."""
    points = diabetes()
    best = best_line(points)
    return Fit(p, points, loss(p.slope, p.intercept, points), best, loss(*best, points))


def act(p: FitParameters, name: str, x: float, y: float) -> dict[str, Any]:
    """What dragging means: with an end of the line its other end stays where it is."""
    if name == "dot":
        return {"slope": round(x, 3), "intercept": round(y, 3)}
    heights = [p.intercept + p.slope * end for end in _ENDS]
    if name not in ("left", "right"):
        return {}
    heights[0 if name == "left" else 1] = y
    slope = (heights[1] - heights[0]) / (_ENDS[1] - _ENDS[0])
    return {"slope": round(slope, 3), "intercept": round(heights[0] - slope * _ENDS[0], 3)}


def scene(fit: Fit) -> Scene:
    """The points with the line, beside the loss surface with the dot."""
    return Scene(_data(fit), _surface(fit), height=390)


def _data(fit: Fit) -> Panel:
    p, points = fit.parameters, fit.points
    marks: list[Any] = []
    line = [(x, p.intercept + p.slope * x) for x in _X]
    if p.errors:
        marks.append(Line(_error_lines(fit), "C1", width=0.8, opacity=0.55))
    marks.append(Points(np.stack([points.x, points.y], axis=1), "C0", size=5, opacity=0.55))
    if p.best:
        best = [(x, fit.best[1] + fit.best[0] * x) for x in _X]
        marks.append(Line(best, "C2", width=2.2, dash="dashed", label="best line"))
    marks.append(Line(line, "ink", width=2.4, label="your line"))
    for name, end in zip(("left", "right"), _ENDS, strict=True):
        bmi = f"body mass index {20 + 10 * end:.0f}"
        height = p.intercept + p.slope * end
        marks.append(Handle(name, end, height, f"The line at {bmi}", color="C1", axis="y"))
    return Panel(
        _X,
        _Y,
        marks,
        title="The line: drag its two ends",
        xlabel=points.x_label,
        ylabel=points.y_label,
    )


def _error_lines(fit: Fit) -> Array:
    """From each point straight to the line, one after the other with a gap between."""
    p, x, y = fit.parameters, fit.points.x, fit.points.y
    gap = np.full(len(x), np.nan)
    across = np.stack([x, x, gap], axis=1).ravel()
    up = np.stack([y, p.intercept + p.slope * x, gap], axis=1).ravel()
    return np.stack([across, up], axis=1)


def _surface(fit: Fit) -> Panel:
    p = fit.parameters
    depth = _depths()
    marks: list[Any] = [
        HeatMap(depth, float(depth.min()), float(depth.max()), smooth=True, opacity=0.9),
        Line(rings(hessian(fit.points), fit.best, _LEVELS), "ground", width=1.0, opacity=0.7),
    ]
    if p.best:
        marks.append(Points([fit.best], "C2", marker="*", size=13))
    dot = f"The line as slope and intercept, loss {fit.loss:.3f}"
    marks.append(
        Handle("dot", p.slope, p.intercept, dot, x_sets="slope", y_sets="intercept", color="C1")
    )
    return Panel(
        _SLOPES,
        _INTERCEPTS,
        marks,
        title="Its loss: dark is low",
        xlabel="slope",
        ylabel="intercept",
        click="dot",
    )


_LEVELS = (0.05, 0.3, 1.0, 2.5, 5.0, 9.0, 15.0, 23.0)  # above the least loss


def rings(bend: Array, middle: tuple[float, float], levels: tuple[float, ...]) -> Array:
    """Where a bowl with Hessian ``bend`` is each of ``levels`` high: ellipses, a gap between."""
    turn = np.linspace(0, 2 * np.pi, 90)
    values, vectors = np.linalg.eigh(bend)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    unit = (circle / np.sqrt(values / 2)) @ vectors.T
    parts = [part for h in levels for part in (unit * np.sqrt(h) + middle, [[np.nan, np.nan]])]
    return np.concatenate(parts)


@lru_cache(maxsize=1)
def _depths() -> Array:
    """The loss above its least, on a root scale: else the valley's floor looks flat."""
    points = diabetes()
    slopes, intercepts = (np.linspace(*ends, _CELLS) for ends in (_SLOPES, _INTERCEPTS))
    above = surface(points, slopes, intercepts) - loss(*best_line(points), points)
    return np.sqrt(np.maximum(above, 0.0))


def table(fit: Fit) -> Table:
    """Your line beside the best one."""
    p = fit.parameters
    rows = [
        ("your line", p.slope, p.intercept, fit.loss),
        ("best line", *fit.best, fit.least),
    ]
    columns = ("Line", "Slope", "Intercept", "Loss (mean squared error)")
    return Table(f"{len(fit.points)} people: {fit.points.y_label}", columns, rows)


def describe(fit: Fit) -> str:
    """The line in words, its loss, and how far that is above the least one."""
    p = fit.parameters
    said = (
        f"This line predicts {100 * p.intercept:.0f} at a body mass index of 20 and "
        f"{100 * (p.intercept + p.slope):.0f} at 30; its mean squared error is {fit.loss:.3f}"
    )
    if fit.loss - fit.least < 0.0005:
        return f"{said}, and to three digits no line has less."
    return f"{said}, {fit.loss - fit.least:.3f} above the least that a line can have."


def line_fit(**initial: Any) -> DirectExplorer:
    """The diabetes points with a line to drag, and its dot on the loss surface.

    ``initial`` sets any of slope, intercept, errors, best; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        FitParameters(**initial),
        title="A line and its loss",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        act=act,
        opener="line_fit",
    )
