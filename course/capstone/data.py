"""The data of each brief, in three parts: to train on, to tune with, and to open once.

The dashboard and every choice see the first two. The held-out part judges the finished model, and each
look at it goes into the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, records
from course.capstone.briefs import brief
from course.datasets import Datasheet, stratified_split
from course.edge import heartbeats

_TUNE = 0.25  # of what is not held out
_HEART_TRAIN_SECONDS = 120  # then a minute to tune with, then two minutes held out


@dataclass(frozen=True)
class Part:
    """Inputs (N, values) float32 and truth (N,) int64; who they belong to, where it is recorded.

    groups: text (N,) or None. beats: for the heart, the samples at which beats stand; then ``ends`` are
    the last samples of the windows.
    """

    inputs: NDArray[np.float32]
    truth: NDArray[np.int64]
    groups: NDArray[np.str_] | None = None
    ends: NDArray[np.int64] | None = None
    beats: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True)
class Case:
    """A brief's data. columns: the inputs of each feature set, by number."""

    key: str
    classes: int
    train: Part
    tune: Part
    held: Part
    columns: dict[str, NDArray[np.int64]]
    names: tuple[str, ...]
    datasheet: Datasheet
    normalize: Callable[[Any], NDArray[np.float32]] | None = None

    def prepared(self, inputs: Any, features: str) -> NDArray[np.float32]:
        """The chosen columns of ``inputs`` (N, values), as the model gets them."""
        chosen = inputs[:, self.columns[features]]
        return chosen if self.normalize is None else self.normalize(chosen)

    def delay(self, features: str) -> float:
        """Milliseconds that the design waits before the model can answer: only the heart's does."""
        if self.key != "heart":
            return 0.0
        after = heartbeats.WINDOW - 1 - int(self.columns[features].max())
        return 1000 * (heartbeats.DELAY - after * heartbeats.STEP) / heartbeats.RATE


def load(name: str) -> Case:
    """The data of a brief, the same on every machine.

    Raises BriefError for an unknown brief, DatasetError or MissingPackage, which say what to install,
    where a package that carries the data is missing.
    """
    return _load(brief(name).key)


@lru_cache
def _load(key: str) -> Case:
    return {"loans": _loans, "digits": _digits, "heart": _heart}[key]()


_FINANCES = "loanamt loanprc appinc hrat obrat netw self cosign chist pubrec mortlat1 mortlat2 gdlin unver gift"
_SHORT = "loanprc hrat obrat chist pubrec gdlin unver cosign"


def _loans() -> Case:
    table = records.load("mortgages")
    names = tuple(table.columns)
    matrix = table.scaled().astype(np.float32)
    race = table.attribute("race")

    def part(rows: NDArray[np.int64]) -> Part:
        return Part(matrix[rows], table.outcome[rows], race[rows])

    rows = table.train_rows
    strata = 2 * np.unique(race[rows], return_inverse=True)[1] + table.outcome[rows]
    train, tune = stratified_split(strata.astype(np.int64), _TUNE, datasets.SPLIT_SEED)
    columns = {
        "all": np.arange(len(names)),
        "finances": np.array([names.index(n) for n in _FINANCES.split()]),
        "short": np.array([names.index(n) for n in _SHORT.split()]),
    }
    labels = tuple(table.labels[n] for n in names)
    return Case(
        "loans",
        2,
        part(rows[train]),
        part(rows[tune]),
        part(table.held_out_rows),
        columns,
        labels,
        table.datasheet,
    )


def _digits() -> Case:
    data = datasets.load("digits")
    images = data.images.reshape(len(data.images), -1)
    train, tune = stratified_split(data.train_labels, _TUNE, datasets.SPLIT_SEED)
    grid = np.arange(64).reshape(8, 8)
    columns = {
        "all": grid.ravel(),
        "middle": grid[1:7, 1:7].ravel(),
        "sparse": grid[::2, ::2].ravel(),
    }
    rows = data.train_rows

    def part(chosen: NDArray[np.int64]) -> Part:
        return Part(images[chosen], data.labels[chosen], data.labels[chosen].astype(str))

    names = tuple(f"pixel {n // 8 + 1}, {n % 8 + 1}" for n in range(64))
    return Case(
        "digits",
        10,
        part(rows[train]),
        part(rows[tune]),
        part(data.held_out_rows),
        columns,
        names,
        data.datasheet,
    )


def _heart() -> Case:
    record = heartbeats.recording()
    step, rate = heartbeats.STEP, heartbeats.RATE
    offsets = np.arange(-(heartbeats.WINDOW - 1) * step, 1, step)

    def part(first: int, last: int, thin: bool) -> Part:
        ends = np.arange(max(first, heartbeats.WINDOW * step), last, step)
        middles = ends - heartbeats.DELAY
        near = np.abs(middles[:, None] - record.beats).min(axis=1)
        truth = (near <= 1.5 * step).astype(np.int64)
        if thin:  # six windows without a beat for each with one: the rest would only repeat them
            beat = np.flatnonzero(truth)
            other = np.random.RandomState(0).permutation(np.flatnonzero(truth == 0))
            chosen = np.concatenate([beat, other[: 6 * len(beat)]])
            ends, truth = ends[chosen], truth[chosen]
        inside = record.beats[
            (record.beats >= first - heartbeats.DELAY)
            & (record.beats < last - heartbeats.DELAY - step)
        ]
        return Part(record.signal[ends[:, None] + offsets], truth, None, ends, inside)

    split, tune = record.split, _HEART_TRAIN_SECONDS * rate
    columns = {
        "all": np.arange(48),
        "middle": np.arange(12, 36),
        "sparse": np.arange(1, 48, 2),
    }
    return Case(
        "heart",
        2,
        part(0, tune, True),
        part(tune, split, False),
        part(split, len(record.signal), False),
        columns,
        tuple(f"value {n + 1} of 48" for n in range(48)),
        heartbeats.DATASHEET,
        heartbeats.normalized,
    )
