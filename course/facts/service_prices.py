"""What language models cost as a service, by the token or by the hour; prices perish, each has its date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class ServicePrice(Sourced):
    """One price (or the throughput that it buys) of a service, in ``unit``."""

    service: str
    kind: str
    price: str
    value: float
    unit: str


@lru_cache
def service_prices() -> tuple[ServicePrice, ...]:
    """Every price of the table, in its order."""
    return rows(ServicePrice, "service_prices")


def service_price(service: str, price: str) -> ServicePrice:
    """The price of that service; raises KeyError, which lists what there is, for an unknown one."""
    for found in service_prices():
        if (found.service, found.price) == (service, price):
            return found
    known = [(found.service, found.price) for found in service_prices()]
    raise KeyError(f"no price {price!r} of {service!r}; there are {known}")
