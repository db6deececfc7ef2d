"""How sure a rate or a gap is: Wilson's, Newcombe's and bootstrap intervals.

A group's rate is an estimate from the people who happen to be in the table. Nothing in this room
shows a group without its interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.fairness.inputs import InputError, groups_of, zeros_and_ones
from course.fairness.metrics import audit

SMALL = 30
"""Below so many people a group is called small wherever it is shown."""


@dataclass(frozen=True)
class Interval:
    """An estimate between its bounds; all three are NaN where there was nobody to count."""

    low: float
    estimate: float
    high: float

    @property
    def width(self) -> float:
        """The length of the interval."""
        return self.high - self.low

    @property
    def points(self) -> str:
        """A difference of shares in percentage points, in words."""
        low, middle, high = (100 * value for value in (self.low, self.estimate, self.high))
        return f"{middle:.1f} points ({low:.1f} to {high:.1f})"

    def __str__(self) -> str:
        if math.isnan(self.estimate):
            return "nobody to count"
        return f"{self.estimate:.1%} ({self.low:.1%} to {self.high:.1%})"


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, for example 0.95; got {level}")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(yes: float, n: float, level: float = 0.95) -> Interval:
    """Wilson's (1927) score interval for a share: ``yes`` of ``n`` people.

    Unlike estimate ± 1.96 standard errors it stays inside 0 to 1 and does not vanish at 0 of n.
    Raises InputError unless 0 <= yes <= n and 0 < level < 1.
    """
    z = _z(level)
    if not 0 <= yes <= n:
        raise InputError(f"cannot count {yes:g} of {n:g} people")
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    share = yes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, middle - half), share, min(1.0, middle + half))


def newcombe(yes_a: float, n_a: float, yes_b: float, n_b: float, level: float = 0.95) -> Interval:
    """Newcombe's (1998, method 10) interval for the share of a less the share of b, from counts.

    Raises InputError as `wilson` does.
    """
    a, b = wilson(yes_a, n_a, level), wilson(yes_b, n_b, level)
    gap = a.estimate - b.estimate
    down = math.hypot(a.estimate - a.low, b.high - b.estimate)
    up = math.hypot(a.high - a.estimate, b.estimate - b.low)
    return Interval(gap - down, gap, gap + up)


def ratio(yes_a: float, n_a: float, yes_b: float, n_b: float, level: float = 0.95) -> Interval:
    """Katz's (1978) log interval for the share of a over the share of b, from counts.

    Raises InputError as `wilson` does, and where one of the two counts is 0.
    """
    z = _z(level)
    wilson(yes_a, n_a, level), wilson(yes_b, n_b, level)
    if not (yes_a and yes_b):
        raise InputError(
            "a ratio needs at least one yes in each group; compare the difference instead"
        )
    value = (yes_a / n_a) / (yes_b / n_b)
    error = math.sqrt(1 / yes_a - 1 / n_a + 1 / yes_b - 1 / n_b)
    return Interval(value * math.exp(-z * error), value, value * math.exp(z * error))


def bootstrap(
    truth: Any,
    decision: Any,
    group: Any,
    measure: Callable[[Any], float],
    *,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap of ``measure(audit)``: people drawn again with replacement, by group.

    Drawing inside each group keeps its size. Draws in which the measure is not defined are left out.
    A gap cannot be negative, so this interval of a gap never holds 0, and small groups make the
    estimate itself too large. Raises InputError as `audit` does, and for draws below 20.
    """
    if draws < 20:
        raise InputError(f"draws must be 20 or more for an interval; got {draws}")
    _z(level)
    groups = groups_of(group)
    y = zeros_and_ones(truth, "truth", len(groups))
    d = zeros_and_ones(decision, "decision", len(groups))
    whole = audit(y, d, groups)
    rng = np.random.default_rng(seed)
    cells = {
        name: rng.multinomial(
            int(c.n), np.array([c.tn, c.fp, c.fn, c.tp]) / c.n, size=draws
        ).astype(float)
        for name, c in whole.groups.items()
    }
    values: NDArray[np.float64] = np.array([_one(cells, n, measure) for n in range(draws)])
    values = values[~np.isnan(values)]
    if not len(values):
        return Interval(math.nan, math.nan, math.nan)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), measure(whole), float(high))


def _one(cells: dict[str, Any], n: int, measure: Callable[[Any], float]) -> float:
    from course.fairness.metrics import Audit, Counts

    try:
        return measure(Audit({name: Counts(*drawn[n]) for name, drawn in cells.items()}))
    except ValueError:
        return math.nan
