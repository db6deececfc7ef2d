"""Fairness put into the training loop: weights, a penalty, an adversary; one text, two engines.

A small network learns decisions. `weights` counts people differently (reweighing); `penalty` adds
strength * (mean probability of one group - of the other)^2 to the loss; `adversary` trains a second
network to tell the group from the first one's answer, and pays the first for misleading it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import models, scratch
from course.fairness.inputs import InputError, zeros_and_ones

Array = NDArray[np.float64]
WIDTH = 8
RATE = 0.02


@dataclass(frozen=True)
class Aim:
    """What the training is asked for besides being right; both strengths 0 or more."""

    penalty: float = 0.0
    adversary: float = 0.0

    def __post_init__(self) -> None:
        for name in ("penalty", "adversary"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"{name} must be 0 or more; got {value}")


@dataclass
class Run:
    """What came out: every step's loss and group gap, and the model, which `probability` asks."""

    model: Any
    engine: ModuleType
    losses: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def probability(self, X: Array) -> Array:
        """Probabilities of a yes, shape (N,)."""
        with self.engine.no_grad():
            logits = self.model(self.engine.tensor(np.asarray(X, dtype=np.float64)))
        return 0.5 * (1 + np.tanh(0.5 * logits.detach().numpy()[:, 0]))


def train(
    X: Array,
    y: NDArray[np.int64],
    group: NDArray[np.int64],
    aim: Aim | None = None,
    *,
    weights: Array | None = None,
    steps: int = 150,
    seed: int = 0,
    engine: ModuleType = scratch,
) -> Run:
    """Train on all people at once, ``steps`` times, in 64-bit numbers.

    X: (N, d), scaled. y, group: 0 or 1, (N,). weights: one a person. The first weights depend on
    the seed alone, whatever the engine. Raises InputError for arrays that do not fit, a group
    without people, or steps below 1.
    """
    aim = aim or Aim()
    if steps < 1:
        raise InputError(f"steps must be 1 or more, not {steps}")
    y, group = zeros_and_ones(y, "y", len(X)), zeros_and_ones(group, "group", len(X))
    if len(np.unique(group)) < 2:
        raise InputError("a gap needs people in both groups, 0 and 1; there is only one")
    F = engine.nn.functional
    model = _first(models.mlp(engine.nn, (X.shape[1], WIDTH, 1)), engine, seed)
    spy = _first(models.mlp(engine.nn, (1, WIDTH, 1)), engine, seed + 1)
    optimizer = engine.optim.Adam(model.parameters(), lr=RATE)
    spying = engine.optim.Adam(spy.parameters(), lr=RATE)
    inputs, truth = _tensor(engine, X), _tensor(engine, y[:, None])
    who, counted = _tensor(engine, group[:, None]), _tensor(engine, _mean_one(weights, len(X)))
    run = Run(model, engine)
    for _ in range(steps):
        logits = model(inputs)
        loss = F.binary_cross_entropy_with_logits(logits, truth, weight=counted)
        gap = _gap(engine.sigmoid(logits), who)
        run.losses.append(loss.item())
        run.gaps.append(gap.item())
        if aim.penalty:
            loss = loss + aim.penalty * gap * gap
        if aim.adversary:
            # The spy learns from the answers as they are; its gradient must not reach the model here.
            spying.zero_grad()
            F.binary_cross_entropy_with_logits(spy(logits.detach()), who).backward()
            spying.step()
            loss = loss - aim.adversary * F.binary_cross_entropy_with_logits(spy(logits), who)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return run


def _gap(probability: Any, who: Any) -> Any:
    """Mean probability of group 1 less that of group 0."""
    ones = who.sum()
    return (probability * who).sum() / ones - (probability * (1 - who)).sum() / (len(who) - ones)


def _tensor(engine: ModuleType, values: Any) -> Any:
    return engine.tensor(np.asarray(values, dtype=np.float64))


def _mean_one(weights: Array | None, n: int) -> Array:
    if weights is None:
        return np.ones((n, 1))
    w = np.asarray(weights, dtype=np.float64)
    if w.shape != (n,) or not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        raise InputError(
            f"weights must be {n} numbers of 0 or more, not all 0; their shape is {w.shape}"
        )
    return (w / w.mean())[:, None]


def _first(model: Any, engine: ModuleType, seed: int) -> Any:
    """The same first weights in both engines, drawn by NumPy."""
    model = model.to(engine.float64)
    rng = np.random.RandomState(seed)
    with engine.no_grad():
        for parameter in model.parameters():
            shape = tuple(parameter.shape)
            spread = 1 / np.sqrt(shape[-1]) if len(shape) > 1 else 0.1
            parameter.copy_(_tensor(engine, rng.uniform(-spread, spread, shape)))
    return model
