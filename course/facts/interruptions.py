"""What interrupted a published training run: unexpected interruptions by cause."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Interruption(Sourced):
    """A cause and its count; printed_pct is the share as printed, which need not equal the count's.

    days: the period that was counted. accelerators: how many ran at once, as the paper's table of
    its configurations has it.
    """

    component: str
    category: str
    count: float
    printed_pct: float
    run: str
    days: float
    accelerators: float


@lru_cache
def interruptions() -> tuple[Interruption, ...]:
    """Every cause, the most frequent first."""
    return rows(Interruption, "interruptions")
