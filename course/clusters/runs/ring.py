"""A ring all-reduce by hand, with point-to-point messages between the ranks, beside PyTorch's.

`--function` names a file with another one than the course's, for example the reader's own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course.clusters import collectives
from course.clusters.ring import ring_all_reduce
from course.clusters.runs import group
from course.clusters.shipping import unpack


def main() -> None:
    """Sum an array over the ranks both ways, compare sums, bytes and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=1_000_000, help="in each rank's array")
    parser.add_argument("--function", type=Path, help="a packed function instead of the course's")
    given = parser.parse_args()
    by_hand: Callable[..., Any] = ring_all_reduce
    if given.function:
        by_hand = unpack(given.function.read_bytes())
    with group.joined(over_gloo=True) as me:
        import torch
        import torch.distributed as dist

        group.equal_shares("an array", given.numbers, me.ranks, "ranks")
        mine = np.random.default_rng(me.rank).standard_normal(given.numbers).astype(np.float32)
        # Pieces of its own: a view into one array would not show a piece that was replaced.
        pieces = [piece.copy() for piece in np.split(mine, me.ranks)]
        wires = Wires(me)
        dist.barrier()
        begun = time.perf_counter()
        by_hand(pieces, me.rank, wires.send, wires.receive)
        wires.flush()
        seconds = time.perf_counter() - begun
        theirs = torch.from_numpy(mine.copy()).to(me.device)
        dist.barrier()
        begun = time.perf_counter()
        dist.all_reduce(theirs)
        torch_seconds = time.perf_counter() - begun
        apart = float(np.abs(np.concatenate(pieces) - theirs.cpu().numpy()).max())
        rows: list[Any] = [None] * me.ranks
        dist.all_gather_object(rows, (apart, wires.bytes, wires.messages))
        worst, sent = max(row[0] for row in rows), [row[1] for row in rows]
        formula = collectives.closed_form("ring all-reduce", me.ranks, mine.nbytes).sent
        me.say(f"{me.ranks} ranks, each with an array of {mine.nbytes:,} bytes")
        me.say(f"  largest difference from dist.all_reduce  {worst:.1e}")
        me.say(f"  bytes sent by each rank                  {max(sent):,}")
        me.say(f"  2 (n - 1) / n times the array            {formula:,.0f}")
        me.say(f"  by hand {1e3 * seconds:.0f} ms, dist.all_reduce {1e3 * torch_seconds:.0f} ms")
        me.report(
            ranks=me.ranks, apart=worst, sent=sent, formula=formula, messages=[r[2] for r in rows]
        )


class Wires:
    """Messages to the next rank and from the one before, over torch.distributed, counted."""

    def __init__(self, me: group.Group) -> None:
        self.bytes = self.messages = 0
        self._me = me
        self._on_their_way: list[tuple[Any, Any]] = []

    def send(self, array: Any) -> None:
        """Hand an array to the next rank; returns at once: a copy is on its way."""
        import torch
        import torch.distributed as dist

        tensor = torch.from_numpy(np.array(array, dtype=np.float32)).to(self._me.device)
        self.bytes += tensor.numel() * tensor.element_size()
        self.messages += 1
        to = (self._me.rank + 1) % self._me.ranks
        # First how long it is, for the receiver must know before it can make room.
        for message in (torch.tensor([tensor.numel()], device=self._me.device), tensor):
            self._on_their_way.append((dist.isend(message, to), message))

    def receive(self) -> Any:
        """Wait for an array of the rank before."""
        import torch
        import torch.distributed as dist

        of = (self._me.rank - 1) % self._me.ranks
        length = torch.zeros(1, dtype=torch.int64, device=self._me.device)
        dist.recv(length, of)
        tensor = torch.empty(int(length), device=self._me.device)
        dist.recv(tensor, of)
        return tensor.cpu().numpy()

    def flush(self) -> None:
        """Wait until all that was sent has gone."""
        for work, _ in self._on_their_way:
            work.wait()


if __name__ == "__main__":
    main()
