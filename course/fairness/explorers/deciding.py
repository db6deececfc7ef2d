"""Explorer: two groups, a threshold to drag in each, and every rate that moves with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.fairness.intervals import SMALL, Interval, wilson
from course.fairness.metrics import Counts
from course.fairness.thresholds import RULES, Scored, made_up, matched, real
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Area, Handle, Line, Panel, Points, Scene, Text

_TABLES = {
    "made up": "made-up loans (who would repay is known)",
    "arrests": "Toronto arrests (truth: the police's decision)",
    "mortgages": "Boston mortgages (truth: the lender's decision)",
}
_BINS = 25
_RATES = (
    ("selection_rate", "selection rate"),
    ("true_positive_rate", "true-positive rate"),
    ("false_positive_rate", "false-positive rate"),
    ("precision", "precision (PPV)"),
)


@dataclass(frozen=True)
class ThresholdParameters:
    """What the reader sets."""

    rule: str = choice("free", RULES, label="Thresholds")
    table: str = choice("made up", _TABLES, label="People")
    first: float = slider(0.6, 0.01, 0.99, step=0.01, label="First group's threshold", hidden=True)
    second: float = slider(0.6, 0.01, 0.99, step=0.01, label="Second group's", hidden=True)


@dataclass(frozen=True)
class TwoGroups:
    """Both groups at their thresholds; the second may be tied to the first by a rule."""

    rule: str
    scored: Scored
    thresholds: tuple[float, float]
    counts: tuple[Counts, Counts]

    def interval(self, which: int, rate: str) -> Interval:
        """A rate of a group with Wilson's interval."""
        return wilson(*self.counts[which].fraction(rate))


def simulate(p: ThresholdParameters) -> TwoGroups:
    """Decide everybody by the thresholds, the second as the rule has it."""
    scored = made_up() if p.table == "made up" else real(p.table)
    second = p.second if p.rule == "free" else matched(scored, p.rule, p.first)
    both = (p.first, second)
    return TwoGroups(p.rule, scored, both, (scored.counts(0, p.first), scored.counts(1, second)))


def act(p: ThresholdParameters, name: str, x: float, y: float) -> dict[str, Any]:
    """Whoever drags the second threshold takes it off the rule."""
    if name == "second":
        return {"second": round(x, 2), "rule": "free"}
    return {"first": round(x, 2)}


def scene(found: TwoGroups) -> Scene:
    """The scores of each group with its threshold, beside their rates."""
    top = max(float(_heights(found.scored, n).sum(axis=0).max()) for n in (0, 1))
    groups = [_scores(found, n, top * 1.16) for n in (0, 1)]
    return Scene(*groups, _rates(found), height=420)


def _heights(scored: Scored, which: int) -> Any:
    """Share of the group in each bin: first those whose true answer is yes, then no."""
    scores, truths = scored.scores[which], scored.truths[which]
    return np.stack(
        [
            np.histogram(scores[truths == answer], bins=_BINS, range=(0, 1))[0] / len(scores)
            for answer in (1, 0)
        ]
    )


def _steps(low: Any, high: Any) -> list[tuple[float, float]]:
    """The outline of bars from ``low`` to ``high``."""
    edges = np.linspace(0, 1, _BINS + 1)
    x = np.repeat(edges, 2)[1:-1]
    over, under = np.repeat(high, 2), np.repeat(low, 2)
    return [*zip(x, over, strict=True), *zip(x[::-1], under[::-1], strict=True)]


def _scores(found: TwoGroups, which: int, top: float) -> Panel:
    scored, threshold = found.scored, found.thresholds[which]
    yes, no = 100 * _heights(scored, which)
    name = ("first", "second")[which]
    color = f"C{which}"
    marks: list[Any] = [
        Area(_steps(np.zeros(_BINS), yes), color, opacity=0.65),
        Area(_steps(yes, yes + no), "ink", opacity=0.2, edge="ink"),
        Line([(threshold, 0), (threshold, 100 * top)], "ink", width=2.2),
        Handle(name, threshold, 50 * top, f"Threshold of {scored.groups[which]}", axis="x", color=color, step=(0.01, 0.01)),
    ]  # fmt: skip
    people = f"{len(scored.scores[which]):,} {'made-up ' if _made(found) else ''}people"
    return Panel(
        (0, 1),
        (0, 100 * top),
        marks,
        title=f"{scored.groups[which]}: {people} (grey: true answer no)",
        xlabel="score" if which else "",
        ylabel="% of group",
        place=(0, 0, 440, 195) if which == 0 else (0, 198, 440, 222),
    )


