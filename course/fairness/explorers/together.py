"""Explorer: keep two criteria equal, and see what the base rates do to the third."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.facts.compas import compas
from course.fairness.impossibility import CRITERIA, forced, negatives_mean
from course.fairness.metrics import Counts
from course.widgets import Explorer, Table, choice, slider, style

_KEPT = {
    "fpr": ("ppv", "fnr"),
    "fnr": ("fpr", "ppv"),
    "ppv": ("fpr", "fnr"),
}
_GIVEN_UP = {
    "fpr": "precision and false-negative rate",
    "fnr": "false-positive rate and precision",
    "ppv": "false-positive and false-negative rate",
    "score": "calibration and the mean score of true yes",
}
_BASES = np.linspace(0.02, 0.98, 97)
EXAMPLE = 0.6  # mean calibrated score of true yes


@dataclass(frozen=True)
class ImpossibleParameters:
    """What the reader sets."""

    keep: str = choice("fpr", _GIVEN_UP, label="Keep equal")
    base_a: int = slider(51, 5, 95, label="Base rate of group A", unit="% true yes")
    base_b: int = slider(39, 5, 95, label="Base rate of group B", unit="% true yes")


@dataclass(frozen=True)
class Forced:
    """What is kept equal at which level, and the third criterion that follows at each base rate."""

    given_up: str
    label: str
    kept: tuple[tuple[str, float], ...]
    base: tuple[float, float]
    value: tuple[float, float]
    curve: Any

    @property
    def gap(self) -> float:
        """Third criterion of A less that of B; NaN where one of them cannot be."""
        return self.value[0] - self.value[1]


def _levels() -> dict[str, float]:
    """The kept criteria stand where ProPublica's counts of everybody have them."""
    row = compas("All")
    counts = Counts(row.tn, row.fp, row.fn, row.tp)
    return {
        "fpr": counts.false_positive_rate,
        "fnr": counts.false_negative_rate,
        "ppv": counts.precision,
    }


def simulate(p: ImpossibleParameters) -> Forced:
    """Force the third criterion at both base rates, and along all of them."""
    levels = _levels()
    bases = (p.base_a / 100, p.base_b / 100)
    if p.keep == "score":
        kept: tuple[tuple[str, float], ...] = (("mean score of true yes", EXAMPLE),)
        label = "mean score of true no"

        def third(base: float) -> float:
            return negatives_mean(base, EXAMPLE)
    else:
        first, second = _KEPT[p.keep]
        kept = ((CRITERIA[first], levels[first]), (CRITERIA[second], levels[second]))
        label = CRITERIA[p.keep]

        def third(base: float) -> float:
            return forced(p.keep, base, levels[first], levels[second])

    curve = np.array([third(float(base)) for base in _BASES])
    return Forced(p.keep, label, kept, bases, (third(bases[0]), third(bases[1])), curve)


def figure(found: Forced, fig: Figure) -> None:
    """The third criterion along the base rates, beside all three in both groups."""
    left, right = fig.subplots(1, 2, width_ratios=(1.15, 1))
    fig.subplots_adjust(left=0.085, right=0.975, top=0.89, bottom=0.15, wspace=0.62)
    left.plot(_BASES, found.curve, color=style.ink(), linewidth=1.4)
    for which, name in enumerate("AB"):
        look = {**style.series(which), "linestyle": "none"}
        base, value = found.base[which], found.value[which]
        shown = 0.0 if math.isnan(value) else value
        left.plot([base, base], [0, shown], color=f"C{which}", linestyle=":", linewidth=1.2)
        if not math.isnan(value):
            left.plot([base], [value], **look, markersize=10, clip_on=False)
        left.annotate(
            name, (base, shown), xytext=(9 if base < 0.9 else -18, 3), textcoords="offset points"
        )
    left.set(xlim=(0, 1), ylim=(0, 1.04), xlabel="base rate: share of true yes in a group")
    left.set_ylabel(found.label)
    left.set_title("What the base rate forces")
    rows = [(name, value, value) for name, value in found.kept]
    rows.append((found.label, *found.value))
    names = []
    for place, (name, a, b) in enumerate(reversed(rows)):
        names.append(name.replace(" rate", "\nrate").replace("score of", "score\nof"))
        for which, value in enumerate((a, b)):
            look = {**style.series(which), "linestyle": "none"}
            y = place + (0.13 if which == 0 else -0.13)
            if math.isnan(value):
                right.text(0.03, y, f"{'AB'[which]}: not possible", va="center", fontsize=9)
            else:
                right.plot([0, value], [y, y], color=f"C{which}", linewidth=1.4)
                right.plot([value], [y], **look, markersize=9, clip_on=False)
                right.annotate(
                    f"{'AB'[which]} {value:.0%}", (value, y), xytext=(8, 0),
                    textcoords="offset points", va="center", fontsize=9,
                )  # fmt: skip
    right.set(xlim=(0, 1.12), ylim=(-0.6, len(rows) - 0.4))
    right.set_yticks(range(len(rows)), names)
    right.set_xticks([0, 0.25, 0.5, 0.75, 1])
    right.set_title("Kept equal above, forced below")
    for axes in (left, right):
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.grid(True, axis="x", linewidth=0.6)
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    left.grid(True, axis="y", linewidth=0.6)


def table(found: Forced) -> Table:
    """The criteria of both groups."""
    rows: list[tuple[Any, ...]] = [
        ("base rate (%)", 100 * found.base[0], 100 * found.base[1], "set by you")
    ]
    rows += [(f"{name} (%)", 100 * value, 100 * value, "kept equal") for name, value in found.kept]
    rows.append(
        (f"{found.label} (%)", *(_shown(value) for value in found.value), "forced by the identity")
    )
    caption = (
        "Calibrated scores; the level kept is an example"
        if found.given_up == "score"
        else f"Levels kept: those of everybody in ProPublica's counts ({compas('All').cite})"
    )
    return Table(caption, ("Criterion", "Group A", "Group B", "Why"), rows)


def _shown(value: float) -> Any:
    return "not possible" if math.isnan(value) else 100 * value


def describe(found: Forced) -> str:
    """The forced gap, or that all hold together, or that there is no such prediction."""
    a, b = found.base
    kind = "calibrated scores, " if found.given_up == "score" else ""
    lead = (
        f"With {kind}{' and '.join(f'{name} at {value:.0%}' for name, value in found.kept)} in both groups "
        f"and base rates of {a:.0%} and {b:.0%}, "
    )
    if math.isnan(found.gap):
        which = "A" if math.isnan(found.value[0]) else "B"
        why = (
            "the mean score of true yes would lie below the base rate"
            if found.given_up == "score"
            else f"the {found.label} would lie outside 0 to 100 %"
        )
        return f"{lead}no prediction exists for group {which}: {why}."
    if a == b:
        return f"{lead}the {found.label} is {found.value[0]:.1%} in both: with equal base rates all hold together."
    return (
        f"{lead}the {found.label} must be {found.value[0]:.1%} and {found.value[1]:.1%}: a gap of "
        f"{abs(found.gap) * 100:.1f} points that no model can avoid while it keeps this."
    )


def impossible(**initial: Any) -> Explorer:
    """Which criteria can hold together at which base rates.

    ``initial`` sets any of keep, base_a, base_b; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        ImpossibleParameters(**initial),
        title="What cannot be had together",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="impossible",
    )
