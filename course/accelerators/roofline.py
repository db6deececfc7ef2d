"""The roofline: how fast an operation can be at best, and whether arithmetic or memory bounds it.

Arithmetic and memory work at the same time, so the slower of the two decides. An operation reaches at most
min(peak, intensity x bandwidth) operations a second; the intensity at which both are equal is the ridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from course.accelerators.operations import Operation
from course.facts.chips import chip

Bound = Literal["compute", "memory"]


@dataclass(frozen=True)
class Place:
    """Where an operation lies under a roof: seconds at least, FLOP/s at most, and what bounds it."""

    operation: Operation
    time: float
    attainable: float
    bound: Bound


@dataclass(frozen=True)
class Roof:
    """A machine's peak in operations a second and its bandwidth in bytes a second."""

    name: str
    peak: float
    bandwidth: float

    def __post_init__(self) -> None:
        for what, value in (("peak", self.peak), ("bandwidth", self.bandwidth)):
            if not 0 < value < float("inf"):
                raise ValueError(f"the {what} must be a number above 0, not {value}")

    @property
    def ridge(self) -> float:
        """The intensity, in operations a byte, from which on arithmetic is the bound."""
        return self.peak / self.bandwidth

    def attainable(self, intensity: float) -> float:
        """The most operations a second at that intensity; raises ValueError for a negative one."""
        if not intensity >= 0:
            raise ValueError(f"the intensity must be 0 or more operations a byte, not {intensity}")
        return min(self.peak, intensity * self.bandwidth)

    def place(self, operation: Operation) -> Place:
        """The least time of the operation here, what it then reaches, and what bounds it."""
        computing, moving = operation.flops / self.peak, operation.bytes / self.bandwidth
        time = max(computing, moving)
        bound: Bound = "compute" if computing >= moving else "memory"
        return Place(operation, time, operation.flops / time, bound)


def roof(name: str, precision: str) -> Roof:
    """The roof of a chip of `course.facts.chips` in a precision, from its dense peak.

    Raises KeyError for an unknown chip, and ValueError where its peak in that precision or its
    bandwidth is not known; each names what there is.
    """
    found = chip(name)
    return Roof(f"{found.name}, {precision.upper()}", found.peak(precision), found.bandwidth)
