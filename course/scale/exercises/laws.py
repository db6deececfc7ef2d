"""Exercise: a power law is a straight line between logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/08_llm_scale.ipynb"
_SIZES = np.array([1e3, 4e3, 1.6e4, 6.4e4])


def _fit(parameters: Any, losses: Any, floor: float) -> tuple[float, float]:
    slope, height = np.polyfit(np.log(parameters), np.log(losses - floor), 1)
    return float(np.exp(height)), float(-slope)


fit_power_law = Exercise(
    name="fit_power_law",
    reference=_fit,
    cases=[
        case(_SIZES, 5.0 * _SIZES**-0.25, 0.0).named("an exact law, floor 0: 5 and 0.25"),
        case(_SIZES, 1.5 + 20.0 * _SIZES**-0.4, 1.5).named("an exact law above a floor of 1.5"),
        case(
            np.array([1668.0, 3080.0, 5904.0, 11552.0, 22848.0]),
            np.array([2.64, 2.37, 2.18, 2.01, 1.86]),
            0.3,
        ).named("five noisy runs"),
    ],
    mistakes=[
        slip("The loss *falls* with size: alpha is minus the slope.", "-slope", "slope"),
        slip(
            "The line's height is the logarithm of A: take `np.exp` of it.",
            "np.exp(height)",
            "height",
        ),
        slip(
            "Subtract the floor before the logarithm: only what lies above it falls like a power.",
            "losses - floor",
            "losses",
        ),
        slip(
            "A power law is a line only if *both* axes are logarithms; here one is not.",
            "np.log(parameters)",
            "parameters",
        ),
        slip(
            "A is `exp` of the height and alpha of the slope: they are exchanged.",
            "float(np.exp(height)), float(-slope)",
            "float(-slope), float(np.exp(height))",
        ),
    ],
    hints=[
        "log(loss - floor) = log A - alpha · log N: a straight line with slope -alpha.",
        "`np.polyfit(x, y, 1)` returns slope and height.",
        "`slope, height = np.polyfit(np.log(parameters), np.log(losses - floor), 1)`.",
    ],
    points=2,
    solution=_SOLUTION,
)
