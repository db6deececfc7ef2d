"""The small digit reader that this room's explanations and calibration look at; trained once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.scratch.nn.functional import cross_entropy

SIZES = (64, 32, 10)


@lru_cache(maxsize=1)
def digits() -> datasets.Dataset:
    """scikit-learn's digits."""
    return datasets.load("digits")


def fresh(seed: int = 0) -> Any:
    """An untrained reader of course.scratch in 64-bit numbers; the reader's random state stays."""
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(seed)
        return models.mlp(scratch.nn, SIZES).to(scratch.float64)
    finally:
        scratch.set_rng_state(state)


@lru_cache(maxsize=4)
def trained(steps: int = 300) -> Any:
    """The reader after ``steps`` of Adam on batches of 32 of all training digits."""
    data, model = digits(), fresh()
    optimizer = scratch.optim.Adam(model.parameters(), lr=3e-3)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        rows = rng.integers(0, len(data.train_labels), 32)
        step(model, optimizer, data.train_images[rows], data.train_labels[rows])
    return model


def step(model: Any, optimizer: Any, images: Any, labels: NDArray[np.int64]) -> None:
    """One step of training on one batch."""
    optimizer.zero_grad()
    outputs = model(scratch.tensor(images, dtype=scratch.float64))
    cross_entropy(outputs, scratch.tensor(labels)).backward()
    optimizer.step()


def scores(model: Any, images: Any) -> NDArray[np.float64]:
    """The model's scores (N, 10) as an array."""
    with scratch.no_grad():
        return np.array(model(scratch.tensor(images, dtype=scratch.float64)).numpy())


@dataclass(frozen=True)
class Scored:
    """Scores (N, 10) and labels (N,) of images that a model was not trained on, in two halves."""

    steps: int
    training_accuracy: float
    fit_scores: NDArray[np.float64]
    fit_labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]


OVERCONFIDENT_IMAGES, WRONG_LABELS = 200, 0.1


@lru_cache(maxsize=8)
def overconfident(steps: int) -> Scored:
    """A reader trained for ``steps`` whole passes on 200 images, one label in ten wrong.

    Of 1,238 other training images half are there to fit a temperature; the held-out ones and the
    other half test it.
    """
    data = digits()
    n = OVERCONFIDENT_IMAGES
    rng = np.random.default_rng(0)
    labels = data.train_labels[:n].copy()
    wrong = rng.permutation(n)[: round(n * WRONG_LABELS)]
    labels[wrong] = (labels[wrong] + rng.integers(1, 10, len(wrong))) % 10
    model = fresh()
    optimizer = scratch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(steps):
        step(model, optimizer, data.train_images[:n], labels)
    rest = np.concatenate([data.train_images[n:], data.held_out_images])
    truth = np.concatenate([data.train_labels[n:], data.held_out_labels])
    half = (len(data.train_labels) - n) // 2
    found = scores(model, rest)
    hit = (scores(model, data.train_images[:n]).argmax(axis=1) == labels).mean()
    return Scored(steps, float(hit), found[:half], truth[:half], found[half:], truth[half:])
