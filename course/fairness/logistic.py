"""Logistic regression by Newton's method: small, exact, and quick enough for a slider.

The lesson's fairness penalty and adversary train by gradient descent (`course.fairness.training`);
where only the finished model matters, this finds the same minimum in a few milliseconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def with_ones(X: Array) -> Array:
    """X with a last column of ones, for the intercept."""
    return np.concatenate([X, np.ones((len(X), 1))], axis=1)


def fit(X: Array, y: NDArray[np.int64], weights: Array | None = None, ridge: float = 1.0) -> Array:
    """Coefficients, the intercept last, that minimise weighted log loss + ridge / 2 * their squares.

    X: (N, d). weights: one a person, 1 by default. The intercept is not shrunk.
    """
    A = with_ones(X)
    w = np.ones(len(A)) if weights is None else np.asarray(weights, dtype=np.float64)
    shrink = np.append(np.full(X.shape[1], ridge), 1e-9)
    beta = np.zeros(A.shape[1])
    for _ in range(30):
        p = sigmoid(A @ beta)
        gradient = A.T @ (w * (p - y)) + shrink * beta
        bend = (A * (w * p * (1 - p))[:, None]).T @ A + np.diag(shrink)
        step = np.linalg.solve(bend, gradient)
        beta = beta - step
        if np.abs(step).max() < 1e-10:
            break
    return beta


def predict(beta: Array, X: Array) -> Array:
    """Probabilities of a yes, shape (N,)."""
    return sigmoid(with_ones(X) @ beta)


def out_of_fold(X: Array, y: NDArray[np.int64], folds: int = 5, seed: int = 0) -> Array:
    """Each person's probability by a model fitted without that person's fold, shape (N,)."""
    fold = np.random.RandomState(seed).permutation(np.arange(len(y)) % folds)
    found = np.empty(len(y))
    for number in range(folds):
        held = fold == number
        found[held] = predict(fit(X[~held], y[~held]), X[held])
    return found


def auc(score: Array, yes: NDArray[np.int64]) -> float:
    """How often a yes has a higher score than a no, ties counting half: area under the ROC curve."""
    order = np.unique(score, return_inverse=True)[1]
    counts = np.bincount(order)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[order]
    positives = int(yes.sum())
    negatives = len(yes) - positives
    return float(
        (ranks[yes == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    )


def linear_probability(y: NDArray[np.int64], X: Array) -> tuple[Array, Array]:
    """Least squares of a 0-or-1 outcome: coefficients and standard errors, the intercept last."""
    A = with_ones(X)
    beta: Array = np.asarray(
        np.linalg.lstsq(A, y.astype(np.float64), rcond=None)[0], dtype=np.float64
    )
    rest = y - A @ beta
    variance = rest @ rest / (len(y) - A.shape[1])
    return beta, np.sqrt(variance * np.diag(np.linalg.inv(A.T @ A)))
