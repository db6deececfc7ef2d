"""Lesson 04's exercises, predictions and questions keep what they promise."""

import numpy as np
import pytest

from course.checks import verify
from course.data_quality import engines, exercises, mislabelled, questions


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_a_split_drawn_in_another_way_passes_too():
    def split_by_group(groups, share, seed):
        names = list(set(groups.tolist()))
        np.random.RandomState(seed).shuffle(names)
        chosen = set(names[: round(share * len(names))])
        rows = range(len(groups))
        return [r for r in rows if groups[r] not in chosen], [
            r for r in rows if groups[r] in chosen
        ]

    assert exercises.split_by_group.check(split_by_group).passed


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda groups, share, seed: (np.arange(len(groups)), np.arange(0)),
        lambda groups, share, seed: (np.arange(len(groups)), np.arange(len(groups))),
        lambda groups, share, seed: ([], []),
        lambda groups, share, seed: (groups + 10**9, groups - 10**9),
        lambda groups, share, seed: None,
    ],
)
def test_a_split_that_is_nonsense_gets_nothing(nonsense):
    score = exercises.split_by_group.check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_the_colleagues_code_really_leaks():
    X, y, train, held_out = exercises._study(30, 40, 0)
    leaky = exercises.prepare_with_leaks(X, y, train, held_out, 5)
    clean = exercises.prepare.reference(X, y, train, held_out, 5)
    assert not np.allclose(leaky[0], clean[0])
    changed = X.copy()
    changed[held_out] += 5
    same = exercises.prepare.reference(changed, y, train, held_out, 5)
    np.testing.assert_array_equal(clean[0], same[0])  # the training half knows nothing of the other


def test_the_finder_of_the_exercise_is_the_explorers():
    found = mislabelled.search(10, "any")
    probabilities = mislabelled.out_of_sample(found.images[:, None], found.given)
    mine = exercises.find_suspects.reference(probabilities, found.given)
    np.testing.assert_array_equal(mine, found.found.suspect)


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.leak_guess().commit(questions.worst_leak())
    questions.lifetime_guess().commit(questions.lifetimes_in_fineweb())
    assert questions.worst_leak() == "selection"
    assert questions.lifetimes_in_fineweb() == pytest.approx(15e12 / 486_805_200 / 1000)


@pytest.mark.parametrize("make", [questions.patients, questions.precision, questions.augmenting])
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_both_engines_do_the_same_augmented_training():
    found = engines.augmented_in_both(images=100, shift=1, steps=30)
    assert len(found.mine) == 30 and found.difference < 1e-10
    assert found.mine[-5:].mean() < found.mine[:5].mean()
    assert "largest of 30 steps" in str(found) and "<table>" in found._repr_html_()


@pytest.mark.parametrize(("images", "steps"), [(0, 5), (10**6, 5), (10, 0)])
def test_a_comparison_that_cannot_be_is_refused(images, steps):
    with pytest.raises(ValueError, match="must be"):
        engines.augmented_in_both(images=images, steps=steps)
