"""Collectives as schedules: who sends which piece to whom, step by step, and what each link carries.

A schedule is plain data. `simulate` carries it out on real arrays, `traffic` counts its bytes, and
`closed_form` says what the textbook's formula expects. All sends of a step happen at once: what
travels is what the sender held before the step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Name = Literal[
    "ring all-reduce",
    "tree all-reduce",
    "hierarchical all-reduce",
    "reduce-scatter",
    "all-gather",
    "all-to-all",
]


@dataclass(frozen=True)
class Send:
    """One piece on its way; the target adds it to its own where ``adds``, else it keeps it."""

    source: int
    target: int
    piece: int
    adds: bool


@dataclass(frozen=True)
class Schedule:
    """A collective of ``ranks`` processes over ``pieces`` pieces; ``steps`` are lists of sends."""

    name: str
    ranks: int
    pieces: int
    steps: tuple[tuple[Send, ...], ...]


def ring_reduce_scatter(ranks: int) -> Schedule:
    """Sums travel round the ring once; at the end rank r holds the sum of piece r."""
    _at_least_two(ranks)
    steps = [
        tuple(Send(r, (r + 1) % ranks, (r - 1 - s) % ranks, True) for r in range(ranks))
        for s in range(ranks - 1)
    ]
    return Schedule("reduce-scatter", ranks, ranks, tuple(steps))


def ring_all_gather(ranks: int) -> Schedule:
    """Rank r begins with piece r; pieces travel round the ring until all have all."""
    _at_least_two(ranks)
    steps = [
        tuple(Send(r, (r + 1) % ranks, (r - s) % ranks, False) for r in range(ranks))
        for s in range(ranks - 1)
    ]
    return Schedule("all-gather", ranks, ranks, tuple(steps))


def ring_all_reduce(ranks: int) -> Schedule:
    """A reduce-scatter, then an all-gather, both round the ring."""
    steps = ring_reduce_scatter(ranks).steps + ring_all_gather(ranks).steps
    return Schedule("ring all-reduce", ranks, ranks, steps)


def tree_all_reduce(ranks: int) -> Schedule:
    """Pairs add up whole arrays until rank 0 has the sum, which goes back the same way."""
    _at_least_two(ranks)
    up: list[tuple[Send, ...]] = []
    distance = 1
    while distance < ranks:
        sources = range(distance, ranks, 2 * distance)
        up.append(tuple(Send(r, r - distance, 0, True) for r in sources))
        distance *= 2
    down = [tuple(Send(s.target, s.source, 0, False) for s in step) for step in reversed(up)]
    return Schedule("tree all-reduce", ranks, 1, tuple(up + down))


def hierarchical_all_reduce(ranks: int, per_node: int) -> Schedule:
    """Reduce-scatter inside each node, all-reduce between nodes, all-gather inside again.

    Ranks 0 to ``per_node`` - 1 are the first node. Raises ValueError where nodes are not full.
    """
    _at_least_two(ranks)
    if per_node < 1 or ranks % per_node:
        fits = [n for n in range(1, ranks + 1) if ranks % n == 0]
        near = min(fits, key=lambda n: abs(n - per_node))
        raise ValueError(
            f"{per_node} ranks a node do not divide {ranks} ranks; {near} a node would"
        )
    nodes = ranks // per_node

    def inside(schedule: Schedule) -> list[tuple[Send, ...]]:
        return [
            tuple(
                Send(n * per_node + s.source, n * per_node + s.target, s.piece * nodes + k, s.adds)
                for n in range(nodes)
                for s in step
                for k in range(nodes)
            )
            for step in schedule.steps
        ]

    steps: list[tuple[Send, ...]] = []
    if per_node > 1:
        steps += inside(ring_reduce_scatter(per_node))
    if nodes > 1:
        for step in ring_all_reduce(nodes).steps:
            steps.append(
                tuple(
                    Send(
                        s.source * per_node + r,
                        s.target * per_node + r,
                        r * nodes + s.piece,
                        s.adds,
                    )
                    for r in range(per_node)
                    for s in step
                )
            )
    if per_node > 1:
        steps += inside(ring_all_gather(per_node))
    return Schedule("hierarchical all-reduce", ranks, ranks, tuple(steps))


def all_to_all(ranks: int) -> Schedule:
    """Rank r has a piece for each other rank; piece r * ranks + t goes straight to rank t."""
    _at_least_two(ranks)
    steps = [
        tuple(Send(r, (r + s) % ranks, r * ranks + (r + s) % ranks, False) for r in range(ranks))
        for s in range(1, ranks)
    ]
    return Schedule("all-to-all", ranks, ranks * ranks, tuple(steps))


def schedule(name: str, ranks: int, per_node: int = 2) -> Schedule:
    """The schedule of that name; raises ValueError, which lists the names, for another one."""
    makers: dict[str, Callable[[], Schedule]] = {
        "ring all-reduce": lambda: ring_all_reduce(ranks),
        "tree all-reduce": lambda: tree_all_reduce(ranks),
        "hierarchical all-reduce": lambda: hierarchical_all_reduce(ranks, per_node),
        "reduce-scatter": lambda: ring_reduce_scatter(ranks),
        "all-gather": lambda: ring_all_gather(ranks),
        "all-to-all": lambda: all_to_all(ranks),
    }
    if name not in makers:
        raise ValueError(f"no collective {name!r}; there are {', '.join(makers)}")
    return makers[name]()


def simulate(plan: Schedule, arrays: Sequence[Array]) -> list[list[list[Array | None]]]:
    """What each rank holds before the first step and after each: ``states[step][rank][piece]``.

    ``arrays``: one 1-D array a rank, all of one length; a rank that does not hold a piece has None.
    In an all-gather rank r begins with piece r of its array, in an all-to-all with the pieces it
    is to send. Raises ValueError for another number of arrays, unlike lengths, or a send of a
    piece that the sender does not hold.
    """
    if len(arrays) != plan.ranks:
        raise ValueError(f"{plan.ranks} ranks need {plan.ranks} arrays, not {len(arrays)}")
    if len({np.shape(a) for a in arrays}) != 1 or np.ndim(arrays[0]) != 1:
        raise ValueError(f"the arrays must be 1-D and alike, not {[np.shape(a) for a in arrays]}")
    now = [_first(plan, rank, np.asarray(array)) for rank, array in enumerate(arrays)]
    states = [now]
    for number, step in enumerate(plan.steps, start=1):
        after = [list(pieces) for pieces in now]
        for send in step:
            piece = now[send.source][send.piece]
            if piece is None:
                raise ValueError(
                    f"step {number}: rank {send.source} sends piece {send.piece}, which it does not hold"
                )
            mine = after[send.target][send.piece]
            after[send.target][send.piece] = (
                piece if not send.adds or mine is None else mine + piece
            )
        now = after
        states.append(now)
    return states


def _first(plan: Schedule, rank: int, array: Array) -> list[Array | None]:
    if plan.name == "all-to-all":
        mine = np.array_split(array, plan.ranks)
        own = range(rank * plan.ranks, (rank + 1) * plan.ranks)
        return [mine[p - own.start] if p in own else None for p in range(plan.pieces)]
    pieces = np.array_split(array, plan.pieces)
    if plan.name == "all-gather":
        return [piece if p == rank else None for p, piece in enumerate(pieces)]
    return list(pieces)


def gathered(plan: Schedule, pieces: Sequence[Array | None], rank: int) -> Array:
    """A rank's result as one array: all pieces, or those that the collective gives to it."""
    if plan.name == "reduce-scatter":
        wanted = [rank]
    elif plan.name == "all-to-all":
        wanted = list(range(rank, plan.pieces, plan.ranks))
    else:
        wanted = list(range(plan.pieces))
    found = [pieces[p] for p in wanted]
    missing = [p for p, piece in zip(wanted, found, strict=True) if piece is None]
    if missing:
        raise ValueError(f"rank {rank} does not hold pieces {missing} yet")
    return np.concatenate([piece for piece in found if piece is not None])


