"""The playground's made-up data: points in a square, labelled -1 and +1 or with a number between.

Invented on purpose: with two coordinates everything that a network does can be drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SIDE = 6.0  # the square reaches from -SIDE to SIDE in both directions
POINTS = 500
_RADIUS = 5.0

CLASSIFICATION = {
    "circle": "Circle",
    "xor": "Exclusive or",
    "gauss": "Two clouds",
    "spiral": "Spiral",
}
REGRESSION = {"plane": "Plane", "hills": "Hills (Gauss)"}
DATA = {**CLASSIFICATION, **REGRESSION}


@dataclass(frozen=True)
class ToyData:
    """Points (N, 2) with targets (N,), divided: the first ``train_count`` are trained on."""

    name: str
    points: Array
    targets: Array
    train_count: int

    @property
    def train(self) -> tuple[Array, Array]:
        """Points and targets to train on."""
        return self.points[: self.train_count], self.targets[: self.train_count]

    @property
    def test(self) -> tuple[Array, Array]:
        """Points and targets kept away from training."""
        return self.points[self.train_count :], self.targets[self.train_count :]


def make(name: str, noise: float = 0.0, train_share: float = 0.5, seed: int = 0) -> ToyData:
    """``POINTS`` points of a data set (a key of DATA), in random order.

    ``noise``, 0 to 1, moves the points about before their targets are forgotten: at 1 by up to
    the square's own size. ``train_share`` is the share of them to train on, above 0 and below 1.
    Raises ValueError for a name, noise, share or seed outside what is said here.
    """
    if name not in DATA:
        raise ValueError(f"there is no data set {name!r}; choose from {', '.join(DATA)}")
    if not 0 <= noise <= 1:
        raise ValueError(f"noise is a share between 0 and 1, not {noise}")
    if not 0 < train_share < 1:
        raise ValueError(
            f"the share to train on lies between 0 and 1, both excluded; not {train_share}"
        )
    if seed < 0:
        raise ValueError(f"the seed must be 0 or more, not {seed}")
    rng = np.random.default_rng([seed, list(DATA).index(name)])
    points, targets = _MAKERS[name](rng, noise)
    order = rng.permutation(len(points))
    count = min(max(round(train_share * len(points)), 1), len(points) - 1)
    return ToyData(name, points[order], targets[order], count)


def is_classification(name: str) -> bool:
    """True where the targets are the two classes -1 and +1."""
    return name in CLASSIFICATION


def _halves() -> Array:
    return np.where(np.arange(POINTS) < POINTS // 2, 1.0, -1.0)


def _jitter(rng: np.random.Generator, noise: float) -> Array:
    return rng.uniform(-1, 1, (POINTS, 2)) * noise * _RADIUS


def _circle(rng: np.random.Generator, noise: float) -> tuple[Array, Array]:
    targets = _halves()
    inner, outer = rng.uniform(0, 0.5, POINTS), rng.uniform(0.7, 1.0, POINTS)
    radius = np.where(targets > 0, inner, outer) * _RADIUS
    angle = rng.uniform(0, 2 * math.pi, POINTS)
    points = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points + _jitter(rng, noise) / 2, targets


def _xor(rng: np.random.Generator, noise: float) -> tuple[Array, Array]:
    points = rng.uniform(-_RADIUS, _RADIUS, (POINTS, 2))
    points += np.where(points > 0, 0.3, -0.3)  # a gap along the two axes
    targets = np.where(points[:, 0] * points[:, 1] >= 0, 1.0, -1.0)
    return points + _jitter(rng, noise), targets


def _gauss(rng: np.random.Generator, noise: float) -> tuple[Array, Array]:
    targets = _halves()
    spread = math.sqrt(0.5 + 7 * noise)
    return 2 * targets[:, None] + spread * rng.normal(size=(POINTS, 2)), targets


def _spiral(rng: np.random.Generator, noise: float) -> tuple[Array, Array]:
    targets = _halves()
    along = np.tile(np.arange(POINTS // 2) / (POINTS // 2), 2)
    angle = 1.75 * along * 2 * math.pi + np.where(targets > 0, 0.0, math.pi)
    points = (along * _RADIUS)[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points + _jitter(rng, noise) / _RADIUS, targets


def _plane(rng: np.random.Generator, noise: float) -> tuple[Array, Array]:
    points = rng.uniform(-SIDE, SIDE, (POINTS, 2))
    return points, _height(points + _jitter(rng, noise))


def _height(points: Array) -> Array:
    """The plane's height: -1 in one corner of the square, +1 in the opposite one."""
    return np.clip((points[:, 0] + points[:, 1]) / (2 * SIDE), -1, 1)


_HILLS = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
_SIGNS = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


def _hills(rng: np.random.Generator, noise: float) -> tuple[Array, Array]:
    points = rng.uniform(-SIDE, SIDE, (POINTS, 2))
    moved = points + _jitter(rng, noise)
    away = np.linalg.norm(moved[:, None] - _HILLS, axis=2)
    height = np.clip(1 - away / 2, 0, None)  # of each hill; the highest one counts
    highest = height.argmax(axis=1)
    return points, height.max(axis=1) * _SIGNS[highest]


_MAKERS: dict[str, Callable[[np.random.Generator, float], tuple[Array, Array]]] = {
    "circle": _circle,
    "xor": _xor,
    "gauss": _gauss,
    "spiral": _spiral,
    "plane": _plane,
    "hills": _hills,
}
