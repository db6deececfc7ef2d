"""Lesson 09's exercises, predictions and questions keep what they promise."""

import pytest

from course.checks import verify
from course.energy import exercises, published, questions
from course.energy.footprint import Run, account


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_the_account_of_the_exercise_is_the_rooms():
    kwh, kg = exercises.footprint.reference(8, 100, 400, 1.5, 250)
    mine = account(Run(chips=8, hours=100, watts=400, pue=1.5, g_per_kwh=250))
    assert (kwh, kg) == pytest.approx((mine.kwh, mine.kg))


def test_the_ratios_of_the_exercise_are_the_rooms():
    first, second = published.nas_accounts()
    found = exercises.why_they_differ.reference(first, second)
    assert {name: found[name] for name in first} == published.ratios(first, second)
    assert found["largest"] == "chip_hours" and found["total"] == pytest.approx(88, rel=0.01)


def test_the_colleagues_report_is_wrong_a_thousandfold_and_more():
    job = {"chips": 8, "hours": 100.0, "watts": 400.0}
    wrong, right = (
        f([job], 1.5, 250.0)
        for f in (exercises.report_with_bugs, exercises.monthly_report.reference)
    )
    assert wrong["kwh"] / right["kwh"] == pytest.approx(1000)
    assert wrong["tonnes"] / right["tonnes"] == pytest.approx(1.5e6)


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize(
    "nonsense", [lambda *a: None, lambda *a: "42 kWh", lambda *a: [float("nan")]]
)
def test_nonsense_gets_nothing(exercise, nonsense):
    score = exercise.check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.bloom_guess().commit(round(questions.bloom_share()))
    questions.grid_guess().commit(questions.grid_ratio())
    questions.serving_guess().commit(questions.serving_answer())
    assert questions.bloom_share() == pytest.approx(48.9, abs=0.1)  # as BLOOM's authors print it
    assert questions.serving_answer() == "years"


@pytest.mark.parametrize(
    "make", [questions.reported, questions.better_pue, questions.moved_to_noon]
)
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)
