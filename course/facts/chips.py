"""Processors that train and run models: peak arithmetic in each precision, memory, power, as published."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from course.facts.tables import Sourced, rows

# Precision: the column with its dense peak, in 1e12 operations a second.
_DENSE = {
    "fp32": "fp32_tflops",
    "tf32": "tf32_tflops",
    "fp16": "fp16_tflops",
    "bf16": "bf16_tflops",
    "fp8": "fp8_tflops",
    "fp4": "fp4_tflops",
    "int8": "int8_tops",
    "int4": "int4_tops",
}
_SPARSE = {
    "bf16": "sparse_bf16_tflops",
    "fp8": "sparse_fp8_tflops",
    "int8": "sparse_int8_tops",
}


@dataclass(frozen=True, kw_only=True)
class Chip(Sourced):
    """One chip; None where the source is silent.

    ..._tflops, ..._tops: dense peak in 1e12 operations a second, a multiplication and an addition
    counted as two. sparse_...: the peak for matrices of which half the numbers are zero in a fixed
    pattern. unstated_tops: a peak whose precision the maker does not say. bandwidth_gb_s: main
    memory, 1e9 bytes a second. tdp_w: watts. derived: which of these the table's makers calculated
    from clock and cores, in words, empty for none.
    """

    name: str
    kind: str
    year: float | None
    fp32_tflops: float | None
    tf32_tflops: float | None
    fp16_tflops: float | None
    bf16_tflops: float | None
    fp8_tflops: float | None
    fp4_tflops: float | None
    int8_tops: float | None
    int4_tops: float | None
    sparse_bf16_tflops: float | None
    sparse_fp8_tflops: float | None
    sparse_int8_tops: float | None
    unstated_tops: float | None
    memory_gb: float | None
    bandwidth_gb_s: float | None
    tdp_w: float | None
    derived: str

    @property
    def peaks(self) -> dict[str, float]:
        """The dense peaks that are known, by precision, in operations a second."""
        return self._known(_DENSE)

    @property
    def sparse_peaks(self) -> dict[str, float]:
        """The peaks with structured sparsity that are known, in operations a second."""
        return self._known(_SPARSE)

    @property
    def placeable(self) -> bool:
        """Whether a roofline can be drawn: a dense peak and a bandwidth are known."""
        return bool(self.peaks) and self.bandwidth_gb_s is not None

    def _known(self, columns: dict[str, str]) -> dict[str, float]:
        values = {name: getattr(self, column) for name, column in columns.items()}
        return {name: 1e12 * value for name, value in values.items() if value is not None}

    def peak(self, precision: str) -> float:
        """The dense peak in operations a second.

        Raises ValueError, which names the precisions there are, where none is known.
        """
        if precision not in self.peaks:
            has = f"it has {', '.join(self.peaks)}" if self.peaks else "it has none at all"
            raise ValueError(
                f"{self.name} has no published dense peak for {precision!r}; {has}."
                + self._near(precision)
            )
        return self.peaks[precision]

    def _near(self, precision: str) -> str:
        near = get_close_matches(str(precision).lower(), list(self.peaks), 1, 0.5)
        return f" Did you mean {near[0]!r}?" if near else ""

    @property
    def bandwidth(self) -> float:
        """Main memory's bandwidth in bytes a second; raises ValueError where none is known."""
        if self.bandwidth_gb_s is None:
            raise ValueError(
                f"no memory bandwidth of {self.name} is published here, so that it has no roofline; "
                "choose a chip whose `placeable` is True"
            )
        return 1e9 * self.bandwidth_gb_s


@lru_cache
def chips() -> tuple[Chip, ...]:
    """Every chip of the table, in its order."""
    return rows(Chip, "chips")


def chip(name: str) -> Chip:
    """The chip of that name, capitals aside; raises KeyError with the nearest for an unknown one."""
    known = {found.name.lower(): found for found in chips()}
    wanted = str(name).strip().lower()
    if wanted in known:
        return known[wanted]
    parts = [c.name for low, c in known.items() if wanted and wanted in low]
    # A short name ("h100") is near to nothing as a whole, but part of what is meant.
    near = parts or [known[n].name for n in get_close_matches(wanted, known, 3, 0.4)]
    hint = f"the nearest: {', '.join(map(repr, near[:4]))}" if near else "see course.facts.chips"
    raise KeyError(f"no chip {name!r}; {hint}")
