"""Published training runs as this room's formulas see them, and the prices of their chips."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from course.facts.cloud_prices import CloudPrice, cloud_prices
from course.facts.training_runs import TrainingRun, training_runs
from course.scale.costs import Range, chip_of, training_peak, utilisation

# Rows that are no training of a model on its tokens from the start, or say the same twice.
_ASIDE = ("post-training", "total", "(estimate)", "Llama-3.2")


@dataclass(frozen=True)
class PastRun:
    """A run whose size, tokens, chips and hours are all published; operations are 6 N D."""

    row: TrainingRun
    flops: float
    chip_hours: float
    peak: float

    @property
    def name(self) -> str:
        """The model."""
        return self.row.model

    @property
    def parameters(self) -> float:
        """Parameters that a token meets."""
        return 1e9 * (self.row.billion_active_parameters or self.row.billion_parameters or 0)

    @property
    def mfu(self) -> float:
        """The share of the chips' peak that its operations must have had, over all hours stated."""
        return utilisation(self.flops, self.chip_hours, self.peak)

    def hours_at(self, mfu: float) -> float:
        """The chip-hours that the formula gives for that MFU."""
        return self.flops / (3600 * self.peak * mfu)


@lru_cache
def past_runs() -> tuple[PastRun, ...]:
    """Every published run that can be held against the formula."""
    found = []
    for row in training_runs():
        if any(word in row.model for word in _ASIDE):
            continue
        size = row.billion_active_parameters or row.billion_parameters
        hours = row.accelerator_hours
        if hours is None and row.days and row.n_accelerators:
            hours = 24 * row.days * row.n_accelerators
        if not (size and row.billion_tokens and hours):
            continue
        flops = 6e18 * size * row.billion_tokens
        peak = training_peak(chip_of(row.accelerator))
        found.append(PastRun(row, flops, hours, peak))
    return tuple(found)


# The kinds of chips that a run can be planned on here: their name in the prices' table.
PRICED = {
    "NVIDIA A100 SXM 80GB": "A100-80GB",
    "NVIDIA H100 SXM": "H100",
    "NVIDIA H200 SXM": "H200",
}


def prices(chip: str, year: str = "2026") -> tuple[CloudPrice, ...]:
    """The verified prices of a chip of :data:`PRICED` that are dated in that year.

    Raises KeyError, which lists the chips, for one without prices.
    """
    if chip not in PRICED:
        raise KeyError(f"no prices of {chip!r} are published here; there are {list(PRICED)}")
    wanted = PRICED[chip]
    return tuple(
        row
        for row in cloud_prices()
        if row.accelerator.removesuffix(" SXM") == wanted
        and row.verified
        and row.date.startswith(year)
    )


def price_range(chip: str) -> Range:
    """The lowest, the middle and the highest price of 2026, dollars for a chip and hour."""
    found = prices(chip)
    middles = median((row.usd_low + row.usd_high) / 2 for row in found)
    return Range(min(r.usd_low for r in found), middles, max(r.usd_high for r in found))
