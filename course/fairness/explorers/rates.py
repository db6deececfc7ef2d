"""Explorer: a rate by group with its interval, for whole groups, crossed groups and fewer people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course import records
from course.fairness.intervals import SMALL, Interval, newcombe, wilson
from course.fairness.logistic import out_of_fold
from course.fairness.metrics import Counts
from course.widgets import Explorer, Table, choice, slider

_WHAT = {
    "approved": "mortgages: approved by the lender",
    "denied": "mortgages: lender approved, model denies (FNR)",
    "passed": "mortgages: lender denied, model approves (FPR)",
    "released": "arrests: released by the police",
}
_RATE = {
    "approved": "base_rate",
    "denied": "false_negative_rate",
    "passed": "false_positive_rate",
    "released": "base_rate",
}
_BY = {"race": "race", "sex": "sex", "race and sex": "race and sex together"}


@dataclass(frozen=True)
class RateParameters:
    """What the reader sets."""

    what: str = choice("approved", _WHAT, label="Rate")
    by: str = choice("race", _BY, label="Groups by")
    percent: int = slider(100, 2, 100, step=2, label="People kept, drawn at random", unit="%")


@dataclass(frozen=True)
class GroupRates:
    """The groups, each with its count, the people the rate is of, and the interval."""

    what: str
    by: str
    people: int
    names: tuple[str, ...]
    parts: tuple[tuple[float, float], ...]
    intervals: tuple[Interval, ...]

    @property
    def extremes(self) -> tuple[int, int] | None:
        """The places of the largest and the smallest rate; None without two rates."""
        known = [n for n, i in enumerate(self.intervals) if i.estimate == i.estimate]
        if len(known) < 2:
            return None
        order = sorted(known, key=lambda n: self.intervals[n].estimate)
        return order[-1], order[0]


@lru_cache
def _decided(name: str) -> Any:
    """A model's decisions, as many yes as were decided; race is no column of it."""
    table = records.load(name)
    score = out_of_fold(table.scaled(), table.outcome)
    yes = np.zeros(len(table), dtype=np.int64)
    yes[np.argsort(-score, kind="stable")[: int(table.outcome.sum())]] = 1
    return yes


def simulate(p: RateParameters) -> GroupRates:
    """Count a random part of the table, the same one for the same percent."""
    table = records.load("arrests" if p.what == "released" else "mortgages")
    order = np.random.RandomState(1).permutation(len(table))
    kept = order[: max(2, round(len(table) * p.percent / 100))]
    group = table.crossed("race", "sex") if p.by == "race and sex" else table.attribute(p.by)
    truth = table.outcome
    answer = _decided(table.name) if p.what in ("denied", "passed") else truth
    names, parts = [], []
    for name in np.unique(group):
        here = kept[group[kept] == name]
        cells = np.bincount(2 * truth[here] + answer[here], minlength=4)
        names.append(str(name))
        parts.append(Counts(*(float(c) for c in cells)).fraction(_RATE[p.what]))
    intervals = tuple(wilson(*part) for part in parts)
    return GroupRates(p.what, p.by, len(kept), tuple(names), tuple(parts), intervals)


def figure(found: GroupRates, fig: Figure) -> None:
    """A dot and its interval for each group; small groups hollow and dashed."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.29, right=0.75, top=0.9, bottom=0.14)
    rows = list(zip(found.names, found.parts, found.intervals, strict=True))[::-1]
    for y, (_, (_, n), interval) in enumerate(rows):
        if interval.estimate != interval.estimate:
            axes.text(0.5, y, "nobody to count", ha="center", va="center", fontsize=9)
            continue
        small = n < SMALL
        axes.plot(
            [interval.low, interval.high], [y, y],
            color="C1" if small else "C0", linestyle="--" if small else "-", linewidth=2,
            marker="|", markersize=11,
        )  # fmt: skip
        axes.plot(
            [interval.estimate], [y], marker="s" if small else "o", markersize=9,
            color="C1" if small else "C0", markerfacecolor="none" if small else None, clip_on=False,
        )  # fmt: skip
        axes.annotate(
            str(interval), (1.045, y), xycoords=("axes fraction", "data"), va="center", fontsize=9,
            annotation_clip=False,
        )  # fmt: skip
    labels = [f"{name}\n{_people(n)}" for name, (_, n), _ in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=9 if len(rows) < 7 else 8)
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(True, axis="x", linewidth=0.6)
    axes.set_xlabel(_WHAT[found.what])
    axes.set_title(f"Measured on {found.people:,} people; dashed, hollow: fewer than {SMALL}")


def _people(n: float) -> str:
    return f"of {n:,.0f} people" if n != 1 else "of 1 person"


def table(found: GroupRates) -> Table:
    """The counts behind every dot."""
    rows = [
        (name, int(yes), int(n), str(interval), "small" if n < SMALL else "")
        for name, (yes, n), interval in zip(found.names, found.parts, found.intervals, strict=True)
    ]
    columns = ("Group", "Yes", "Of people", "Rate (95 % interval, Wilson)", "Note")
    return Table(f"{_WHAT[found.what].capitalize()}, by {found.by}", columns, rows)


def describe(found: GroupRates) -> str:
    """The extreme groups, how far they are apart, and how sure that is."""
    small = [name for name, (_, n) in zip(found.names, found.parts, strict=True) if n < SMALL]
    ends = found.extremes
    if ends is None:
        text = "Fewer than two groups have anybody to count, so nothing can be compared"
    else:
        high, low = ends
        gap = newcombe(*found.parts[high], *found.parts[low])
        text = (
            f"The rate is highest for {found.names[high]}, {found.intervals[high]}, and lowest for "
            f"{found.names[low]}, {found.intervals[low]}; they differ by {100 * gap.estimate:.1f} points "
            f"({100 * gap.low:.1f} to {100 * gap.high:.1f})"
        )
        if gap.low <= 0:
            text += ", which chance alone could make"
        elif len(found.names) > 3:
            text += ", an interval too narrow for a pair picked out of many"
    if small:
        who = small[0] if len(small) == 1 else f"{len(small)} of {len(found.names)} groups"
        text += f"; {who} {'has' if len(small) == 1 else 'have'} fewer than {SMALL} people"
    return text + "."


def group_rates(**initial: Any) -> Explorer:
    """A rate by group with its interval, on the mortgages or the arrests.

    ``initial`` sets any of what, by, percent; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        RateParameters(**initial),
        title="A rate, group by group",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="group_rates",
        size=(8.4, 4.2),
    )
