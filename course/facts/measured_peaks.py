"""How much of its dense BF16 peak a chip reaches in the best matrix product that was found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class MeasuredPeak(Sourced):
    """Peak and measurement in 1e12 operations a second; ``chip`` is the name in the table of chips."""

    device: str
    chip: str
    bf16_peak_tflops: float
    measured_tflops: float
    printed_pct: float

    @property
    def share(self) -> float:
        """The measured part of the peak, 0 to 1."""
        return self.measured_tflops / self.bf16_peak_tflops


@lru_cache
def measured_peaks() -> tuple[MeasuredPeak, ...]:
    """Every chip that was measured, in the table's order."""
    return rows(MeasuredPeak, "measured_peaks")
