"""What a training run takes: days and dollars, as ranges, from chips, utilisation and price."""

from __future__ import annotations

import math
from dataclasses import dataclass

from course.facts.chips import Chip, chip

DAY = 86_400.0


@dataclass(frozen=True)
class Range:
    """A low, a likely and a high value."""

    low: float
    middle: float
    high: float

    def __post_init__(self) -> None:
        values = (self.low, self.middle, self.high)
        if not all(math.isfinite(v) for v in values) or not self.low <= self.middle <= self.high:
            raise ValueError(f"a range goes from low over middle to high, not {values}")

    def __mul__(self, factor: float) -> Range:
        return Range(self.low * factor, self.middle * factor, self.high * factor)

    def over(self, share: float) -> Range:
        """This value and ``share`` of it to both sides."""
        return Range(self.low * (1 - share), self.middle, self.high * (1 + share))


@dataclass(frozen=True, kw_only=True)
class Run:
    """A training run.

    flops: operations of the model in all. peak: of one chip, a second. mfu: the share of it that
    the model's operations reach, 0 to 1. price: dollars for a chip and hour. lost: the share of
    time in which nothing new is learned (failures, restarts, checkpoints).

    Raises ValueError, which names the value and what to do.
    """

    flops: float
    chips: int
    peak: float
    mfu: Range
    price: Range
    lost: float = 0.0

    def __post_init__(self) -> None:
        if not (self.flops > 0 and math.isfinite(self.flops)):
            raise ValueError(f"operations must be above 0, not {self.flops!r}")
        if isinstance(self.chips, bool) or self.chips != int(self.chips) or self.chips < 1:
            raise ValueError(f"a run needs 1 chip or more, a whole number, not {self.chips!r}")
        if not self.peak > 0:
            raise ValueError(
                f"a chip's peak must be above 0 operations a second, not {self.peak!r}"
            )
        if not 0 < self.mfu.low <= self.mfu.high <= 1:
            percent = " Is it in percent? Divide by 100." if self.mfu.high > 1 else ""
            raise ValueError(
                f"MFU is a share of the peak, above 0 and at most 1, not {self.mfu.low:g} to {self.mfu.high:g}.{percent}"
            )
        if self.price.low < 0:
            raise ValueError(f"a price cannot be negative: {self.price.low:g} dollars")
        if not 0 <= self.lost < 1:
            raise ValueError(f"the share of time lost is from 0 to below 1, not {self.lost!r}")

    def _hours(self, mfu: float) -> float:
        return self.flops / (self.peak * mfu) / 3600 / (1 - self.lost)

    @property
    def chip_hours(self) -> Range:
        """Hours of all chips together."""
        return Range(
            self._hours(self.mfu.high), self._hours(self.mfu.middle), self._hours(self.mfu.low)
        )

    @property
    def days(self) -> Range:
        """Days on the clock."""
        return self.chip_hours * (1 / (24 * self.chips))

    @property
    def dollars(self) -> Range:
        """The price of the chip-hours; staff, storage and failed attempts are not in it."""
        hours, price = self.chip_hours, self.price
        return Range(hours.low * price.low, hours.middle * price.middle, hours.high * price.high)


def utilisation(flops: float, chip_hours: float, peak: float) -> float:
    """The MFU that a published run must have had: its operations over what the chips could do.

    Raises ValueError for hours or a peak that are not above 0.
    """
    if not (chip_hours > 0 and peak > 0):
        raise ValueError(f"chip-hours and peak must be above 0, not {chip_hours!r}, {peak!r}")
    return flops / (chip_hours * 3600 * peak)


def lost_share(
    chips: int,
    chip_hours_between_failures: float,
    checkpoint_minutes: float,
    restart_minutes: float,
) -> float:
    """The share of time that failures cost: half a checkpoint interval and a restart for each.

    Raises ValueError for values that are not above 0; a share of 1 or more means that the run
    never gets on, and is returned as 1.
    """
    if chips < 1 or not chip_hours_between_failures > 0:
        raise ValueError(
            f"chips and hours between failures must be above 0, not {chips!r}, {chip_hours_between_failures!r}"
        )
    if checkpoint_minutes < 0 or restart_minutes < 0:
        raise ValueError(f"minutes cannot be negative: {checkpoint_minutes!r}, {restart_minutes!r}")
    minutes = 60 * chip_hours_between_failures / chips
    cost = checkpoint_minutes / 2 + restart_minutes
    return min(1.0, cost / (minutes + cost))


# Names in the published runs: the chip that they mean.
_CHIPS = {
    "A100-40GB": "NVIDIA A100 SXM 40GB",
    "A100-80GB": "NVIDIA A100 SXM 80GB",
    "H100": "NVIDIA H100 SXM",
    "H100-80GB": "NVIDIA H100 SXM",
    "H800": "NVIDIA H800 SXM",
    "TPU v3": "Google TPU v3",
    "V100": "NVIDIA V100 SXM2 16/32GB",
}


def chip_of(accelerator: str) -> Chip:
    """The chip that a published run's table calls by this name; raises KeyError for another."""
    return chip(_CHIPS.get(accelerator, accelerator))


def training_peak(found: Chip) -> float:
    """The dense peak in 16-bit numbers, bf16 before fp16; raises ValueError where there is none."""
    return found.peak("bf16" if "bf16" in found.peaks else "fp16")