def _rates(found: TwoGroups) -> Panel:
    marks: list[Any] = []
    for x in (0, 0.25, 0.5, 0.75, 1):
        marks.append(Line([(x, 0.15), (x, 4.25)], "grid", width=1))
        marks.append(Text(x, -0.02, f"{x:.0%}", align="center", size=11))
    for row, (rate, label) in enumerate(_RATES):
        y = 4 - row
        marks.append(Text(0, y + 0.13, label, size=12))
        for which in (0, 1):
            height = y - 0.2 - 0.26 * which
            interval = found.interval(which, rate)
            if interval.estimate != interval.estimate:
                marks.append(Text(0.5, height - 0.06, "nobody to count", color="quiet", size=11))
                continue
            small = found.counts[which].fraction(rate)[1] < SMALL
            bar = [(interval.low, height), (interval.high, height)]
            marks.append(Line(bar, f"C{which}", width=2, dash="dotted" if small else "solid"))
            dot, color = [(interval.estimate, height)], f"C{which}"
            marks.append(Points(dot, color, "s" if which else "o", size=9, hollow=small))
    first, second = found.scored.groups
    marks.append(Points([(0.02, 4.75)], "C0", marker="o", size=9))
    marks.append(Text(0.06, 4.7, first, size=12))
    marks.append(Points([(0.42, 4.75)], "C1", marker="s", size=9))
    marks.append(Text(0.46, 4.7, second, size=12))
    return Panel(
        (-0.03, 1.05),
        (-0.15, 5.0),
        marks,
        title="Rates, with 95 % intervals",
        axes=False,
        place=(462, 6, 370, 410),
    )


def table(found: TwoGroups) -> Table:
    """Every rate of both groups with its interval and how many people it is made from."""
    rows = []
    for rate, label in (
        *_RATES,
        ("false_negative_rate", "false-negative rate"),
        ("accuracy", "accuracy"),
    ):
        cells: list[Any] = [label]
        for which in (0, 1):
            cells += [str(found.interval(which, rate)), int(found.counts[which].fraction(rate)[1])]
        rows.append(cells)
    first, second = found.scored.groups
    columns = (
        "Rate",
        f"{first} (95 % interval)",
        "of people",
        f"{second} (95 % interval)",
        "of people ",
    )
    a, b = found.thresholds
    caption = (
        f"{_kind(found)}; thresholds {a:.2f} and {b:.2f}. "
        f"A yes: {found.scored.selected}. The truth: {found.scored.what}"
    )
    return Table(caption, columns, rows)


def _made(found: TwoGroups) -> bool:
    return found.scored.name.startswith("made")


def _kind(found: TwoGroups) -> str:
    return (
        "Simulated people"
        if found.scored.name.startswith("made")
        else f"Measured here: {found.scored.name}"
    )


def describe(found: TwoGroups) -> str:
    """The thresholds, and for each rate the two groups."""
    first, second = found.scored.groups
    a, b = found.thresholds
    said = f"With thresholds {a:.2f} ({first}) and {b:.2f} ({second})"
    if found.rule not in ("free", "same"):
        said += f", set for {RULES[found.rule]}"
    parts = []
    for rate, label in _RATES:
        x, y = (found.interval(which, rate).estimate for which in (0, 1))
        parts.append(f"{label} {_percent(x)} against {_percent(y)}")
    text = f"{said}: {'; '.join(parts)}."
    if not _made(found):
        text += f" The truth here is who {found.scored.what}, a decision, not what would have come of it."
    return text


def _percent(value: float) -> str:
    return "not defined" if value != value else f"{value:.1%}"


def two_thresholds(**initial: Any) -> DirectExplorer:
    """Two groups of people with scores; drag each group's threshold, or tie them by a rule.

    ``initial`` sets any of rule, table, first, second; raises ValueError or TypeError for a value or
    a name that is not one of them.
    """
    return DirectExplorer(
        ThresholdParameters(**initial),
        title="Two groups, two thresholds",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        act=act,
        opener="two_thresholds",
    )
