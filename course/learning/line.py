"""The smallest model there is, a straight line, its loss on real points, and the exact best line.

The line is ``prediction = slope * x + intercept``; the loss is the mean squared error. Of such a
loss everything is known in closed form, so whatever training finds can be held against the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from course.datasets import DatasetError, Datasheet

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """The points a line is fitted to: ``x`` and ``y`` of shape (N,), and what they are."""

    name: str
    x: Array
    y: Array
    x_label: str
    y_label: str
    datasheet: Datasheet | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"<{len(self)} points: {self.x_label} → {self.y_label}>"


@lru_cache(maxsize=1)
def diabetes() -> Points:
    """442 people with diabetes: body mass index, and how far the disease went in the next year.

    x is (BMI - 20) / 10, so that 0 is a BMI of 20 and 1 a BMI of 30; y is the progression in
    hundreds. Raises DatasetError where scikit-learn, which carries the data, is missing.
    """
    try:
        from sklearn.datasets import load_diabetes
    except ImportError as error:
        raise DatasetError(
            "The diabetes data come with scikit-learn, which is not installed. Install it with: "
            "pip install scikit-learn"
        ) from error
    data, target = load_diabetes(return_X_y=True, scaled=False)
    x, y = (data[:, 2] - 20) / 10, target / 100
    for array in (x, y):
        array.flags.writeable = False  # shared by every caller
    return Points(
        "diabetes",
        x,
        y,
        "body mass index, tens above 20",
        "disease progression, hundreds",
        _SHEET,
    )


def loss(slope: float, intercept: float, points: Points) -> float:
    """The mean squared error of a line on the points."""
    errors = slope * points.x + intercept - points.y
    return float(np.mean(errors * errors))


def gradient(slope: float, intercept: float, points: Points) -> Array:
    """The loss's gradient, of shape (2,): its slope along the slope and along the intercept."""
    errors = slope * points.x + intercept - points.y
    return 2 * np.array([np.mean(errors * points.x), np.mean(errors)])


def fit(points: Points, lr: float, steps: int) -> tuple[float, float]:
    """Slope and intercept after ``steps`` steps of gradient descent from 0 and 0."""
    slope, intercept = 0.0, 0.0
    for _ in range(steps):
        toward_slope, toward_intercept = gradient(slope, intercept, points)
        slope -= lr * float(toward_slope)
        intercept -= lr * float(toward_intercept)
    return slope, intercept


def hessian(points: Points) -> Array:
    """The loss's second derivatives, of shape (2, 2); the same at every slope and intercept."""
    x = points.x
    return 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])


def curvatures(points: Points) -> tuple[float, float]:
    """How sharply the loss bends: the Hessian's eigenvalues, the smaller one first."""
    least, greatest = np.linalg.eigvalsh(hessian(points))
    return float(least), float(greatest)


def best_line(points: Points) -> tuple[float, float]:
    """Slope and intercept of the line with the least loss, by formula.

    Raises ValueError where all x are equal: then every slope through the middle is as good.
    """
    x, y = points.x, points.y
    spread = np.mean((x - x.mean()) ** 2)
    if not spread > 0:
        raise ValueError(f"all {len(points)} points have the same x, so no slope is the best one")
    slope = np.mean((x - x.mean()) * (y - y.mean())) / spread
    return float(slope), float(y.mean() - slope * x.mean())


def surface(points: Points, slopes: Array, intercepts: Array) -> Array:
    """The loss at every pair: shape (len(intercepts), len(slopes)).

    From the six means that the loss is made of, so it costs the same for any number of points.
    """
    x, y = points.x, points.y
    w, b = np.meshgrid(np.asarray(slopes, float), np.asarray(intercepts, float))
    return (
        w * w * np.mean(x * x)
        + b * b
        + np.mean(y * y)
        + 2 * w * b * np.mean(x)
        - 2 * w * np.mean(x * y)
        - 2 * b * np.mean(y)
    )


_SHEET = Datasheet(
    title="Diabetes progression of 442 people",
    source=(
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (2004), "
        "https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html, as shipped in scikit-learn "
        "(sklearn.datasets.load_diabetes, unscaled)"
    ),
    licence="none stated by the authors; distributed with scikit-learn (BSD 3-Clause)",
    size="442 people, 10 measurements each; of these only the body mass index is used here",
    known_problems=(
        "What one unit of 'progression' means is not documented; only larger is worse.",
        "Where, when and how the people were chosen is not documented, so nobody knows for whom a "
        "line through these points would hold.",
        "Body mass index is weight divided by squared height; it tells fat from muscle badly.",
    ),
    citation=(
        "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (2004). Least Angle Regression. "
        "Annals of Statistics 32(2), 407-499."
    ),
)
