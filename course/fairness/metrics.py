"""Group metrics by hand: counts, rates and gaps of yes-or-no decisions, group by group.

Definitions are Fairlearn's and the field's own: a gap is the largest rate of any group less the
smallest, a ratio the smallest over the largest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.fairness.inputs import groups_of, zeros_and_ones

RATES = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "precision",
    "base_rate",
    "accuracy",
)


@dataclass(frozen=True)
class Counts:
    """The confusion matrix of one group; a rate without anybody to count is NaN."""

    tn: float
    fp: float
    fn: float
    tp: float

    @property
    def n(self) -> float:
        """People in the group."""
        return self.tn + self.fp + self.fn + self.tp

    @property
    def selection_rate(self) -> float:
        """Share of the group that gets a yes."""
        return _share(self.tp + self.fp, self.n)

    @property
    def base_rate(self) -> float:
        """Share of the group whose true answer is yes."""
        return _share(self.tp + self.fn, self.n)

    @property
    def true_positive_rate(self) -> float:
        """Share of a yes among those whose true answer is yes."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def false_negative_rate(self) -> float:
        """Share of a no among those whose true answer is yes."""
        return _share(self.fn, self.tp + self.fn)

    @property
    def false_positive_rate(self) -> float:
        """Share of a yes among those whose true answer is no."""
        return _share(self.fp, self.fp + self.tn)

    @property
    def precision(self) -> float:
        """Share of a true yes among those who get a yes: the positive predictive value, PPV."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return _share(self.tp + self.tn, self.n)

    def fraction(self, rate: str) -> tuple[float, float]:
        """Numerator and denominator of a rate named in RATES: what an interval is made from.

        Raises ValueError for another name.
        """
        yes, true_yes = self.tp + self.fp, self.tp + self.fn
        parts = {
            "selection_rate": (yes, self.n),
            "true_positive_rate": (self.tp, true_yes),
            "false_positive_rate": (self.fp, self.fp + self.tn),
            "false_negative_rate": (self.fn, true_yes),
            "precision": (self.tp, yes),
            "base_rate": (true_yes, self.n),
            "accuracy": (self.tp + self.tn, self.n),
        }
        if rate not in parts:
            raise ValueError(f"there is no rate {rate!r}; choose one of {', '.join(RATES)}")
        return parts[rate]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


@dataclass(frozen=True)
class Audit:
    """Counts by group; gaps and ratios leave out groups in which a rate is not defined."""

    groups: Mapping[str, Counts]

    def rates(self, rate: str) -> dict[str, float]:
        """A rate named in RATES, group by group."""
        return {name: _share(*counts.fraction(rate)) for name, counts in self.groups.items()}

    def gap(self, rate: str) -> float:
        """Largest rate of any group less the smallest."""
        known = self._known(rate)
        return max(known) - min(known)

    def ratio(self, rate: str) -> float:
        """Smallest rate of any group over the largest; 1 where both are 0."""
        known = self._known(rate)
        return min(known) / max(known) if max(known) else 1.0

    def _known(self, rate: str) -> list[float]:
        known = [value for value in self.rates(rate).values() if not math.isnan(value)]
        if len(known) < 2:
            raise ValueError(
                f"{rate.replace('_', ' ')} is defined in fewer than two groups, so there is nothing "
                f"to compare: {self.rates(rate)}"
            )
        return known

    @property
    def demographic_parity_gap(self) -> float:
        """Gap of the selection rates."""
        return self.gap("selection_rate")

    @property
    def disparate_impact(self) -> float:
        """Ratio of the selection rates; United States guidelines look closer below four fifths."""
        return self.ratio("selection_rate")

    @property
    def equal_opportunity_gap(self) -> float:
        """Gap of the true-positive rates."""
        return self.gap("true_positive_rate")

    @property
    def equalized_odds_gap(self) -> float:
        """The larger of the gaps of true-positive and false-positive rates."""
        return max(self.gap("true_positive_rate"), self.gap("false_positive_rate"))


def audit(truth: Any, decision: Any, group: Any) -> Audit:
    """Count the four outcomes in every group.

    truth, decision: 0 or 1, shape (N,). group: a name for each person, shape (N,).
    Raises InputError for missing or other labels, unequal lengths, or fewer than two groups.
    """
    groups = groups_of(group)
    y = zeros_and_ones(truth, "truth", len(groups))
    d = zeros_and_ones(decision, "decision", len(groups))
    found = {}
    for name in np.unique(groups):
        here = groups == name
        cells = np.bincount(2 * y[here] + d[here], minlength=4)
        found[str(name)] = Counts(*(float(c) for c in cells))
    return Audit(found)


@dataclass(frozen=True)
class Bin:
    """People with scores in a bin: mean score, share whose true answer is yes, and how many."""

    score: float
    share: float
    yes: int
    n: int


def calibration(truth: Any, score: Any, group: Any, bins: int = 5) -> dict[str, tuple[Bin, ...]]:
    """Group by group, what share of the people with a score turned out to be a yes.

    score: probabilities 0 to 1, shape (N,). The bins are of equal width; empty ones are left out.
    Raises InputError as `audit` does, and for a score outside 0 to 1 or bins below 1.
    """
    from course.fairness.inputs import InputError, probabilities

    if bins < 1:
        raise InputError(f"bins must be 1 or more, not {bins}")
    groups = groups_of(group)
    y = zeros_and_ones(truth, "truth", len(groups))
    s = probabilities(score, len(groups))
    place = np.minimum((s * bins).astype(int), bins - 1)
    found = {}
    for name in np.unique(groups):
        row = []
        for number in range(bins):
            here = (groups == name) & (place == number)
            if here.any():
                yes, n = int(y[here].sum()), int(here.sum())
                row.append(Bin(float(s[here].mean()), yes / n, yes, n))
        found[str(name)] = tuple(row)
    return found


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Mean distance of score and share over the people of a group (expected calibration error)."""
    weights: NDArray[np.float64] = np.array([b.n for b in bins], dtype=float)
    distances = np.array([abs(b.score - b.share) for b in bins])
    return float((weights * distances).sum() / weights.sum())
