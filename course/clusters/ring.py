"""The ring all-reduce by hand, for any way to send to the right and to receive from the left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def ring_all_reduce(
    pieces: list[Any], rank: int, send: Callable[[Any], None], receive: Callable[[], Any]
) -> None:
    """Replace every piece by its sum over all ranks, in place; as many pieces as ranks.

    ``send`` hands an array to rank + 1 and returns at once; ``receive`` waits for one of rank - 1.
    """
    n = len(pieces)
    for step in range(n - 1):  # sums travel round the ring: reduce-scatter
        send(pieces[(rank - 1 - step) % n])
        pieces[(rank - 2 - step) % n] += receive()
    for step in range(n - 1):  # whole sums travel round the ring: all-gather
        send(pieces[(rank - step) % n])
        pieces[(rank - 1 - step) % n] = receive()


def all_to_first_and_back(
    pieces: list[Any], rank: int, send: Callable[[Any], None], receive: Callable[[], Any]
) -> None:
    """The same result with whole arrays: once round to add up, once round to tell everyone."""
    n = len(pieces)
    if rank:
        for k in range(n):
            pieces[k] = pieces[k] + receive()
    for piece in pieces:
        send(piece)
    for k in range(n):
        pieces[k] = receive()
    if rank < n - 1:
        for piece in pieces:
            send(piece)
