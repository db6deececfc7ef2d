"""The first explorer: an error that shrinks, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course.welcome.shrinking import FIRST, SMALL, Shrinking, shrink
from course.widgets import Explorer, Table, slider, style


@dataclass(frozen=True)
class ShrinkingParameters:
    """What the reader sets."""

    rate: float = slider(0.3, 0.05, 2.2, step=0.05, label="Rate", unit="share of the error a step")
    steps: int = slider(20, 1, 60, label="Steps")


def simulate(p: ShrinkingParameters) -> Shrinking:
    """Take the steps asked for."""
    return shrink(p.rate, p.steps)


def figure(found: Shrinking, fig: Figure) -> None:
    """The error over the steps, on an axis that suits it."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.1, right=0.97, top=0.9, bottom=0.15)
    axes.axhspan(-SMALL, SMALL, color="C2", alpha=0.25, linewidth=0)
    axes.axhline(0, color=style.ink(), linewidth=0.8)
    axes.plot(found.errors, **style.series(0), markersize=5)
    reach = max(1.1 * float(np.abs(found.errors).max()), FIRST)
    low = -reach if found.errors.min() < 0 else -0.05 * reach
    axes.set(xlabel="step", ylabel="error", ylim=(low, reach))
    axes.set_title(f"Each step subtracts {found.rate:g} times the error")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(True, linewidth=0.6)


def table(found: Shrinking) -> Table:
    """The error after each step; of many steps every few."""
    every = max(1, len(found.errors) // 20)
    rows = [(n, float(error)) for n, error in enumerate(found.errors) if n % every == 0]
    return Table(f"The error with rate {found.rate:g}", ("Step", "Error"), rows)


def describe(found: Shrinking) -> str:
    """Where the error is in the end, and when it became small."""
    steps, last = len(found.errors) - 1, found.errors[-1]
    said = f"With rate {found.rate:g}, after {steps} {'step' if steps == 1 else 'steps'} the error is {last:.3g}"
    if found.rate > 2:
        return f"{said}: each step overshoots so far that it grows."
    if found.rate == 2:
        return f"{said}: each step overshoots by just as much as it had to go."
    what = "Its size" if found.rate > 1 else "It"  # above 1, errors turn negative
    if found.reached is None:
        return f"{said}. {what} has not come below {SMALL:g} yet."
    return f"{said}. {what} came below {SMALL:g} at step {found.reached}."


def shrinking_error(**initial: Any) -> Explorer:
    """An error from which every step takes the same share.

    ``initial`` sets rate, steps; raises ValueError or TypeError for what is neither.
    """
    return Explorer(
        ShrinkingParameters(**initial),
        title="A shrinking error",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="shrinking_error",
        size=(8.4, 3.4),
    )
