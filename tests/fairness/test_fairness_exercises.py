"""Lesson 12's exercises, predictions and questions keep what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from fairlearn import metrics as theirs

from course.checks import verify
from course.fairness import exercises, label_choice, metrics, questions
from course.fairness.inputs import InputError


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_the_gaps_of_the_exercise_are_the_rooms_and_fairlearns():
    y, d, g = exercises._people("xyz", 90, 2)
    parity, odds = exercises.gaps.reference(y, d, g)
    found = metrics.audit(y, d, g)
    assert abs(parity - found.demographic_parity_gap) < 1e-12
    assert abs(odds - theirs.equalized_odds_difference(y, d, sensitive_features=g)) < 1e-12


def test_an_answer_by_counts_passes_too():
    def gaps(truth, decision, group):
        found = metrics.audit(truth, decision, group)
        return found.demographic_parity_gap, found.equalized_odds_gap

    def false_positive_rates(truth, decision, group):
        known = ~np.isnan(truth)
        found = metrics.audit(truth[known], decision[known], group[known])
        return found.rates("false_positive_rate")

    assert exercises.gaps.check(gaps).passed
    assert exercises.false_positive_rates.check(false_positive_rates).passed


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        ("gaps", lambda t, d, g: (0.0, 0.0)),
        ("gaps", lambda t, d, g: None),
        ("crossed", lambda o, a, b: {}),
        ("false_positive_rates", lambda t, d, g: {"a": 0.5, "b": 0.5}),
    ],
)
def test_nonsense_gets_nothing(name, nonsense):
    score = getattr(exercises, name).check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_the_misleading_audit_really_misleads():
    y, d, g = exercises._with_missing(120, 5)
    flawed, mended = (
        exercises.misleading_rates(y, d, g),
        exercises.false_positive_rates.reference(y, d, g),
    )
    assert all(abs(flawed[name] - mended[name]) > 0.05 for name in mended)


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.approval_guess().commit(round(questions.approved()))
    questions.dropped_guess().commit(questions.what_stays())
    assert questions.approved() == pytest.approx(67.5, abs=0.05)
    assert questions.what_stays() == "most"


@pytest.mark.parametrize(
    "make", [questions.both_right, questions.one_of_two, questions.wrong_label]
)
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_two_of_two_reaches_from_34_percent():
    from course.fairness.intervals import wilson

    assert f"{wilson(2, 2).low:.0%}" == "34%"


def test_the_label_decides_who_is_chosen():
    fair, less = label_choice.choose(0.0), label_choice.choose(0.3)
    assert fair.by_cost == pytest.approx(fair.of_all, abs=0.03)
    assert less.by_cost < 0.5 * less.by_illness
    assert less.by_illness == pytest.approx(less.of_all, abs=0.03)
    for cheaper, share in ((1.0, 0.1), (-0.1, 0.1), (0.1, 0.0)):
        with pytest.raises(InputError, match="cheaper must be"):
            label_choice.choose(cheaper, share)
