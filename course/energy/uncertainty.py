"""How far an account can be off: ranges of its inputs, and what they make of the result.

Two answers, never mixed. *Draws*: each input is triangular between its ends, with its peak at the
value, and independent of the others; 4,000 draws with a fixed seed; quoted is the middle 90 %.
*Ends*: interval arithmetic, every input at its low end and then at its high end. The second needs no
distribution and holds nearly always; it is wide, since all inputs are seldom wrong the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from course.energy.footprint import Account, Run, account, account_of, check

INPUTS = ("chips", "hours", "watts", "pue", "g_per_kwh", "idle_share", "embodied_g")
DRAWS = 4000


@dataclass(frozen=True)
class Span:
    """One input: its value, how low and how high it may be, and where that comes from.

    Raises ValueError unless low <= value <= high.
    """

    value: float
    low: float
    high: float
    origin: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"a value must lie in its range: {self.low} to {self.high}, not {self.value}"
            )

    @property
    def known(self) -> bool:
        """Whether the input is taken as exact."""
        return self.low == self.high


def percent(value: float, below: float, above: float, origin: str, least: float = 0.0) -> Span:
    """``value``, up to ``below`` percent less (not under ``least``) or ``above`` percent more."""
    low = max(least, value * (1 - below / 100))
    return Span(value, min(low, value), value * (1 + above / 100), origin)


@dataclass(frozen=True)
class Spread:
    """What ranges of the inputs make of a run's account.

    draws: one account for each draw. least, greatest: interval arithmetic. swings: for each
    uncertain input the kilograms with it alone at its low and at its high end.
    """

    middle: Account
    draws: Account
    least: Account
    greatest: Account
    swings: dict[str, tuple[float, float]]

    def kg(self, share: float = 0.9) -> tuple[float, float]:
        """The middle ``share`` of the drawn kilograms."""
        return _middle(self.draws.kg, share)

    def kwh(self, share: float = 0.9) -> tuple[float, float]:
        """The middle ``share`` of the drawn kilowatt-hours."""
        return _middle(self.draws.kwh, share)


def _middle(values: NDArray[np.float64], share: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def spread(spans: Mapping[str, Span], seed: int = 0, draws: int = DRAWS) -> Spread:
    """Propagate the inputs' ranges, by draws and by their ends.

    spans: one for each of chips, hours, watts, pue, g_per_kwh; idle_share and embodied_g are 0 where
    they are left out. Raises ValueError for an unknown or a missing input, and for an end that no
    run can have.
    """
    unknown = [name for name in spans if name not in INPUTS]
    missing = [name for name in INPUTS[:5] if name not in spans]
    if unknown or missing:
        what = f"unknown {unknown}" if unknown else f"missing {missing}"
        raise ValueError(f"the inputs are {', '.join(INPUTS)}; {what}")
    for name, span in spans.items():
        check(name, span.low)
        check(name, span.high)
    run = Run(**{name: span.value for name, span in spans.items()})
    rng = np.random.default_rng(seed)
    # One stream an input, drawn in a fixed order: widening one range leaves the others' draws alone.
    unit = {name: rng.random(draws) for name in INPUTS}
    drawn = {name: _triangular(span, unit[name]) for name, span in spans.items()}
    low, high = (
        account(replace(run, **{name: getattr(span, end) for name, span in spans.items()}))
        for end in ("low", "high")
    )
    swings = {}
    for name, span in spans.items():
        if not span.known:
            ends = [account(replace(run, **{name: end})).kg for end in (span.low, span.high)]
            swings[name] = (float(ends[0]), float(ends[1]))
    return Spread(account(run), account_of(**drawn), low, high, swings)


def _triangular(span: Span, unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Uniform numbers as a triangular distribution's, by the inverse of its cumulative sum."""
    if span.known:
        return np.full(unit.shape, span.value)
    width, left, right = span.high - span.low, span.value - span.low, span.high - span.value
    rising = span.low + np.sqrt(unit * width * left)
    falling = span.high - np.sqrt((1 - unit) * width * right)
    return np.where(unit * width < left, rising, falling)
