"""An error that shrinks by the same share at every step: training in one number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FIRST = 100.0
SMALL = 1.0


@dataclass(frozen=True)
class Shrinking:
    """The error before the first step and after each one; ``rate`` is the share that a step takes."""

    rate: float
    errors: np.ndarray

    @property
    def reached(self) -> int | None:
        """The first step after which the error is below SMALL in size, or None."""
        below = np.flatnonzero(np.abs(self.errors) < SMALL)
        return int(below[0]) if below.size else None


def shrink(rate: float, steps: int) -> Shrinking:
    """Take ``steps`` steps from FIRST, each of which subtracts ``rate`` times the error.

    Raises ValueError for a rate that is not a number above 0, or a negative number of steps.
    """
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"the rate must be a number above 0, not {rate}")
    if steps < 0:
        raise ValueError(f"the number of steps must be 0 or more, not {steps}")
    return Shrinking(rate, FIRST * (1 - rate) ** np.arange(steps + 1))
