"""Exercise: a matrix product by tiles, from matrices that can be read only block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.accelerators.slow_memory import SlowMatrix, tiled_reads
from course.checks import Exercise, probe, slip

_SOLUTION = "../solutions/05_accelerators.ipynb"


def _tiled(a: Any, b: Any, tile: int) -> Any:
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n))
    for i in range(0, m, tile):
        for j in range(0, n, tile):
            for p in range(0, k, tile):
                left = a.read(i, i + tile, p, p + tile)
                right = b.read(p, p + tile, j, j + tile)
                c[i : i + tile, j : j + tile] += left @ right
    return c


def _whole_rows(a: Any, b: Any, tile: int) -> Any:
    (m, k), n = a.shape, b.shape[1]
    c = np.zeros((m, n))
    for i in range(0, m, tile):
        for j in range(0, n, tile):
            c[i : i + tile, j : j + tile] = a.read(i, i + tile, 0, k) @ b.read(0, k, j, j + tile)
    return c


def _one_by_one(a: Any, b: Any, tile: int) -> Any:
    return _tiled(a, b, 1)


def _copied_first(a: Any, b: Any, tile: int) -> Any:
    copies = []
    for slow in (a, b):
        rows, columns = slow.shape
        copy = np.zeros((rows, columns))
        for i in range(0, rows, tile):
            for j in range(0, columns, tile):
                copy[i : i + tile, j : j + tile] = slow.read(i, i + tile, j, j + tile)
        copies.append(copy)
    return copies[0] @ copies[1]


def _counted(m: int, k: int, n: int, tile: int) -> Callable[[Any], dict[str, Any]]:
    """The product of an answer and what it read, in words that hold for any order of the loops."""
    rng = np.random.default_rng(m)
    left, right = rng.integers(-9, 10, (m, k)), rng.integers(-9, 10, (k, n))

    def run(tiled_matmul: Any) -> dict[str, Any]:
        a, b = SlowMatrix(left.astype(float)), SlowMatrix(right.astype(float))
        product = np.asarray(tiled_matmul(a, b, tile), dtype=float)
        largest = max((max(block) for block in (*a.blocks, *b.blocks)), default=0)
        read = a.reads + b.reads
        return {
            "the product": product,
            "no block read has more than tile rows or columns": largest <= tile,
            "not more is read than with tiles": read <= tiled_reads(m, k, n, tile),
            # With room for three tiles something must be read again.
            "what fits nowhere is read again": read > a.shape[0] * k + k * b.shape[1],
        }

    return run


tiled_matmul = Exercise(
    name="tiled_matmul",
    reference=_tiled,
    cases=[
        probe(_counted(8, 8, 8, 4), "(8, 8) @ (8, 8), tiles of 4"),
        probe(_counted(12, 6, 9, 3), "(12, 6) @ (6, 9), tiles of 3"),
        probe(_counted(7, 5, 11, 3), "(7, 5) @ (5, 11), tiles of 3, which do not fit evenly"),
    ],
    mistakes=[
        slip(
            "Each tile of C is a *sum* over the tiles of a row of A: add with `+=`, do not assign.",
            "] += left",
            "] = left",
        ),
        slip(
            "The last rows, columns or terms are missing where the tile does not fit evenly: `range` must go to the end.",
            "range(0, m, tile)",
            "range(0, m - tile + 1, tile)",
            "range(0, n, tile)",
            "range(0, n - tile + 1, tile)",
            "range(0, k, tile)",
            "range(0, k - tile + 1, tile)",
        ),
        slip(
            "The block of B has its rows and columns exchanged: rows go with `p`, columns with `j`.",
            "b.read(p, p + tile, j, j + tile)",
            "b.read(j, j + tile, p, p + tile)",
        ),
        (
            _whole_rows,
            "You read whole rows of A and whole columns of B at once. Fast memory has room for tiles of `tile` by `tile` "
            "only: a third loop goes along k.",
        ),
        (
            _one_by_one,
            "You read numbers one by one, so that each is read again for every number of C. Read blocks of `tile` by `tile`.",
        ),
        (
            _copied_first,
            "You copy both matrices into fast memory first; it has room for three tiles only. Multiply each pair of tiles as "
            "soon as they are read.",
        ),
    ],
    hints=[
        "Three loops, over the tiles' first rows `i`, first columns `j`, and first terms `p`.",
        "In the innermost loop two blocks are read: of A at (i, p), of B at (p, j).",
        "`c[i:i+tile, j:j+tile] += a.read(i, i+tile, p, p+tile) @ b.read(p, p+tile, j, j+tile)`.",
    ],
    points=2,
    solution=_SOLUTION,
)
