"""Learning curves: the same network, trained on more and more digits, some of them mislabelled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.scratch.nn.functional import cross_entropy

SIZES = (50, 100, 200, 400, 800, 1400)
SEEDS = 2
BATCH, RATE = 32, 3e-3


@dataclass(frozen=True)
class Curve:
    """Accuracies, 0 to 1, of shape (len(SIZES), SEEDS).

    training: on the images trained on, against the labels they were given, wrong ones included.
    held_out: on the held-out images, against their true labels.
    """

    noise: int
    steps: int
    training: NDArray[np.float64]
    held_out: NDArray[np.float64]


def learning_curve(noise: int, steps: int) -> Curve:
    """Train on each of SIZES with ``noise`` percent of the training labels replaced, SEEDS times.

    Raises ValueError unless 0 <= noise <= 100 and steps >= 1.
    """
    if not 0 <= noise <= 100:
        raise ValueError(f"noise is a percentage from 0 to 100, not {noise}")
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}")
    runs = np.array(
        [[_accuracies(size, noise, steps, seed) for seed in range(SEEDS)] for size in SIZES]
    )
    return Curve(noise, steps, runs[:, :, 0], runs[:, :, 1])


def noisy(labels: NDArray[np.int64], percent: int, seed: int) -> NDArray[np.int64]:
    """Labels of which exactly ``percent`` % (rounded) are replaced by another digit, at random."""
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(labels))[: round(len(labels) * percent / 100)]
    changed = labels.copy()
    changed[wrong] = (changed[wrong] + rng.integers(1, 10, len(wrong))) % 10
    return changed


@lru_cache(maxsize=4096)
def _accuracies(size: int, noise: int, steps: int, seed: int) -> tuple[float, float]:
    data = _digits()
    inputs = data.train_images[:size]
    targets = noisy(data.train_labels[:size], noise, seed)
    model = _trained(inputs, targets, steps, seed)
    return (
        accuracy(model, inputs, targets),
        accuracy(model, data.held_out_images, data.held_out_labels),
    )


@lru_cache(maxsize=1)
def _digits() -> datasets.Dataset:
    return datasets.load("digits")


def _trained(inputs: NDArray[np.float32], targets: NDArray[np.int64], steps: int, seed: int) -> Any:
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(seed)
        model = models.mlp(scratch.nn, (64, 64, 10))
    finally:
        scratch.set_rng_state(state)  # the reader's random numbers are the reader's
    optimizer = scratch.optim.Adam(model.parameters(), lr=RATE)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.integers(0, len(inputs), BATCH)
        optimizer.zero_grad()
        outputs = model(scratch.from_numpy(inputs[rows]))
        cross_entropy(outputs, scratch.from_numpy(targets[rows])).backward()
        optimizer.step()
    return model


def accuracy(model: Any, images: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The share of ``images`` (N, 1, H, W) that a model of course.scratch answers with their label."""
    with scratch.no_grad():
        outputs = model(scratch.from_numpy(images)).numpy()
    return float((outputs.argmax(axis=1) == labels).mean())
