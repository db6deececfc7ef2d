"""Exercise: a mean that gives nobody away."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import as_exercise, probe, slip
from course.trust.exercises.attribution import SOLUTION

_SALARIES = np.array([31.0, 28.5, 44.0, 39.0, 27.0, 52.0, 36.5, 1900.0])
_AGES = np.array([34.0, 51.0, 29.0, 66.0, 45.0, -7.0])


def _tried(values: Any, low: float, high: float, epsilon: float) -> Any:
    def use(private_mean: Any) -> Any:
        return private_mean(values.copy(), low, high, epsilon, np.random.default_rng(0))

    return use


def _spread(private_mean: Any) -> Any:
    """The spread of 300 answers about the same 8 values"""
    rng = np.random.default_rng(1)
    answers = [float(private_mean(_SALARIES.copy(), 20, 60, 0.5, rng)) for _ in range(300)]
    return np.array([np.mean(answers), np.std(answers)])


@as_exercise(
    cases=[
        probe(_tried(_SALARIES, 20, 60, 1.0), "8 salaries, 20 to 60 thousand, epsilon 1"),
        probe(_tried(_AGES, 18, 90, 0.2), "6 ages, 18 to 90 years, epsilon 0.2"),
        probe(_spread),
    ],
    mistakes=[
        slip(
            "Nothing is clipped. One salary of 1,900 can move the mean without bound, so no noise "
            "hides it: `np.clip(values, low, high)`.",
            "np.clip(values, low, high).mean()",
            "values.mean()",
        ),
        slip(
            "There is no noise. Without it, two answers (with and without you) give you away.",
            " + rng.laplace(0, scale)",
            "",
        ),
        slip(
            "The noise is that for a sum. Replacing one of n values moves the *mean* by at most "
            "(high - low) / n.",
            "(high - low) / len(values) / epsilon",
            "(high - low) / epsilon",
        ),
        slip(
            "Epsilon is upside down: a small epsilon promises much privacy and needs *much* noise, so "
            "divide by it.",
            "/ len(values) / epsilon",
            "/ len(values) * epsilon",
        ),
        slip(
            "Clipping comes after the noise: then one person can still move the mean by any amount "
            "before it, and the result is pushed to the bounds. Clip the values first.",
            "np.clip(values, low, high).mean() + rng.laplace(0, scale)",
            "np.clip(values.mean() + rng.laplace(0, scale), low, high)",
        ),
        slip(
            "The range is forgotten: how far one person moves the mean depends on high - low.",
            "(high - low) / len(values)",
            "1 / len(values)",
        ),
        slip(
            "This is Gaussian noise. It promises epsilon only together with a delta; take `rng.laplace`.",
            "rng.laplace(0, scale)",
            "rng.normal(0, scale)",
        ),
    ],
    hints=[
        "Clip first, then take the mean: then you know how far one value can move it.",
        "Replacing one of n values moves the clipped mean by at most `(high - low) / n`.",
        "The noise is `rng.laplace(0, scale)`, drawn once, with scale = that distance divided by epsilon.",
    ],
    points=2,
    solution=SOLUTION,
)
def private_mean(values: Any, low: float, high: float, epsilon: float, rng: Any) -> Any:
    scale = (high - low) / len(values) / epsilon
    return np.clip(values, low, high).mean() + rng.laplace(0, scale)
