"""Four leaks from held-out images into training, each scored beside the honest score.

Every score is that of a small classifier really run on scikit-learn's digits; only the leak
"selection" uses made-up columns, so that the truth, nothing to be learned, is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from course import datasets

Floats = NDArray[np.float64]

KINDS = {
    "duplicates": "exact copies of held-out images are trained on",
    "groups": "shifted copies of held-out images are trained on",
    "scaling": "held-out images help to set the scaling",
    "selection": "held-out rows help to choose the columns",
}
PERCENTS = (0, 25, 50, 75, 100)  # of the held-out images that leak
SPLITS = 20
MADE_UP_COLUMNS, CHOSEN_COLUMNS = 1000, 20


@dataclass(frozen=True)
class Leak:
    """Accuracies, 0 to 1, of SPLITS random splits (rows) at each of PERCENTS (columns)."""

    kind: str
    images: int
    percent: int
    accuracy: Floats

    @property
    def honest(self) -> Floats:
        """One score a split, with no leak."""
        return self.accuracy[:, 0]

    @property
    def flattering(self) -> Floats:
        """One score a split, with the leak that was asked for."""
        return self.accuracy[:, PERCENTS.index(self.percent)]

    @property
    def gain(self) -> tuple[float, float]:
        """How much the leak flatters: the mean over the splits, and that mean's standard error."""
        gains = self.flattering - self.honest
        return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))


def measure(kind: str, images: int, percent: int) -> Leak:
    """Score a leak: train on ``images`` images, judge on half as many, over SPLITS splits.

    percent: of the held-out images that leak, one of PERCENTS. Raises ValueError for another
    percent, an unknown kind, or a number of images that the digits do not have.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not a leak known here; choose from {', '.join(KINDS)}")
    if percent not in PERCENTS:
        raise ValueError(f"percent must be one of {PERCENTS}, not {percent}")
    most = len(_digits()[1]) * 2 // 3
    if not 20 <= images <= most:
        raise ValueError(f"images must be between 20 and {most}, not {images}")
    return Leak(kind, images, percent, _accuracies(kind, images))


@lru_cache(maxsize=128)
def _accuracies(kind: str, images: int) -> Floats:
    trial = {"duplicates": _copies, "groups": _copies, "scaling": _scaling, "selection": _selection}
    shifted = kind == "groups"
    return np.array([trial[kind](images, seed, shifted) for seed in range(SPLITS)])


@lru_cache(maxsize=1)
def _digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    data = datasets.load("digits")
    return data.images.reshape(len(data.labels), -1), data.labels


def _rows(images: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    order = np.random.default_rng(seed).permutation(len(_digits()[1]))
    return order[: images // 2], order[images // 2 : images // 2 + images]


def _copies(images: int, seed: int, shifted: bool) -> list[float]:
    """Copies of held-out images take the places of training images, so that their number stays."""
    pixels, labels = _digits()
    test, train = _rows(images, seed)
    copies = half_pixel_shift(pixels[test], seed) if shifted else pixels[test]
    scores = []
    for percent in PERCENTS:
        count = len(test) * percent // 100
        inputs, targets = pixels[train], labels[train]
        inputs[:count], targets[:count] = copies[:count], labels[test[:count]]
        scores.append(nearest_neighbour(inputs, targets, pixels[test], labels[test]))
    return scores


def _scaling(images: int, seed: int, _: bool) -> list[float]:
    """Mean and spread of each pixel come from the training images and the leaked ones."""
    pixels, labels = _digits()
    test, train = _rows(images, seed)
    scores = []
    for percent in PERCENTS:
        used = pixels[np.concatenate([train, test[: len(test) * percent // 100]])]
        spread = used.std(axis=0)
        spread[spread == 0] = 1  # a pixel that is always blank stays blank
        scaled = (pixels - used.mean(axis=0)) / spread
        scores.append(nearest_neighbour(scaled[train], labels[train], scaled[test], labels[test]))
    return scores


def _selection(images: int, seed: int, _: bool) -> list[float]:
    """Random columns, coin-flip labels: whatever is found here was leaked."""
    rng = np.random.default_rng(seed)
    count = images + images // 2
    columns = rng.standard_normal((count, MADE_UP_COLUMNS), dtype=np.float32)
    labels = rng.integers(0, 2, count)
    train, test = np.arange(images), np.arange(images, count)
    scores = []
    for percent in PERCENTS:
        used = np.concatenate([train, test[: len(test) * percent // 100]])
        best = most_telling(columns[used], labels[used], CHOSEN_COLUMNS)
        inputs = columns[:, best]
        scores.append(nearest_mean(inputs[train], labels[train], inputs[test], labels[test]))
    return scores


def half_pixel_shift(pixels: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Each 8x8 image (N, 64) moved by half a pixel, up, down, left or right at random."""
    around = np.pad(pixels.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    directions = np.array([(0, 1), (2, 1), (1, 0), (1, 2)])
    y, x = np.random.default_rng(seed).choice(directions, len(pixels)).T
    windows = np.lib.stride_tricks.sliding_window_view(around, (8, 8), axis=(1, 2))
    moved = windows[np.arange(len(pixels)), y, x].reshape(len(pixels), -1)
    return (pixels + moved) / 2


def correlation(columns: NDArray, labels: NDArray) -> NDArray:
    """How strongly each column of (N, C) goes with the labels (N,): |Pearson's correlation|, (C,).

    A column that is the same in every row tells nothing and gets 0.
    """
    centred, deviation = columns - columns.mean(axis=0), labels - labels.mean()
    size = np.sqrt((centred * centred).sum(axis=0) * (deviation @ deviation))
    return np.abs(deviation @ centred) / np.where(size > 0, size, 1)


def most_telling(columns: NDArray, labels: NDArray, count: int) -> NDArray[np.int64]:
    """The ``count`` columns of (N, C) most correlated with the labels (N,), the best first."""
    return np.argsort(-correlation(columns, labels), kind="stable")[:count]


def nearest_neighbour(inputs: NDArray, targets: NDArray, test: NDArray, truth: NDArray) -> float:
    """Accuracy on ``test`` of answering with the label of the nearest training row."""
    return _nearest(inputs, targets, test, truth)


def nearest_mean(inputs: NDArray, targets: NDArray, test: NDArray, truth: NDArray) -> float:
    """Accuracy on ``test`` of answering with the class whose mean row is nearest."""
    classes = np.unique(targets)
    means = np.array([inputs[targets == label].mean(axis=0) for label in classes])
    return _nearest(means, classes, test, truth)


def _nearest(places: NDArray, answers: NDArray, test: NDArray, truth: NDArray) -> float:
    # The squared distance without the part that all places share.
    distance = (places * places).sum(axis=1) - 2 * test @ places.T
    return float((answers[distance.argmin(axis=1)] == truth).mean())
