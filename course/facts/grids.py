"""Carbon intensity of electricity by country, cloud region and energy source, and PUE, as published."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows

YEARS = (2019, 2020, 2021, 2022, 2023, 2024)


@dataclass(frozen=True, kw_only=True)
class Country(Sourced):
    """A country's yearly mean, life-cycle factors, in grams of CO2 equivalent a kWh."""

    iso3: str
    country: str
    year: float
    g_per_kwh: float


@dataclass(frozen=True, kw_only=True)
class Region(Sourced):
    """A cloud region's grid, yearly means; cfe_2024: share of carbon-free energy, 0 to 1."""

    region: str
    location: str
    g_per_kwh_2019: float | None
    g_per_kwh_2020: float | None
    g_per_kwh_2021: float | None
    g_per_kwh_2022: float | None
    g_per_kwh_2023: float | None
    g_per_kwh_2024: float | None
    cfe_2024: float | None

    @property
    def by_year(self) -> dict[int, float]:
        """The years that are published, in grams a kWh."""
        known = {year: getattr(self, f"g_per_kwh_{year}") for year in YEARS}
        return {year: value for year, value in known.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class EnergySource(Sourced):
    """What a kWh from one kind of power station is held to emit, in grams of CO2 equivalent."""

    energy_source: str
    g_per_kwh: float


@dataclass(frozen=True, kw_only=True)
class Pue(Sourced):
    """Power usage effectiveness: a site's whole energy over that of its computers."""

    site: str
    pue: float


@lru_cache
def countries() -> tuple[Country, ...]:
    """Every country of the table, in its order."""
    return rows(Country, "grid_countries")


@lru_cache
def regions() -> tuple[Region, ...]:
    """Every cloud region of the table, in its order."""
    return rows(Region, "grid_regions")


@lru_cache
def energy_sources() -> tuple[EnergySource, ...]:
    """Every energy source of the table, in its order."""
    return rows(EnergySource, "energy_sources")


@lru_cache
def pues() -> tuple[Pue, ...]:
    """Every published PUE of the table, in its order."""
    return rows(Pue, "pue")


def energy_source(name: str) -> EnergySource:
    """The source of that name; raises KeyError, which lists the names, for an unknown one."""
    for source in energy_sources():
        if source.energy_source == name:
            return source
    raise KeyError(f"no source {name!r}; there are {[s.energy_source for s in energy_sources()]}")


def pue(site: str) -> Pue:
    """The PUE of that site; raises KeyError, which lists the sites, for an unknown one."""
    for found in pues():
        if found.site == site:
            return found
    raise KeyError(f"no site {site!r}; there are {[p.site for p in pues()]}")
