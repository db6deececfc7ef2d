"""Confident learning: find the images whose label the rest of the data contradicts.

The rule is that of Northcutt, Jiang and Chuang (2021), "Confident learning: estimating uncertainty
in dataset labels", Journal of Artificial Intelligence Research 70.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from course import datasets

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
FOLDS = 5
HOW = {
    "any": "with any other digit",
    "lookalike": "with the digit it is most like",
}


@dataclass(frozen=True)
class Suspicion:
    """What the finder says of each image, all (N,).

    suspect: whether another digit is confidently more likely than the given label.
    suggestion: the most likely of the digits that pass their threshold; the given label where
    none does. doubt: how much more probable the model finds the suggestion than the given label.
    """

    suspect: NDArray[np.bool_]
    suggestion: Labels
    doubt: Floats

    @property
    def ranked(self) -> Labels:
        """Rows of the suspects, the most doubtful first."""
        rows = np.flatnonzero(self.suspect)
        return rows[np.argsort(-self.doubt[rows], kind="stable")]


@dataclass(frozen=True)
class Search:
    """A search among the digits, of whose labels some were changed at known places.

    images (N, 8, 8); true, given: labels (N,); planted: where they differ.
    """

    percent: int
    how: str
    images: NDArray[np.float32]
    true: Labels
    given: Labels
    found: Suspicion

    @property
    def planted(self) -> NDArray[np.bool_]:
        """Where the label was changed."""
        return self.true != self.given

    @property
    def hits(self) -> int:
        """Changed labels that were found."""
        return int((self.planted & self.found.suspect).sum())

    @property
    def precision(self) -> float:
        """The share of the suspects whose label was changed; NaN without a suspect."""
        count = int(self.found.suspect.sum())
        return self.hits / count if count else float("nan")

    @property
    def recall(self) -> float:
        """The share of the changed labels that is suspected; NaN where none was changed."""
        count = int(self.planted.sum())
        return self.hits / count if count else float("nan")

    @property
    def repaired(self) -> int:
        """Hits for which the suggestion is the true label."""
        return int((self.planted & self.found.suspect & (self.found.suggestion == self.true)).sum())


def suspects(probabilities: Floats, labels: Labels) -> Suspicion:
    """Find labels that out-of-sample probabilities contradict.

    probabilities: (N, C), each row by a model that was not trained on it. labels: (N,).
    A class's threshold is the mean probability that images with this label get for it. An image is
    suspect where, among the classes at or above their threshold, the most probable is not its label.
    """
    rows = np.arange(len(labels))
    classes = np.arange(probabilities.shape[1])
    thresholds = np.array(
        [probabilities[labels == c, c].mean() if (labels == c).any() else np.inf for c in classes]
    )
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    best = confident.argmax(axis=1)
    suggestion = np.where(confident[rows, best] >= 0, best, labels)
    doubt = probabilities[rows, suggestion] - probabilities[rows, labels]
    return Suspicion(suggestion != labels, suggestion, doubt)


@lru_cache(maxsize=64)
def search(percent: int, how: str) -> Search:
    """Change ``percent`` % of the digits' labels, ``how`` one of HOW, and look for them.

    Raises ValueError for a percentage outside 0 to 50 or an unknown how.
    """
    if not 0 <= percent <= 50:
        raise ValueError(f"percent must be between 0 and 50, not {percent}")
    if how not in HOW:
        raise ValueError(f"{how!r} is not known here; choose from {', '.join(HOW)}")
    data = datasets.load("digits")
    given = _changed(data.images, data.labels, percent, how)
    probabilities = out_of_sample(data.images, given)
    found = suspects(probabilities, given)
    return Search(percent, how, data.images[:, 0], data.labels, given, found)


def out_of_sample(images: NDArray[np.float32], labels: Labels) -> Floats:
    """Probabilities (N, C): each image judged by a logistic regression that never saw it."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    pixels = images.reshape(len(images), -1)
    model = LogisticRegression(max_iter=1000)
    found = cross_val_predict(model, pixels, labels, cv=folds, method="predict_proba")
    return np.asarray(found, dtype=np.float64)


def _changed(images: NDArray[np.float32], labels: Labels, percent: int, how: str) -> Labels:
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(labels))[: round(len(labels) * percent / 100)]
    given = labels.copy()
    if how == "any":
        given[rows] = (given[rows] + rng.integers(1, 10, len(rows))) % 10
    else:
        given[rows] = lookalikes(images, labels)[given[rows]]
    return given


def lookalikes(images: NDArray[np.float32], labels: Labels) -> Labels:
    """For each class (C,), the class whose mean image is nearest to its own."""
    means = np.array([images[labels == c].mean(axis=0).ravel() for c in range(labels.max() + 1)])
    distance = ((means[:, None] - means[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    return distance.argmin(axis=1)
