"""Explanations that ask "what if?": permuting a feature for everyone, and changing one case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.training.engines import engine_of
from course.trust.attributions import gradient

Floats = NDArray[np.float64]


def permutation_importance(
    score: Callable[[Floats], float], X: Any, *, repeats: int = 10, seed: int = 0
) -> Floats:
    """By how much ``score(X)`` falls when a column is shuffled; (columns, repeats).

    ``score`` takes X (N, columns) and returns a number, the larger the better (Breiman, 2001). Take
    the spread over the repeats with you. Two columns that tell the same each look unimportant.
    Raises ValueError for fewer than two rows or one repeat.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or len(X) < 2 or repeats < 1:
        raise ValueError(
            f"X has the shape {X.shape} and repeats is {repeats}; expected 2 rows or more in two "
            "dimensions, and 1 repeat or more."
        )
    rng = np.random.default_rng(seed)
    whole = score(X)
    falls = np.empty((X.shape[1], repeats))
    for column in range(X.shape[1]):
        for repeat in range(repeats):
            shuffled = X.copy()
            shuffled[:, column] = rng.permutation(X[:, column])
            falls[column, repeat] = whole - score(shuffled)
    return falls


@dataclass(frozen=True)
class Counterfactual:
    """The case as it is, a near one that gets another answer, and the step in units of ``scale``."""

    before: Floats
    after: Floats
    wanted: int
    distance: float

    @property
    def change(self) -> Floats:
        """What would have to be different."""
        return self.after - self.before


def counterfactual(
    model: Any,
    x: Any,
    wanted: int,
    *,
    scale: Any = 1.0,
    mutable: Sequence[bool] | None = None,
    low: Any = -np.inf,
    high: Any = np.inf,
    margin: float = 1e-3,
    rounds: int = 200,
) -> Counterfactual:
    """A near case that the model answers with ``wanted``: steps to the boundary, each the shortest.

    x: (features,). ``scale`` is what counts as one unit of change in each feature; features that
    are not ``mutable`` (age, the past) stay; ``low`` and ``high`` bound the rest. For a linear model
    without bounds the result is the nearest there is; else it is near, not the nearest. It speaks of
    the model, not of the world: that the change would bring what it promises is not said.

    Raises ValueError for shapes that do not fit or a margin below 0, RuntimeError where no such
    case was found within the bounds.
    """
    before = np.array(x, dtype=np.float64)
    if before.ndim != 1:
        raise ValueError(f"x is one case of shape (features,), not of shape {before.shape}.")
    free = np.ones(len(before), bool) if mutable is None else np.asarray(mutable, bool)
    units = np.broadcast_to(np.asarray(scale, dtype=np.float64), before.shape) * free
    if free.shape != before.shape or (units[free] <= 0).any() or margin < 0:
        raise ValueError(
            "mutable needs one entry a feature, scale must be above 0, and margin 0 or more."
        )
    after = before.copy()
    for _ in range(rounds):
        out = _out(model, after)
        others = np.where(np.arange(len(out)) == wanted, -np.inf, out)
        rival = int(others.argmax())
        gap = out[wanted] - out[rival]
        if gap >= margin * 0.999:
            step = (after - before)[free] / units[free]
            return Counterfactual(before, after, wanted, float(np.sqrt((step**2).sum())))
        both = gradient(model, np.stack([after, after]), np.array([wanted, rival]))
        slope = (both[0] - both[1]) * units
        # A feature at its bound that would have to go further is out of the game.
        stuck = ((after >= high) & (slope > 0)) | ((after <= low) & (slope < 0))
        slope = np.where(stuck, 0.0, slope)
        size = float((slope**2).sum())
        if size < 1e-18:
            break
        after = np.clip(after + units * slope * (margin - gap) / size, low, high)
    raise RuntimeError(
        f"No case near this one is answered with {wanted}: what may change is not enough, within "
        "its bounds. For the person judged that is an answer too: nothing within reach would help."
    )


def _out(model: Any, x: Floats) -> Floats:
    engine, kind = engine_of(model), next(iter(model.parameters())).dtype
    with engine.no_grad():
        return np.array(model(engine.tensor(x[None], dtype=kind)).numpy()[0], dtype=np.float64)
