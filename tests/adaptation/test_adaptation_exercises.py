"""Lesson 10's exercises, predictions and questions keep what they promise."""

import numpy as np
import pytest

from course.adaptation import exercises, questions
from course.checks import verify


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_merging_the_exercises_layer_gives_the_same_answers():
    x, W, b, A, B = exercises._layer(9, 7, 6, 3, 11)
    layer = exercises.LoraLayer.reference(W, b, A, B, 5.0)
    np.testing.assert_allclose(layer.forward(x), x @ layer.merged().T + b, rtol=1e-12)


def test_the_colleagues_round_really_changes_the_server():
    server = np.ones(3)
    clients = exercises._examples((4, 6), 0)
    exercises.round_with_bugs(server, clients, [True, True], exercises._learn)
    assert not np.array_equal(server, np.ones(3))


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.transfer_guess().commit(questions.most_helped())
    questions.share_guess().commit(questions.share_of_gpt3())
    questions.crossing_guess().commit(questions.crossing())
    assert questions.most_helped() == "digits"
    assert questions.share_of_gpt3() == pytest.approx(96 * 2 * 2 * 12288 * 8 / 175_255.8, rel=1e-9)
    assert 1000 < questions.crossing() < 10_000


@pytest.mark.parametrize("make", [questions.start, questions.private, questions.volume])
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)
