"""The systolic array multiplies, and takes the cycles that the formula says, for every shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.accelerators import systolic

sizes = st.integers(1, 9)
cells = st.integers(1, 6)


def whole(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.integers(-50, 50, shape)


@settings(max_examples=150, deadline=None)
@given(m=sizes, k=sizes, n=sizes, rows=cells, columns=cells, overlap=st.booleans())
def test_the_product_and_the_cycles_are_right_for_every_shape(
    m: int, k: int, n: int, rows: int, columns: int, overlap: bool
) -> None:
    rng = np.random.default_rng(m + 10 * k + 100 * n)
    a, b = whole(rng, m, k), whole(rng, k, n)
    run = systolic.multiply(a, b, rows, columns, overlap=overlap)
    np.testing.assert_array_equal(run.product, a @ b)
    assert run.cycles == systolic.cycles(m, k, n, rows, columns, overlap)
    assert run.tiles == -(-k // rows) * -(-n // columns)


@settings(max_examples=30, deadline=None)
@given(m=sizes, k=sizes, n=sizes, rows=cells, columns=cells, overlap=st.booleans())
def test_the_utilisation_is_the_share_of_busy_cells(
    m: int, k: int, n: int, rows: int, columns: int, overlap: bool
) -> None:
    a, b = np.ones((m, k), int), np.ones((k, n), int)
    moments = list(systolic.watch(a, b, rows, columns, overlap=overlap))
    busy = sum(int(moment.busy.sum()) for moment in moments)
    assert busy == m * k * n  # each pair of factors meets in a cell exactly once
    share = busy / (rows * columns * len(moments))
    assert systolic.utilisation(m, k, n, rows, columns, overlap) == pytest.approx(share)
    assert 0 < share <= 1


@settings(max_examples=40, deadline=None)
@given(
    m=st.integers(1, 500), k=st.integers(1, 500), n=st.integers(1, 500), rows=cells, columns=cells
)
def test_overlapping_never_costs_cycles(m: int, k: int, n: int, rows: int, columns: int) -> None:
    plain = systolic.cycles(m, k, n, rows, columns)
    assert systolic.cycles(m, k, n, rows, columns, True) <= plain
    assert systolic.utilisation(m, k, n, rows, columns, True) <= 1


def test_a_long_matrix_fills_the_array_and_a_single_row_does_not() -> None:
    assert systolic.utilisation(100_000, 256, 256, 256, 256) > 0.99
    assert systolic.utilisation(1, 256, 256, 256, 256) < 0.0014
    # One row a tile: the weights' way in takes longer than the work, overlapped or not.
    assert systolic.utilisation(1, 2560, 2560, 256, 256, True) < 1 / 256


def test_real_numbers_are_summed_as_such() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 11)), rng.normal(size=(11, 5))
    run = systolic.multiply(a, b, 4, 3)
    np.testing.assert_allclose(run.product, a @ b, rtol=1e-13, atol=1e-13)


def test_a_value_moves_one_cell_a_cycle() -> None:
    a, b = np.array([[7]]), np.ones((1, 3), int)
    places = [
        np.flatnonzero(moment.values[0] == 7).tolist() for moment in systolic.watch(a, b, 1, 3)
    ]
    assert places == [[], [0], [1], [2]]


@pytest.mark.parametrize(
    ("a", "b", "size", "said"),
    [
        (np.ones((2, 3)), np.ones((2, 3)), (2, 2), r"\(2, 3\) and \(2, 3\)"),
        (np.ones(3), np.ones((3, 1)), (2, 2), r"shapes \(M, K\) and \(K, N\)"),
        (np.ones((0, 3)), np.ones((3, 1)), (2, 2), "none empty"),
        (
            np.ones((2, 2)),
            np.ones((2, 2)),
            (0, 2),
            "rows must be a whole number of 1 or more, not 0",
        ),
        (np.ones((2, 2)) * 1j, np.ones((2, 2)), (2, 2), "real numbers, not complex128"),
    ],
)
def test_what_cannot_be_multiplied_is_named(a, b, size, said) -> None:
    with pytest.raises(ValueError, match=said):
        systolic.multiply(a, b, *size)
