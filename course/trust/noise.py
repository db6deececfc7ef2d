"""Noise that hides one person: Laplace and Gaussian mechanisms, private counts and means.

Epsilon bounds by what factor, e to the epsilon, any answer may become more or less likely when one
person's row is replaced or left out; delta is the chance of more than that (Dwork and Roth, 2014).

For learning, not for publishing: the low bits of floating-point noise betray more than epsilon allows
(Mironov, 2012), and NumPy's generators are no secret ones.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def check_epsilon(epsilon: float) -> float:
    """``epsilon`` as a number; raises ValueError unless it is finite and above 0."""
    if isinstance(epsilon, bool) or not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError(
            f"epsilon must be above 0 and finite, not {epsilon}. Smaller means more private: 1 is "
            "strict, 10 is lax, and 0 would forbid any answer that depends on the data."
        )
    return float(epsilon)


def check_delta(delta: float) -> float:
    """``delta`` as a number; raises ValueError unless it lies between 0 and 1."""
    if isinstance(delta, bool) or not 0 < delta < 1:
        raise ValueError(
            f"delta must lie between 0 and 1, not {delta}. It is the chance that the promise "
            "fails: well below 1 divided by the number of people."
        )
    return float(delta)


def laplace_scale(sensitivity: float, epsilon: float) -> float:
    """The scale of Laplace noise that makes an answer of that sensitivity epsilon-private."""
    return _check_sensitivity(sensitivity) / check_epsilon(epsilon)


def gaussian_delta(sensitivity: float, sigma: float, epsilon: float) -> float:
    """The delta of Gaussian noise sigma at ``epsilon``, exactly (Balle and Wang, 2018, theorem 8)."""
    ratio = _check_sensitivity(sensitivity) / sigma
    first = _normal(ratio / 2 - epsilon / ratio)
    return first - math.exp(epsilon) * _normal(-ratio / 2 - epsilon / ratio)


def gaussian_sigma(sensitivity: float, epsilon: float, delta: float) -> float:
    """The least sigma of Gaussian noise that is (epsilon, delta)-private, by bisection."""
    check_epsilon(epsilon)
    check_delta(delta)
    low, high = 1e-4 * sensitivity, sensitivity
    while gaussian_delta(sensitivity, high, epsilon) > delta:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if gaussian_delta(sensitivity, middle, epsilon) > delta:
            low = middle
        else:
            high = middle
    return high


def private_count(count: int, epsilon: float, rng: np.random.Generator) -> float:
    """A count with Laplace noise of scale 1 / epsilon: one person more or less changes it by 1.

    The answer is no whole number, and may be negative: rounding or cutting it off afterwards costs
    no privacy, but cutting off makes it too large on average.
    """
    if count < 0:
        raise ValueError(f"a count is 0 or more, not {count}.")
    return float(count + rng.laplace(0, laplace_scale(1.0, epsilon)))


def private_mean(
    values: Any, low: float, high: float, epsilon: float, rng: np.random.Generator
) -> float:
    """The mean of values clipped to ``low`` .. ``high``, with Laplace noise.

    Replacing one of n values moves the clipped mean by at most (high - low) / n; n is not secret.
    The bounds must come from knowledge, not from these values. Raises ValueError for no values,
    NaN, or bounds that are no range.
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not len(x) or np.isnan(x).any():
        raise ValueError("values must be a list of at least one number, without NaN.")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low and high must be a range, not {low} and {high}.")
    scale = laplace_scale((high - low) / len(x), epsilon)
    return float(np.clip(x, low, high).mean() + rng.laplace(0, scale))


def _check_sensitivity(sensitivity: float) -> float:
    if not (math.isfinite(sensitivity) and sensitivity > 0):
        raise ValueError(
            f"sensitivity must be above 0 and finite, not {sensitivity}: by how much can one person "
            "change the answer? Clip values to a range if that has no bound."
        )
    return float(sensitivity)


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
