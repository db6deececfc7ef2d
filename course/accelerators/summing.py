"""What a long sum loses when its total is kept in a narrow number format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.accelerators import formats
from course.accelerators.formats import FloatFormat, Floats, Format

TERMS = {"ones": "all 1", "tenths": "all 0.1", "uniform": "random, 0 to 1"}
WAYS = {
    "running": "one after the other",
    "pairwise": "in pairs, then pairs of pairs",
    "stochastic": "one after the other, rounded by chance",
    "fp32": "one after the other, total in FP32",
}


@dataclass(frozen=True)
class Sums:
    """Totals of the first ``counts`` terms in each format, beside the exact ones.

    totals and errors: by format name, arrays like counts; an error is relative, NaN where the total
    overflowed.
    """

    terms: str
    way: str
    counts: NDArray[np.int64]
    exact: Floats
    totals: dict[str, Floats]

    @property
    def errors(self) -> dict[str, Floats]:
        """How far each total is from the exact one, as a share of it."""
        with np.errstate(invalid="ignore"):
            gaps = {n: np.abs(t - self.exact) / self.exact for n, t in self.totals.items()}
        return {name: np.where(np.isfinite(gap), gap, np.nan) for name, gap in gaps.items()}


def sums(terms: str, count: int, way: str) -> Sums:
    """Sum ``count`` terms in every format; ``terms`` is one of TERMS, ``way`` one of WAYS.

    Raises ValueError for other words and for less than 1 term.
    """
    given = make_terms(terms, count)
    if way not in WAYS:
        raise ValueError(f"a sum is made in one of the ways {', '.join(WAYS)}, not {way!r}")
    counts = marks(count)
    exact = np.cumsum(given, dtype=np.longdouble)[counts - 1].astype(np.float64)
    totals = {name: _kept(terms, count, name, way) for name in formats.FORMATS}
    return Sums(terms, way, counts, exact, totals)


def make_terms(terms: str, count: int) -> Floats:
    """The terms called ``terms``, as float64."""
    if count < 1:
        raise ValueError(f"a sum needs 1 term or more, not {count}")
    if terms == "uniform":
        return np.random.default_rng(0).random(count)
    if terms not in TERMS:
        raise ValueError(f"the terms are one of {', '.join(TERMS)}, not {terms!r}")
    return np.full(count, {"ones": 1.0, "tenths": 0.1}[terms])


def marks(count: int) -> NDArray[np.int64]:
    """The numbers of terms after which a total is looked at: powers of two, and ``count``."""
    powers = 2 ** np.arange(int(count).bit_length())
    return np.unique(np.append(powers[powers <= count], count))


@lru_cache(maxsize=256)
def _kept(terms: str, count: int, name: str, way: str) -> Floats:
    return totals_of(make_terms(terms, count), formats.find(name), way)


def totals_of(terms: Any, target: Format, way: str = "running", seed: int = 0) -> Floats:
    """The totals of the first 1, 2, 4 ... and of all ``terms``, none negative, kept in ``target``.

    The terms themselves are first rounded to the format. Raises ValueError for a negative term.
    """
    given = target.round(terms)
    if (given < 0).any():
        raise ValueError(f"the terms must not be negative; {given.min():g} is")
    counts = marks(len(given))
    if way == "fp32":
        return np.cumsum(given.astype(np.float32))[counts - 1].astype(np.float64)
    if not isinstance(target, FloatFormat):
        return np.minimum(np.cumsum(given), target.largest)[counts - 1]
    if way == "pairwise":
        return _pairwise(given, target)
    if way == "stochastic":
        return _by_chance(given, target, np.random.default_rng(seed))[counts - 1]
    if target is formats.FP32:  # NumPy's own, which adds in the same order
        return np.cumsum(given.astype(np.float32))[counts - 1].astype(np.float64)
    return _running(given, target)[counts - 1]


def _running(terms: Floats, target: FloatFormat) -> Floats:
    """Every total on the way, each rounded to the nearest number of the format."""
    totals = np.empty(len(terms))
    total, largest = 0.0, float(terms.max())
    limit, lift = _binade(total, target)
    for start in range(0, len(terms), 64):
        if target.round(total + largest) == total:
            totals[start:] = total  # not even the largest term moves it any more
            return totals
        for number, term in enumerate(terms[start : start + 64].tolist(), start):
            total += term
            while total >= limit:
                limit, lift = 2 * limit, 2 * lift
            # A number of 53 bits, added and taken away, leaves the bits of the format, rounded.
            total = (total + lift) - lift
            if total > target.largest:
                totals[number:] = float(target.round(total))
                return totals
            totals[number] = total
    return totals


def _by_chance(terms: Floats, target: FloatFormat, rng: np.random.Generator) -> Floats:
    """Every total on the way, each rounded up with the probability of the way already gone.

    Between two powers of two the grid is the same, so that many terms are rounded at once.
    """
    totals = np.full(len(terms), np.inf)
    total, number = 0.0, 0
    while number < len(terms) and total <= target.largest:
        power = max(int(np.frexp(total or target.smallest)[1]) - 1, target.least_exponent)
        step, limit = 2.0 ** (power - target.mantissa_bits), 2.0 ** (power + 1)
        block = terms[number : number + 65536]
        moves = step * np.floor(block / step + rng.random(len(block)))
        ends = total + np.cumsum(moves)
        over = np.flatnonzero(ends - moves + block >= limit)
        stop = int(over[0]) if len(over) else len(block)
        totals[number : number + stop] = ends[:stop]
        total = float(ends[stop - 1]) if stop else total
        number += stop
        if stop < len(block):  # the term that crosses the power of two is rounded by itself
            totals[number] = total = float(target.round(total + block[stop], rng=rng))
            number += 1
    # A total above the largest number, or one that is no number, stays what that became.
    beyond = np.flatnonzero(~(totals <= target.largest))
    if len(beyond):
        totals[beyond[0] :] = float(target.round(4 * target.largest))
    return totals


def _pairwise(terms: Floats, target: FloatFormat) -> Floats:
    """The totals of the first 1, 2, 4 ... and of all terms, added as a tree."""
    totals, level = [float(terms[0])], terms
    while len(level) > 1:
        whole = len(level) // 2 * 2
        # A sum of two numbers of the format is exact in float64, or so uneven that it rounds alike.
        added = target.round(level[0:whole:2] + level[1:whole:2])
        level = np.concatenate([added, level[whole:]])
        totals.append(float(level[0]))
    count = len(terms)
    # Of a count that is no power of two, the last sum of the tree is that of all.
    kept = totals[: int(count).bit_length()]
    return np.array(kept if count & (count - 1) == 0 else [*kept, totals[-1]])


def _binade(total: float, target: FloatFormat) -> tuple[float, float]:
    """The next power of two above ``total``, and what rounds a number below it (see _running)."""
    power = target.least_exponent
    return 2.0 ** (power + 1), 1.5 * 2.0 ** (power + 52 - target.mantissa_bits)
