"""Exercise: choose the narrowest number format that does, and know why the next one does not."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.accelerators.formats import BF16, E4M3, E5M2, FP16, FP32, TF32
from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/05_accelerators.ipynb"
# In no order: to sort them is part of the exercise.
FORMATS = (FP32, E4M3, BF16, TF32, E5M2, FP16)


def _narrowest(values: Any, tolerance: float, formats: Any) -> str:
    for target in sorted(formats, key=lambda f: f.bits):
        error = np.abs(target.round(values) - values)
        if (error <= tolerance * np.abs(values)).all():
            return target.name
    return "none"


def _range_only(values: Any, tolerance: float, formats: Any) -> str:
    sizes = np.abs(values[values != 0])
    for target in sorted(formats, key=lambda f: f.bits):
        if sizes.min() >= target.smallest and sizes.max() <= target.largest:
            return str(target.name)
    return "none"


def _precision_only(values: Any, tolerance: float, formats: Any) -> str:
    for target in sorted(formats, key=lambda f: f.bits):
        if target.epsilon / 2 <= tolerance:
            return str(target.name)
    return "none"


def _case(title: str, tolerance: float, *values: float) -> Any:
    return case(np.array(values), tolerance, FORMATS).named(title)


narrowest_format = Exercise(
    name="narrowest_format",
    reference=_narrowest,
    cases=[
        _case("weights near 1, 10 % off at most", 0.1, 0.5, -1.3, 0.07, 0.9),
        _case("gradients down to 0.0001, 15 % at most", 0.15, 1e-4, -0.02, 0.4),
        _case("activations up to 50,000, 0.1 % at most", 1e-3, 5e4, 12.0, -3.3),
        _case("logits up to 100,000, 1 % at most", 0.01, 1e5, 7.0, -30.0),
        _case("500 among small numbers, 10 % at most", 0.1, 500.0, 0.3, 1.0),
        _case("sizes from 1e-12 to 1e12, 0.1 % at most", 1e-3, 1e-12, 3.0, 1e12),
        _case("money: one part in a million", 1e-6, 1234.56, 0.07),
        _case("one part in a thousand million", 1e-9, 1 / 3, 0.1),
        _case("zero among the values", 0.1, 0.0, 1.0, -2.0),
    ],
    mistakes=[
        (
            _range_only,
            "The values fit the range, but you have not asked how far rounding moves them: compare `target.round(values)` with "
            "`values`.",
        ),
        (
            _precision_only,
            "The step at 1 is fine enough, but the range is not looked at: some values overflow, become zero or are subnormal.",
        ),
        slip(
            "NaN is neither above nor below anything, so a value that E4M3 cannot hold passes as `not (error > ...)`. Ask for "
            "`(error <= ...).all()`.",
            "(error <= tolerance * np.abs(values)).all()",
            "not (error > tolerance * np.abs(values)).any()",
        ),
        slip(
            "The tolerance is relative: a share of each value, not the same for all.",
            "tolerance * np.abs(values)",
            "tolerance",
        ),
        slip(
            "One value that fits is not enough: all must.",
            "np.abs(values)).all()",
            "np.abs(values)).any()",
        ),
        slip(
            "The formats come in no order: sort them by `bits`, and take the first that does.",
            "sorted(formats, key=lambda f: f.bits)",
            "formats",
        ),
        slip(
            "A value of zero has no relative error (0/0): compare the error with `tolerance * abs(value)`.",
            "error <= tolerance * np.abs(values)",
            "error * tolerance < np.abs(values) * tolerance**2",
        ),
    ],
    hints=[
        "`target.round(values)` is what the format makes of them: infinite or NaN where it overflows, 0 where it is too small.",
        "The error of each value, `abs(rounded - value)`, must be at most `tolerance * abs(value)`.",
        "Go through `sorted(formats, key=lambda f: f.bits)`; return the `name` of the first in which all values pass.",
    ],
    points=2,
    solution=_SOLUTION,
)
