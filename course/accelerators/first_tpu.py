"""The six applications of the first TPU's paper on that chip's roofline, and what it leaves open.

The paper counts a byte for each weight (8 bits) and takes the bytes of the values that are multiplied with
them as free: they lie in a buffer on the chip. So a fully connected layer uses each weight byte once
for each example of the batch, and its intensity *is* the batch.
"""

from __future__ import annotations

from dataclasses import dataclass

from course.accelerators.operations import Operation
from course.accelerators.roofline import Bound, Roof, roof
from course.facts.tpu_v1 import Application, applications

CHIP = "Google TPU v1"
_NEAR = 0.8  # of the roof: what a roofline can be said to explain


@dataclass(frozen=True)
class Landing:
    """An application under the roof; all in operations a second, intensity in operations a byte.

    achieved: as published. counted: the useful part of the array's peak by the paper's counters of
    cycles, which need not agree with ``achieved``.
    """

    application: Application
    intensity: float
    bound: Bound
    attainable: float
    achieved: float
    counted: float

    @property
    def share(self) -> float:
        """What was achieved of what the roof allows, 0 to 1."""
        return self.achieved / self.attainable

    @property
    def explanation(self) -> str:
        """What the roofline explains of the distance, and what it does not."""
        row = self.application
        said = "explained by the roof"
        if self.share < _NEAR:
            waits = row.weight_stall_pct + row.weight_shift_pct
            idle = row.array_active_pct - row.useful_macs_pct
            said = (
                f"not explained by the roof: in {waits:.0f} % of the cycles all multipliers wait for weights, "
                f"and {idle:.0f} % of the peak goes to multipliers that run without a useful product"
            )
        if abs(self.counted / self.achieved - 1) > 0.25:
            above = ", above the roof" if self.counted > self.attainable else ""
            said += (
                f"; the paper's counters of cycles would make it {self.counted / 1e12:.1f} TOPS{above}, "
                f"not {self.achieved / 1e12:.1f}: it leaves open why"
            )
        return said


def tpu_roof() -> Roof:
    """The first TPU's: its array of cells in INT8, and the memory that holds the weights."""
    return roof(CHIP, "int8")


def land(bandwidth: float = 1.0, batch: float = 1.0) -> tuple[Landing, ...]:
    """The six applications, in the paper's order, with memory and batches so many times as large.

    What was achieved and counted stays as published. Raises ValueError for factors not above 0.
    """
    if not (bandwidth > 0 and batch > 0):
        raise ValueError(f"factors must be more than 0, not {bandwidth} and {batch}")
    built = tpu_roof()
    top = Roof(built.name, built.peak, bandwidth * built.bandwidth)
    found = []
    for row in applications():
        weights = 1e6 * row.million_weights
        # Two operations for each multiplication with its addition.
        work = Operation(row.name, 2 * batch * row.macs_per_weight_byte * weights, {"weights": weights}, "int8")  # fmt: skip
        place = top.place(work)
        achieved, counted = 1e12 * row.tops_achieved, row.useful_macs_pct / 100 * top.peak
        found.append(Landing(row, work.intensity, place.bound, place.attainable, achieved, counted))
    return tuple(found)
