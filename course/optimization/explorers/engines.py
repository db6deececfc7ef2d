"""The hand-built run and PyTorch's over each other: same weights, same batches, same curve."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from course.widgets import Explorer, Table, choice, slider

if TYPE_CHECKING:
    from course.compare import Comparison


@dataclass(frozen=True)
class SideBySideParameters:
    """What both engines train."""

    model: str = choice("mlp", {"mlp": "MLP", "cnn": "CNN"}, label="Model")
    dtype: str = choice(
        "float64", {"float32": "32-bit numbers", "float64": "64-bit numbers"}, label="Numbers"
    )
    epochs: int = slider(1, 1, 5, label="Epochs")
    seed: int = slider(0, 0, 9, label="Seed of the first weights and batches")


@lru_cache(maxsize=32)
def _trained(model: str, dtype: str, epochs: int, seed: int) -> Comparison:
    from course import compare  # here, for it loads PyTorch

    return compare.run(model, "digits", epochs=epochs, seed=seed, dtype=dtype)


def simulate(p: SideBySideParameters) -> Comparison:
    """Train by hand and in PyTorch."""
    return _trained(p.model, p.dtype, p.epochs, p.seed)


def figure(comparison: Comparison, fig: Figure) -> None:
    """Both curves over each other, and their difference at every step."""
    comparison.draw(fig, ("C0", "C1"))
    fig.subplots_adjust(left=0.08, right=0.985, top=0.95, bottom=0.15, wspace=0.3)


def table(comparison: Comparison) -> Table:
    """Losses, parameters, accuracy and time of both."""
    columns = ("Of the two runs", "course.scratch", "PyTorch", "Difference")
    return Table(comparison.title, columns, comparison.rows())


def describe(comparison: Comparison) -> str:
    """Whether it was the same training."""
    return (
        f"Over {len(comparison.mine.history.step_loss)} steps the two losses differ by at most "
        f"{comparison.loss_difference:.1e}, the parameters at the end by "
        f"{comparison.parameter_difference:.1e}. {comparison.verdict}"
    )


def side_by_side(**initial: Any) -> Explorer:
    """The same training by hand and in PyTorch; a second or two a setting.

    ``initial`` sets any of model, dtype, epochs, seed; raises ValueError or TypeError for a value
    or a name that is not one of them.
    """
    return Explorer(
        SideBySideParameters(**initial),
        title="Mine beside PyTorch",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="side_by_side",
    )
