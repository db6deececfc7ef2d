"""The five figures of a model, each with its interval and its method."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.capstone.data import Case, Part
from course.capstone.training import Model
from course.edge import heartbeats
from course.edge.latency import measure as time_calls
from course.energy.meters import Reading
from course.fairness.intervals import Interval, newcombe, wilson
from course.fairness.metrics import audit

CALLS = 200


@dataclass(frozen=True)
class Figure:
    """A measured value in its criterion's unit; low and high are a 95 % interval, or the value itself."""

    value: float
    low: float
    high: float
    method: str
    count: int = 0
    label: str = "measured here"


@dataclass(frozen=True)
class Rate:
    """A share of one group, as ``yes`` of ``n``."""

    name: str
    yes: int
    n: int

    @property
    def interval(self) -> Interval:
        """The share with Wilson's 95 % interval."""
        return wilson(self.yes, self.n)


@dataclass(frozen=True)
class Quality:
    """What a model does on one part of the data: two figures, and the rate of every group."""

    accuracy: Figure
    fifth: Figure
    rates: tuple[Rate, ...]
    rate_name: str


def quality(case: Case, model: Model, features: str, threshold: float, part: Part) -> Quality:
    """Accuracy and the fifth criterion of a model on a part, recomputed from its answers."""
    chances = model.chances(case.prepared(part.inputs, features))
    judge = {"loans": _loans, "digits": _digits, "heart": _heart}[case.key]
    return judge(part, chances, threshold)


def _percent(interval: Interval, method: str, count: int) -> Figure:
    estimate, low, high = (100 * v for v in (interval.estimate, interval.low, interval.high))
    return Figure(estimate, min(low, estimate), max(high, estimate), method, count)


def _loans(part: Part, chances: NDArray[np.float64], threshold: float) -> Quality:
    approve = (chances[:, 1] >= threshold).astype(np.int64)
    counts = audit(part.truth, approve, part.groups)
    rates = tuple(Rate(name, int(c.tp + c.fp), int(c.n)) for name, c in counts.groups.items())
    good = int(((part.truth == 1) & (approve == 1)).sum()), int((part.truth == 1).sum())
    bad = int(((part.truth == 0) & (approve == 0)).sum()), int((part.truth == 0).sum())
    a, b = wilson(*good), wilson(*bad)
    middle = (a.estimate + b.estimate) / 2
    whole = Interval(
        middle - math.hypot(a.estimate - a.low, b.estimate - b.low) / 2,
        middle,
        middle + math.hypot(a.high - a.estimate, b.high - b.estimate) / 2,
    )
    accuracy = _percent(
        whole,
        f"mean of the share found among {good[1]} approved and {bad[1]} denied files; interval from Wilson's",
        len(part),
    )
    top = max(rates, key=lambda r: r.yes / r.n)
    low = min(rates, key=lambda r: r.yes / r.n)
    gap = newcombe(top.yes, top.n, low.yes, low.n)
    # Largest less smallest cannot be below 0; the pair was chosen for being furthest apart.
    fifth = Figure(
        100 * gap.estimate,
        100 * max(gap.low, 0.0),
        100 * gap.high,
        f"approved: {top.name} ({top.n} people) less {low.name} ({low.n}); Newcombe's interval",
        top.n + low.n,
    )
    return Quality(accuracy, fifth, rates, "recommended for approval")


def _digits(part: Part, chances: NDArray[np.float64], threshold: float) -> Quality:
    answer = chances.argmax(axis=1)
    answered = chances.max(axis=1) >= threshold
    right = answered & (answer == part.truth)
    count = int(answered.sum())
    if count:
        accuracy = _percent(
            wilson(int(right.sum()), count),
            f"right among the {count} of {len(part)} images that were answered; Wilson's interval",
            count,
        )
    else:
        accuracy = Figure(0.0, 0.0, 100.0, "no image was answered at this threshold", 0)
    rates = tuple(
        Rate(str(d), int((~right & (part.truth == d)).sum()), int((part.truth == d).sum()))
        for d in range(10)
    )
    worst = max(rates, key=lambda r: r.yes / r.n)
    fifth = _percent(
        worst.interval,
        f"digit {worst.name}: {worst.yes} of {worst.n} images wrong or refused; Wilson's interval",
        worst.n,
    )
    return Quality(accuracy, fifth, rates, "not read (wrong or refused)")


