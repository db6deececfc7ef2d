"""Real processes in a ring, on NumPy alone: they start in a fraction of PyTorch's second.

Each runs the same function on its own pieces of an array and talks only to its neighbours, over
sockets. All end with :func:`run`, however it ends, and with the process that called it.
"""

from __future__ import annotations

import contextlib
import multiprocessing.connection as connections
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from course.clusters.launch import surroundings
from course.clusters.peer import KEY, NothingComes
from course.clusters.shipping import pack

NOTHING_COMES = NothingComes.__name__


@dataclass(frozen=True)
class Peer:
    """What became of one process: its ``pieces``, and how many bytes and messages it sent.

    ``failed`` is empty, or says why the function did not end; then there are no pieces.
    """

    pieces: list[Any]
    bytes: int
    messages: int
    failed: str = ""
    kind: str = ""  # of the exception


def run(
    function: Callable[..., Any], pieces: Sequence[Sequence[Any]], seconds: float = 20.0
) -> list[Peer]:
    """Run ``function(pieces, rank, send, receive)`` in one process for each entry of ``pieces``.

    Raises ValueError for fewer than 2 or more than 8 processes or a function that cannot travel,
    TimeoutError after ``seconds``.
    """
    ranks = len(pieces)
    if not 2 <= ranks <= 8:
        raise ValueError(f"a ring here has from 2 to 8 processes, not {ranks}")
    packed, key = pack(function), secrets.token_bytes(16)
    end = time.monotonic() + seconds
    door = connections.Listener(("127.0.0.1", 0), authkey=key)
    started: list[subprocess.Popen[bytes]] = []
    lines: dict[int, Any] = {}
    try:
        environment = surroundings() | {KEY: key.hex()}
        command = [sys.executable, "-m", "course.clusters.peer", str(door.address[1])]
        for rank in range(ranks):
            started.append(
                subprocess.Popen(
                    [*command, str(rank)],
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                )
            )
        addresses = {}
        for _ in range(ranks):
            line = _accepted(door, started, end)
            rank, _, addresses[rank] = line.recv()
            lines[rank] = line
        for rank, line in lines.items():
            line.send((addresses[(rank + 1) % ranks], packed, list(pieces[rank])))
        return _gathered(lines, end)
    finally:
        door.close()
        for line in lines.values():
            line.close()
        for child in started:
            _end(child)


def _accepted(door: connections.Listener, started: list[Any], end: float) -> Any:
    """The next child's connection; an error where a child has died or the time is up."""
    listening: Any = door._listener._socket  # type: ignore[attr-defined]
    listening.settimeout(0.2)
    while True:
        with contextlib.suppress(TimeoutError):
            return door.accept()
        _in_time(end)
        if any(child.poll() is not None for child in started):
            raise RuntimeError("a process ended before it could be met; `course doctor` may help")


def _in_time(end: float) -> None:
    if time.monotonic() > end:
        raise TimeoutError("the processes did not end in time and were stopped")


def _gathered(lines: dict[int, Any], end: float) -> list[Peer]:
    """What each rank reports; a ring in which all wait for all is found out and ended."""
    found: dict[int, Peer] = {}
    state = {rank: (0, -1) for rank in lines}  # sent, received; -1: not known to wait
    while len(found) < len(lines):
        _in_time(end)
        for rank, line in lines.items():
            while rank not in found and line.poll():
                kind, *said = line.recv()
                if kind == "waits":
                    state[rank] = tuple(said)
                elif kind == "done":
                    found[rank] = Peer(*said)
                else:
                    error, text, at = said
                    found[rank] = Peer([], 0, 0, _said(rank, at, error, text), error)
        waiting = [rank for rank in lines if rank not in found]
        if waiting and len(waiting) == len(lines) and all(_stuck(r, state) for r in waiting):
            said = "every rank waits for a message, and none is on its way"
            return [Peer([], 0, 0, said, "Deadlock") for _ in lines]
        connections.wait([lines[r] for r in waiting], timeout=0.05)
    return [found[rank] for rank in sorted(found)]


def _said(rank: int, line: int, error: str, text: str) -> str:
    if error == NOTHING_COMES:
        return f"rank {rank} waits for a message, but {text}"
    return f"rank {rank}, line {line}: {error}: {text}"


def _stuck(rank: int, state: dict[int, tuple[int, int]]) -> bool:
    """True where the rank waits and the one before it has sent no more than was received.

    Counts only grow, and a rank that waits sends nothing; so where all are stuck, all stay so.
    """
    sent_to_it = state[(rank - 1) % len(state)][0]
    return state[rank][1] >= 0 and sent_to_it == state[rank][1]


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(2)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
