"""Ask a server far away, or compute here: round trips drawn from stated distributions.

A round trip is lognormal: its logarithm is normal, so it is never negative and has a long tail. ``tail``
is the standard deviation of that logarithm. A lost request is sent again after a time limit. None of
the defaults is measured; they are assumptions to be replaced by your own measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from course.edge.given import number
from course.edge.latency import percentile

DRAWS = 20_000
TIME_LIMIT = 200.0  # ms until a lost request is sent again
MOST_TRIES = 5


@dataclass(frozen=True)
class Link:
    """Assumptions about a connection: median round trip (ms), tail, and lost requests (share)."""

    name: str
    median: float
    tail: float
    lost: float


LINKS = {
    "fibre": Link("office: fibre and Wi-Fi", 15.0, 0.25, 0.001),
    "mobile": Link("mobile network", 50.0, 0.5, 0.01),
    "train": Link("mobile network in a train", 90.0, 0.9, 0.05),
}


@dataclass(frozen=True)
class Trips:
    """Simulated times of a request in ms, each (DRAWS,)."""

    link: Link
    server: float
    device: float
    cloud_times: NDArray[np.float64]
    edge_times: NDArray[np.float64]

    def share_late(self, deadline: float) -> tuple[float, float]:
        """The share of answers that come after the deadline (ms): from the cloud, from the device."""
        return float((self.cloud_times > deadline).mean()), float(
            (self.edge_times > deadline).mean()
        )

    def percentiles(self) -> dict[str, tuple[float, float, float]]:
        """p50, p95, p99 in ms of both."""
        both = {"cloud": self.cloud_times, "device": self.edge_times}
        return {k: tuple(percentile(v, p) for p in (50, 95, 99)) for k, v in both.items()}  # type: ignore[misc]


def lognormal_quantile(median: float, tail: float, share: float) -> float:
    """The exact time below which ``share`` of the round trips lie: median · exp(tail · z)."""
    from statistics import NormalDist

    return median * float(np.exp(tail * NormalDist().inv_cdf(share)))


@lru_cache(maxsize=64)
def _normals() -> tuple[NDArray[np.float64], ...]:
    rng = np.random.default_rng(0)
    return (*(rng.normal(size=DRAWS) for _ in range(3)), rng.random((MOST_TRIES, DRAWS)))


def simulate_trips(link: Link, server: float = 5.0, device: float = 30.0) -> Trips:
    """Draw 20,000 answers from the cloud and from the device, always with the same random numbers.

    server, device: median time (ms) of the computation there; a server's tail is 0.3, a device's
    0.15. A request may be lost up to five times.
    Raises ValueError for times that are not above 0 and a share of losses outside 0 to 1.
    """
    for what, value in (
        ("the median round trip", link.median),
        ("server", server),
        ("device", device),
    ):
        number(value, what, "be above 0 ms", lambda v: v > 0)
    number(link.tail, "tail", "be 0 or more", lambda v: v >= 0)
    number(link.lost, "lost", "be a share of at least 0 and below 1", lambda v: 0 <= v < 1)
    trip, there, here, dice = _normals()
    lost = np.cumprod(dice < link.lost, axis=0).sum(axis=0)
    cloud = (
        link.median * np.exp(link.tail * trip) + server * np.exp(0.3 * there) + TIME_LIMIT * lost
    )
    return Trips(link, server, device, cloud, device * np.exp(0.15 * here))
