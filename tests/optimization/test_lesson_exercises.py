"""Lesson 03's exercises, predictions and questions keep what they promise."""

import numpy as np
import pytest

from course import scratch
from course.checks import verify
from course.optimization import exercises, questions
from course.optimization.race import OPTIMIZERS


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_an_adam_step_is_the_engines_own():
    rng = np.random.default_rng(0)
    start = rng.normal(size=5)
    parameter = scratch.tensor(start, requires_grad=True)
    optimizer = scratch.optim.Adam([parameter], lr=0.01)
    p, m, v = start, np.zeros(5), np.zeros(5)
    for t in range(1, 6):
        gradient = rng.normal(size=5)
        parameter.grad = scratch.tensor(gradient)
        optimizer.step()
        p, m, v = exercises.adam_step.reference(p, gradient, m, v, t, 0.01, 0.9, 0.999)
    assert np.abs(parameter.detach().numpy() - p).max() < 1e-12


def test_a_solution_in_numpy_or_in_a_list_comprehension_passes_too():
    def sgd_step(parameters, lr):
        for p in parameters:
            p.data -= lr * p.grad

    assert exercises.sgd_step.check(sgd_step).passed


def test_the_race_has_the_winner_that_is_run():
    assert questions.race_winner() in OPTIMIZERS


@pytest.mark.parametrize(
    ("with_line", "without_line", "outcome"),
    [(0.2, 3.0, "worse"), (0.2, float("nan"), "worse"), (1.0, 0.5, "faster"), (1.0, 1.05, "same")],
)
def test_the_outcome_without_zero_grad_is_read_off_the_losses(with_line, without_line, outcome):
    assert questions.what_happened(with_line, without_line) == outcome


@pytest.mark.parametrize("make", [questions.order, questions.batch_size, questions.evaluation])
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)
