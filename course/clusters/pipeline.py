"""Pipeline schedules, simulated: which stage works on which micro-batch when, and who waits.

A model's layers are cut into `stages`, a batch into `micro_batches`. With `chunks` above 1 each
stage holds several stretches of layers that are not neighbours (interleaving).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Name = Literal["gpipe", "1f1b", "interleaved"]
NAMES: tuple[Name, ...] = ("gpipe", "1f1b", "interleaved")


@dataclass(frozen=True)
class Work:
    """One pass of one micro-batch through one chunk of a stage's layers."""

    stage: int
    forward: bool
    micro_batch: int
    chunk: int = 0


@dataclass(frozen=True)
class Slot:
    """A piece of work with the time at which it starts and ends."""

    work: Work
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """A simulated schedule; times are in the units of ``forward`` and ``backward``."""

    stages: int
    micro_batches: int
    chunks: int
    forward: float
    backward: float
    slots: tuple[Slot, ...]

    @property
    def length(self) -> float:
        """When the last piece of work ends."""
        return max(slot.end for slot in self.slots)

    @property
    def ideal(self) -> float:
        """How long a stage that never waits would take."""
        return self.micro_batches * (self.forward + self.backward)

    @property
    def bubble(self) -> float:
        """Time waited, as a share of the ideal time."""
        return self.length / self.ideal - 1

    @property
    def idle(self) -> float:
        """Time waited, as a share of the whole time."""
        return 1 - self.ideal / self.length

    def in_flight(self, stage: int) -> float:
        """The most micro-batches whose activations the stage holds at once (chunks in parts)."""
        held, most = 0, 0
        for slot in sorted((s for s in self.slots if s.work.stage == stage), key=lambda s: s.start):
            held += 1 if slot.work.forward else -1
            most = max(most, held)
        return most / self.chunks


def order(name: str, stages: int, micro_batches: int, chunks: int = 1) -> list[list[Work]]:
    """What each stage does, in order: a list a stage.

    Raises ValueError for numbers below 1, a name that is none, chunks other than 1 without
    interleaving, and micro-batches that the stages do not divide with it.
    """
    _check(name, stages, micro_batches, chunks)
    if name == "gpipe":
        return [
            [Work(s, True, i) for i in range(micro_batches)]
            + [Work(s, False, i) for i in reversed(range(micro_batches))]
            for s in range(stages)
        ]
    total = micro_batches * chunks
    rows = []
    for s in range(stages):
        forwards = [_nth(s, True, k, stages, chunks) for k in range(total)]
        backwards = [_nth(s, False, k, stages, chunks) for k in range(total)]
        # Enough forward passes that the first backward pass can come back to this stage.
        ahead = stages - 1 - s if chunks == 1 else 2 * (stages - 1 - s) + (chunks - 1) * stages
        ahead = min(ahead, total)
        row = forwards[:ahead]
        for k in range(total - ahead):
            row += [forwards[ahead + k], backwards[k]]
        rows.append(row + backwards[total - ahead :])
    return rows


def _nth(stage: int, forward: bool, k: int, stages: int, chunks: int) -> Work:
    """The k-th forward or backward pass of a stage: groups of micro-batches, chunk by chunk."""
    if chunks == 1:
        return Work(stage, forward, k)
    chunk = k // stages % chunks
    micro_batch = k // (stages * chunks) * stages + k % stages
    return Work(stage, forward, micro_batch, chunk if forward else chunks - 1 - chunk)


def simulate(
    name: str,
    stages: int,
    micro_batches: int,
    chunks: int = 1,
    forward: float = 1.0,
    backward: float = 2.0,
    hop: float = 0.0,
) -> Timeline:
    """Run a schedule: each stage does its work in order, as soon as what it needs is there.

    ``forward``, ``backward``: the time of a micro-batch in a whole stage; ``hop``: of sending its
    result to the next stage. Raises ValueError as :func:`order` does, and for times below 0.
    """
    if forward <= 0 or backward <= 0 or hop < 0:
        raise ValueError(f"times must be above 0, hop at least 0: {forward}, {backward}, {hop}")
    rows = order(name, stages, micro_batches, chunks)
    ends: dict[Work, float] = {}
    free, place = [0.0] * stages, [0] * stages
    slots: list[Slot] = []
    while len(slots) < sum(map(len, rows)):
        moved = False
        for s, row in enumerate(rows):
            while place[s] < len(row):
                work = row[place[s]]
                ready = _ready(work, ends, stages, chunks, hop)
                if ready is None:
                    break
                start = max(free[s], ready)
                end = start + (forward if work.forward else backward) / chunks
                ends[work], free[s] = end, end
                slots.append(Slot(work, start, end))
                place[s] += 1
                moved = True
        if not moved:
            raise RuntimeError(f"{name}: every stage waits for another one")
    return Timeline(stages, micro_batches, chunks, forward, backward, tuple(slots))


def _ready(
    work: Work, ends: dict[Work, float], stages: int, chunks: int, hop: float
) -> float | None:
    """When what the work needs is there; None while it is not known."""
    place = work.chunk * stages + work.stage  # of this stretch of layers in the whole model
    last = stages * chunks - 1
    if work.forward and place == 0:
        return 0.0
    if not work.forward and place == last:
        return ends.get(Work(work.stage, True, work.micro_batch, work.chunk))
    near = place - 1 if work.forward else place + 1
    needed = Work(near % stages, work.forward, work.micro_batch, near // stages)
    end = ends.get(needed)
    return None if end is None else end + (hop if needed.stage != work.stage else 0.0)


def bubble(stages: int, micro_batches: int, chunks: int = 1) -> float:
    """Time waited over ideal time, by formula: (p - 1) / (v m)."""
    _check("interleaved" if chunks > 1 else "1f1b", stages, micro_batches, chunks)
    return (stages - 1) / (chunks * micro_batches)


def _check(name: str, stages: int, micro_batches: int, chunks: int) -> None:
    if name not in NAMES:
        raise ValueError(f"no schedule {name!r}; there are {', '.join(NAMES)}")
    for what, value in (("stages", stages), ("micro_batches", micro_batches), ("chunks", chunks)):
        if value < 1:
            raise ValueError(f"{what} must be at least 1, not {value}")
    if name != "interleaved" and chunks != 1:
        raise ValueError(f"{name} has one chunk a stage, not {chunks}; interleaved has several")
    if name == "interleaved" and chunks > 1 and micro_batches % stages:
        low = micro_batches // stages * stages
        near = low if low and micro_batches - low < low + stages - micro_batches else low + stages
        raise ValueError(
            f"interleaving needs micro-batches that the stages divide: {stages} does not divide "
            f"{micro_batches}; {near} would do"
        )
