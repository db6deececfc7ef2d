"""Exercise: find what is wrong in a step of mixed-precision training."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/05_accelerators.ipynb"


def _step(weights: Any, gradient: Any, scale: float, lr: float) -> tuple[Any, float]:
    gradient = gradient.astype(np.float32) / scale
    if not np.isfinite(gradient).all():
        return weights, scale / 2
    return weights - lr * gradient, scale


def step_with_bugs(weights: Any, gradient: Any, scale: float, lr: float) -> tuple[Any, float]:
    """The lesson's code: weights in float32, gradients of the scaled loss in float16."""
    gradient = gradient / scale
    if np.isinf(gradient).any():
        return weights, scale / 2
    return weights - lr * gradient, scale


def _half(*values: float) -> Any:
    return np.array(values, np.float16)


def _single(*values: float) -> Any:
    return np.array(values, np.float32)


mixed_precision_step = Exercise(
    name="mixed_precision_step",
    reference=_step,
    cases=[
        case(_single(0.5, -0.25, 1.0), _half(8.0, -16.0, 4.0), 16.0, 0.1).named(
            "an ordinary gradient, scale 16"
        ),
        case(_single(0, 0, 0), _half(0.0004, -0.0001, 0.01), 32768.0, 1.0).named(
            "a small gradient, scale 32,768"
        ),
        case(_single(0.5, -0.25), _half(np.inf, 1.0), 1024.0, 0.1).named(
            "infinity in the gradient"
        ),
        case(_single(0.5, -0.25), _half(1.0, np.nan), 1024.0, 0.1).named("NaN in the gradient"),
        case(_single(0.5, -0.25), _half(2.0, -np.inf), 8.0, 0.1).named(
            "minus infinity in the gradient"
        ),
    ],
    mistakes=[
        (
            step_with_bugs,
            "Both bugs are still there. Look at the dtype of `gradient / scale`, and at what passes `np.isinf`.",
        ),
        slip(
            "NaN is caught now, but the gradient is still divided in float16: what the scale had saved becomes zero again. "
            "Go to float32 *before* dividing.",
            "gradient.astype(np.float32) / scale",
            "gradient / scale",
        ),
        slip(
            "The division is in float32 now, but NaN still passes: `np.isinf` does not find it, `np.isfinite` does.",
            "not np.isfinite(gradient).all()",
            "np.isinf(gradient).any()",
        ),
        slip(
            "After an overflow the scale stays as it was, so that the next step overflows again: halve it.",
            "scale / 2",
            "scale",
        ),
        slip(
            "A gradient with infinity in one place still moves the other weights: skip the whole step.",
            "return weights, scale / 2",
            "return weights - lr * np.where(np.isfinite(gradient), gradient, 0), scale / 2",
        ),
    ],
    hints=[
        "Print `(gradient / scale).dtype`. What is the smallest number above zero in float16?",
        "What does `np.isinf(np.nan)` say?",
        "`gradient.astype(np.float32) / scale`, then `np.isfinite(gradient).all()`.",
    ],
    points=2,
    solution=_SOLUTION,
)
