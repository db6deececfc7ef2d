"""Scaling laws: the loss that a model of N parameters reaches on D tokens, and what follows.

L(N, D) = E + A / N^alpha + B / D^beta, in nats a token. With about 6 operations a parameter and token
the best split of a budget has a closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.facts.scaling import chinchilla_budgets, constants, scaling_exponents

FITS = {
    "epoch-corrected": "Chinchilla, fit by Epoch AI",
    "chinchilla-published": "Chinchilla, as printed",
    "chinchilla-unrounded": "Chinchilla, before rounding",
    "data-constrained": "Muennighoff et al., on C4",
}


@dataclass(frozen=True)
class Law:
    """The five constants of a law; E is the loss that no size and no data remove."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def loss(self, parameters: Any, tokens: Any) -> Any:
        """The loss of ``parameters`` trained on ``tokens``, numbers or arrays above 0."""
        n, d = np.asarray(parameters, float), np.asarray(tokens, float)
        if not (np.all(n > 0) and np.all(d > 0)):
            raise ValueError(
                f"parameters and tokens must be above 0, not {parameters!r}, {tokens!r}"
            )
        found = self.E + self.A * n**-self.alpha + self.B * d**-self.beta
        return float(found) if np.ndim(found) == 0 else found

    def optimum(self, flops: float) -> tuple[float, float]:
        """The parameters and tokens with the least loss for that many operations.

        Raises ValueError for operations that are not above 0.
        """
        if not flops > 0:
            raise ValueError(f"operations must be above 0, not {flops!r}")
        g = (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))
        n = g * (flops / 6) ** self.parameter_exponent
        return n, flops / (6 * n)

    @property
    def parameter_exponent(self) -> float:
        """The power of the budget with which the best number of parameters grows."""
        return self.beta / (self.alpha + self.beta)


def law(fit: str) -> Law:
    """A published law by the name of its fit; raises KeyError, which lists them, for another."""
    if fit not in FITS:
        raise KeyError(f"no law {fit!r}; there are {list(FITS)}")
    found = constants(fit)
    e, a, b = (found.get(k) or math.exp(found[f"ln {k}"]) for k in "EAB")
    return Law(e, a, b, found["alpha"], found["beta"])


@dataclass(frozen=True)
class Approach:
    """How one way of looking at runs says that the best size grows: N = scale * C^exponent."""

    name: str
    exponent: float
    low: float | None
    high: float | None
    scale: float

    def parameters(self, flops: Any) -> Any:
        """The best number of parameters for that many operations."""
        return self.scale * np.asarray(flops, float) ** self.exponent


@lru_cache
def approaches() -> tuple[Approach, ...]:
    """Chinchilla's three approaches and Kaplan's law.

    Of approaches 1, 2 and of Kaplan only the exponent is published: their lines are drawn through the
    middle row of Chinchilla's Table 3 (10 billion parameters). Approach 3 is its own formula.
    """
    through = chinchilla_budgets()[1]
    found = []
    for row in scaling_exponents():
        exponent, scale = row.parameter_exponent, 0.0
        if row.approach.startswith("3"):
            printed = law("chinchilla-published")
            exponent = printed.parameter_exponent
            scale = printed.optimum(1.0)[0]
        else:
            scale = through.parameters / through.flops**exponent
        found.append(Approach(row.approach, exponent, row.parameter_low, row.parameter_high, scale))
    return tuple(found)


@dataclass(frozen=True)
class Served:
    """A size, the tokens that bring it to a loss, and operations to train and then to serve it."""

    parameters: NDArray[np.float64]
    tokens: NDArray[np.float64]
    training: NDArray[np.float64]
    serving: NDArray[np.float64]

    @property
    def best(self) -> int:
        """The place of the size that needs the fewest operations in all."""
        return int(np.argmin(self.training + self.serving))


def served(found: Law, flops: float, tokens_served: float, count: int = 400) -> Served:
    """All sizes that reach the loss of the best model for ``flops``, with what serving adds.

    Training takes 6 operations a parameter and token, serving 2. Sizes run from where the tokens
    needed pass all bounds to thirty times the best. Raises ValueError for negative tokens.
    """
    if tokens_served < 0:
        raise ValueError(f"tokens served cannot be negative: {tokens_served!r}")
    best, data = found.optimum(flops)
    goal = found.loss(best, data)
    least = (found.A / (goal - found.E)) ** (1 / found.alpha)  # reached with endless data only
    sizes = np.geomspace(1.001 * least, 30 * best, count)
    rest = goal - found.E - found.A * sizes**-found.alpha
    tokens = (found.B / rest) ** (1 / found.beta)
    return Served(sizes, tokens, 6 * sizes * tokens, 2 * sizes * tokens_served)


def worth(unique: float, epochs: float) -> float:
    """The fresh tokens that ``epochs`` passes over ``unique`` tokens are worth.

    By the law of Muennighoff et al. (2023): each further pass is worth less. Raises ValueError for
    tokens that are not above 0 or less than one pass.
    """
    if not unique > 0 or not epochs >= 1:
        raise ValueError(f"expected tokens above 0 and 1 pass or more, not {unique!r}, {epochs!r}")
    half = constants("data-constrained")["R_D"]
    return unique * (1 + half * (1 - math.exp(-(epochs - 1) / half)))


def repeated_loss(parameters: float, tokens: float, unique: float) -> float:
    """The loss after training on ``tokens``, of which ``unique`` are different.

    The same law, which also discounts parameters beyond what the unique tokens would deserve.
    Raises ValueError for more unique tokens than tokens.
    """
    if not 0 < unique <= tokens:
        raise ValueError(f"unique tokens are above 0 and at most all {tokens:g}, not {unique!r}")
    found, r_n = law("data-constrained"), constants("data-constrained")["R_N"]
    g = (found.alpha * found.A / (found.beta * found.B)) ** (1 / (found.alpha + found.beta))
    deserved = min(parameters, (unique * g) ** (found.beta / found.alpha) * g)
    surplus = max(parameters / deserved - 1, 0)
    n = deserved * (1 + r_n * (1 - math.exp(-surplus / r_n)))
    return float(found.loss(n, worth(unique, tokens / unique)))
