"""Where the electricity comes from: published grids by country and cloud region, found by name."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from course.facts import grids as facts


@dataclass(frozen=True)
class Grid:
    """A published yearly mean; key is what :func:`grid` takes: an ISO code or a region's name."""

    key: str
    name: str
    kind: str  # "country" or "region"
    year: int
    g_per_kwh: float
    cite: str

    @property
    def label(self) -> str:
        """Name, year and, for a cloud region, its identifier."""
        region = f", {self.key}" if self.kind == "region" else ""
        return f"{self.name} ({self.year}{region})"


@lru_cache
def grids() -> tuple[Grid, ...]:
    """Every country and, at its newest year, every cloud region, the cleanest first."""
    found = [
        Grid(c.iso3, c.country, "country", int(c.year), c.g_per_kwh, c.cite)
        for c in facts.countries()
    ]
    for region in facts.regions():
        year, value = max(region.by_year.items())
        found.append(Grid(region.region, region.location, "region", year, value, region.cite))
    return tuple(sorted(found, key=lambda one: one.g_per_kwh))


def grid(name: str) -> Grid:
    """The grid called so: a country, its three-letter code, a cloud region or its place.

    Capitals are ignored, and a country goes before a region of the same name. Raises KeyError with
    the nearest names for one that is not in the tables.
    """
    wanted = str(name).strip().lower()
    known: dict[str, Grid] = {}
    for one in sorted(grids(), key=lambda one: one.kind):
        known.setdefault(one.name.lower(), one)
        known.setdefault(one.key.lower(), one)
    if wanted in known:
        return known[wanted]
    parts = [one.name for low, one in known.items() if len(wanted) > 2 and wanted in low]
    near = parts or [known[low].name for low in get_close_matches(wanted, known, 4, 0.5)]
    nearest = ", ".join(map(repr, list(dict.fromkeys(near))[:4]))
    hint = f"the nearest: {nearest}" if near else "course.energy.grids.grids() lists all"
    raise KeyError(f"no grid {name!r}; {hint}")
