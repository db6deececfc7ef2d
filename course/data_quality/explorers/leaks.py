"""Explorer: one leak from held-out images into training, with the honest and the flattering score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.data_quality.leakage import KINDS, PERCENTS, Leak, measure
from course.widgets import Explorer, Table, choice, slider, style

_LABELS = {
    "duplicates": "exact copies",
    "groups": "shifted copies",
    "scaling": "scaling before the split",
    "selection": "choosing columns before the split",
}

# One range of accuracies a leak, whatever its sliders say: a picture that rescales hides the change.
_RANGES = {
    "duplicates": (0.6, 1.02),
    "groups": (0.6, 1.02),
    "scaling": (0.6, 1.02),
    "selection": (0.2, 1.02),
}


@dataclass(frozen=True)
class LeakageParameters:
    """What the reader sets."""

    kind: str = choice("duplicates", _LABELS, label="Leak")
    percent: int = slider(100, 0, 100, step=25, label="Held-out images that leak", unit="%")
    images: int = slider(100, 60, 400, step=20, label="Training images", unit="images")


def simulate(p: LeakageParameters) -> Leak:
    """Measure the leak that the parameters ask for."""
    return measure(p.kind, p.images, p.percent)


def figure(leak: Leak, fig: Figure) -> None:
    """Every split with and without the leak, beside the mean over all degrees of leaking."""
    left, right = fig.subplots(1, 2, sharey=True)
    fig.subplots_adjust(left=0.1, right=0.985, top=0.9, bottom=0.15, wspace=0.1)
    for honest, flattering in zip(leak.honest, leak.flattering, strict=True):
        left.plot([0, 1], [honest, flattering], color=style.ink(), alpha=0.25, linewidth=0.8)
    for place, scores, number in ((0, leak.honest, 0), (1, leak.flattering, 1)):
        look = {**style.series(number), "linestyle": "none"}
        left.plot(np.full(len(scores), place), scores, **look, alpha=0.35, markersize=5)
        left.plot([place], [scores.mean()], **look, markersize=11)
        side, align = (-0.09, "right") if place == 0 else (1.09, "left")
        left.text(side, scores.mean(), f"{scores.mean():.1%}", ha=align, va="center", fontsize=11)
    left.set(xlim=(-0.55, 1.55), ylim=_RANGES[leak.kind])
    left.set_ylabel("accuracy on the held-out images")
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    left.set_xticks([0, 1], ["honest split", f"{leak.percent} % leak"])
    left.set_title(f"{len(leak.honest)} random splits and their mean")
    right.plot(PERCENTS, leak.accuracy.mean(axis=0), color=style.ink(), linewidth=1.2)
    for place, mean, number in (
        (0, leak.honest.mean(), 0),
        (leak.percent, leak.flattering.mean(), 1),
    ):
        right.plot([place], [mean], **{**style.series(number), "linestyle": "none"}, markersize=9)
    right.set(xlabel="held-out images that leak (%)", xticks=PERCENTS)
    right.set_title("Mean accuracy, the more leaks in")
    for axes in (left, right):
        axes.grid(True, axis="y", linewidth=0.6)


def table(leak: Leak) -> Table:
    """The scores at every degree of leaking."""
    rows = [
        (percent, *(100 * float(f(scores)) for f in (np.mean, np.min, np.max)))
        for percent, scores in zip(PERCENTS, leak.accuracy.T, strict=True)
    ]
    columns = ("Leak (%)", "Mean accuracy (%)", "Lowest split (%)", "Highest split (%)")
    caption = f"{KINDS[leak.kind].capitalize()}; {leak.images} training images"
    return Table(caption, columns, rows)


def describe(leak: Leak) -> str:
    """What the leak is, the two scores, and whether their difference is more than chance."""
    gain, error = leak.gain
    text = (
        f"With {leak.images} training images, {KINDS[leak.kind]}: the honest accuracy is "
        f"{leak.honest.mean():.1%}, with {leak.percent} % leaking it reads {leak.flattering.mean():.1%}"
    )
    if leak.percent == 0:
        text += "; nothing leaks, so both are the same."
    elif abs(gain) > 2 * error:
        text += f", {abs(gain) * 100:.1f} points {'too good' if gain > 0 else 'too low'}."
    else:
        text += (
            f"; the difference of {gain * 100:+.1f} points is within chance "
            f"(standard error {error * 100:.1f})."
        )
    if leak.kind == "selection":
        text += " The columns are random and the labels coin flips, so the truth is 50 %."
    return text


def leakage(**initial: Any) -> Explorer:
    """Copies, groups, scaling, choosing columns: what leaks, and what it does to the score.

    ``initial`` sets any of kind, percent, images; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        LeakageParameters(**initial),
        title="Split and leakage",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="leakage",
    )
