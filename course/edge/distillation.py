"""Distillation: a small student learns a teacher's answers, softened by a temperature.

softmax(scores / T) at T = 1 is the teacher's confidence, nearly all on one class; a higher T shows what
else the image looks like to it. Hinton, Vinyals and Dean (2015). Many students, one for each
temperature and seed, are trained at once as one batch of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import scratch
from course.edge import given
from course.edge.networks import accuracy, digits, reference, seeded

TEMPERATURES = (1.0, 2.0, 4.0, 8.0, 16.0)
SEEDS = 6
STEPS, BATCH, RATE = 300, 64, 0.01


def soften(scores: Any, temperature: float) -> NDArray[np.float64]:
    """softmax(scores / temperature) along the last axis.

    Raises ValueError for a temperature that is not above 0.
    """
    given.number(temperature, "temperature", "be above 0, for example 4", lambda v: v > 0)
    shifted = np.asarray(scores, np.float64) / temperature
    shifted = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Students:
    """Held-out accuracies, 0 to 1, of students with ``width`` hidden units.

    labelled: (SEEDS,), trained on ``labels`` labelled images alone. same: (temperatures, SEEDS),
    trained on the teacher's softened answers to those same images. more: (temperatures, SEEDS), on
    its answers to all training images, whose labels nobody needs.
    """

    width: int
    labels: int
    teacher: float
    labelled: NDArray[np.float64]
    same: NDArray[np.float64]
    more: NDArray[np.float64]

    @property
    def best(self) -> float:
        """The temperature whose students are best on average."""
        return TEMPERATURES[int(self.more.mean(axis=1).argmax())]


@lru_cache(maxsize=32)
def students(width: int, labels: int) -> Students:
    """Train students of 64-width-10 by labels and by the teacher, six seeds each.

    Raises ValueError for a width below 1 or a number of labels that the digits do not have.
    """
    data, teacher = digits(), reference()
    given.count(width, "width")
    most = len(data.images)
    given.count(
        given.number(labels, "labels", f"be 10 to {most}", lambda v: 10 <= v <= most), "labels"
    )
    hard = np.eye(10)[data.labels[:labels]][None]
    soft = _answers()
    one = _train(width, data.images[:labels], np.repeat(hard, SEEDS, axis=0), (1.0,) * SEEDS)
    soft = np.repeat(soft, SEEDS, axis=0)[:, :labels]
    same = _train(width, data.images[:labels], soft, _repeated())
    return Students(
        width,
        labels,
        accuracy(teacher, data.held_images, data.held_labels),
        _judge(one),
        _judge(same).reshape(len(TEMPERATURES), SEEDS),
        _from_all(width),
    )


def _repeated() -> tuple[float, ...]:
    return tuple(float(t) for t in np.repeat(TEMPERATURES, SEEDS))


def _answers() -> NDArray[np.float64]:
    """The teacher's answers to all training images, (temperatures, N, 10)."""
    images = digits().images
    return np.stack([soften(reference()(images), t) for t in TEMPERATURES])


@lru_cache(maxsize=8)
def _from_all(width: int) -> NDArray[np.float64]:
    """Accuracies of the students that learn from all images: no label is asked for."""
    soft = np.repeat(_answers(), SEEDS, axis=0)
    found = _train(width, digits().images, soft, _repeated())
    return _judge(found).reshape(len(TEMPERATURES), SEEDS)


def _train(width: int, images: Any, targets: Any, temperatures: tuple[float, ...]) -> Any:
    """Weights of K students, trained side by side; targets (K, N, 10)."""
    count, rows = len(temperatures), len(images)
    first, second = [], []
    for number in range(count):
        with seeded(number % SEEDS):
            first.append(scratch.nn.Linear(64, width).weight.detach().numpy().T)
            second.append(scratch.nn.Linear(width, 10).weight.detach().numpy().T)
    weights = [
        scratch.nn.Parameter(scratch.from_numpy(np.ascontiguousarray(w, np.float32)))
        for w in (
            np.stack(first),
            np.zeros((count, 1, width)),
            np.stack(second),
            np.zeros((count, 1, 10)),
        )
    ]
    optimizer = scratch.optim.Adam(weights, lr=RATE)
    heat = np.asarray(temperatures, np.float32)[:, None, None]
    order, steady = np.random.RandomState(0), scratch.from_numpy(1 / heat)
    targets = targets.astype(np.float32)
    for _ in range(STEPS):
        picked = order.randint(0, rows, BATCH)
        x = scratch.from_numpy(np.repeat(images[picked][None], count, axis=0))
        scores = _scores(weights, x)
        log = scratch.log_softmax(scores * steady, dim=2)
        # Times T²: the gradient of softened answers is smaller by that factor.
        wanted = scratch.from_numpy(targets[:, picked] * heat**2)
        loss = -(wanted * log).sum() * (1 / BATCH)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return weights


def _scores(weights: Any, x: Any) -> Any:
    hidden = scratch.relu(scratch.matmul(x, weights[0]) + weights[1])
    return scratch.matmul(hidden, weights[2]) + weights[3]


def _judge(weights: Any) -> NDArray[np.float64]:
    data = digits()
    with scratch.no_grad():
        x = np.repeat(data.held_images[None], len(weights[0]), axis=0)
        answers = _scores(weights, scratch.from_numpy(x)).numpy().argmax(axis=2)
    return (answers == data.held_labels).mean(axis=1).astype(np.float64)
