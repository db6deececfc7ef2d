"""How fast and how long people read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class ReadingFact(Sourced):
    """One figure: ``value`` in ``unit``, and the range of most people where the source has one."""

    name: str
    quantity: str
    value: float
    low: float | None
    high: float | None
    unit: str

    def __str__(self) -> str:
        most = f" (most: {self.low:g} to {self.high:g})" if self.low and self.high else ""
        return f"{self.name}: {self.value:g} {self.unit}{most}\n  {self.cite}\n  {self.note}"


@lru_cache
def reading_facts() -> tuple[ReadingFact, ...]:
    """Every row of the table, in its order."""
    return rows(ReadingFact, "reading")


def reading_fact(name: str) -> ReadingFact:
    """The figure of that name; raises KeyError, which lists the names, for an unknown one."""
    for fact in reading_facts():
        if fact.name == name:
            return fact
    raise KeyError(f"no reading figure {name!r}; there are {[f.name for f in reading_facts()]}")
