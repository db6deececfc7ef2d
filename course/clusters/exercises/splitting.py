"""Exercise: two layers split over ranks, the first by columns and the second by rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import Case, Exercise, case, slip

_SOLUTION = "../solutions/06_clusters.ipynb"


def _part(x: Any, a: Any, b: Any, rank: int, ranks: int) -> Any:
    each = a.shape[1] // ranks
    mine = slice(rank * each, (rank + 1) * each)
    hidden = np.maximum(x @ a[:, mine], 0)
    return hidden @ b[mine]


def _rows_first(x: Any, a: Any, b: Any, rank: int, ranks: int) -> Any:
    each = a.shape[0] // ranks
    mine = slice(rank * each, (rank + 1) * each)
    return np.maximum(x[:, mine] @ a[mine], 0) @ b


def _whole_divided(x: Any, a: Any, b: Any, rank: int, ranks: int) -> Any:
    return np.maximum(x @ a, 0) @ b / ranks


def _every_nth(x: Any, a: Any, b: Any, rank: int, ranks: int) -> Any:
    return np.maximum(x @ a[:, rank::ranks], 0) @ b[rank::ranks]


def _case(rank: int, ranks: int) -> Case:
    rng = np.random.default_rng(3)
    x, a, b = (rng.integers(-4, 5, shape).astype(float) for shape in ((3, 4), (4, 8), (8, 5)))
    return case(x, a, b, rank, ranks).named(f"rank {rank} of {ranks}, hidden layer of 8")


my_part = Exercise(
    name="my_part",
    reference=_part,
    cases=[_case(0, 2), _case(1, 2), _case(2, 4), _case(0, 1)],
    mistakes=[
        slip(
            "`b` is split by rows: the rank that has a column of the hidden layer needs the row of `b` that it is multiplied with.",
            "b[mine]",
            "b[:, mine]",
        ),
        (
            _rows_first,
            "You split `a` by rows. Then each rank has only a part of every sum x @ a, and ReLU of a part is no part of ReLU of the "
            "sum: an all-reduce would be needed before ReLU. Split `a` by columns.",
        ),
        slip(
            "ReLU belongs between the two layers, on the hidden columns that this rank has in full.",
            "np.maximum(x @ a[:, mine], 0)",
            "x @ a[:, mine]",
        ),
        slip(
            "ReLU comes before the second layer, not after it: a part of the result may well be negative.",
            "np.maximum(x @ a[:, mine], 0)",
            "x @ a[:, mine]",
            "return hidden @ b[mine]",
            "return np.maximum(hidden @ b[mine], 0)",
        ),
        (
            _whole_divided,
            "Added up, this is right, but every rank holds all weights and does all the work. Use `rank`'s share of `a` and `b` only.",
        ),
        (
            _every_nth,
            "These shares add up, too. Agreed are neighbouring columns, though: rank 0 has the first ones, and so on.",
        ),
        slip(
            "The shares of the ranks overlap: rank r begins at column r times the length of a share.",
            "rank * each, (rank + 1) * each",
            "rank, rank + each",
        ),
    ],
    hints=[
        "The hidden layer has `a.shape[1]` columns; this rank has `a.shape[1] // ranks` of them, from `rank` times that on.",
        "With these columns of `a` it computes its columns of the hidden layer in full, ReLU included.",
        "`np.maximum(x @ a[:, mine], 0) @ b[mine]`, where `mine` is a slice.",
    ],
    solution=_SOLUTION,
)
