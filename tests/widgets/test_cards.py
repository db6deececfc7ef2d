"""Questions explain every option; predictions are kept and met again."""

from __future__ import annotations

from typing import Any

import pytest

from course.widgets import Prediction, Question, choice, prediction, right, slider, switch, wrong


@pytest.fixture(autouse=True)
def fresh_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction, "STORE", {})


def question() -> Question:
    return Question(
        "What does `zero_grad` do?",
        [right("It clears gradients.", "They add up otherwise."), wrong("It trains.", "No.")],
    )


def test_a_question_remembers_the_option_chosen() -> None:
    asked = question()
    assert asked.answer is None and not asked.solved
    asked.handle({"chosen": 1})
    assert asked.answer == "It trains." and not asked.solved
    asked.handle({"chosen": 0})
    assert asked.solved


@pytest.mark.parametrize("message", [{}, {"chosen": 9}, {"chosen": "0"}, {"chosen": -5}])
def test_a_question_leaves_nonsense_aside(message: dict[str, Any]) -> None:
    asked = question()
    asked.handle(message)
    assert asked.answer is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([right("a", "b")], "two options"),
        ([right("a", "b"), right("c", "d")], "exactly one right option, not 2"),
        ([wrong("a", "b"), wrong("c", "d")], "exactly one right option, not 0"),
        ([right("a", "b"), wrong("c", " ")], "say why for the option 'c'"),
    ],
)
def test_a_question_without_sense_is_refused(options: list[Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Question("Q?", options)


def rate(**more: Any) -> Prediction:
    control = slider(0.1, 0.01, 1.0, label="Learning rate", log=True)
    return Prediction("Which rate is the largest stable one?", control, key="rate", **more)


def test_a_prediction_is_kept_and_shown_again_when_the_cell_is_run_again() -> None:
    card = rate()
    assert card.guess is None and card.committed == ""
    card.handle({"commit": {"text": "0.5"}})
    assert card.guess == 0.5 and card.committed == "0.5"
    again = rate()
    assert again.guess == 0.5 and again.committed == "0.5"


def test_a_prediction_is_put_beside_the_result() -> None:
    card = rate()
    assert "made no prediction" in str(card.compare(0.08))
    card.commit(0.16)
    compared = card.compare(0.08, note="It is 2/λmax.")
    assert compared.verdict == "Your prediction was too high by a factor of 2."
    assert "0.16" in str(compared) and "λmax" in compared._repr_html_()
    assert card.compare(0.16).verdict == "Exactly as you predicted."
    assert card.compare(0.155).verdict == "Close: 3.2 % too high."


def test_a_bad_guess_is_named_on_the_card() -> None:
    card = rate()
    card.handle({"commit": {"text": "big"}})
    assert "Learning rate must be a number" in card.wrong and card.guess is None
    card.handle({"dance": 1})


def test_a_choice_is_predicted_by_its_words() -> None:
    card = Prediction("Who wins?", choice("a", {"a": "Adam", "s": "SGD"}, label="Optimizer"))
    card.handle({"commit": {"value": "s"}})
    assert card.committed == "SGD"
    assert (
        card.compare("a").verdict == "Not what you predicted."
        and card.compare("a").actual == "Adam"
    )
    assert card.compare("s").verdict == "Just as you predicted."


def test_a_stored_guess_that_no_longer_fits_is_forgotten() -> None:
    prediction.STORE["rate"] = 99.0
    assert rate().guess is None


def test_a_prediction_needs_a_slider_or_a_choice() -> None:
    with pytest.raises(TypeError, match=r"needs a slider\(\) or a choice\(\)"):
        Prediction("Q?", switch(True, label="On"))


def test_cards_have_a_static_form() -> None:
    data, _ = question()._repr_mimebundle_()
    assert "It clears gradients." in data["text/plain"] and "They add up" in data["text/html"]
    data, _ = rate()._repr_mimebundle_()
    assert "not committed" in data["text/plain"]
