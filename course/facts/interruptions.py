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


@dataclass(frozen=True, kw_only=True)
class EffectiveTraining(Sourced):
    """How much of a run's time was useful training: more than ``at_least_pct``."""

    run: str
    accelerators: float
    days: float
    planned: float
    unexpected: float
    at_least_pct: float


@lru_cache
def effective_training() -> tuple[EffectiveTraining, ...]:
    """The runs whose share is published."""
    return rows(EffectiveTraining, "effective_training")


@lru_cache
def interruptions() -> tuple[Interruption, ...]:
    """Every cause, the most frequent first."""
    return rows(Interruption, "interruptions")
