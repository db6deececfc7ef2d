"""Small real processes in a ring, and functions that travel to them."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from course.clusters import collectives, peers, shipping
from course.clusters.ring import all_to_first_and_back, ring_all_reduce

FACTOR = 3


def pieces(ranks: int, length: int = 5) -> list[list[np.ndarray]]:
    rng = np.random.default_rng(0)
    return [[rng.integers(0, 99, length) for _ in range(ranks)] for _ in range(ranks)]


def no_peers_left() -> bool:
    children = psutil.Process().children(True)
    return not [p for p in children if "course.clusters.peer" in p.cmdline()]


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_the_ring_sums_with_the_bytes_of_the_simulated_schedule(ranks: int) -> None:
    given = pieces(ranks)
    done = peers.run(ring_all_reduce, given)
    total = [sum(rank[k] for rank in given) for k in range(ranks)]
    for peer in done:
        np.testing.assert_array_equal(peer.pieces, total)
        cost = collectives.closed_form("ring all-reduce", ranks, 8 * 5 * ranks)
        assert peer.bytes == cost.sent and peer.messages == cost.steps
    assert no_peers_left()


def test_whole_arrays_sum_too_but_are_dearer() -> None:
    given = pieces(3)
    done = peers.run(all_to_first_and_back, given)
    np.testing.assert_array_equal(done[1].pieces, np.sum(given, axis=0))
    assert [peer.messages for peer in done] == [6, 6, 3]


def all_receive_first(pieces, rank, send, receive):
    pieces[0] = receive()
    send(pieces[0])


def one_message_too_few(pieces, rank, send, receive):
    if rank != 1:
        send(pieces[0])
    receive()


def test_a_ring_that_waits_for_itself_is_found_out() -> None:
    done = peers.run(all_receive_first, pieces(3))
    assert {peer.kind for peer in done} == {"Deadlock"}
    assert no_peers_left()


def test_who_ended_and_who_waits_in_vain_are_told_apart() -> None:
    done = peers.run(one_message_too_few, pieces(3))
    assert [bool(peer.failed) for peer in done] == [False, False, True]
    assert done[2].failed == (
        "rank 2 waits for a message, but the rank before this one has ended and sends nothing any more"
    )


def never_ends(pieces, rank, send, receive):
    while True:
        pass


def test_time_is_up_and_nothing_is_left() -> None:
    with pytest.raises(TimeoutError, match="were stopped"):
        peers.run(never_ends, pieces(2), seconds=4)
    assert no_peers_left()


@pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS")
def test_peers_end_with_the_process_that_started_them(tmp_path) -> None:
    code = (
        "import numpy as np\n"
        "from course.clusters import peers\n"
        f"FOLDER = {str(tmp_path)!r}\n"
        "def waits(pieces, rank, send, receive):\n"
        "    open(f'{FOLDER}/{rank}', 'w').close()\n"
        "    while True: pass\n"
        "peers.run(waits, [[np.zeros(2)] * 2] * 2, seconds=300)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        end = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 2:
            assert time.monotonic() < end, "the processes never ran the function"
            time.sleep(0.05)
        children = psutil.Process(parent.pid).children(True)
        assert len(children) == 2
    finally:
        parent.kill()
        parent.wait()
    _, left = psutil.wait_procs(children, timeout=60)
    assert not left


def test_rings_too_small_or_too_large_are_refused() -> None:
    for ranks in (1, 9):
        with pytest.raises(ValueError, match=f"from 2 to 8 processes, not {ranks}"):
            peers.run(ring_all_reduce, pieces(ranks))


def times(x):
    return FACTOR * x


def uses_what_is_around(x, plus=1, *, minus=2):
    return times(math.floor(np.float64(x))) + plus - minus + sum(FACTOR for _ in range(2))


def test_a_function_travels_with_what_it_names() -> None:
    arrived = shipping.unpack(shipping.pack(uses_what_is_around))
    assert arrived is not uses_what_is_around
    assert arrived(2.5) == uses_what_is_around(2.5) == 11
    assert arrived(2.5, 5, minus=0) == 17


def test_what_cannot_travel_is_said() -> None:
    here = 4
    with pytest.raises(ValueError, match="only a function can travel"):
        shipping.pack(len)
    with pytest.raises(ValueError, match=r"uses its here; define it at the top"):
        shipping.pack(lambda: here)
