"""Lesson 01's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

import numpy as np

from course.learning.descent import Descent
from course.learning.line import best_line, diabetes
from course.learning.network import Setup
from course.learning.training import Training
from course.widgets import Prediction, Question, choice, right, slider, wrong

_EDGES = {
    "creeps": "It creeps to the bottom, more slowly",
    "faster": "It gets to the bottom in fewer steps",
    "swings": "It swings from side to side, but gets there",
    "diverges": "It moves away from the bottom, farther with every step",
}


def slope_guess() -> Prediction:
    """How much higher is the progression for a BMI of 10 more?"""
    return Prediction(
        "Which slope has the best line: how much higher is the disease progression, in hundreds, where the body mass "
        "index is 10 higher?",
        slider(0.0, -2.0, 3.0, step=0.05, label="Slope of the best line"),
        key="01 slope",
    )


def best_slope() -> float:
    """The slope of the best line through the diabetes points, by formula."""
    return best_line(diabetes())[0]


def edge_guess() -> Prediction:
    """What happens a little above the largest stable rate?"""
    return Prediction(
        "Gradient descent on this bowl, with the learning rate raised from 0.4 to 0.75: what does it do?",
        choice("creeps", _EDGES, label="With learning rate 0.75"),
        key="01 edge",
    )


def what_it_did(run: Descent, before: Descent) -> str:
    """The outcome, among those offered, that a run shows beside one with the smaller rate."""
    if run.grows:
        return "diverges"
    steps = np.diff(run.path, axis=0)
    turns = np.sum(steps[1:] * steps[:-1], axis=1) < 0
    if turns.mean() > 0.5:
        return "swings"
    return "faster" if run.gap < before.gap else "creeps"


def linear_guess() -> Prediction:
    """Can a network without activation functions separate a ring from its middle?"""
    return Prediction(
        "The circle data, a network of two hidden layers, but the activation is linear: which share of the points kept "
        "back will it get right?",
        slider(0.75, 0.4, 1.0, step=0.01, label="Share that it gets right"),
        key="01 linear",
    )


def linear_share() -> float:
    """The share that it does get right: it is trained, for 60 passes."""
    run = Training(Setup(data="circle", activation="linear"))
    for _ in range(60):
        run.train_epoch()
    share = run.accuracy()
    assert share is not None  # the circle has classes
    return share


def falling_loss() -> Question:
    """What is a loss?"""
    return Question(
        "A model's loss, the mean squared error on its training points, falls from 2.9 to 0.4. What do you know?",
        [
            right(
                "On those points its squared errors are now smaller, on average",
                "That is all that this loss says: it is about these points and this model.",
            ),
            wrong(
                "It is right in 60 % of the cases",
                "A loss is no share of right answers. For a line through scattered points no prediction is exactly right, "
                "and the loss can still be as low as a line's can be.",
            ),
            wrong(
                "It will predict new points about as well",
                "It may, but these points cannot tell: it was fitted to them. That is what the points kept back are for.",
            ),
        ],
    )


def too_large() -> Question:
    """How does one recognise a learning rate that is too large?"""
    return Question(
        "In a training run the loss is 2.9, 3.4, 4.6, 7.1, 12 ... What do you try first?",
        [
            wrong(
                "More steps: it has not arrived yet",
                "Every step leads farther away. More steps make the loss larger still, until the numbers overflow.",
            ),
            right(
                "A smaller learning rate",
                "A loss that grows from step to step means that each step jumps over the valley to a higher place on the other "
                "side. Below the largest stable rate it lands lower instead. (A wrong sign in the step looks alike; a "
                "smaller rate would not repair that.)",
            ),
            wrong(
                "A larger learning rate, to get through faster",
                "Then each jump is longer and lands higher. Only below the edge can a larger rate help.",
            ),
        ],
    )


def what_moves() -> Question:
    """What does training change?"""
    return Question(
        "What does training change?",
        [
            wrong(
                "The data: points that fit badly are left out",
                "The data stay as they are. Leaving out what does not fit is a way to fool oneself.",
            ),
            wrong(
                "The loss: its formula is adapted until it is small",
                "The formula of the loss is chosen before, and kept. Only its value falls.",
            ),
            right(
                "The parameters: the numbers inside the model",
                "Slope and intercept of a line, all the weights of a network. The learning rate, the number of layers and the "
                "like are chosen by a person; they are called hyperparameters.",
            ),
        ],
    )
