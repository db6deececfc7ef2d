"""Scaling laws as published: constants, exponents, budgets; and what GPT-3's training computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class ScalingConstant(Sourced):
    """One constant of a published law, with its standard error and 95 % interval where given."""

    fit: str
    constant: str
    value: float
    std_error: float | None
    low95: float | None
    high95: float | None


@dataclass(frozen=True, kw_only=True)
class ScalingExponent(Sourced):
    """How the best number of parameters and of tokens grow with compute: its powers."""

    approach: str
    parameter_exponent: float
    parameter_low: float | None
    parameter_high: float | None
    token_exponent: float
    token_low: float | None
    token_high: float | None


@dataclass(frozen=True, kw_only=True)
class ChinchillaBudget(Sourced):
    """Parameters, tokens and FLOPs that belong together by Chinchilla's approach 1."""

    parameters: float
    tokens: float
    flops: float


@dataclass(frozen=True, kw_only=True)
class TrainingCompute(Sourced):
    """A row of GPT-3's Table D.1: 1 petaFLOP/s-day is 8.64e19 operations."""

    model: str
    million_parameters: float
    billion_tokens: float
    flops_per_parameter_and_token: float
    active_share: float
    flops: float
    petaflops_days: float


@lru_cache
def scaling_constants() -> tuple[ScalingConstant, ...]:
    """Every constant of every published fit."""
    return rows(ScalingConstant, "scaling_constants")


def constants(fit: str) -> dict[str, float]:
    """The constants of one fit by name; raises KeyError, which lists the fits, for an unknown one."""
    found = {row.constant: row.value for row in scaling_constants() if row.fit == fit}
    if not found:
        fits = list(dict.fromkeys(row.fit for row in scaling_constants()))
        raise KeyError(f"no fit {fit!r}; there are {fits}")
    return found


@lru_cache
def scaling_exponents() -> tuple[ScalingExponent, ...]:
    """Chinchilla's three approaches, and Kaplan's law."""
    return rows(ScalingExponent, "scaling_exponents")


@lru_cache
def chinchilla_budgets() -> tuple[ChinchillaBudget, ...]:
    """Chinchilla, Table 3."""
    return rows(ChinchillaBudget, "chinchilla_budgets")


@lru_cache
def gpt3_compute() -> tuple[TrainingCompute, ...]:
    """GPT-3, Table D.1."""
    return rows(TrainingCompute, "gpt3_compute")
