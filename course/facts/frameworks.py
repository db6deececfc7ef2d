"""What named frameworks for trustworthy AI say, at headline level, each with its date.

The statements are our words for a headline, no quotations, and no legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Provision(Sourced):
    """One headline of one framework."""

    framework: str
    key: str
    headline: str
    statement: str

    def __str__(self) -> str:
        note = f"\n  Note: {self.note}" if self.note else ""
        return f"{self.framework}, {self.headline}: {self.statement}.\n  {self.cite}{note}"


@lru_cache
def provisions() -> tuple[Provision, ...]:
    """Every row of the table, in its order."""
    return rows(Provision, "frameworks")


def provision(framework: str, key: str) -> Provision:
    """One row; raises KeyError, which lists what there is, for an unknown one."""
    for found in provisions():
        if (found.framework, found.key) == (framework, key):
            return found
    known = ", ".join(f"{p.framework}/{p.key}" for p in provisions())
    raise KeyError(f"no provision {framework}/{key}; there are {known}")
