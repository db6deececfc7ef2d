"""A rare class: what a threshold catches, what it misses, and what the share of the class does to it.

The scores are those of a logistic regression for "is this image the digit?", each image scored by
a model that was not trained on it.
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
FOLDS = 5


@dataclass(frozen=True)
class Scored:
    """Every image's score, 0 to 1, and whether it shows the digit; both (N,)."""

    digit: int
    scores: Floats
    positive: NDArray[np.bool_]


@dataclass(frozen=True)
class Confusion:
    """What comes of 1,000 images at one threshold: expected numbers, from the measured rates."""

    digit: int
    threshold: float
    percent: float
    caught: float
    missed: float
    false_alarms: float
    rightly_passed: float

    @property
    def recall(self) -> float:
        """The share of the digit's images that is caught."""
        return self.caught / (self.caught + self.missed)

    @property
    def precision(self) -> float:
        """The share of the alarms that is right; NaN where there is no alarm."""
        alarms = self.caught + self.false_alarms
        return self.caught / alarms if alarms else float("nan")

    @property
    def accuracy(self) -> float:
        """The share of all images that is answered rightly."""
        return (self.caught + self.rightly_passed) / 1000

    @property
    def always_no(self) -> float:
        """The accuracy of a "model" that never says yes."""
        return 1 - self.percent / 100


@dataclass(frozen=True)
class Rare:
    """A threshold's confusion, and precision against recall over all thresholds."""

    confusion: Confusion
    recalls: Floats
    precisions: Floats
    average_precision: float


def at_threshold(digit: int, threshold: float, percent: float) -> Rare:
    """Judge the scores for ``digit`` at a threshold, where it makes up ``percent`` % of the images.

    The share is set by weighing the images: recall and the rate of false alarms are measured, and
    the number of alarms follows from the share. Raises ValueError unless 0 < percent < 100.
    """
    if not 0 < percent < 100:
        raise ValueError(f"percent must lie between 0 and 100, not {percent}")
    found = scored(digit)
    weights = weights_for(found.positive, percent)
    yes = found.scores >= threshold
    parts = [
        1000 * weights[found.positive == truth][yes[found.positive == truth] == said].sum()
        for truth, said in ((True, True), (True, False), (False, True), (False, False))
    ]
    recalls, precisions = precision_recall(found, weights)
    steps = np.diff(recalls, prepend=0.0)
    confusion = Confusion(digit, threshold, percent, *(float(part) for part in parts))
    return Rare(confusion, recalls, precisions, float((steps * precisions).sum()))


def weights_for(positive: NDArray[np.bool_], percent: float) -> Floats:
    """Weights (N,) of sum 1, of which the positive images have ``percent`` %, shared equally."""
    share = percent / 100
    return np.where(positive, share / positive.sum(), (1 - share) / (~positive).sum())


def precision_recall(found: Scored, weights: Floats) -> tuple[Floats, Floats]:
    """Recall and precision, both (T,), at every threshold that a score sets, the highest first."""
    order = np.argsort(-found.scores, kind="stable")
    caught = np.cumsum(np.where(found.positive, weights, 0)[order])
    alarms = np.cumsum(weights[order])
    # Equal scores pass a threshold together.
    last = np.append(np.diff(found.scores[order]) != 0, True)
    return (caught / caught[-1])[last], (caught / alarms)[last]


@lru_cache(maxsize=10)
def scored(digit: int) -> Scored:
    """The scores for one digit, 0 to 9, over all of scikit-learn's digits, by cross-validation."""
    data = datasets.load("digits")
    pixels = data.images.reshape(len(data.labels), -1)
    positive = data.labels == digit
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    model = LogisticRegression(max_iter=1000)
    scores = cross_val_predict(model, pixels, positive, cv=folds, method="predict_proba")[:, 1]
    return Scored(digit, scores.astype(np.float64), positive)
