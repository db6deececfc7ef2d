"""Tiles in a hierarchy of memories: the product is right, and both ways to count the traffic agree."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.accelerators import tiling
from course.accelerators.slow_memory import tiled_reads
from course.accelerators.tiling import Tile, Traffic, square

SIZE, SIDE = st.integers(1, 9), st.integers(1, 5)
TILE = st.builds(Tile, SIDE, SIDE, SIDE)


def matrices(m, k, n):
    rng = np.random.default_rng(m + 10 * k + 100 * n)
    return rng.integers(-9, 10, (m, k)), rng.integers(-9, 10, (k, n))


@settings(deadline=None, max_examples=300)
@given(SIZE, SIZE, SIZE, st.lists(TILE, min_size=1, max_size=3), st.sampled_from("ABC"))
def test_the_formula_is_the_simulation(m, k, n, tiles, stays):
    a, b = matrices(m, k, n)
    product, counted = tiling.simulate(a, b, tiles, stays)
    assert np.array_equal(product, a @ b)
    assert counted == tiling.traffic(m, k, n, tiles, stays)


def test_every_order_moves_its_own_matrix_once():
    for stays, part in (("A", "a"), ("B", "b"), ("C", "written")):
        (moved,) = tiling.traffic(12, 8, 20, [square(4)], stays)
        assert getattr(moved, part) == {"a": 96, "b": 160, "written": 240}[part]
        assert (moved.c == 0) == (stays == "C")


def test_a_tile_that_holds_everything_moves_the_least():
    for stays in "ABC":
        (moved,) = tiling.traffic(5, 6, 7, [square(7)], stays)
        assert moved == Traffic(30, 42, 0, 35) and moved.numbers == tiling.least(5, 6, 7)


def test_twice_the_side_is_half_the_reading():
    reads = [tiling.traffic(64, 64, 64, [square(side)])[0] for side in (1, 2, 4, 8, 16)]
    for small, large in pairwise(reads):
        assert small.a + small.b == 2 * (large.a + large.b)


@settings(deadline=None)
@given(SIZE, st.integers(2, 9), SIZE, SIDE)
def test_the_exercise_counts_the_same_where_no_tile_is_kept(m, k, n, side):
    (moved,) = tiling.traffic(m, k, n, [square(side)])
    assert moved.a + moved.b <= tiled_reads(m, k, n, side)
    if side < k:
        assert moved.a == -(-n // side) * m * k


def test_tiles_fit_their_room():
    assert tiling.largest_square(3) == square(1)
    for room in (3, 11, 12, 1000, 4096):
        tile = tiling.largest_square(room)
        assert tile.room <= room < square(tile.rows + 1).room
    assert Tile(2, 3, 4).room == 6 + 12 + 8
    with pytest.raises(ValueError, match="3 numbers or more, not 2"):
        tiling.largest_square(2)


def test_a_faster_memory_with_small_tiles_moves_more():
    slow, fast = tiling.traffic(64, 64, 64, [square(32), square(4)])
    assert fast.numbers > 4 * slow.numbers


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: square(0), "rows must be 1 or more, not 0"),
        (lambda: tiling.traffic(4, 4, 4, [square(2)], "D"), "one of A, B, C; not 'D'"),
        (lambda: tiling.traffic(4, 0, 4, [square(2)]), "k must be 1 or more"),
        (lambda: tiling.simulate(np.ones((2, 3)), np.ones((2, 3)), [square(2)]), "have no product"),
    ],
)
def test_what_cannot_be_is_named(make, said):
    with pytest.raises(ValueError, match=said):
        make()
