"""Explorer: what privacy costs in accuracy, each point trained with DP-SGD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.trust.accountant import epsilon
from course.trust.private_training import (
    BATCH,
    DELTA,
    NOISES,
    PrivateRuns,
    held_out_accuracy,
    private_runs,
    train,
)
from course.widgets import Explorer, Table, slider, style


@dataclass(frozen=True)
class BudgetParameters:
    """What the reader sets."""

    noise: float = slider(1.0, 0.3, 16.0, label="Noise", unit="clipping norms", log=True)
    steps: int = slider(
        100, 20, 160, step=20, label="Training", unit=f"steps of about {BATCH} images"
    )
    norm: float = slider(1.0, 0.1, 10.0, label="Clipping norm", log=True)


@dataclass(frozen=True)
class Budget:
    """The runs over all noises, and the one chosen."""

    p: BudgetParameters
    runs: PrivateRuns
    epsilon: float
    accuracy: float


def simulate(p: BudgetParameters) -> Budget:
    """Train for every noise of the curve (once for each norm and steps) and for the chosen one."""
    runs = private_runs(p.norm, p.steps, BATCH)
    spent = epsilon(p.noise, runs.rate, p.steps, DELTA)
    weights, _ = train(p.norm, np.array([p.noise]), p.steps, BATCH)
    return Budget(p, runs, spent, float(held_out_accuracy(weights)[0]))


def figure(b: Budget, fig: Figure) -> None:
    """Accuracy against epsilon, the chosen point, and training without privacy."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.09, right=0.66, top=0.91, bottom=0.15)
    runs = b.runs
    axes.axhline(
        runs.plain, color=style.ink(), linewidth=1, linestyle="--", label="without privacy"
    )
    axes.axhline(0.1, color=style.ink(), linewidth=1, linestyle=":", label="guessing")
    look = style.series(0)
    axes.plot(runs.epsilons, runs.accuracy.mean(axis=1), **look, label="DP-SGD, mean of runs")
    axes.fill_between(
        runs.epsilons, runs.accuracy.min(axis=1), runs.accuracy.max(axis=1), color="C0", alpha=0.2
    )
    axes.plot([b.epsilon], [b.accuracy], "D", color="C1", markersize=10, label="chosen: one run")
    axes.set(xscale="log", xlim=(0.02, 200), ylim=(0, 1.03))
    axes.set(xlabel=f"epsilon, at delta = {DELTA:g} (left: more private)", ylabel="right answers")
    axes.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(True, linewidth=0.6)
    axes.set_title(f"{b.p.steps} steps, gradients clipped to {b.p.norm:g}")
    fig.legend(loc="center left", bbox_to_anchor=(0.67, 0.55), frameon=False, labelspacing=1.2)


def table(b: Budget) -> Table:
    """Every noise with its epsilon and what it reaches."""
    rows: list[tuple[Any, ...]] = [
        ("none, no clipping", "no limit", 100 * b.runs.plain, 100 * b.runs.plain)
    ]
    for noise, spent, accuracy in zip(NOISES, b.runs.epsilons, b.runs.accuracy, strict=True):
        rows.append(
            (f"{noise:g}", float(spent), 100 * float(accuracy.min()), 100 * float(accuracy.max()))
        )
    rows.append((f"{b.p.noise:g} (chosen)", b.epsilon, 100 * b.accuracy, 100 * b.accuracy))
    columns = ("Noise", "Epsilon", "Least accuracy (%)", "Greatest accuracy (%)")
    caption = f"{b.p.steps} steps on {b.runs.people:,} digits at delta {DELTA:g}, measured here"
    return Table(caption, columns, rows)


def describe(b: Budget) -> str:
    """The chosen run's price and result beside training without privacy."""
    lost = 100 * (b.runs.plain - b.accuracy)
    change = f"{lost:.0f} points fewer than" if lost >= 0.5 else "about as many as"
    return (
        f"With noise {b.p.noise:g} and {b.p.steps} steps epsilon is {b.epsilon:.2f}: an image in or "
        f"out changes the chance of any outcome by a factor of at most {_factor(b.epsilon)} (but for "
        f"delta). {b.accuracy:.0%} of the answers are right, {change} without privacy "
        f"({b.runs.plain:.0%}); {b.runs.clipped_share:.0%} of the gradients were clipped at the end."
    )


def _factor(spent: float) -> str:
    if spent > 13.8:
        return "more than a million: no promise"
    grown = float(np.exp(spent))
    return f"{grown:,.0f}" if grown >= 100 else f"{grown:.3g}"


def privacy_budget(**initial: Any) -> Explorer:
    """Epsilon against accuracy for a digit reader trained with DP-SGD.

    ``initial`` sets any of noise, steps, norm; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        BudgetParameters(**initial),
        title="What privacy costs",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="privacy_budget",
    )
