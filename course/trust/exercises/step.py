"""Exercise: a colleague's DP-SGD that gives less privacy than it promises."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import as_exercise, probe, slip
from course.trust.exercises.attribution import SOLUTION

_RNG = np.random.default_rng(3)
_MANY = _RNG.normal(size=(6, 4)) * np.array([[0.1], [0.3], [0.6], [1.0], [3.0], [40.0]])
_ALIKE = np.tile(np.array([[0.6, 0.8]]), (5, 1)) * 2


def _tried(gradients: Any, norm: float, noise: float) -> Any:
    def use(private_gradient: Any) -> Any:
        return private_gradient(gradients.copy(), norm, noise, np.random.default_rng(0))

    return use


def _one_more(private_gradient: Any) -> Any:
    """By how much one huge gradient moves the result, without noise"""
    with_it = private_gradient(_MANY.copy(), 1.0, 0.0, np.random.default_rng(0))
    quiet = _MANY.copy()
    quiet[-1] = 0
    without = private_gradient(quiet, 1.0, 0.0, np.random.default_rng(0))
    return np.linalg.norm(np.asarray(with_it) - np.asarray(without))


@as_exercise(
    cases=[
        probe(_tried(_MANY, 1.0, 0.0), "6 gradients, one of them huge, norm 1, no noise"),
        probe(_tried(_ALIKE, 0.5, 1.0), "5 equal gradients of length 2, norm 0.5, noise 1"),
        probe(_tried(_MANY * 0.02, 2.0, 0.7), "6 short gradients, norm 2, noise 0.7"),
        probe(_one_more),
    ],
    mistakes=[
        slip(
            "The *batch's* gradient is clipped, as your colleague does. One huge gradient still turns "
            "it round, by up to two norms: clip each example's gradient, then add.",
            "np.linalg.norm(gradients, axis=1, keepdims=True)",
            "np.linalg.norm(gradients.sum(axis=0))",
        ),
        slip(
            "Noise is added before the clipping, so clipping cuts the noise too and its size is no "
            "longer what the accountant counts with. Clip, add up, then noise.",
            "    lengths = ",
            "    gradients = gradients + noise * norm * rng.normal(size=gradients.shape)\n    lengths = ",
            "gradients * factor).sum(axis=0) + noise * norm * rng.normal(size=gradients.shape[1])",
            "gradients * factor).sum(axis=0)",
        ),
        slip(
            "Short gradients are stretched to the norm. Clipping only shortens: `np.minimum(1, …)`.",
            "np.minimum(1, norm / np.maximum(lengths, 1e-12))",
            "norm / np.maximum(lengths, 1e-12)",
        ),
        slip(
            "Every *number* is clipped by itself. Then a gradient of d numbers may still be norm times "
            "the root of d long: shorten the whole vector.",
            "gradients * factor",
            "np.clip(gradients, -norm, norm)",
        ),
        slip(
            "The noise does not grow with the norm. What it must hide is one clipped gradient, so its "
            "standard deviation is noise * norm.",
            "noise * norm * rng",
            "noise * rng",
        ),
        slip(
            "It is not divided by the number of examples: a mean is wanted.",
            " / len(gradients)",
            "",
        ),
        slip(
            "Nothing is clipped, so there is no bound on what one person changes.",
            "gradients * factor",
            "gradients",
        ),
    ],
    hints=[
        "Ask: if one person's gradient were a million times as long, how far could the sum move? By no "
        "more than `norm`, if that person's own gradient is clipped before it is added.",
        "`np.linalg.norm(gradients, axis=1, keepdims=True)` has each example's length, shape (examples, 1).",
        "Each gradient times `np.minimum(1, norm / length)`; sum over examples; then the noise, once; "
        "then divide by the number of examples.",
    ],
    points=2,
    solution=SOLUTION,
)
def private_gradient(gradients: Any, norm: float, noise: float, rng: Any) -> Any:
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
    factor = np.minimum(1, norm / np.maximum(lengths, 1e-12))
    total = (gradients * factor).sum(axis=0) + noise * norm * rng.normal(size=gradients.shape[1])
    return total / len(gradients)
