"""Lesson 06's predictions have answers that their cards offer, and its questions explain all options."""

from __future__ import annotations

import pytest

from course.clusters import collectives, questions
from course.facts.links import link


@pytest.mark.parametrize(
    "make", [questions.where_to_split, questions.what_sharding_buys, questions.more_replicas]
)
def test_every_option_explains_itself(make) -> None:
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_the_predictions_have_answers_that_their_cards_offer() -> None:
    questions.traffic_guess().commit(questions.traffic_found())
    questions.bubble_guess().commit(questions.bubble_found())
    questions.failure_guess().commit(questions.failure_found())
    assert questions.traffic_found() == pytest.approx(2 * 999 / 1000)
    assert questions.bubble_found() == pytest.approx(100 * 7 / 15)
    # Meta counted 419 unexpected interruptions in 54 days.
    assert questions.failure_found() == pytest.approx(24 * 54 / 419)
    assert "16,384" in questions.failure_guess().question
    assert "once in 5.8 years" in questions.failure_guess().question


def test_what_the_questions_say_is_so() -> None:
    n = 64
    whole = collectives.closed_form("ring all-reduce", n, 1.0).sent
    scatter = collectives.closed_form("reduce-scatter", n, 1.0).sent
    gather = collectives.closed_form("all-gather", n, 1.0).sent
    assert (scatter + 2 * gather) / whole == pytest.approx(1.5)
    assert whole < 2
    assert link("NVLink 4").gb_s_each_way > 8 * link("InfiniBand NDR").gb_s_each_way
