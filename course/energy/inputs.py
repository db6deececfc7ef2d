"""The inputs of an account with their ranges, and where each range comes from.

Ranges are our judgement, put beside what is published; whoever knows more of a run narrows them.
"""

from __future__ import annotations

from course.energy.footprint import bloom_embodied_g, bloom_idle_share
from course.energy.uncertainty import Span, percent
from course.facts.training_energy import patterson

LABELS = {
    "chips": "Chips",
    "hours": "Chip-hours",
    "watts": "Power of a chip (W)",
    "pue": "PUE",
    "g_per_kwh": "Grid (g/kWh)",
    "idle_share": "Waiting, share of computing",
    "embodied_g": "Manufacture (g a chip-hour)",
}
PUE_LESS, PUE_MORE = 0.05, 0.15
GRID_PERCENT = 30.0
EMBODIED_LESS, EMBODIED_MORE = 50.0, 100.0


def load_range() -> tuple[float, float]:
    """The least and greatest measured power over TDP in Patterson's Table 4."""
    shares = [row.measured_w / row.tdp_w for row in patterson()]
    return min(shares), max(shares)


def spans(
    chip_hours: float, tdp: float, pue: float, g_per_kwh: float, *, grid: str, whole: bool
) -> dict[str, Span]:
    """Each input with its range and its origin.

    tdp: watts of a chip. grid: the grid's source in words. whole: with hardware that waits and
    hardware that was made, both at BLOOM's figures.
    """
    least, most = load_range()
    found = {
        "chips": Span(1.0, 1.0, 1.0, "counted in the chip-hours"),
        "hours": Span(chip_hours, chip_hours, chip_hours, "taken as counted exactly"),
        "watts": Span(
            tdp,
            least * tdp,
            most * tdp,
            f"TDP; measured means were {least:.2f} to {most:.2f} of it (Patterson et al. 2021)",
        ),
        "pue": Span(
            pue,
            max(1.0, pue - PUE_LESS),
            pue + PUE_MORE,
            f"assumed: {PUE_LESS:g} less to {PUE_MORE:g} more, never below 1",
        ),
        "g_per_kwh": percent(
            g_per_kwh,
            GRID_PERCENT,
            GRID_PERCENT,
            f"{grid}; assumed {GRID_PERCENT:g} % either way, for hours are not the yearly mean",
        ),
    }
    if whole:
        idle = bloom_idle_share()
        found["idle_share"] = Span(
            idle, 0.0, 1.5 * idle, "BLOOM's account; assumed from none to half as much again"
        )
        found["embodied_g"] = percent(
            bloom_embodied_g(),
            EMBODIED_LESS,
            EMBODIED_MORE,
            "BLOOM's account, tonnes over GPU hours; assumed from half to double",
        )
    return found
