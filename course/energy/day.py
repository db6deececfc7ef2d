"""A simulated day of a grid, hour by hour, built from stated assumptions.

The course's tables publish yearly means, no hours. So this day belongs to no country: demand has a
given shape, the sun a given share, a steady clean base another, and one kind of fossil power station
fills the rest. Only what a kilowatt-hour of each source emits is published (`course.facts.grids`).

Two intensities: the *average* of an hour is what its mix emits; the *marginal* one is what one more
kilowatt-hour would, from the source that would be turned up for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from course.facts.grids import energy_source

HOURS = 24
FILLERS = {"natural_gas": "natural gas", "coal": "coal"}
BASE = "nuclear"
# Demand over its daily mean: low at night, a morning rise, an evening peak at 19 h. An assumption.
_NIGHT, _MORNING, _EVENING = 0.82, 0.18, 0.42
SUNRISE, SUNSET = 6.0, 18.0


@dataclass(frozen=True)
class Day:
    """24 hours in shares of the mean demand, and grams of CO2 equivalent a kilowatt-hour.

    spilled: sunlight for which there was no demand.
    """

    demand: NDArray[np.float64]
    base: NDArray[np.float64]
    solar: NDArray[np.float64]
    fossil: NDArray[np.float64]
    spilled: NDArray[np.float64]
    average: NDArray[np.float64]
    marginal: NDArray[np.float64]
    filler: str

    @property
    def mean(self) -> float:
        """The day's average intensity, each hour weighted by its demand."""
        return float(np.average(self.average, weights=self.demand))


def demand_shape() -> NDArray[np.float64]:
    """Demand in each hour of the day, with mean 1."""
    middle = np.arange(HOURS) + 0.5
    shape = (
        _NIGHT
        + _MORNING * np.exp(-0.5 * ((middle - 9.5) / 2.5) ** 2)
        + _EVENING * np.exp(-0.5 * ((middle - 19.0) / 3.0) ** 2)
    )
    return np.asarray(shape / shape.mean())


def day(solar_share: float, base_share: float = 0.25, filler: str = "natural_gas") -> Day:
    """A simulated day.

    solar_share: what the sun could supply, as a share of the day's demand, 0 to 1. base_share: the
    steady clean base, as a share of the mean demand, 0 to 0.8. filler: "natural_gas" or "coal".
    Raises ValueError for shares outside, and for another filler.
    """
    for name, share, most in (("solar_share", solar_share, 1.0), ("base_share", base_share, 0.8)):
        if not 0 <= share <= most:
            raise ValueError(f"{name} must be from 0 to {most:g}, not {share}")
    if filler not in FILLERS:
        raise ValueError(f"filler must be one of {', '.join(FILLERS)}, not {filler!r}")
    demand = demand_shape()
    middle = np.arange(HOURS) + 0.5
    sun = np.clip(np.sin(np.pi * (middle - SUNRISE) / (SUNSET - SUNRISE)), 0, None)
    sun *= (middle > SUNRISE) & (middle < SUNSET)
    available = solar_share * HOURS * sun / sun.sum()
    base = np.minimum(base_share, demand)
    solar = np.minimum(available, demand - base)
    fossil = demand - base - solar
    spilled = available - solar
    grams = {name: energy_source(name).g_per_kwh for name in (BASE, "solar", filler)}
    average = (base * grams[BASE] + solar * grams["solar"] + fossil * grams[filler]) / demand
    marginal = np.where(spilled > 1e-12, grams["solar"], grams[filler])
    return Day(demand, base, solar, fossil, spilled, average, marginal, filler)


def window_means(values: NDArray[np.float64], hours: int) -> NDArray[np.float64]:
    """The mean of ``values`` over ``hours`` from each hour on, round the clock.

    values: (24,). hours: 1 to 24. Returns (24,), one a start. Raises ValueError for other hours.
    """
    if not 1 <= hours <= HOURS:
        raise ValueError(f"hours must be from 1 to {HOURS}, not {hours}")
    return np.array([np.roll(values, -start)[:hours].mean() for start in range(HOURS)])
