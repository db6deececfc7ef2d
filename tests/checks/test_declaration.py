"""An exercise costs its author a few lines: the reference, and its known mistakes as slips."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np
import pytest

from course.checks import Exercise, as_exercise, case, probe, slip, verify

FACTOR = 2.0


@as_exercise(
    cases=[case(np.array([1.0, 2.0]), np.array([3.0, -1.0])), case(1.0, 2.0).named("numbers")],
    mistakes=[
        slip("You walk uphill: subtract.", "w - ", "w + "),
        slip("The factor is missing.", "FACTOR * ", ""),
        slip("Both at once.", "w - ", "w + ", "FACTOR * ", ""),
    ],
    hints=["Subtract."],
    points=2,
)
def step(w, gradient):
    return w - FACTOR * gradient


def test_the_short_form_keeps_every_promise() -> None:
    assert (step.name, step.points) == ("step", 2)
    verify(step)
    assert step.judge(lambda w, g: w + 2 * g).message == "You walk uphill: subtract."


def test_the_short_form_takes_twenty_lines_at_most() -> None:
    source = inspect.getsource(inspect.getmodule(test_the_short_form_keeps_every_promise))  # type: ignore[arg-type]
    (node,) = (
        n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == "step"
    )
    first = min(decorator.lineno for decorator in node.decorator_list)
    assert (node.end_lineno or 0) - first + 1 <= 20


def test_a_class_and_a_closure_may_have_slips() -> None:
    scale = 3.0

    def scaled(x: float) -> float:
        return scale * x

    verify(Exercise("scaled", scaled, [case(2.0)], [slip("It adds.", "scale *", "scale +")]))

    def two_steps(cls: Any) -> Any:
        counter = cls(2)
        return [counter.step(), counter.step()]

    forgets = slip("It forgets.", "self.total +=", "self.total =")
    verify(Exercise("Counter", Counter, [probe(two_steps)], [forgets]))


class Counter:
    def __init__(self, by: int) -> None:
        self.by, self.total = by, 0

    def step(self) -> int:
        self.total += self.by * int(FACTOR)
        return self.total


@pytest.mark.parametrize("text", ["nonesuch", "w"])
def test_a_slip_that_does_not_fit_is_named(text: str) -> None:
    broken = slip("A slip.", text, "")
    with pytest.raises(ValueError, match=r"'A slip\.' replaces .* give a text that is there once"):
        broken.of(step.reference)


@pytest.mark.parametrize("edits", [(), ("one",), ("one", "two", "three")])
def test_half_a_pair_is_refused(edits: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="needs pairs of texts"):
        slip("A slip.", *edits)


def test_a_table_is_compared_entry_by_entry() -> None:
    def both(x: float) -> dict[str, Any]:
        return {"twice": 2 * x, "half": x / 2, "name": "x"}

    exercise = Exercise("both", both, [case(3.0)])
    score = exercise.judge(lambda x: {"twice": 2 * x, "half": x, "name": "y"})
    assert [(row.case, row.expected, row.got) for row in score.shown] == [
        ("both(3): half", "1.5", "3"),
        ("both(3): name", "'x'", "'y'"),
    ]
    assert "<table" in score._repr_html_()
    (row,) = exercise.judge(lambda x: {"twice": 6}).shown
    assert row.case == "both(3)"


@pytest.mark.parametrize(
    ("picture", "reference", "wrong", "alt"),
    [
        ("curve", lambda: np.arange(9.0), lambda: np.zeros(9), "Two curves: 9 expected values"),
        ("curve", lambda: [1.0, 2.0, 3.0], lambda: [1.0, 2.0], "and the 2 that your answer gave"),
        ("image", lambda: np.eye(4), lambda: np.zeros((4, 4)), "Three images of shape (4, 4)"),
        ("image", lambda: np.eye(4), lambda: np.zeros((2, 4)), "Two images: expected"),
        ("image", lambda: np.eye(4), lambda: np.full((4, 4), np.nan), "Three images"),
    ],
)
def test_a_picture_is_drawn_where_the_exercise_asks(picture, reference, wrong, alt) -> None:
    exercise = Exercise("draw", reference, [case()], picture=picture)
    html = exercise.judge(wrong)._repr_html_()
    assert "data:image/png;base64," in html and alt in html
    assert "<img" not in exercise.judge(reference)._repr_html_()
    assert "<img" not in Exercise("draw", reference, [case()]).judge(wrong)._repr_html_()


@pytest.mark.parametrize("kind", ["curve", "image"])
@pytest.mark.parametrize(
    "wrong",
    [
        3.0,
        "text",
        None,
        [],
        [[1], [2, 3]],
        {"a": 1},
        np.zeros((2, 2, 2, 2)),
        np.zeros((3, 3, 2)),
        1 + 2j,
    ],
)
def test_what_cannot_be_drawn_is_still_judged(kind: str, wrong: Any) -> None:
    exercise = Exercise("draw", lambda: np.eye(3), [case()], picture=kind)
    score = exercise.judge(lambda: wrong)
    assert score.diagnosis != "broken" and "<img" not in score._repr_html_()


def test_a_matrix_is_no_curve() -> None:
    exercise = Exercise("draw", lambda: np.eye(3), [case()], picture="curve")
    assert "<img" not in exercise.judge(lambda: np.zeros((3, 3)))._repr_html_()


def test_a_mistake_with_an_undefined_name_is_none() -> None:
    exercise = Exercise("scaled", lambda x: 2 * x, [case(2.0)], [(lambda x: nonesuch, "No.")])  # noqa: F821
    with pytest.raises(AssertionError, match=r"mistake 1 .* NameError"):
        verify(exercise)


def test_an_unknown_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="picture must be one of curve, image, not 'film'"):
        Exercise("draw", lambda: 1, [case()], picture="film")