def marks(
    chance: NDArray[np.float64], ends: NDArray[np.int64], threshold: float
) -> NDArray[np.int64]:
    """Where the monitor marks a beat: tops of the probability, with a pause after each."""
    before, after = np.roll(chance, 1), np.roll(chance, -1)
    peak = (chance >= threshold) & (chance > before) & (chance >= after)
    peak[[0, -1]] = False
    found: list[int] = []
    for place in ends[peak] - heartbeats.DELAY:
        if not found or place - found[-1] >= heartbeats.REFRACTORY * heartbeats.RATE:
            found.append(int(place))
    return np.array(found, np.int64)


def _heart(part: Part, chances: NDArray[np.float64], threshold: float) -> Quality:
    if part.ends is None or part.beats is None:
        raise ValueError("the heart's part lacks its beats")
    found = heartbeats.match(marks(chances[:, 1], part.ends, threshold), part.beats)
    alarms, beats = len(found.alarms), len(found.reference)
    if alarms:
        accuracy = _percent(
            wilson(found.hits, alarms),
            f"{found.hits} of {alarms} marks lie within {1000 * heartbeats.NEAR:.0f} ms of a beat of the "
            "classical detector; Wilson's interval",
            alarms,
        )
    else:
        accuracy = Figure(0.0, 0.0, 100.0, "no beat was marked at this threshold", 0)
    missed = beats - found.hits
    fifth = _percent(
        wilson(missed, beats), f"{missed} of {beats} beats have no mark; Wilson's interval", beats
    )
    rates = (
        Rate("beats missed", missed, beats),
        Rate("false marks", alarms - found.hits, max(alarms, 1)),
    )
    return Quality(accuracy, fifth, rates, "mistakes")


def latency(case: Case, model: Model, features: str, calls: int = CALLS) -> Figure:
    """Milliseconds until an answer: what the design waits for, and the 95th percentile of computing."""
    one = case.tune.inputs[:1]
    times = time_calls(lambda: model.chances(case.prepared(one, features)), repeats=calls)
    wait = case.delay(features)
    said = f"95th percentile of {calls} single calls in NumPy on this computer"
    if wait:
        said = f"{wait:.0f} ms of waiting by design, plus the {said}"
    return Figure(wait + times.p95, wait + times.p50, wait + times.worst, said, calls)


def size(model: Model) -> Figure:
    """Kilobytes of the stored model."""
    value = model.bytes / 1000
    said = f"{model.parameters:,} parameters, packed, with their scales"
    return Figure(value, value, value, said, model.parameters, "counted")


def energy(reading: Reading) -> Figure:
    """Kilowatt-hours of the training, measured or modelled as the reading says."""
    joules = 3.6e6
    return Figure(
        reading.kwh, reading.low / joules, reading.high / joules, reading.method, 1, reading.label
    )


def figures(
    case: Case,
    model: Model,
    features: str,
    threshold: float,
    part: Part,
    reading: Any,
    calls: int = CALLS,
) -> tuple[dict[str, Figure], Quality]:
    """All five, by criterion, and the quality that two of them come from."""
    found = quality(case, model, features, threshold, part)
    five: Mapping[str, Figure] = {
        "accuracy": found.accuracy,
        "latency": latency(case, model, features, calls),
        "size": size(model),
        "energy": energy(reading),
        "fifth": found.fifth,
    }
    return dict(five), found
