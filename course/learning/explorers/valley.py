"""Gradient descent down the line's loss surface, with momentum, up to the edge and over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.learning.descent import Descent, counted_from, descend
from course.learning.explorers.fit import rings
from course.learning.line import best_line, curvatures, diabetes, hessian
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Handle, Line, Panel, Points, Scene, Text

_FLOOR, _CEILING = 1e-9, 1e6  # what the logarithmic axis shows of the loss above its least
_FURTHEST, _REACH = 4.0, 2.3  # from the best line: of the start, of the picture


@dataclass(frozen=True)
class ValleyParameters:
    """What the reader sets."""

    learning_rate: float = slider(0.1, 0.01, 3.0, label="Learning rate", log=True)
    momentum: float = slider(0.0, 0.0, 0.95, step=0.05, label="Momentum")
    steps: int = slider(40, 1, 300, label="Steps", unit="updates")
    zero: str = choice(
        "20",
        {"20": "20", "mean": "the mean of all people", "0": "0"},
        label="Body mass index counted from",
    )
    start_slope: float = slider(
        0.0, -_FURTHEST, _FURTHEST, step=0.01, label="Slope at the start", hidden=True
    )
    start_intercept: float = slider(
        0.0, -_FURTHEST, _FURTHEST, step=0.01, label="Intercept at the start", hidden=True
    )


def simulate(p: ValleyParameters) -> Descent:
    """Descend as the parameters ask."""
    points = counted_from(diabetes(), p.zero)
    start = (p.start_slope, p.start_intercept)
    return descend(points, p.learning_rate, p.momentum, p.steps, start)


def scene(run: Descent) -> Scene:
    """The path on the loss surface, beside the loss over the steps."""
    return Scene(_map(run), _losses(run), height=390)


def _map(run: Descent) -> Panel:
    best = best_line(run.points)
    # Drawn until it leaves the picture: a path that diverges would cross it again and again.
    outside = np.abs(run.path - np.array(best)).max(axis=1) > _REACH
    path = run.path[: int(np.argmax(outside)) + 1] if outside.any() else run.path
    levels = tuple(float(v) for v in np.geomspace(0.003, 30, 11))
    marks: list[Any] = [
        Line(rings(hessian(run.points), best, levels), "quiet", width=0.9, opacity=0.7),
        Points([best], "C2", marker="*", size=14),
        Line(path, "C0", width=1.6),
        Points(path, "C0", size=5),
        Handle(
            "start",
            float(run.path[0, 0]),
            float(run.path[0, 1]),
            "Start of the descent",
            x_sets="start_slope",
            y_sets="start_intercept",
            color="C1",
        ),
    ]
    return Panel(
        (best[0] - _REACH, best[0] + _REACH),
        (best[1] - _REACH, best[1] + _REACH),
        marks,
        title="The path to the star; drag its start",
        xlabel="slope",
        ylabel="intercept",
    )


def _losses(run: Descent) -> Panel:
    gaps = np.clip(run.losses - run.least, _FLOOR, _CEILING)
    # Where the curve is not: it falls from the left, or climbs to the right.
    high = 1e-7 if run.grows else 1e5
    marks: list[Any] = [
        Line(np.stack([np.arange(len(gaps)), gaps], axis=1), "C0", width=1.8),
        Text(run.steps * 0.98, high, _verdict(run), align="right", size=12.5, bold=True),
        Text(run.steps * 0.98, high / 8, _formula(run), align="right", color="quiet"),
    ]
    return Panel(
        (0, run.steps),
        (_FLOOR, _CEILING),
        marks,
        title="The loss above its least (log scale)",
        xlabel="step",
        y_log=True,
        grid=True,
    )


def _formula(run: Descent) -> str:
    formula = "2 (1 + momentum) / λ" if run.momentum else "2 / λ"
    return f"{formula} = {run.edge:.4g}"


def _edge(run: Descent) -> str:
    return f"largest stable rate: {_formula(run)}"


def _verdict(run: Descent) -> str:
    part = run.learning_rate / run.edge
    if part > 1:
        return f"{part:.3g} times the largest stable rate"
    return f"{100 * part:.3g} % of the largest stable rate"


def table(run: Descent) -> Table:
    """Where the run is after some of its steps."""
    last = len(run.losses) - 1
    shown = sorted({0, 1, 2, 5, 10, 20, 50, 100, 200, last} & set(range(last + 1)))
    rows = [(n, *map(float, run.path[n]), float(run.losses[n] - run.least)) for n in shown]
    least, steepest = curvatures(run.points)
    caption = (
        f"Learning rate {run.learning_rate:.6g}, momentum {run.momentum:.3g}; curvatures "
        f"{least:.4g} and {steepest:.4g}; {_edge(run)}"
    )
    return Table(caption, ("Step", "Slope", "Intercept", "Loss above the least"), rows)


def describe(run: Descent) -> str:
    """How far the run got, or when it diverged, and where its rate stands to the edge."""
    begins = (
        f"With learning rate {run.learning_rate:.6g} and momentum {run.momentum:.3g}, "
        f"{_verdict(run)},"
    )
    if run.diverged_at is not None:
        return f"{begins} the loss left all bounds at step {run.diverged_at}: it diverges."
    if run.grows:
        return f"{begins} the loss is farther from its least after {run.steps} steps than before."
    return f"{begins} the loss is {run.gap:.2g} above its least after {run.steps} steps."


def gradient_descent(**initial: Any) -> DirectExplorer:
    """Gradient descent on the loss of the diabetes line, with learning rate and momentum.

    ``initial`` sets any of learning_rate, momentum, steps, zero; raises ValueError or TypeError
    for a value or a name that is not one of them.
    """
    return DirectExplorer(
        ValleyParameters(**initial),
        title="Gradient descent and its edge",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="gradient_descent",
    )
