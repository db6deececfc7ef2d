"""Why not all fairness can be had at once: two identities, exact for any table of counts.

Chouldechova (2017): a group's base rate p ties its three error rates,
FPR = p / (1 - p) * (1 - PPV) / PPV * (1 - FNR).
Kleinberg, Mullainathan and Raghavan (2016): where scores are calibrated, the mean scores of the two
classes are tied by p * positives + (1 - p) * negatives = p.
So two groups with different p cannot agree in all of them, unless the prediction is perfect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from course.fairness.inputs import InputError

CRITERIA = {
    "fpr": "false-positive rate",
    "fnr": "false-negative rate",
    "ppv": "precision",
}


def forced(give_up: str, base_rate: float, first: float, second: float) -> float:
    """The criterion that is not kept, as the identity forces it; NaN where none can be.

    give_up: "fpr" (first, second are ppv, fnr), "fnr" (fpr, ppv) or "ppv" (fpr, fnr), shares from
    0 to 1; base_rate strictly between. Raises InputError for anything else.
    """
    _inside(base_rate, "base_rate")
    for value in (first, second):
        if not 0 <= value <= 1:
            raise InputError(f"rates are shares between 0 and 1; got {value:g}")
    odds = base_rate / (1 - base_rate)
    if give_up == "fpr":
        found = odds * (1 - first) / first * (1 - second) if first else math.nan
    elif give_up == "fnr":
        found = 1 - first / odds * second / (1 - second) if second < 1 else math.nan
    elif give_up == "ppv":
        alarms = first + odds * (1 - second)
        found = odds * (1 - second) / alarms if alarms else math.nan
    else:
        raise InputError(f"give up one of {', '.join(CRITERIA)}, not {give_up!r}")
    return found if -1e-12 <= found <= 1 + 1e-12 else math.nan


def negatives_mean(base_rate: float, positives_mean: float) -> float:
    """Mean calibrated score of those whose true answer is no; NaN where it cannot be.

    positives_mean: that of those whose true answer is yes; calibrated, it is the base rate at least,
    for who scores high is more often a yes. Raises InputError for a share outside 0 to 1, or a base
    rate of 0 or 1.
    """
    _inside(base_rate, "base_rate")
    if not 0 <= positives_mean <= 1:
        raise InputError(f"positives_mean is a share between 0 and 1; got {positives_mean:g}")
    found = base_rate * (1 - positives_mean) / (1 - base_rate)
    return found if positives_mean >= base_rate - 1e-12 else math.nan


@dataclass(frozen=True)
class ClassMeans:
    """Mean score of the two classes of a group, and its base rate."""

    base_rate: float
    positives: float
    negatives: float

    @property
    def residual(self) -> float:
        """Distance from Kleinberg's identity: 0 for calibrated scores."""
        return (
            self.base_rate * self.positives + (1 - self.base_rate) * self.negatives - self.base_rate
        )


def class_means(bins: Sequence[tuple[float, float]]) -> ClassMeans:
    """Class means of the score that gives each bin its own share: calibrated by construction.

    bins: (people, of them yes). Raises InputError for impossible counts or a class without people.
    """
    for people, yes in bins:
        if not 0 <= yes <= people:
            raise InputError(f"a bin cannot hold {yes:g} yes among {people:g} people")
    total, positive = sum(n for n, _ in bins), sum(yes for _, yes in bins)
    if not 0 < positive < total:
        raise InputError("both classes need people: there is no yes, or no no")
    scored = [(yes / n, n, yes) for n, yes in bins if n]
    return ClassMeans(
        positive / total,
        sum(s * yes for s, _, yes in scored) / positive,
        sum(s * (n - yes) for s, n, yes in scored) / (total - positive),
    )


def _inside(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise InputError(f"{name} must lie strictly between 0 and 1; got {value:g}")
