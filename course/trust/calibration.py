"""Does a model that says 80 % turn out right in 80 %? Reliability, ECE, temperature scaling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Answers sorted into bins by confidence; all (bins,). Empty bins hold NaN.

    low, high: the 95 % Wilson interval of the accuracy.
    """

    edges: Floats
    count: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats
    low: Floats
    high: Floats

    @property
    def ece(self) -> float:
        """Expected calibration error: the mean gap of confidence and accuracy, weighed by count."""
        used = self.count > 0
        gaps = np.abs(self.confidence - self.accuracy)[used]
        return float((self.count[used] * gaps).sum() / self.count.sum())

    @property
    def mean_confidence(self) -> float:
        """The mean confidence of all answers."""
        used = self.count > 0
        return float((self.count * self.confidence)[used].sum() / self.count.sum())

    @property
    def mean_accuracy(self) -> float:
        """The share of right answers."""
        used = self.count > 0
        return float((self.count * self.accuracy)[used].sum() / self.count.sum())


def reliability(probabilities: Any, labels: Any, bins: int = 10) -> Reliability:
    """Sort answers by their confidence into ``bins`` of equal width, from 0 to 1.

    probabilities: (N, classes), the answer is the most probable class; or (N,), the probability
    that label is 1, which is then binned by itself. labels: (N,). A value on an edge belongs to the
    bin below it (Guo et al., 2017). Raises ValueError for values outside 0 to 1, rows that do not
    sum to 1, labels that do not fit, or fewer than one bin.
    """
    p, y = checked(probabilities, labels)
    if bins < 1:
        raise ValueError(f"bins must be 1 or more, not {bins}.")
    if p.ndim == 2:
        sure, hit = p.max(axis=1), (p.argmax(axis=1) == y).astype(np.float64)
    else:
        sure, hit = p, y.astype(np.float64)
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore", divide="ignore"):
        confidence = np.bincount(place, sure, bins) / count
        accuracy = np.bincount(place, hit, bins) / count
        low, high = wilson(accuracy, count)
    return Reliability(edges, count, confidence, accuracy, low, high)


def checked(probabilities: Any, labels: Any) -> tuple[Floats, NDArray[np.int64]]:
    """Both as arrays; raises ValueError, which names the first that does not fit."""
    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    if p.ndim not in (1, 2) or len(p) != len(y) or y.ndim != 1 or not len(p):
        raise ValueError(
            f"probabilities have the shape {p.shape}, labels {y.shape}; expected (N, classes) or "
            "(N,), and (N,), with N at least 1."
        )
    wrong = ~((p >= 0) & (p <= 1))
    if wrong.any():
        where = tuple(int(n) for n in np.argwhere(wrong)[0])
        raise ValueError(
            f"probability {p[where]} at {where} lies outside 0 to 1. Are these scores? Give "
            "softmax(scores)."
        )
    if p.ndim == 2 and np.abs(p.sum(axis=1) - 1).max() > 1e-4:
        row = int(np.abs(p.sum(axis=1) - 1).argmax())
        raise ValueError(f"the probabilities of row {row} sum to {p[row].sum():.4g}, not to 1.")
    classes = p.shape[1] if p.ndim == 2 else 2
    if y.dtype.kind not in "iub" or y.min() < 0 or y.max() >= classes:
        raise ValueError(f"labels must be whole numbers from 0 to {classes - 1}; not {y[:5]}.")
    return p, y.astype(np.int64)


def wilson(share: Any, count: Any, z: float = 1.959963984540054) -> tuple[Any, Any]:
    """Wilson's interval for a share of ``count``, 95 % by default; NaN where count is 0."""
    share, count = np.asarray(share, dtype=np.float64), np.asarray(count, dtype=np.float64)
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    inner = share * (1 - share) / count + z**2 / (4 * count**2)
    half = z * np.sqrt(np.maximum(inner, 0)) / (1 + z**2 / count)
    return middle - half, middle + half


def softmax(scores: Any, temperature: float = 1.0) -> Floats:
    """Probabilities (N, classes) of scores divided by a temperature; ValueError unless above 0."""
    if not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature must be above 0, not {temperature}.")
    z = np.asarray(scores, dtype=np.float64) / temperature
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def log_loss(scores: Any, labels: Any, temperature: float = 1.0) -> float:
    """The mean negative log probability of the right class."""
    p = softmax(scores, temperature)
    right = p[np.arange(len(p)), np.asarray(labels)]
    return float(-np.log(np.maximum(right, 1e-300)).mean())


def best_temperature(scores: Any, labels: Any) -> float:
    """The temperature, 0.05 to 20, of the least log loss: golden section on its logarithm.

    Fit it on held-out data that is not the test set: scores of training data are too sure of
    themselves. The answers stay the same, for dividing by a number changes no order.
    """
    scores = np.asarray(scores, dtype=np.float64)
    checked(softmax(scores), labels)
    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(0.05), math.log(20.0)
    for _ in range(60):
        a, b = high - golden * (high - low), low + golden * (high - low)
        if log_loss(scores, labels, math.exp(a)) < log_loss(scores, labels, math.exp(b)):
            high = b
        else:
            low = a
    return math.exp((low + high) / 2)