def traffic(plan: Schedule, size: float, steps: int | None = None) -> dict[tuple[int, int], float]:
    """Bytes over each link (source, target) in the first ``steps`` steps (all, by default).

    ``size``: bytes of one rank's array, cut into equal pieces.
    """
    cut = plan.ranks if plan.name == "all-to-all" else plan.pieces
    carried: dict[tuple[int, int], float] = {}
    for step in plan.steps[:steps]:
        for send in step:
            link = (send.source, send.target)
            carried[link] = carried.get(link, 0.0) + size / cut
    return carried


@dataclass(frozen=True)
class Cost:
    """What a formula expects: steps, and bytes that the busiest rank sends."""

    steps: int
    sent: float

    def seconds(self, bandwidth: float, latency: float = 0.0) -> float:
        """The time at ``bandwidth`` bytes a second and ``latency`` seconds a step."""
        if bandwidth <= 0 or latency < 0:
            raise ValueError(
                f"bandwidth must be above 0 and latency at least 0: {bandwidth}, {latency}"
            )
        return self.steps * latency + self.sent / bandwidth


def closed_form(name: str, ranks: int, size: float, per_node: int = 2) -> Cost:
    """Steps and bytes by formula, for arrays of ``size`` bytes; of all links for a hierarchy.

    Raises ValueError for a name that is no collective's or fewer than two ranks.
    """
    _at_least_two(ranks)
    n = ranks
    around = (n - 1) / n * size
    if name == "ring all-reduce":
        return Cost(2 * (n - 1), 2 * around)
    if name in ("reduce-scatter", "all-gather", "all-to-all"):
        return Cost(n - 1, around)
    if name == "tree all-reduce":
        levels = (n - 1).bit_length()
        return Cost(2 * levels, levels * size)  # rank 0 sends the sum once a level
    if name == "hierarchical all-reduce":
        nodes = n // per_node
        inside, between = hierarchy_bytes(ranks, size, per_node)
        return Cost(2 * (per_node - 1) + 2 * (nodes - 1), inside + between)
    schedule(name, ranks)  # raises, listing the names
    raise AssertionError("a collective without a formula")


def hierarchy_bytes(ranks: int, size: float, per_node: int) -> tuple[float, float]:
    """Bytes that a rank sends inside its node, and to the next node, in a hierarchical all-reduce."""
    nodes = ranks // per_node
    inside = 2 * (per_node - 1) / per_node * size
    return inside, 2 * (nodes - 1) / nodes * size / per_node


def _at_least_two(ranks: int) -> None:
    if ranks < 2:
        raise ValueError(f"a collective needs at least 2 ranks, not {ranks}")
