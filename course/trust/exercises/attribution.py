"""Exercise: integrated gradients, from any function that gives gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import as_exercise, case, slip

SOLUTION = "../solutions/13_trust_governance.ipynb"


def _square(points: Any) -> Any:
    """The gradient of the sum of squares."""
    return 2 * points


def _product(points: Any) -> Any:
    """The gradient of the first number times the second."""
    return points[:, ::-1].copy()


def _saturated(points: Any) -> Any:
    """The gradient of tanh(3 a + b)."""
    slope = 1 - np.tanh(3 * points[:, :1] + points[:, 1:]) ** 2
    return slope * np.array([3.0, 1.0])


def _three(points: Any) -> Any:
    """The gradient of exp(a) + b**3 - c."""
    a, b, c = points.T
    return np.stack([np.exp(a), 3 * b**2, -np.ones_like(c)], axis=1)


@as_exercise(
    cases=[
        case(_square, np.array([1.0, 2.0]), np.zeros(2), 4).named(
            "a² + b² from (0, 0) to (1, 2), 4 steps"
        ),
        case(_product, np.array([3.0, 2.0]), np.array([1.0, -1.0]), 5).named(
            "a times b from (1, -1) to (3, 2), 5 steps"
        ),
        case(_saturated, np.array([2.0, 1.0]), np.zeros(2), 50).named(
            "tanh(3a + b), which is flat at the end of the way, 50 steps"
        ),
        case(_three, np.array([0.5, -1.0, 2.0]), np.array([0.0, 1.0, 1.0]), 8).named(
            "exp(a) + b³ - c, three inputs, 8 steps"
        ),
    ],
    mistakes=[
        slip(
            "These are mean gradients: multiply by the way that each input goes, `x - baseline`.",
            "return (x - baseline) * gradient(points).mean(axis=0)",
            "return gradient(points).mean(axis=0)",
        ),
        slip(
            "You multiply by `x`. That is right only from a baseline of zero: the way is `x - baseline`.",
            "return (x - baseline) *",
            "return x *",
        ),
        slip(
            "The gradients are added up, not averaged, so the result grows with the number of steps.",
            ".mean(axis=0)",
            ".sum(axis=0)",
        ),
        slip(
            "The gradient is taken at the end of the way only: that is gradient times input. Where "
            "the function has become flat, it says that nothing mattered.",
            "gradient(points).mean(axis=0)",
            "gradient(x[None])[0]",
        ),
        slip(
            "The points lie at the left ends of the steps. Take the middles: `(k + 0.5) / steps`.",
            "(np.arange(steps) + 0.5) / steps",
            "np.arange(steps) / steps",
        ),
        slip(
            "The points go from zero to `x`, not from the baseline.",
            "points = baseline + places[:, None] * (x - baseline)",
            "points = places[:, None] * x",
        ),
    ],
    hints=[
        "`places = (np.arange(steps) + 0.5) / steps` are the middles of the steps, between 0 and 1.",
        "`baseline + places[:, None] * (x - baseline)` has the shape (steps, inputs): hand it to `gradient`.",
        "Average over the steps (`.mean(axis=0)`), then multiply by `x - baseline`.",
    ],
    points=2,
    solution=SOLUTION,
)
def integrated_gradients(gradient: Any, x: Any, baseline: Any, steps: int) -> Any:
    places = (np.arange(steps) + 0.5) / steps
    points = baseline + places[:, None] * (x - baseline)
    return (x - baseline) * gradient(points).mean(axis=0)
