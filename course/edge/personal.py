"""A model that learns its user's hand on the device: only the last layer is trained, on a few digits.

The data sets do not say who wrote what, so the user is made: someone who writes slanted and turned, the
same for all their digits. What is learned never leaves the device; only the last layer's numbers change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.edge.distillation import soften
from course.edge.given import number
from course.edge.networks import Layers, accuracy, digits, reference
from course.edge.quantization import finite

COUNTS = (0, 1, 2, 5, 10, 20)


def handwriting(images: Any, slant: float, turn: float) -> NDArray[np.float32]:
    """Digits (N, 64) as a user writes them: slanted (pixels a row) and turned (degrees).

    Each pixel is read, by bilinear interpolation, from where the user's transformation has it.
    Raises ValueError for a transformation that is not a number.
    """
    for what, value in (("slant", slant), ("turn", turn)):
        number(value, what, "be a number")
    angle = np.deg2rad(turn)
    y, x = np.mgrid[0:8, 0:8] - 3.5
    column = np.cos(angle) * x + np.sin(angle) * y
    row = -np.sin(angle) * x + np.cos(angle) * y
    column = column + slant * row
    return _read_at(np.asarray(images, np.float32).reshape(-1, 8, 8), row + 3.5, column + 3.5)


def _read_at(images: Any, rows: Any, columns: Any) -> NDArray[np.float32]:
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    r, c = np.clip(rows + 1, 0, 8.999), np.clip(columns + 1, 0, 8.999)
    top, left = r.astype(int), c.astype(int)
    down, right = r - top, c - left
    read = sum(
        padded[:, top + i, left + j] * np.abs(1 - i - down) * np.abs(1 - j - right)
        for i in (0, 1)
        for j in (0, 1)
    )
    return np.asarray(read).reshape(len(images), 64).astype(np.float32)


def train_last_layer(
    network: Layers,
    images: Any,
    labels: Any,
    *,
    steps: int = 150,
    rate: float = 1.0,
    pull: float = 3e-4,
) -> Layers:
    """Gradient descent with momentum on the last layer alone, pulled towards where it started.

    images (N, ...), labels (N,) of 0 to 9: the user's own. pull keeps what was known before: the
    squared distance from the first weights times this is added to the loss.
    Raises ValueError for no images, or labels that do not fit them.
    """
    labels = np.asarray(labels)
    if not len(images) or len(images) != len(labels):
        raise ValueError(
            f"give as many labels as images, at least one; not {len(images)} and {len(labels)}"
        )
    if labels.min() < 0 or labels.max() >= len(network.biases[-1]):
        raise ValueError(
            f"labels run from 0 to {len(network.biases[-1]) - 1}; these to {labels.max()}"
        )
    hidden = network.hidden(finite(images, "the images").astype(np.float32)).astype(np.float64)
    # Features of length about 1 make one learning rate do for every network.
    size = float(np.sqrt((hidden**2).sum(axis=1).mean())) or 1.0
    hidden = np.column_stack([hidden / size, np.ones(len(hidden))])
    first = np.column_stack([network.weights[-1] * size, network.biases[-1]]).astype(np.float64)
    weight, velocity, wanted = first.copy(), np.zeros_like(first), np.eye(len(first))[labels]
    for _ in range(steps):
        gap = (soften(hidden @ weight.T, 1.0) - wanted) / len(hidden)
        velocity = 0.9 * velocity - rate * (gap.T @ hidden + pull * (weight - first))
        weight += velocity
    weight, bias = weight[:, :-1] / size, weight[:, -1]
    weights = (*network.weights[:-1], weight.astype(np.float32))
    return Layers(weights, (*network.biases[:-1], bias.astype(np.float32)))


@dataclass(frozen=True)
class Personal:
    """Held-out accuracies by the user's own digits of each class that were trained on."""

    counts: tuple[int, ...]
    own: tuple[float, ...]  # on the user's other digits
    others: tuple[float, ...]  # on everybody else's: what is forgotten

    @property
    def trained(self) -> int:
        """Numbers that change on the device."""
        last = reference().weights[-1]
        return int(last.size + len(last))


@lru_cache(maxsize=32)
def personalize(slant: float = 0.2, turn: float = 15.0) -> Personal:
    """Learn a made user's digits from 0 to 20 of each class, by the last layer alone."""
    data, network = digits(), reference()
    mine, theirs = handwriting(data.images, slant, turn), handwriting(data.held_images, slant, turn)
    own, others = [], []
    for count in COUNTS:
        learned = network
        if count:
            rows = np.concatenate([np.flatnonzero(data.labels == c)[:count] for c in range(10)])
            learned = train_last_layer(network, mine[rows], data.labels[rows])
        own.append(accuracy(learned, theirs, data.held_labels))
        others.append(accuracy(learned, data.held_images, data.held_labels))
    return Personal(COUNTS, tuple(own), tuple(others))
