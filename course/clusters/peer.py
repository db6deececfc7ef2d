"""One process of a small ring, without PyTorch: `python -m course.clusters.peer PORT RANK`.

It connects to the process that started it and ends with it, meets its two neighbours, runs the
function that it is sent, and hands back what became of its pieces. See `course.clusters.peers`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import traceback
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

import numpy as np

KEY = "COURSE_PEER_KEY"


def main(port: int, rank: int) -> None:
    """Meet, run, report, and wait to be let go."""
    key = bytes.fromhex(os.environ.pop(KEY))
    boss = Client(("127.0.0.1", port), authkey=key)
    door = Listener(("127.0.0.1", 0), authkey=key)
    boss.send((rank, os.getpid(), door.address))
    right_address, packed, pieces = boss.recv()
    threading.Thread(target=_end_with, args=(boss,), daemon=True).start()
    met: queue.Queue[Connection] = queue.Queue()
    threading.Thread(target=lambda: met.put(door.accept()), daemon=True).start()
    right = Client(right_address, authkey=key)
    ring = Ring(boss, met.get(), right)

    from course.clusters.shipping import unpack

    try:
        unpack(packed)(pieces, rank, ring.send, ring.receive)
    except BaseException as error:
        line = traceback.extract_tb(error.__traceback__)[-1].lineno
        boss.send(("failed", type(error).__name__, str(error)[:300], line))
    else:
        boss.send(("done", [np.asarray(p) for p in pieces], ring.bytes, ring.sent))
    ring.close()
    threading.Event().wait()


def _end_with(boss: Connection) -> None:
    """End when the process that started this one closes the connection, or is gone."""
    with contextlib.suppress(EOFError, OSError):
        boss.recv()
    os._exit(0)


class NothingComes(RuntimeError):
    """A rank waits for one that has ended."""


class Ring:
    """A process's place in the ring, with its counts of what it sent."""

    def __init__(self, boss: Connection, left: Connection, right: Connection) -> None:
        self.bytes = self.sent = self.received = 0
        self._boss, self._left = boss, left
        self._out: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._deliver, args=(right,), daemon=True).start()

    def send(self, array: Any) -> None:
        """Hand ``array`` to the next rank; returns at once, with a copy on its way."""
        array = np.array(array)
        self.bytes += array.nbytes
        self.sent += 1
        self._out.put(array)

    def receive(self) -> Any:
        """Wait for an array of the rank before; raises NothingComes when none will come."""
        if not self._left.poll():
            self._boss.send(("waits", self.sent, self.received))
        try:
            found = self._left.recv()
        except (EOFError, OSError):
            raise NothingComes(
                "the rank before this one has ended and sends nothing any more"
            ) from None
        self.received += 1
        return found

    def close(self) -> None:
        """Tell the next rank, after all that is on its way, that nothing more will come."""
        self._out.put(None)

    def _deliver(self, right: Connection) -> None:
        while (array := self._out.get()) is not None:
            try:
                right.send(array)
            except OSError:
                return
        right.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
