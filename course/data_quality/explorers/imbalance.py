"""Explorer: a rare class, a threshold, and the confusion matrix that they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.data_quality.imbalance import Confusion, Rare, at_threshold
from course.widgets import Explorer, Table, choice, slider, style


@dataclass(frozen=True)
class RareParameters:
    """What the reader sets."""

    threshold: float = slider(0.5, 0.01, 0.99, step=0.01, label="Say yes from a score of")
    percent: int = slider(10, 1, 50, label="Images that show the digit", unit="% of all")
    digit: str = choice("8", {str(n): str(n) for n in range(10)}, label="Digit looked for")


def simulate(p: RareParameters) -> Rare:
    """Judge the scores at the threshold that the parameters ask for."""
    return at_threshold(int(p.digit), p.threshold, p.percent)


def figure(rare: Rare, fig: Figure) -> None:
    """The confusion matrix of 1,000 images, beside precision against recall."""
    left, right = fig.subplots(1, 2, width_ratios=(1.15, 1))
    fig.subplots_adjust(left=0.13, right=0.985, top=0.86, bottom=0.15, wspace=0.2)
    _matrix(left, rare.confusion)
    recalls, precisions = np.append(0, rare.recalls), np.append(1, rare.precisions)
    right.step(recalls, precisions, where="pre", color="C0", linewidth=1.6)
    base = rare.confusion.percent / 100
    right.axhline(base, color=style.ink(), linestyle=":", linewidth=1)
    right.annotate(
        "guessing at random",
        (0.02, base),
        xytext=(0, 3 if base < 0.9 else -11),
        textcoords="offset points",
        fontsize=8,
    )
    if not math.isnan(rare.confusion.precision):
        here = (rare.confusion.recall, rare.confusion.precision)
        right.plot(*here, "s", color="C1", markersize=10, clip_on=False, zorder=4)
    right.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.04))
    right.grid(True, linewidth=0.6)
    right.set_title(f"Average precision {rare.average_precision:.3f}; square: now")


def _matrix(axes: Any, confusion: Confusion) -> None:
    cells = (
        (0, 1, confusion.caught, "caught"),
        (1, 1, confusion.missed, "missed"),
        (0, 0, confusion.false_alarms, "false alarms"),
        (1, 0, confusion.rightly_passed, "rightly passed"),
    )
    for x, y, count, word in cells:
        wrong = word in ("missed", "false alarms")
        colour, hatch = ("C1", "//") if wrong else ("C0", None)
        axes.add_patch(Rectangle((x, y), 1, 1, color=colour, hatch=hatch, alpha=0.16, linewidth=1))
        axes.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=style.ink(), linewidth=1))
        axes.text(x + 0.5, y + 0.58, _count(count), ha="center", va="center", fontsize=17)
        axes.text(x + 0.5, y + 0.25, word, ha="center", va="center")
    digit = confusion.digit
    axes.set(xlim=(-0.01, 2.01), ylim=(-0.01, 2.01))
    axes.set_xticks([0.5, 1.5], [f'model: "{digit}"', 'model: "no"'])
    axes.set_yticks([0.5, 1.5], ["another\ndigit", f"it is\n{_a(digit)}"])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("Of 1,000 images (hatched: mistakes)")


def _a(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _count(value: float) -> str:
    return f"{value:.1f}" if 0 < value < 9.95 else f"{value:.0f}"


def table(rare: Rare) -> Table:
    """The four counts and what is made of them."""
    c = rare.confusion
    rows = [
        ("caught (true positives)", c.caught, "of 1,000 images"),
        ("missed (false negatives)", c.missed, "of 1,000 images"),
        ("false alarms (false positives)", c.false_alarms, "of 1,000 images"),
        ("rightly passed (true negatives)", c.rightly_passed, "of 1,000 images"),
        ("recall", 100 * c.recall, "% of the digit's images are caught"),
        ("precision", _percent(c.precision), "% of the alarms are right"),
        ("accuracy", 100 * c.accuracy, "% of all answers are right"),
        ('accuracy of always saying "no"', 100 * c.always_no, "% of all answers are right"),
        ("average precision", rare.average_precision, "over all thresholds, 0 to 1"),
    ]
    caption = (
        f"Looking for {c.digit}, {c.percent:g} % of the images, threshold {c.threshold:g}: rates "
        "measured on 1,797 digits, counts expected of 1,000 images"
    )
    return Table(caption, ("What", "Value", "Unit"), rows)


def _percent(value: float) -> Any:
    return "no alarm, none" if math.isnan(value) else 100 * value


def describe(rare: Rare) -> str:
    """What is caught and missed, how far an alarm can be trusted, and what accuracy hides."""
    c = rare.confusion
    text = (
        f"Of 1,000 images, {_count(c.caught + c.missed)} show {_a(c.digit)}; the model catches "
        f"{_count(c.caught)} of them (recall {c.recall:.0%}) and raises {_count(c.false_alarms)} "
        "false alarms"
    )
    if math.isnan(c.precision):
        text += ", for it never says yes"
    else:
        text += f", so {c.precision:.0%} of its alarms are right (precision)"
    return (
        f"{text}. Its accuracy is {c.accuracy:.1%}; always saying no would have {c.always_no:.1%}."
    )


def rare_class(**initial: Any) -> Explorer:
    """A threshold and the share of a class: confusion matrix, precision and recall.

    ``initial`` sets any of threshold, percent, digit; raises ValueError or TypeError for a value or
    a name that is not one of them.
    """
    return Explorer(
        RareParameters(**initial),
        title="A rare class",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="rare_class",
    )
