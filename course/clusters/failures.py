"""Failures and checkpoints: how often to save, and how much of the time is progress.

Failures come at random, at a constant rate, to each part alike, and the run stops with the first:
with n parts they come n times as often. All times are in one unit (seconds, say).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["work", "save", "lost", "restart"]


@dataclass(frozen=True)
class Stretch:
    """A stretch of a run: progress that was kept, saving, work that a failure undid, restarting."""

    kind: Kind
    start: float
    end: float


@dataclass(frozen=True)
class Replay:
    """One simulated run."""

    stretches: tuple[Stretch, ...]
    failures: int

    def total(self, kind: Kind) -> float:
        """The time spent on ``kind``."""
        return sum(s.end - s.start for s in self.stretches if s.kind == kind)

    @property
    def length(self) -> float:
        """From start to end."""
        return self.stretches[-1].end

    @property
    def goodput(self) -> float:
        """The share of the time that was progress and was kept."""
        return self.total("work") / self.length


def mean_between_failures(one: float, parts: int) -> float:
    """The mean time between failures of ``parts`` parts, of which each alone has ``one``."""
    _positive(one=one, parts=parts)
    return one / parts


def mean_of_one(days: float, parts: int, failures: float) -> float:
    """What one part's mean time between failures must be, in days, for what was counted."""
    _positive(days=days, parts=parts, failures=failures)
    return days * parts / failures


def saving(parameters: float, bandwidth: float, bytes_each: float = 14.0) -> float:
    """Seconds to save a model's state to storage of ``bandwidth`` bytes a second.

    bytes_each: of one parameter: a 16-bit weight and Adam's 12 bytes.
    """
    _positive(parameters=parameters, bandwidth=bandwidth, bytes_each=bytes_each)
    return parameters * bytes_each / bandwidth


def young(save: float, mtbf: float) -> float:
    """Young's interval (1974): work between two checkpoints, sqrt(2 * save * mtbf)."""
    _positive(save=save, mtbf=mtbf)
    return math.sqrt(2 * save * mtbf)


def daly(save: float, mtbf: float) -> float:
    """Daly's interval (2006): Young's with the next terms; mtbf where saving takes 2 mtbf or more."""
    _positive(save=save, mtbf=mtbf)
    if save >= 2 * mtbf:
        return mtbf
    ratio = save / (2 * mtbf)
    return math.sqrt(2 * save * mtbf) * (1 + math.sqrt(ratio) / 3 + ratio / 9) - save


def goodput(interval: Any, save: float, restart: float, mtbf: float) -> Any:
    """The expected share of the time that is kept progress; ``interval`` may be an array.

    Exact for failures at a constant rate, which may also strike while saving or restarting:
    tau / (M exp(R/M) (exp((tau + delta)/M) - 1)).
    """
    _positive(mtbf=mtbf)
    if save < 0 or restart < 0 or np.any(np.asarray(interval) <= 0):
        raise ValueError(
            f"interval must be above 0, save and restart at least 0: {interval}, {save}, {restart}"
        )
    with np.errstate(over="ignore"):
        spent = mtbf * np.exp(restart / mtbf) * np.expm1((np.asarray(interval) + save) / mtbf)
    found = np.asarray(interval) / spent
    return found if found.ndim else float(found)


def best_interval(save: float, restart: float, mtbf: float) -> float:
    """The interval of the greatest expected goodput, found by search (the restart has no say)."""
    _positive(save=save, mtbf=mtbf)
    low, high = math.log(1e-6 * mtbf), math.log(10 * mtbf)
    for _ in range(100):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if goodput(math.exp(a), save, restart, mtbf) < goodput(math.exp(b), save, restart, mtbf):
            low = a
        else:
            high = b
    return math.exp((low + high) / 2)


def replay(
    work: float, interval: float, save: float, restart: float, mtbf: float, seed: int = 0
) -> Replay:
    """Live through one run of ``work`` time units of progress, with failures drawn at random.

    It saves after each ``interval`` of progress. A failure undoes what was done since the last
    save; then it restarts, which a further failure begins anew.

    Raises ValueError for times that are not above 0, and where fewer than one in 10,000 attempts
    would reach the next save.
    """
    _positive(work=work, interval=interval, mtbf=mtbf)
    if (interval + save) / mtbf > math.log(1e4) or restart / mtbf > math.log(1e4):
        raise ValueError(
            f"an interval of {interval:g} with failures every {mtbf:g} on average hardly ever "
            "reaches the next save; save more often"
        )
    rng = np.random.default_rng(seed)
    now, done, failures = 0.0, 0.0, 0
    fails = rng.exponential(mtbf)
    stretches: list[Stretch] = []
    while done < work * (1 - 1e-12):
        todo = min(interval, work - done)
        if now + todo + save <= fails:
            stretches.append(Stretch("work", now, now + todo))
            stretches.append(Stretch("save", now + todo, now + todo + save))
            now, done = now + todo + save, done + todo
            continue
        if fails > now:
            stretches.append(Stretch("lost", now, fails))
        now = fails
        up = False
        while not up:
            failures += 1
            fails = now + rng.exponential(mtbf)
            end = min(now + restart, fails)
            stretches.append(Stretch("restart", now, end))
            up, now = end < fails, end
    return Replay(tuple(stretches), failures)


def replays(
    runs: int, work: float, interval: float, save: float, restart: float, mtbf: float, seed: int = 0
) -> NDArray[np.float64]:
    """The goodput of each of ``runs`` simulated runs."""
    found = [replay(work, interval, save, restart, mtbf, 1000 * seed + k) for k in range(runs)]
    return np.array([run.goodput for run in found])


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name} must be above 0, not {value}")
