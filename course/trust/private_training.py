"""DP-SGD by hand (Abadi et al., 2016): clip each example's gradient, add noise to the sum.

`private_gradients` does a step for any model of either engine, an example at a time; `train` is the
same step for one linear layer on digits, all examples and many runs at once, for the explorers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets
from course.training.engines import engine_of
from course.trust.accountant import epsilon

Floats = NDArray[np.float64]
NOISES = (0.3, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0)
BATCH = 64
DELTA = 1e-4  # below 1 in 1,438 training images
SEEDS = 2


def per_sample_gradients(
    model: Any, loss: Callable[[Any, Any], Any], x: Any, y: Any
) -> list[Floats]:
    """Each example's own gradient: for each parameter an array (N, *its shape).

    loss(output, target) takes a batch of one. The parameters' own gradients stay as they were.
    """
    engine = engine_of(model)
    parameters = list(model.parameters())
    kind = parameters[0].dtype
    rows: list[list[Any]] = [[] for _ in parameters]
    for n in range(len(x)):
        inputs = engine.tensor(np.asarray(x[n : n + 1]), dtype=kind)
        value = loss(model(inputs), engine.tensor(np.asarray(y[n : n + 1])))
        for row, found in zip(rows, engine.autograd.grad(value, parameters), strict=True):
            row.append(np.array(found.detach().numpy()))
    return [np.stack(row) for row in rows]


def clipped(gradients: Sequence[Any], norm: float) -> list[Floats]:
    """Each example's gradient, all parameters together, shortened to length ``norm`` at most."""
    if not norm > 0:
        raise ValueError(f"the clipping norm must be above 0, not {norm}.")
    squares = sum((np.asarray(g) ** 2).reshape(len(g), -1).sum(axis=1) for g in gradients)
    factor = np.minimum(1.0, norm / np.maximum(np.sqrt(squares), 1e-12))
    return [g * factor.reshape(-1, *[1] * (np.ndim(g) - 1)) for g in gradients]


def private_gradients(
    gradients: Sequence[Any], norm: float, noise: float, batch: float, rng: np.random.Generator
) -> list[Floats]:
    """Sum of clipped gradients, plus noise of ``noise * norm``, over the expected ``batch``."""
    return [
        (g.sum(axis=0) + noise * norm * rng.normal(size=g.shape[1:])) / batch
        for g in clipped(gradients, norm)
    ]


@dataclass(frozen=True)
class PrivateRuns:
    """Runs over NOISES (and one without clipping and noise): what each costs and reaches.

    accuracy: held-out, (noises, SEEDS). epsilons: (noises,), at DELTA. plain: held-out accuracy of
    ordinary SGD. clipped_share: of the gradients of the last step, how many were clipped.
    """

    norm: float
    steps: int
    batch: int
    people: int
    accuracy: Floats
    epsilons: Floats
    plain: float
    clipped_share: float

    @property
    def rate(self) -> float:
        """The chance of an image to be in a step's batch."""
        return self.batch / self.people


@lru_cache(maxsize=256)
def private_runs(norm: float = 1.0, steps: int = 100, batch: int = BATCH) -> PrivateRuns:
    """Train softmax regression on the digits for every noise of NOISES, SEEDS times.

    Raises ValueError for a norm or number of steps that is not above 0, or a batch larger than the
    data.
    """
    data = _digits()
    people = len(data.train_labels)
    if norm <= 0 or steps < 1 or not 1 <= batch <= people:
        raise ValueError(
            f"norm must be above 0, steps 1 or more, batch 1 to {people}; not {norm}, {steps}, "
            f"{batch}."
        )
    levels = np.r_[0.0, np.repeat(NOISES, SEEDS)]
    weights, share = train(norm, levels, steps, batch)
    accuracy = held_out_accuracy(weights)
    spent = np.array([epsilon(noise, batch / people, steps, DELTA) for noise in NOISES])
    runs = accuracy[1:].reshape(-1, SEEDS)
    return PrivateRuns(norm, steps, batch, people, runs, spent, float(accuracy[0]), share)


def held_out_accuracy(weights: Floats) -> Floats:
    """The share of right answers on the held-out digits, one a run; (runs,)."""
    data = _digits()
    answers = np.matmul(_flat(data.held_out_images), weights).argmax(axis=2)
    return np.asarray((answers == data.held_out_labels).mean(axis=1))


def train(norm: float, levels: Floats, steps: int, batch: int) -> tuple[Floats, float]:
    """Weights (runs, 65, 10) after ``steps``; a level of 0 trains without clipping and noise."""
    data = _digits()
    x, y = _flat(data.train_images), data.train_labels
    rng = np.random.default_rng(0)
    weights = np.zeros((len(levels), x.shape[1], 10))
    lengths = np.sqrt((x**2).sum(axis=1))
    noisy = levels > 0
    share = 0.0
    # Ordinary gradients are averages of unclipped ones: a rate that suits both.
    rate = np.where(noisy, 2.0 / norm, 0.5)[:, None, None]
    for _ in range(steps):
        rows = np.flatnonzero(rng.random(len(x)) < batch / len(x))
        xb = x[rows]
        logits = np.matmul(xb, weights)
        logits -= logits.max(axis=2, keepdims=True)
        errors = np.exp(logits)
        errors /= errors.sum(axis=2, keepdims=True)
        errors[:, np.arange(len(rows)), y[rows]] -= 1
        # The gradient of one image is x times error: its length is the product of their lengths.
        size = np.sqrt(np.einsum("rbc,rbc->rb", errors, errors)) * lengths[rows]
        factor = np.minimum(1.0, norm / np.maximum(size, 1e-12))
        share = float((factor[noisy] < 1).mean()) if len(rows) and noisy.any() else share
        factor[~noisy] = 1.0
        errors *= factor[:, :, None]
        total = np.matmul(xb.T, errors)
        total += (levels * norm)[:, None, None] * rng.normal(size=weights.shape)
        weights -= rate * total / batch
    return weights, share


def _flat(images: Any) -> Floats:
    flat = images.reshape(len(images), -1).astype(np.float64)
    return np.concatenate([flat, np.ones((len(flat), 1))], axis=1)


@lru_cache(maxsize=1)
def _digits() -> datasets.Dataset:
    return datasets.load("digits")
