"""Lesson 03's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.optimization.explorers.racing import RaceParameters, simulate
from course.optimization.race import OPTIMIZERS
from course.widgets import Prediction, Question, choice, right, wrong

_OUTCOMES = {
    "same": "Nothing much: the loss is about the same",
    "faster": "It learns faster: the loss is clearly lower",
    "worse": "It learns worse: the loss is clearly higher",
    "error": "It stops with an error",
}


def zero_grad_guess() -> Prediction:
    """What becomes of a run without zero_grad?"""
    return Prediction(
        "Ten passes over the digits without `zero_grad`: where does it end, compared with the same run that has it?",
        choice("same", _OUTCOMES, label="After ten passes"),
        key="03 zero_grad",
    )


def what_happened(with_line: float, without_line: float) -> str:
    """The outcome, among those offered, that two measured losses show; a fifth apart is a clear difference."""
    if not without_line < 1.2 * with_line:  # also where it is NaN
        return "worse"
    return "faster" if without_line < 0.8 * with_line else "same"


def race_guess() -> Prediction:
    """Who gets lowest on the long bowl, with the explorer's first settings?"""
    first = RaceParameters()
    return Prediction(
        f"On the long bowl, with learning rate {first.learning_rate:g} for all and {first.steps} steps: who gets lowest?",
        choice("sgd", OPTIMIZERS, label="Lowest loss"),
        key="03 race",
    )


def race_winner() -> str:
    """Who does get lowest there: the race is run."""
    return simulate(RaceParameters()).finished[0].optimizer


def order() -> Question:
    """Where may zero_grad stand?"""
    return Question(
        "Where in the loop may `optimizer.zero_grad()` stand?",
        [
            right(
                "Anywhere after `step` and before the next `backward`",
                "The gradients must live from `backward` until `step` has used them. Forgetting them right after the step, or "
                "right before the next `backward`, is the same.",
            ),
            wrong(
                "Only as the first line of the loop",
                "That is the custom, and a good one; but the last line would do as well: between `step` and the next "
                "`backward` nobody reads the gradients.",
            ),
            wrong(
                "Between `backward` and `step`",
                "Then `step` finds no gradients, and nothing is learned. No error is raised: the loss simply does not "
                "fall.",
            ),
        ],
    )


def batch_size() -> Question:
    """What does a larger batch change?"""
    return Question(
        "You make the batch ten times larger and change nothing else. What happens to one epoch?",
        [
            wrong(
                "It takes ten times as many steps",
                "The other way round: the same number of images in larger portions is a tenth of the steps.",
            ),
            right(
                "It takes a tenth of the steps, each with a less noisy gradient",
                "The gradient is a mean over more images, so it varies less; but with fewer steps at the same learning rate the "
                "parameters move less in all. That is why large batches are often given larger learning rates.",
            ),
            wrong(
                "Nothing: the same images give the same gradients",
                "Each image's gradient is taken at the parameters of the moment. With smaller batches the parameters have "
                "moved on by the time the later images come.",
            ),
        ],
    )


def evaluation() -> Question:
    """Why hold images back?"""
    return Question(
        "Training loss goes on falling, but the loss on the held-out images has begun to rise. What does it mean?",
        [
            wrong(
                "The learning rate is too small",
                "Then both would fall slowly. Here the training loss falls well.",
            ),
            wrong(
                "There is a bug: the two losses must fall together",
                "They are losses on different images, and only one of the two sets is trained on. Early in training they fall "
                "together; they need not later.",
            ),
            right(
                "The network is learning its training images rather than digits",
                "This is overfitting. `fit(..., patience=3)` stops when the held-out loss has had no new best for three epochs, and "
                "gives back the best epoch's parameters.",
            ),
        ],
    )
