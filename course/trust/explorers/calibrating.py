"""Explorer: what a model says of its own sureness, what comes of it, and a temperature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from course.trust import readers
from course.trust.calibration import (
    Reliability,
    best_temperature,
    log_loss,
    reliability,
    softmax,
)
from course.widgets import Explorer, Table, slider, style

_GRID = np.geomspace(0.25, 4, 25)


@dataclass(frozen=True)
class CalibrationParameters:
    """What the reader sets."""

    temperature: float = slider(1.0, 0.25, 4.0, label="Temperature", log=True)
    passes: int = slider(200, 20, 200, step=20, label="Training", unit="passes over 200 images")
    bins: int = slider(10, 2, 20, label="Bins")


@dataclass(frozen=True)
class Calibrated:
    """Reliability of images never trained on, at the temperature chosen."""

    p: CalibrationParameters
    found: Reliability
    loss: float
    losses: NDArray[np.float64]
    best: float
    ece_at_best: float
    training_accuracy: float


@lru_cache(maxsize=16)
def _curve(passes: int) -> tuple[NDArray[np.float64], float]:
    model = readers.overconfident(passes)
    losses = np.array([log_loss(model.scores, model.labels, float(t)) for t in _GRID])
    return losses, best_temperature(model.fit_scores, model.fit_labels)


def simulate(p: CalibrationParameters) -> Calibrated:
    """Train (once for each number of passes), divide the scores by the temperature, count."""
    model = readers.overconfident(p.passes)
    losses, best = _curve(p.passes)
    found = reliability(softmax(model.scores, p.temperature), model.labels, p.bins)
    at_best = reliability(softmax(model.scores, best), model.labels, p.bins)
    return Calibrated(
        p,
        found,
        log_loss(model.scores, model.labels, p.temperature),
        losses,
        best,
        at_best.ece,
        model.training_accuracy,
    )


def figure(c: Calibrated, fig: Figure) -> None:
    """The reliability diagram, and the log loss at every temperature."""
    left, right = fig.subplots(1, 2)
    fig.subplots_adjust(left=0.1, right=0.98, top=0.9, bottom=0.15, wspace=0.25)
    r = c.found
    middle, width = (r.edges[1:] + r.edges[:-1]) / 2, r.edges[1] - r.edges[0]
    used = r.count > 0
    (line,) = left.plot([0, 1], [0, 1], color=style.ink(), linewidth=1)
    bars = left.bar(middle[used], r.accuracy[used], width * 0.94, color="C0", alpha=0.35)
    ends = np.array([r.accuracy - r.low, r.high - r.accuracy])[:, used].clip(0)
    errors = left.errorbar(
        r.confidence[used],
        r.accuracy[used],
        ends,
        fmt="o",
        color="C0",
        markersize=4,
    )
    left.set(xlim=(0, 1), ylim=(0, 1), xlabel="the model says", ylabel="of these are right")
    for axis in (left.xaxis, left.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
        axis.set_major_formatter(PercentFormatter(1.0))
    left.set_title(f"Expected calibration error {r.ece:.1%}")
    names = ["as sure as right", "right", "95 % interval"]
    left.legend([line, bars, errors], names, loc="upper left", frameon=False, fontsize=9)
    right.plot(_GRID, c.losses, color="C0", label="log loss on test images")
    right.plot([c.p.temperature], [c.loss], "o", color="C1", markersize=9, label="chosen")
    right.axvline(c.best, color="C2", linestyle="--", label="fitted on other images")
    right.set(xscale="log", xlabel="temperature", ylabel="log loss", ylim=(0, None))
    right.set_xticks([0.25, 0.5, 1, 2, 4], ["0.25", "0.5", "1", "2", "4"])
    right.set_title("How much a temperature mends")
    right.legend(loc="best", frameon=False, fontsize=9)


def table(c: Calibrated) -> Table:
    """The bins that hold answers."""
    r = c.found
    rows = [
        (
            f"{100 * r.edges[n]:.0f} to {100 * r.edges[n + 1]:.0f} %",
            int(r.count[n]),
            100 * float(r.confidence[n]),
            100 * float(r.accuracy[n]),
            f"{100 * r.low[n]:.0f} to {100 * r.high[n]:.0f}",
        )
        for n in np.flatnonzero(r.count)
    ]
    caption = f"Temperature {c.p.temperature:g}, {r.count.sum():,} test images, measured here"
    columns = ("Confidence", "Images", "Mean confidence (%)", "Right (%)", "95 % interval (%)")
    return Table(caption, columns, rows)


def describe(c: Calibrated) -> str:
    """Too sure, too unsure or about right, and what the fitted temperature would do."""
    gap = c.found.mean_confidence - c.found.mean_accuracy
    word = "about as sure as it is right"
    if abs(gap) > 0.02:
        word = f"too {'sure' if gap > 0 else 'unsure'} of itself by {100 * abs(gap):.0f} points"
    return (
        f"On average the model says {c.found.mean_confidence:.0%} and is right in "
        f"{c.found.mean_accuracy:.0%}: it is {word}; the expected calibration error is "
        f"{c.found.ece:.1%}. A temperature of {c.best:.2f}, fitted on other images, would bring it "
        f"to {c.ece_at_best:.1%} and change no answer."
    )


def calibration(**initial: Any) -> Explorer:
    """How sure a digit reader is against how right, with a temperature to mend it.

    ``initial`` sets any of temperature, passes, bins; raises ValueError or TypeError for a value or
    a name that is not one of them.
    """
    return Explorer(
        CalibrationParameters(**initial),
        title="As sure as right?",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="calibration",
    )
