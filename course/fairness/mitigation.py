"""Four ways to mend a model, held to the same people: what each gives, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from course import records
from course.fairness.inputs import InputError, groups_of, zeros_and_ones
from course.fairness.intervals import Interval, newcombe, wilson
from course.fairness.metrics import Audit, audit
from course.fairness.thresholds import fit_thresholds
from course.fairness.training import Aim, Array, train

WAYS = {
    "plain": "nothing: race is not a column, no more",
    "reweighing": "before: count people so that group and outcome are independent",
    "penalty": "during: punish the gap in the loss",
    "adversary": "during: mislead a network that guesses the group",
    "thresholds": "after: a threshold for each group, equal selection rates",
    "opportunity": "after: a threshold for each group, equal true-positive rates",
}
_AIMS = {"penalty": Aim(penalty=30.0), "adversary": Aim(adversary=1.0)}


def reweighing(y: object, group: object) -> Array:
    """Kamiran and Calders' (2012) weights: a person counts P(group) P(outcome) / P(group, outcome).

    After weighting, group and outcome are independent. Raises InputError for unsuited arrays, and
    where a group has only one outcome: no weight makes up for people who are not there.
    """
    groups = groups_of(group)
    truth = zeros_and_ones(y, "y", len(groups))
    weights = np.empty(len(groups))
    for name in np.unique(groups):
        for outcome in (0, 1):
            here = (groups == name) & (truth == outcome)
            if not here.any():
                raise InputError(
                    f"nobody of {str(name)!r} has outcome {outcome}, and no weight makes up for people "
                    "who are not there. Join groups, or collect more"
                )
            weights[here] = (groups == name).mean() * (truth == outcome).mean() / here.mean()
    return weights


@dataclass(frozen=True)
class Mended:
    """A way of mending, judged on held-out people.

    agreement: share decided as it was. gap: selection rate of White people less that of `other`.
    needs_race: whether it must know a person's group when it decides. decided, white: 0 or 1, each
    held-out person in the same order for every way.
    """

    way: str
    audit: Audit
    agreement: Interval
    gap: Interval
    needs_race: bool
    other: str
    decided: NDArray[np.int64]
    white: NDArray[np.int64]

    def gap_of(self, rate: str) -> Interval:
        """A rate of White people less that of the others, with Newcombe's interval."""
        white, other = (self.audit.groups[name].fraction(rate) for name in ("White", self.other))
        return newcombe(*white, *other)

    def change(self, plain: Mended, draws: int = 2000) -> Interval:
        """By how much the gap of a yes is less than ``plain``'s: paired, since the people are the same.

        A percentile bootstrap of the people, group by group; training is not repeated in it.
        """
        rng = np.random.default_rng(0)
        moved = self.decided - plain.decided
        found = {}
        for group in (1, 0):
            kinds = np.bincount(moved[self.white == group] + 1, minlength=3)
            drawn = rng.multinomial(kinds.sum(), kinds / kinds.sum(), size=draws)
            found[group] = (drawn[:, 2] - drawn[:, 0]) / kinds.sum()
        low, high = np.quantile(found[1] - found[0], [0.025, 0.975])
        return Interval(float(low), self.gap.estimate - plain.gap.estimate, float(high))


@lru_cache
def mend(way: str, name: str = "mortgages", steps: int = 150) -> Mended:
    """Train on a table's training rows in one of WAYS, and judge on its held-out rows.

    Every way says yes to about the share of people that was decided a yes. Raises InputError for
    another way.
    """
    if way not in WAYS:
        raise InputError(f"a way is one of {', '.join(WAYS)}, not {way!r}")
    table = records.load(name)
    X, y = table.scaled(), table.outcome
    white = (table.attribute("race") == "White").astype(np.int64)
    train_rows, held = table.train_rows, table.held_out_rows
    weights = reweighing(y[train_rows], white[train_rows]) if way == "reweighing" else None
    run = train(
        X[train_rows],
        y[train_rows],
        white[train_rows],
        _AIMS.get(way),
        weights=weights,
        steps=steps,
    )
    rule = {"thresholds": "selection", "opportunity": "opportunity"}.get(way, "same")
    found = fit_thresholds(
        y[train_rows], run.probability(X[train_rows]), white[train_rows], rule, y[train_rows].mean()
    )
    decided = found.decide(run.probability(X[held]), white[held])
    return judged(way, y[held], decided, white[held], table.minority, needs_race=rule != "same")


@dataclass(frozen=True)
class Compared:
    """All ways on the same held-out people of a table."""

    name: str
    ways: tuple[Mended, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """The table's rows, one a way."""
        found = []
        for mended in self.ways:
            white, others = (
                mended.audit.rates("selection_rate")[g] for g in ("White", mended.other)
            )
            found.append(
                (
                    mended.way,
                    f"{white:.0%} / {others:.0%}",
                    _points(mended.gap),
                    "" if mended is self.ways[0] else _points(mended.change(self.ways[0])),
                    *(_points(mended.gap_of(rate)) for rate in _GAPS),
                    f"{mended.agreement.estimate:.0%} ({mended.agreement.low:.0%} to {mended.agreement.high:.0%})",
                    "yes" if mended.needs_race else "no",
                )
            )
        return found

    def __str__(self) -> str:
        lines = [_COLUMNS, *self.rows()]
        widths = [max(len(line[n]) for line in lines) for n in range(len(_COLUMNS))]
        body = ["  ".join(t.ljust(w) for t, w in zip(x, widths, strict=True)) for x in lines]
        return "\n".join([self.caption, *(line.rstrip() for line in body)])

    __repr__ = __str__

    @property
    def caption(self) -> str:
        """What is measured on whom."""
        people = int(sum(c.n for c in self.ways[0].audit.groups.values()))
        other = int(self.ways[0].audit.groups[self.ways[0].other].n)
        return (
            f"Measured on {people:,} held-out people of the {self.name}, {other} of them {self.ways[0].other}; gaps: "
            "White less those, in points, with 95 % intervals"
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in _COLUMNS)
        body = "".join(
            f'<tr><th scope="row">{row[0]}</th>'
            + "".join(f"<td>{cell}</td>" for cell in row[1:])
            + "</tr>"
            for row in self.rows()
        )
        return f"<table><caption>{self.caption}</caption><tr>{head}</tr>{body}</table>"


_GAPS = ("true_positive_rate", "precision")
_COLUMNS = (
    "way",
    "yes: White / not",
    "gap of yes",
    "change of it",
    "gap of true-positive rates",
    "gap of precision",
    "decided as before",
    "race needed to decide",
)


def _points(gap: Interval) -> str:
    middle, low, high = (round(100 * value) for value in (gap.estimate, gap.low, gap.high))
    return f"{middle} ({low} to {high})"


def compare(name: str = "mortgages") -> Compared:
    """Every way of WAYS on a table."""
    return Compared(name, tuple(mend(way, name) for way in WAYS))


def judged(
    way: str,
    truth: NDArray[np.int64],
    decided: NDArray[np.int64],
    white: NDArray[np.int64],
    other: str,
    *,
    needs_race: bool = False,
) -> Mended:
    """Decisions about people, judged. white: 1 or 0; other: the rest, in words."""
    found = audit(truth, decided, np.where(white == 1, "White", other))
    yes_w, n_w = found.groups["White"].fraction("selection_rate")
    yes_o, n_o = found.groups[other].fraction("selection_rate")
    right = float((truth == decided).sum())
    return Mended(
        way,
        found,
        wilson(right, float(len(truth))),
        newcombe(yes_w, n_w, yes_o, n_o),
        needs_race,
        other,
        decided,
        white,
    )
