"""ProPublica's counts of the COMPAS risk score, and the identity that ties its error rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class CompasCounts(Sourced):
    """People by what the score said (positive: a higher risk) and whether a new charge followed.

    tn, fp, fn, tp and n are numbers of people; the published rates are percent.
    """

    score: str
    threshold: str
    group: str
    n: float
    tn: float
    fp: float
    fn: float
    tp: float
    published_fpr_pct: float
    published_fnr_pct: float


@dataclass(frozen=True, kw_only=True)
class IdentityRow(Sourced):
    """Shares (0 to 1) of one of the counts, and the false-positive rate by two roads."""

    score: str
    threshold: str
    group: str
    base_rate: float
    ppv: float
    fnr: float
    fpr_from_counts: float | None
    fpr_from_identity: float


@lru_cache
def compas_counts() -> tuple[CompasCounts, ...]:
    """All eight tables of counts."""
    return rows(CompasCounts, "compas_counts")


@lru_cache
def identity_rows() -> tuple[IdentityRow, ...]:
    """The identity on the eight tables, and two what-ifs (not verified)."""
    return rows(IdentityRow, "chouldechova_identity")


def compas(
    group: str, score: str = "two-year general", threshold: str = "low vs medium+high"
) -> CompasCounts:
    """One table of counts; raises ValueError where there is none, naming what there is."""
    for row in compas_counts():
        if (row.group, row.score, row.threshold) == (group, score, threshold):
            return row
    known = sorted({row.group for row in compas_counts()})
    raise ValueError(
        f"no counts for group {group!r}, score {score!r}, threshold {threshold!r}; "
        f"groups are {', '.join(known)}"
    )
