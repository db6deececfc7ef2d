"""Work on large arrays in pieces that fit the cache, shared among threads.

A formula of ten operations makes ten passes over its arrays. Piece by piece, all but the first find
their data in the cache; and because NumPy lets go of Python's lock inside an operation, two threads
can work on two pieces at once. Handing a piece to a thread costs about 80 microseconds, so only large
arrays are shared. Measured on a step of a character GPT, on two cores: 67 ms in whole passes, 65 in
pieces, 57 in pieces on two threads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any

import numpy as np

Array = Any

PIECE = 1 << 17  # numbers: with a few temporaries a piece fits a core's own cache
_SMALL = 1 << 18  # numbers: below this, waking a thread costs more than it saves
_threads = 0


def get_num_threads() -> int:
    """How many threads share the work on large arrays."""
    return _threads or _cores()


def set_num_threads(num: int) -> None:
    """Share the work on large arrays among `num` threads (NumPy's products of matrices have their own number)."""
    global _threads
    if not isinstance(num, int) or isinstance(num, bool) or num < 1:
        raise RuntimeError(f"set_num_threads expects a positive integer, got {num!r}")
    _threads = num


@lru_cache
def _cores() -> int:
    if sys.platform == "emscripten":  # a browser starts no threads
        return 1
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(name, "").isdigit():
            return max(1, int(os.environ[name]))
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache
def _pool(threads: int) -> ThreadPoolExecutor:
    # NaN and infinity are no reason for these threads to warn: see `autograd.walk`.
    return ThreadPoolExecutor(threads - 1, "course.scratch", partial(np.seterr, all="ignore"))


def in_pieces(work: Callable[..., None], *arrays: Array) -> None:
    """Call `work(*pieces)` on corresponding rows of `arrays`, all of one length, until all rows are done.

    `work` writes its results into pieces of arrays that were made for them.
    """
    rows, size = len(arrays[0]), max([a.size for a in arrays])
    if size <= PIECE or not isinstance(arrays[0], np.ndarray):  # a GPU takes them whole
        work(*arrays)
        return
    threads = get_num_threads() if size >= _SMALL else 1
    step = max(1, min(rows * PIECE // size, -(-rows // threads)))
    starts = range(0, rows, step)

    def run(own: range) -> None:
        for start in own:
            work(*(a[start : start + step] for a in arrays))

    if threads == 1 or len(starts) < 2:
        run(starts)
        return
    share = -(-len(starts) // threads)
    others = [
        _pool(threads).submit(run, starts[i : i + share]) for i in range(share, len(starts), share)
    ]
    run(starts[:share])
    for other in others:
        other.result()


def in_flat_pieces(work: Callable[..., None], *arrays: Array) -> None:
    """`in_pieces` for work that goes element by element over `arrays` of one shape."""
    if arrays[0].size <= PIECE or not all(a.flags.c_contiguous for a in arrays):
        work(*arrays)
    else:
        in_pieces(work, *(a.reshape(-1) for a in arrays))
