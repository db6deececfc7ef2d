"""Explorer: accuracy against the number of training images, with wrong labels among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.data_quality.learning import SEEDS, SIZES, Curve, learning_curve
from course.widgets import Explorer, Table, slider, style


@dataclass(frozen=True)
class LearningParameters:
    """What the reader sets."""

    noise: int = slider(20, 0, 60, step=10, label="Wrong training labels", unit="%")
    steps: int = slider(200, 50, 400, step=50, label="Training", unit="steps of 32 images")


@dataclass(frozen=True)
class Curves:
    """The curve asked for, and the one with every label right."""

    noisy: Curve
    clean: Curve


def simulate(p: LearningParameters) -> Curves:
    """Train what the parameters ask for; what was trained before is not trained again."""
    return Curves(learning_curve(p.noise, p.steps), learning_curve(0, p.steps))


def figure(curves: Curves, fig: Figure) -> None:
    """Held-out accuracy with and without wrong labels, and the accuracy on the training images."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.09, right=0.6, top=0.91, bottom=0.15)
    noisy, clean = curves.noisy, curves.clean
    lines = (
        (clean.held_out, "held-out images,\ntrained on right labels"),
        (noisy.held_out, f"held-out images,\n{noisy.noise} % of training labels wrong"),
        (noisy.training, "training images,\nagainst the labels they were given"),
    )
    for number, (values, label) in enumerate(lines):
        if number == 1 and not noisy.noise:
            continue  # it would lie on the first line
        look = style.series(number)
        axes.plot(SIZES, values.mean(axis=1), **look, label=label)
        axes.fill_between(
            SIZES, values.min(axis=1), values.max(axis=1), color=look["color"], alpha=0.18
        )
    axes.set(xscale="log", xlabel="training images", ylabel="accuracy", ylim=(0.2, 1.03))
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(True, linewidth=0.6)
    axes.set_title(f"{noisy.steps} steps; mean and range of {SEEDS} runs")
    fig.legend(loc="center left", bbox_to_anchor=(0.61, 0.53), frameon=False, labelspacing=1.4)


def table(curves: Curves) -> Table:
    """The three accuracies at each size."""
    values = [
        100 * v.mean(axis=1)
        for v in (curves.clean.held_out, curves.noisy.held_out, curves.noisy.training)
    ]
    rows = [(size, *(float(v[n]) for v in values)) for n, size in enumerate(SIZES)]
    columns = (
        "Training images",
        "Held out, right labels (%)",
        f"Held out, {curves.noisy.noise} % wrong (%)",
        "Training, given labels (%)",
    )
    return Table(f"Accuracy after {curves.noisy.steps} steps, mean of {SEEDS} runs", columns, rows)


def describe(curves: Curves) -> str:
    """What the wrong labels cost with few and with many images, and what the training score hides."""
    noisy, clean = curves.noisy, curves.clean
    first, last = noisy.held_out[0].mean(), noisy.held_out[-1].mean()
    text = f"With {noisy.noise} % of the training labels wrong and {noisy.steps} steps, "
    text += f"held-out accuracy rises from {first:.1%} with {SIZES[0]} images "
    text += f"to {last:.1%} with {SIZES[-1]:,}"
    if noisy.noise:
        text += (
            f" (with right labels: {clean.held_out[0].mean():.1%} and "
            f"{clean.held_out[-1].mean():.1%})"
        )
    text += (
        f"; on the training images, against the labels given, it is "
        f"{noisy.training[0].mean():.1%} and {noisy.training[-1].mean():.1%}."
    )
    return text


def learning_curves(**initial: Any) -> Explorer:
    """How accuracy grows with the data, and what wrong labels do to it.

    ``initial`` sets any of noise, steps; raises ValueError or TypeError for a value or a name that
    is not one of them.
    """
    return Explorer(
        LearningParameters(**initial),
        title="Learning curves",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="learning_curves",
    )
