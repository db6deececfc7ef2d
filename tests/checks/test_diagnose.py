"""The slips that anyone makes in any exercise are named without their author's help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course.checks import Exercise, case

ROWS = [np.arange(1.0, 7.0).reshape(3, 2), np.array([[1.0, -2.0], [3.0, 5.0], [0.5, 4.0], [2, 2]])]


def says(reference: Callable[..., Any], answer: Callable[..., Any], *cases: Any) -> str:
    exercise = Exercise("answer", reference, [case(*c) for c in cases])
    return exercise.check(answer).message


def test_a_sum_where_a_mean_is_asked_for() -> None:
    said = says(lambda x: x.mean(0), lambda x: x.sum(0), *((x,) for x in ROWS))
    assert "too big by a factor of the number of rows (3, 4)" in said


def test_a_mean_where_a_sum_is_asked_for() -> None:
    said = says(lambda x: x.sum(0), lambda x: x.mean(0), *((x,) for x in ROWS))
    assert "too small by a factor of the number of rows (3, 4)" in said


def test_rows_and_columns_exchanged() -> None:
    said = says(lambda x: x @ x.T @ x, lambda x: (x @ x.T @ x).T, *((x,) for x in ROWS))
    assert "transposed" in said
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert "transposed" in says(lambda x: x * 2, lambda x: x.T * 2, (square,))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda n: list(range(n - 1)), "The last item is missing"),
        (lambda n: list(range(1, n)), "The first item is missing"),
        (lambda n: list(range(n + 1)), "one item too many at the end"),
        (lambda n: list(range(1, n + 1)), "one place away"),
        (lambda n: (k for k in range(n - 1)), "The last item is missing"),
    ],
)
def test_a_loop_off_by_one(answer: Callable[[int], Any], said: str) -> None:
    assert said in says(lambda n: list(range(n)), answer, (5,), (7,))


def test_every_value_off_by_the_same() -> None:
    same = says(lambda x: x * 2, lambda x: x * 2 + 0.25, *((x,) for x in ROWS))
    assert "off by the same amount (+0.25)" in same


def test_a_factor_is_not_claimed_from_a_single_number() -> None:
    assert "factor" not in says(lambda x: x * 2, lambda x: x * 3.5, (2.0,))


def test_no_slip_is_claimed_where_only_some_cases_show_it() -> None:
    def sometimes(x: float) -> float:
        return -x if x > 1 else x + 40

    said = says(lambda x: x * 3, sometimes, (2.0,), (0.5,))
    assert "sign" not in said and "It gave -2 instead of 6." in said
