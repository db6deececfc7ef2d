"""Values of every kind a learner returns are compared by what they hold."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course import scratch
from course.checks.compare import difference
from course.checks.plain import plain, show


def differs(expected: Any, got: Any, rtol: float | None = None) -> str:
    found = difference(plain(expected), plain(got), rtol)
    return found.message if found else ""


Pair = namedtuple("Pair", "a b")


@dataclass
class Point:
    x: float
    y: float


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1.5, np.float32(1.5)),
        (2.0, torch.tensor(2.0)),
        (2.0, scratch.tensor(2.0)),
        (2.0, np.array([2.0])),
        (np.arange(3.0), torch.arange(3.0, requires_grad=True)),
        (np.arange(3.0), scratch.tensor([0.0, 1.0, 2.0], requires_grad=True)),
        ((1, 2), [1, 2]),
        ((1, 2), Pair(1, 2)),
        ([0, 1, 2], range(3)),
        ([0, 1, 4], (n * n for n in range(3))),
        ({"a": 1}, OrderedDict(a=1)),
        ({0: 1}, {np.int64(0): np.int32(1)}),
        (True, np.True_),
        ({1, 2}, frozenset({2, 1})),
        (Point(1, 2), Point(1.0, 2.0)),
        (float("nan"), float("nan")),
        (np.zeros(2), np.full(2, 1e-9)),
        ([np.ones(2), {"k": [torch.ones(1)]}], [torch.ones(2), {"k": [np.ones(1)]}]),
    ],
)
def test_alike(one: Any, other: Any) -> None:
    assert differs(one, other) == ""


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (1.0, 1.001, "It gave 1.001 instead of 1."),
        (True, 1, "True or False expected"),
        (np.ones((2, 3)), np.ones((3, 2)), "The shape is (3, 2); (2, 3) is expected."),
        (np.ones(3), [1, 1, 1], "It returned a list of 3 items; an array of shape (3,)"),
        (np.ones(3), np.array([1, 2, 1]), "1 of 3 values differ; the first is at [1]: 2"),
        ([1, 2], [1, 2, 3], "It gave 3 items; 2 are expected."),
        ([1, [2, 3]], [1, [2, 4]], "Item 1: Item 1: It gave 4 instead of 3."),
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, "lacks ['b'] and has ['c'] too many"),
        ({"a": 1}, {"a": 2}, "Entry 'a': It gave 2 instead of 1."),
        ({"it ends": True}, {"it ends": False}, "This should hold, but does not: it ends."),
        ({"it cheats": False}, {"it cheats": True}, "This should not hold, but does: it cheats."),
        (
            {"it ends": True},
            {"it ends": 3},
            "Entry 'it ends': The values are numbers; True or False expected.",
        ),
        ("yes", "no", "It gave 'no' instead of 'yes'."),
        (np.ones(2), np.array([1.0, np.nan]), "NaN (not a number) in 1 of 2 places"),
        (1.0, 1 + 2j, "complex numbers"),
        ({1, 2}, [1, 2], "a list of 2 items; a set of 2 items"),
        (None, 3, "It returned a number; None is expected."),
    ],
)
def test_unlike(expected: Any, got: Any, said: str) -> None:
    assert said in differs(expected, got)


def test_single_precision_is_judged_as_such() -> None:
    assert differs(1.0, np.float32(1.00001)) == ""
    assert differs(1.0, 1.00001)
    assert differs(1.0, 1.00001, rtol=1e-4) == ""


def test_a_small_number_is_not_lost_beside_the_tolerance() -> None:
    assert differs(1e-8, 2e-8)
    assert differs(np.array([1e-9, 2e-9]), np.array([2e-9, 2e-9]))


ARRAYS = hnp.arrays(
    np.float64,
    hnp.array_shapes(max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6, allow_nan=False),
)


@given(ARRAYS)
def test_every_array_is_like_itself_and_unlike_itself_moved(array: np.ndarray) -> None:
    assert differs(array, array.copy()) == ""
    assert differs(array, array + np.abs(array).max() + 1)
    assert show(plain(array))


def test_what_holds_itself_is_cut_off() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "too deep" in show(plain(loop))
