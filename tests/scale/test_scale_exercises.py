"""Lesson 08's exercises, predictions and questions keep what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from course.checks import verify
from course.facts.training_runs import training_run
from course.scale import exercises, questions
from course.scale.exercises.serving import serving_with_bugs


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise) -> None:
    verify(exercise)


@pytest.mark.parametrize(
    ("exercise", "nonsense"),
    [
        ("count_parameters", lambda *given: 0),
        ("count_parameters", lambda *given: "many"),
        ("serving_bytes", serving_with_bugs),
        ("fit_power_law", lambda n, loss, floor: np.nan),
        ("plan_run", lambda *given: None),
    ],
)
def test_nonsense_gets_nothing(exercise, nonsense) -> None:
    score = getattr(exercises, exercise).check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_another_way_to_count_passes_too() -> None:
    def count_parameters(layers, hidden, heads, kv_heads, ffn, vocab, tied):
        total = vocab * hidden + hidden
        for _ in range(layers):
            total += hidden * hidden * 2 + 2 * hidden * (hidden * kv_heads // heads)
            total += hidden * ffn * 3 + hidden + hidden
        return total if tied else total + vocab * hidden

    assert exercises.count_parameters.check(count_parameters).passed


@pytest.mark.parametrize("make", [questions.experts, questions.peak, questions.serving])
def test_every_option_explains_itself(make) -> None:
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_the_predictions_have_answers_that_their_cards_offer() -> None:
    questions.ends_guess().commit(round(questions.ends_counted()))
    questions.mfu_guess().commit(round(questions.median_mfu()))
    questions.largest_guess().commit(round(questions.largest_loss(), 2))
    print(questions.ends_counted(), questions.median_mfu(), questions.largest_loss())
    assert questions.ends_counted() == pytest.approx(100 * 128256 * 3072 / 3212749824)
    assert 25 < questions.median_mfu() < 45
    assert 1.5 < questions.largest_loss() < 2.0


def test_what_the_questions_say_is_so() -> None:
    assert 6 * 70e9 * 15e12 == 6.3e24
    assert pytest.approx(2.05e24, rel=1e-3) == 2000 * 989e12 * 12 * 86400
    small = training_run("Llama-3.1-8B")
    assert 1e9 * small.billion_tokens == 15e12
    assert small.billion_tokens / small.billion_parameters == pytest.approx(1868, abs=1)
    experts = training_run("DeepSeek-V3 pre-training")
    assert round(experts.billion_parameters) == 671 and experts.billion_active_parameters == 37
