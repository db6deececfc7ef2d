"""Fitting a scaling law to runs, with intervals: how much the runs really pin down.

For given exponents the law is a straight sum of three terms, so that its best constants are those of
least squares; only the two exponents are searched. Deviations are relative, as the loss's logarithm
would have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.scale.laws import Law

ALPHAS = np.linspace(0.03, 1.2, 40)


@dataclass(frozen=True)
class Fitted:
    """The law of all runs, and laws of the runs drawn again with replacement."""

    law: Law
    drawn: tuple[Law, ...]

    def interval(self, constant: str, inside: float = 0.9) -> tuple[float, float]:
        """Between which values the constant (a name of Law's) is in that share of the draws."""
        values = [getattr(found, constant) for found in self.drawn]
        low, high = np.quantile(values, [(1 - inside) / 2, (1 + inside) / 2])
        return float(low), float(high)

    def band(
        self, parameters: Any, tokens: Any, inside: float = 0.9
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Between which values the loss is in that share of the draws, for numbers or arrays."""
        values = np.array([found.loss(parameters, tokens) for found in self.drawn])
        low, high = np.quantile(values, [(1 - inside) / 2, (1 + inside) / 2], axis=0)
        return low, high


def fit(parameters: Sequence[float], tokens: Sequence[float], losses: Sequence[float]) -> Law:
    """The law nearest to the runs.

    Raises ValueError for fewer than five runs, or fewer than three sizes or amounts of text: five
    constants cannot be found from them.
    """
    n, d, loss = (np.asarray(v, float) for v in (parameters, tokens, losses))
    if not len(n) == len(d) == len(loss):
        raise ValueError(f"expected as many of each, not {len(n)}, {len(d)}, {len(loss)}")
    if len(n) < 5 or len(set(n)) < 3 or len(set(d)) < 3:
        raise ValueError(
            f"five constants need 5 runs with 3 sizes and 3 amounts of text at least; here are {len(n)} runs with "
            f"{len(set(n))} and {len(set(d))}"
        )
    if not (np.all(n > 0) and np.all(d > 0) and np.all(loss > 0)):
        raise ValueError("parameters, tokens and losses must all be above 0")
    return _fit(n, d, loss, np.ones((1, len(n))))[0]


def fit_with_draws(
    parameters: Sequence[float],
    tokens: Sequence[float],
    losses: Sequence[float],
    draws: int = 100,
    seed: int = 0,
) -> Fitted:
    """The law of all runs, and of ``draws`` samples of them with replacement (a bootstrap).

    Raises ValueError as :func:`fit` does, and for fewer than 2 draws.
    """
    if draws < 2:
        raise ValueError(f"an interval needs 2 draws or more, not {draws!r}")
    whole = fit(parameters, tokens, losses)
    n, d, loss = (np.asarray(v, float) for v in (parameters, tokens, losses))
    rng = np.random.default_rng(seed)
    counts: list[NDArray[np.int64]] = []
    while len(counts) < draws:  # a draw with too few sizes pins nothing down: draw again
        rows = rng.integers(0, len(n), len(n))
        if len(set(n[rows])) >= 3 and len(set(d[rows])) >= 3:
            counts.append(np.bincount(rows, minlength=len(n)))
    return Fitted(whole, tuple(_fit(n, d, loss, np.array(counts, float))))


def power_law(
    parameters: Sequence[float], losses: Sequence[float], floor: float
) -> tuple[float, float]:
    """A and alpha of losses = floor + A / parameters^alpha: the best line between logarithms.

    Raises ValueError for fewer than two runs, or a loss that is not above the floor.
    """
    n, loss = np.asarray(parameters, float), np.asarray(losses, float)
    if len(n) != len(loss) or len(n) < 2:
        raise ValueError(
            f"a line needs 2 runs or more, as many sizes as losses, not {len(n)}, {len(loss)}"
        )
    if not (np.all(n > 0) and np.all(loss > floor)):
        raise ValueError(f"sizes must be above 0 and losses above the floor, {floor!r}")
    slope, height = np.polyfit(np.log(n), np.log(loss - floor), 1)
    return float(np.exp(height)), float(-slope)


def _fit(n: Any, d: Any, loss: Any, counts: NDArray[np.float64]) -> list[Law]:
    """One law for each row of ``counts``: how often each run is in the sample."""
    # Columns in units near 1, and each row over its loss: relative deviations.
    x = (n / np.exp(np.log(n).mean()))[None, :] ** -ALPHAS[:, None]
    y = (d / np.exp(np.log(d).mean()))[None, :] ** -ALPHAS[:, None]
    pairs_of = np.meshgrid(np.arange(len(ALPHAS)), np.arange(len(ALPHAS)), indexing="ij")
    a, b = (places.ravel() for places in pairs_of)
    columns = np.stack([np.ones((len(a), len(n))), x[a], y[b]], axis=2) / loss[:, None]
    pairs = np.einsum("gri,grj->grij", columns, columns).reshape(len(a), len(n), 9)
    found = []
    for row in counts:
        gram = np.tensordot(pairs, row, axes=(1, 0)).reshape(-1, 3, 3)
        right = np.tensordot(columns, row, axes=(1, 0))  # each run's target is 1
        solved = np.linalg.solve(gram + 1e-9 * np.eye(3), right[:, :, None])[:, :, 0]
        error = row.sum() - (solved * right).sum(axis=1)
        sound = (solved > 0).all(axis=1)
        best = int(np.argmin(np.where(sound, error, np.inf)))
        e, big_a, big_b = solved[best]
        alpha, beta = ALPHAS[a[best]], ALPHAS[b[best]]
        scale_n, scale_d = np.exp(np.log(n).mean()), np.exp(np.log(d).mean())
        found.append(
            Law(
                float(e),
                float(big_a * scale_n**alpha),
                float(big_b * scale_d**beta),
                float(alpha),
                float(beta),
            )
        )
    return found
