"""Gradient descent with momentum on the loss of a line, and the edge beyond which it diverges.

The gradients are the formulas of ``line.py``: no autograd yet. The rule is that of PyTorch's SGD:
velocity = momentum * velocity + gradient, then parameter -= learning_rate * velocity.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course.learning.line import Array, Points, best_line, curvatures, hessian, loss

# A loss that has grown to this many times its start is called diverged, and the run ends.
DIVERGED = 1e6


@dataclass(frozen=True)
class Descent:
    """A run: ``path`` (steps + 1, 2) of slope and intercept, ``losses`` (steps + 1).

    ``diverged_at`` is the step at which the loss left all bounds, or None; ``least`` the loss of
    the best line.
    """

    points: Points
    learning_rate: float
    momentum: float
    steps: int
    path: Array
    losses: Array
    least: float
    diverged_at: int | None

    @property
    def edge(self) -> float:
        """The largest stable learning rate for these points and this momentum."""
        return largest_stable_rate(curvatures(self.points), self.momentum)

    @property
    def gap(self) -> float:
        """How far above the best line's loss the run ends."""
        return max(float(self.losses[-1]) - self.least, 0.0)

    @property
    def grows(self) -> bool:
        """True where the run is farther from the least loss than at its start."""
        return self.diverged_at is not None or self.gap > self.losses[0] - self.least


def descend(
    points: Points,
    learning_rate: float,
    momentum: float = 0.0,
    steps: int = 50,
    start: tuple[float, float] = (0.0, 0.0),
) -> Descent:
    """Take ``steps`` steps of gradient descent from ``start`` (slope, intercept).

    Raises ValueError for a learning rate not above 0, a momentum outside 0 to 1 (1 excluded) or a
    negative number of steps.
    """
    if not (learning_rate > 0 and math.isfinite(learning_rate)):
        raise ValueError(f"the learning rate must be above 0 and finite, not {learning_rate}")
    if not 0 <= momentum < 1:
        raise ValueError(f"the momentum must be at least 0 and less than 1, not {momentum}")
    if steps < 0:
        raise ValueError(f"the number of steps must be 0 or more, not {steps}")
    best = np.array(best_line(points))
    bend, least = hessian(points), loss(float(best[0]), float(best[1]), points)
    place, velocity = np.array(start, dtype=float), np.zeros(2)
    path, losses = [place], [loss(float(place[0]), float(place[1]), points)]
    limit = DIVERGED * max(losses[0], 1.0)
    diverged_at = None
    for step in range(1, steps + 1):
        # The gradient of line.py at `place`: a quadratic's gradient is its Hessian times the way
        # from the minimum, which costs nothing however many points there are.
        velocity = momentum * velocity + bend @ (place - best)
        place = place - learning_rate * velocity
        now = least + 0.5 * float((place - best) @ bend @ (place - best))
        if not now <= limit:
            diverged_at = step
            break
        path.append(place)
        losses.append(now)
    return Descent(
        points, learning_rate, momentum, steps, np.array(path), np.array(losses), least, diverged_at
    )


def largest_stable_rate(bends: Sequence[float], momentum: float = 0.0) -> float:
    """The learning rate above which descent on a quadratic diverges: 2 (1 + momentum) / λmax.

    ``bends`` are the quadratic's curvatures, the eigenvalues of its Hessian. Raises ValueError
    unless one is above 0 and the momentum is at least 0 and less than 1.
    """
    steepest = max(bends, default=0.0)
    if not steepest > 0:
        raise ValueError(f"a quadratic that curves up somewhere is expected, not {bends}")
    if not 0 <= momentum < 1:
        raise ValueError(f"the momentum must be at least 0 and less than 1, not {momentum}")
    return 2.0 * (1.0 + momentum) / steepest


def diverges(points: Points, learning_rate: float, momentum: float = 0.0) -> bool:
    """Try it: do 2,000 steps with this learning rate end farther away than they began?"""
    return descend(points, learning_rate, momentum, 2000).grows


def measured_edge(points: Points, momentum: float = 0.0, halvings: int = 40) -> float:
    """The largest learning rate that did not diverge when tried, by halving an interval."""
    low, high = 1e-6, 1e3
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (low, middle) if diverges(points, middle, momentum) else (middle, high)
    return low


def counted_from(points: Points, bmi: str) -> Points:
    """The same people, with x counted from another zero: "20", "0" or "mean".

    Only the description changes, not the lines there are; the loss surface changes its shape.
    Raises ValueError for any other zero.
    """
    zeros = {"20": 0.0, "0": -2.0, "mean": float(points.x.mean())}
    if bmi not in zeros:
        raise ValueError(f"the zero of x is one of {', '.join(zeros)}, not {bmi!r}")
    names = {"20": "20", "0": "0", "mean": "the mean"}
    label = f"body mass index, tens above {names[bmi]}"
    return dataclasses.replace(points, x=points.x - zeros[bmi], x_label=label)
