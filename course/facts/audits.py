"""Published audits: callbacks, mortgages, a health algorithm, faces, and incomes by group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Audit(Sourced):
    """Two groups compared: how many, how many events, and the rate as published.

    The unit of the two rates is percent, unless `event` says otherwise; where only a ratio or one
    figure was published, the rest is None.
    """

    study: str
    slice: str
    event: str
    group_a: str
    n_a: float | None
    events_a: float | None
    rate_a_pct: float | None
    group_b: str
    n_b: float | None
    events_b: float | None
    rate_b_pct: float | None
    ratio: float | None


@dataclass(frozen=True, kw_only=True)
class GenderShades(Sourced):
    """Errors of a vendor's gender classifier, percent, over all faces and in four groups."""

    audit: str
    vendor: str
    all_pct: float
    darker_female_pct: float
    darker_male_pct: float
    lighter_female_pct: float
    lighter_male_pct: float


@dataclass(frozen=True, kw_only=True)
class IncomeRate(Sourced):
    """People of the UCI Adult data, and how many of them earned over 50,000 dollars a year."""

    split: str
    group: str
    n: float
    over_50k: float
    rate_pct: float


@dataclass(frozen=True, kw_only=True)
class LoanResult(Sourced):
    """A known result on the Boston mortgages: its value and unit."""

    figure: str
    who: str
    value: float
    unit: str


@lru_cache
def audits() -> tuple[Audit, ...]:
    """Every audit, study by study."""
    return rows(Audit, "audits")


@lru_cache
def gender_shades() -> tuple[GenderShades, ...]:
    """Three vendors in 2018, and again in 2019's re-audit."""
    return rows(GenderShades, "gender_shades")


@lru_cache
def adult_base_rates() -> tuple[IncomeRate, ...]:
    """Counts by split and group."""
    return rows(IncomeRate, "adult_base_rates")


@lru_cache
def loan_results() -> tuple[LoanResult, ...]:
    """Approval by race, and the coefficient of being White in two linear models."""
    return rows(LoanResult, "loan_results")


def audit(study: str, slice: str) -> Audit:
    """One audit; raises ValueError where there is none, naming what there is."""
    for row in audits():
        if (row.study, row.slice) == (study, slice):
            return row
    known = "; ".join(f"{row.study}, {row.slice}" for row in audits())
    raise ValueError(f"no audit {study!r}, {slice!r}; there are: {known}")
