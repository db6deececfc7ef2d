"""The heat map of batch size and learning rate, every cell a training of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course.optimization.batch_rate import BATCH_SIZES, BUDGETS, RATES, Grid, train_grid
from course.widgets import Explorer, Table, choice, slider

_RATE_NAMES = [f"{rate:g}" for rate in RATES]


@dataclass(frozen=True)
class BatchRateParameters:
    """What is equal for all trainings."""

    budget: str = choice("images", BUDGETS, label="Every training gets")
    momentum: float = slider(0.0, 0.0, 0.9, step=0.3, label="Momentum")
    seed: int = slider(0, 0, 4, label="Seed of the first weights and batches")


def simulate(p: BatchRateParameters) -> Grid:
    """Train every pair of batch size and learning rate."""
    return train_grid(p.budget, p.momentum, p.seed)


def figure(grid: Grid, fig: Figure) -> None:
    """Held-out accuracy by batch size and learning rate; the best rate of each row is framed."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.1, right=0.985, top=0.9, bottom=0.15)
    shape = (len(BATCH_SIZES), len(RATES))
    accuracy = np.reshape([cell.accuracy for cell in grid.cells], shape)
    axes.imshow(accuracy, vmin=0, vmax=1, cmap="cividis", aspect="auto")
    for cell in grid.cells:
        row, column = BATCH_SIZES.index(cell.batch_size), RATES.index(cell.learning_rate)
        ink = "black" if cell.accuracy > 0.45 else "white"
        text = f"{cell.accuracy:.0%}\n{cell.steps} steps"
        axes.text(column, row, text, ha="center", va="center", color=ink, fontsize=9)
        if cell == grid.best_at(cell.batch_size):
            axes.plot(
                column + np.array([-0.47, 0.47, 0.47, -0.47, -0.47]),
                row + np.array([-0.46, -0.46, 0.46, 0.46, -0.46]),
                color=ink,
                linewidth=2,
            )
    axes.set_xticks(range(len(RATES)), _RATE_NAMES)
    axes.set_yticks(range(len(BATCH_SIZES)), [str(size) for size in BATCH_SIZES])
    axes.set(xlabel="learning rate", ylabel="batch size (images)")
    axes.set_title(
        "Held-out accuracy, measured here; framed: the lowest held-out loss of each batch size"
    )
    axes.spines[:].set_visible(False)


def table(grid: Grid) -> Table:
    """Every training: steps, held-out accuracy and loss."""
    rows = [
        (c.batch_size, f"{c.learning_rate:g}", c.steps, f"{c.accuracy:.1%}", c.loss)
        for c in grid.cells
    ]
    columns = (
        "Batch size (images)",
        "Learning rate",
        "Steps",
        "Held-out accuracy",
        "Held-out loss",
    )
    return Table(f"SGD with momentum {grid.momentum:g}, {BUDGETS[grid.budget]}", columns, rows)


def describe(grid: Grid) -> str:
    """The best cell, and how the best rate moves with the batch size."""
    best = grid.best
    rates = ", ".join(f"{grid.best_at(size).learning_rate:g} at {size}" for size in BATCH_SIZES)
    return (
        f"With {BUDGETS[grid.budget]}, the lowest held-out loss of {len(grid.cells)} trainings, "
        f"{best.loss:.3g}, has batch size {best.batch_size} and learning rate "
        f"{best.learning_rate:g}: {best.accuracy:.1%} of the held-out digits are right. The best rate by "
        f"batch size: {rates}."
    )


def batch_rate(**initial: Any) -> Explorer:
    """A heat map of batch size against learning rate, really trained; a second or two a setting.

    ``initial`` sets any of budget, momentum, seed; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        BatchRateParameters(**initial),
        title="Batch size and learning rate",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="batch_rate",
    )
