"""What an hour of an accelerator was sold for; prices perish, so that each has its date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class CloudPrice(Sourced):
    """United States dollars for one accelerator and hour, from ``usd_low`` to ``usd_high``."""

    accelerator: str
    provider: str
    usd_low: float
    usd_high: float


@lru_cache
def cloud_prices() -> tuple[CloudPrice, ...]:
    """Every price of the table, in its order."""
    return rows(CloudPrice, "cloud_prices")
