"""Lesson 01's exercises, predictions and questions keep what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from course.checks import verify
from course.learning import exercises, line, questions
from course.learning.descent import descend, diverges, largest_stable_rate


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise) -> None:
    verify(exercise)


def test_other_right_answers_pass_too() -> None:
    def mean_squared_error(predictions, targets):
        total = 0.0
        for p, t in zip(predictions, targets, strict=True):
            total += (p - t) ** 2
        return total / len(targets)

    def largest_stable_rate(diverges, low, high):
        while high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (low, middle) if diverges(middle) else (middle, high)
        return high

    def fit_line(x, y, lr, steps):
        y = y[:, None]
        slope, intercept = 0.0, 0.0
        for _ in range(steps):
            errors = slope * x + intercept - y
            slope, intercept = (
                slope - lr * 2 * np.mean(errors * x),
                intercept - lr * 2 * np.mean(errors),
            )
        return slope, intercept

    assert exercises.mean_squared_error.check(mean_squared_error).passed
    assert exercises.largest_stable_rate.check(largest_stable_rate).passed
    assert exercises.fit_line.check(fit_line).passed


def test_a_search_that_never_ends_is_stopped_and_named() -> None:
    def largest_stable_rate(diverges, low, high):
        while True:
            diverges((low + high) / 2)

    score = exercises.largest_stable_rate.check(largest_stable_rate)
    assert not score.passed and "does the search ever stop" in score.message


def test_the_exercises_find_the_real_lines_truth() -> None:
    points = line.diabetes()
    found = exercises.fit_line.reference(points.x[:, None], points.y, 0.6, 400)
    assert found == pytest.approx(line.best_line(points), rel=1e-9)
    edge = exercises.largest_stable_rate.reference(lambda r: diverges(points, r), 0.0, 2.0)
    assert edge == pytest.approx(largest_stable_rate(line.curvatures(points)), rel=1e-3)


def test_the_buggy_fit_is_flat_as_the_lesson_says() -> None:
    points = line.diabetes()
    slope, intercept = exercises.fit_line_with_bug(points.x[:, None], points.y, 0.1, 2000)
    assert abs(slope) < 1e-6
    assert intercept == pytest.approx(points.y.mean())


@pytest.mark.parametrize(
    ("rate", "outcome"), [(0.75, "diverges"), (0.67, "swings"), (0.45, "faster"), (0.1, "creeps")]
)
def test_what_a_run_did_is_read_off_it(rate: float, outcome: str) -> None:
    before = descend(line.diabetes(), 0.4, steps=40)
    run = descend(line.diabetes(), rate, steps=40)
    assert questions.what_it_did(run, before) == outcome


@pytest.mark.parametrize(
    "make", [questions.falling_loss, questions.too_large, questions.what_moves]
)
def test_every_option_explains_itself(make) -> None:
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_a_linear_network_gets_little_more_than_half_of_the_circle_right() -> None:
    assert 0.4 < questions.linear_share() < 0.75
