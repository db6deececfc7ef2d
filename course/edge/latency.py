"""Measuring how long an answer takes, so that the figure means something.

The protocol: warm up (the first calls load code and fill caches), time each call by itself, keep every
time, report percentiles, and show the outliers instead of dropping them: a deadline is missed by the
slow calls, never by the mean one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.edge.given import count, number


def percentile(times: Any, percent: float) -> float:
    """The time that ``percent`` % of the calls did not exceed: the nearest rank, a time that occurred.

    The rank is ceil(percent / 100 · N), at least 1, of the sorted times.
    Raises ValueError for no times, a NaN among them, or a percent outside 0 to 100.
    """
    try:
        array = np.sort(np.asarray(times, dtype=np.float64).ravel())
    except (TypeError, ValueError):
        raise ValueError(f"times must be numbers, in one unit, not {times!r:.60}") from None
    if not array.size:
        raise ValueError("there are no times: measure at least one call")
    if np.isnan(array).any():
        raise ValueError(f"{int(np.isnan(array).sum())} of {array.size} times are NaN")
    number(percent, "percent", "lie between 0 and 100", lambda v: 0 <= v <= 100)
    # Rounded first, for 99.9 / 100 · 1000 is a little more than 999 in floating point.
    rank = max(int(np.ceil(round(percent / 100 * array.size, 9))), 1)
    return float(array[rank - 1])


@dataclass(frozen=True)
class Latency:
    """The times of single calls in ms, in the order in which they were made."""

    name: str
    times: NDArray[np.float64]
    first: float  # the very first call, before the warm-up was over

    @property
    def p50(self) -> float:
        """Half of the calls were no slower."""
        return percentile(self.times, 50)

    @property
    def p95(self) -> float:
        """19 of 20 calls were no slower."""
        return percentile(self.times, 95)

    @property
    def p99(self) -> float:
        """99 of 100 calls were no slower."""
        return percentile(self.times, 99)

    @property
    def worst(self) -> float:
        """The slowest call."""
        return float(self.times.max())

    def row(self) -> tuple[str, ...]:
        """Name, p50, p95, p99, worst, first, as text."""
        values = (self.p50, self.p95, self.p99, self.worst, self.first)
        return (self.name, *(f"{value:.4f}" for value in values))


@dataclass(frozen=True)
class Latencies:
    """Several measurements as a table."""

    measured: Sequence[Latency]
    caption: str = "Time of one call (ms), measured here, now"
    head = ("", "p50", "p95", "p99", "worst", "first call")

    def __str__(self) -> str:
        lines = [self.head, *(m.row() for m in self.measured)]
        body = [f"{a:30}" + "".join(f"{cell:>12}" for cell in rest) for a, *rest in lines]
        return "\n".join([self.caption, *body])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in self.head)
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th>'
            + "".join(f"<td>{c}</td>" for c in rest)
            + "</tr>"
            for a, *rest in (m.row() for m in self.measured)
        )
        return f"<table><caption>{escape(self.caption)}</caption><tr>{head}</tr>{body}</table>"


def measure(
    call: Callable[[], Any], *, name: str = "", repeats: int = 200, warm_up: int = 20
) -> Latency:
    """Time ``call()`` ``repeats`` times, after ``warm_up`` calls that do not count.

    Raises ValueError for no repeats or a negative warm-up.
    """
    count(repeats, "repeats")
    count(warm_up, "warm_up", least=0)
    if not callable(call):
        raise ValueError(f"call must be something to call, such as lambda: f(x), not {call!r}")
    clock = time.perf_counter_ns
    start = clock()
    call()
    first = (clock() - start) / 1e6
    for _ in range(warm_up):
        call()
    times = np.empty(repeats)
    for n in range(repeats):
        start = clock()
        call()
        times[n] = clock() - start
    return Latency(name, times / 1e6, first)
