"""Exercise: the ring all-reduce, tried on three real processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import Exercise, probe, slip
from course.clusters import peers, ring

_SOLUTION = "../solutions/06_clusters.ipynb"
_MOST_MESSAGES = 1000  # to one rank, before it is taken to have no end
_WELL = "every rank came to its end"


def _receives_first(pieces: Any, rank: int, send: Any, receive: Any) -> None:
    n = len(pieces)
    for step in range(n - 1):
        pieces[(rank - 2 - step) % n] += receive()
        send(pieces[(rank - 1 - step) % n])
    for step in range(n - 1):
        pieces[(rank - 1 - step) % n] = receive()
        send(pieces[(rank - step) % n])


def _whole_arrays_round(pieces: Any, rank: int, send: Any, receive: Any) -> None:
    n = len(pieces)
    passing = [piece.copy() for piece in pieces]
    for _ in range(n - 1):
        for piece in passing:
            send(piece)
        passing = [receive() for _ in range(n)]
        for k in range(n):
            pieces[k] = pieces[k] + passing[k]


def _on_copies(pieces: Any, rank: int, send: Any, receive: Any) -> Any:
    copies = [piece.copy() for piece in pieces]
    ring.ring_all_reduce(copies, rank, send, receive)
    return copies


def _on_processes(ranks: int) -> Callable[[Any], dict[str, Any]]:
    """What becomes of every rank's pieces, and what each sends, with a process for each rank."""
    # Every digit of a sum tells how often one rank's part is in it.
    given = [[np.full(2, (k + 1) * 10**rank) for k in range(ranks)] for rank in range(ranks)]

    def run(answer: Any) -> dict[str, Any]:
        for rank in range(ranks):
            _rehearse(answer, [piece.copy() for piece in given[rank]], rank)
        done = peers.run(answer, given)
        failed = sorted((p for p in done if p.failed), key=lambda p: p.kind == peers.NOTHING_COMES)
        found: dict[str, Any] = {"how it ended": failed[0].failed if failed else _WELL}
        for rank, peer in enumerate(done):
            found[f"pieces of rank {rank} afterwards"] = [np.asarray(p) for p in peer.pieces]
        found["bytes that each rank sent"] = [peer.bytes for peer in done]
        return found

    return run


def _rehearse(answer: Any, pieces: list[Any], rank: int) -> None:
    """Call the answer here, alone: an error then has the learner's line, and a stub says it is one."""
    received = 0

    def receive() -> Any:
        nonlocal received
        received += 1
        if received > _MOST_MESSAGES:
            raise RuntimeError(f"it waits for message after message: {received} so far, and no end")
        return np.zeros(2, int)

    answer(pieces, rank, lambda array: None, receive)


ring_all_reduce = Exercise(
    name="ring_all_reduce",
    reference=ring.ring_all_reduce,
    cases=[probe(_on_processes(3), "three processes; piece k of rank r is (k + 1) * 10**r")],
    mistakes=[
        (
            _receives_first,
            "Every rank waits for the rank before it and only then sends anything, so that nobody ever sends: a *deadlock*. Send first; "
            "`send` does not wait.",
        ),
        (
            _whole_arrays_round,
            "The sums are right, but whole arrays travel: n - 1 times the array from each rank, a cost that grows with the number of "
            "ranks. One piece a step is enough.",
        ),
        (
            ring.all_to_first_and_back,
            "The sums are right, but the ranks take turns and whole arrays travel. One piece a step is enough, and then all links "
            "work at once.",
        ),
        (
            _on_copies,
            "The messages are right, but `pieces` is as it was: put the sums into this very list, `pieces[k] = ...`. What the function "
            "returns is not looked at.",
        ),
        slip(
            "In the first round what arrives must be *added* to your own piece: `+=`.",
            "+= receive()",
            "= receive()",
        ),
        slip(
            "In the second round whole sums arrive: they *replace* your piece. Added, your own part counts twice.",
            "n] = receive()",
            "n] += receive()",
        ),
        slip(
            "Each rank now has the whole sum of one piece only. A second round must bring them to everyone.",
            "range(n - 1):  # whole",
            "range(0):  # whole",
        ),
        slip(
            "The first round is one step too long: after n - 1 steps every sum has all its n parts, a further step adds some twice.",
            "range(n - 1):  # sums",
            "range(n):  # sums",
        ),
        slip(
            "You send your own piece again in every step. What must go on is the piece that you have just added to.",
            "send(pieces[(rank - 1 - step) % n])",
            "send(pieces[rank])",
        ),
        slip(
            "The second round starts with the wrong piece. First find out which one is whole at your rank after the first round; "
            "in the picture's numbering it is piece `rank`.",
            "send(pieces[(rank - step) % n])",
            "send(pieces[(rank + 1 - step) % n])",
        ),
    ],
    hints=[
        "Two loops of n - 1 steps. In each step: one `send`, one `receive`, one piece.",
        "In step s of the first loop rank r sends piece (r - 1 - s) mod n, and adds what it receives to piece (r - 2 - s) mod n. In "
        "Python `%` is never negative.",
        "The second loop begins with the piece that is whole: send piece (r - s) mod n, and put what arrives at (r - 1 - s) mod n.",
    ],
    points=2,
    seconds=30,
    solution=_SOLUTION,
)
