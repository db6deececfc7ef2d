"""Lesson 14's exercises, predictions and questions keep what they promise."""

import pytest

from course.capstone import exercises, questions
from course.checks import verify


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize("nonsense", [lambda *a: None, lambda *a: "done", lambda *a: {"brief": 7}])
def test_nonsense_gets_nothing(exercise, nonsense):
    score = exercise.judge(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


@pytest.mark.parametrize(
    "choices",
    [
        {"brief": "digits", "width": 32, "epochs": 40, "bits": 8, "threshold": 0.7},
        {"brief": "heart", "features": "middle", "epochs": 30, "bits": 8, "threshold": 0.8},
        {"brief": "loans", "features": "all", "width": 0, "balance": "groups", "threshold": 0.85},
    ],
)
def test_other_good_choices_pass_too(choices):
    assert exercises.my_choices.judge(lambda: choices).passed


def test_until_the_learners_own_is_there_the_example_is_shown(capsys):
    found = exercises.deliver(0.0, None)
    assert found.standing.kept and "Yours is not there yet" in capsys.readouterr().out


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.first_guess().commit(questions.first_kept())
    questions.gap_guess().commit(questions.gap_answer())
    assert questions.first_kept() < 5 and questions.gap_answer() == "narrower"


@pytest.mark.parametrize(
    "make", [questions.opened_twice, questions.whole_log, questions.not_certain]
)
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)
