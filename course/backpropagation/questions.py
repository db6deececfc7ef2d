"""Lesson 02's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

import math

from course.backpropagation.differences import check
from course.widgets import Prediction, Question, choice, right, wrong

_WALKED = {
    "8": "8, the right derivative",
    "6": "6: the longer of the two ways",
    "2": "2: the shorter of the two ways",
    "never": "It never comes to an end",
}
_STEPS = {
    "1e-1": "0.1",
    "1e-5": "0.00001 (1e-5)",
    "1e-10": "1e-10",
    "1e-16": "1e-16, as small as can be",
}


def order_guess() -> Prediction:
    """What does a walk find that sends each node back as soon as it is met?"""
    return Prediction(
        "`h = 2 * x` and `y = h + 3 * h`. A walk from `y` sends each node back as soon as it meets it, the nearest "
        "first, and each node once. Which dy/dx does it find?",
        choice("8", _WALKED, label="dy/dx"),
        key="02 order",
    )


def step_guess() -> Prediction:
    """Which step is best for a central difference in float64?"""
    return Prediction(
        "The slope of tanh at 0.7, from a central difference in float64: which step ε gives the smallest error?",
        choice("1e-16", _STEPS, label="Step ε"),
        key="02 step",
    )


def best_step() -> str:
    """The step of those offered that is nearest to the best one measured."""
    central = next(
        line for line in check("tanh", 0.7, ("float64",)).lines if line.scheme == "central"
    )
    step, _ = central.least
    return min(_STEPS, key=lambda text: abs(math.log(float(text) / step)))


def sharing() -> Question:
    """What becomes of a weight that is used twice?"""
    return Question(
        "A network uses the same weight matrix in two layers. What is the matrix's gradient?",
        [
            wrong(
                "The one from the later layer: it is nearer to the loss",
                "Nearness does not count. A nudge of the matrix changes the loss on both ways, and the changes add up.",
            ),
            right(
                "The sum of what arrives from both layers",
                "Each use contributes its own product of local derivatives, and they add up. An engine that accumulates "
                "needs no special case for this.",
            ),
            wrong(
                "The mean of what arrives from both layers",
                "A nudge of the matrix acts in both places at once, so its effects add up; nothing divides them by two.",
            ),
        ],
    )


def cost() -> Question:
    """What does a backward pass cost?"""
    return Question(
        "Computing the loss of a network of matrix products takes one second. About how long does `backward` take, for the "
        "gradients of all its million weights?",
        [
            wrong(
                "A million seconds: one for each weight",
                "That is the price of finite differences, which nudge one weight at a time. The walk back passes each node "
                "once, for all weights together.",
            ),
            right(
                "About two seconds",
                "For every product `a @ b` of the way there, the way back has two of the same size: `g @ b.T` and `a.T @ g`. "
                "That is why training is possible at all.",
            ),
            wrong(
                "Next to nothing: all values are known already",
                "The values are known, but each must still be multiplied with the gradient that comes back.",
            ),
        ],
    )


def disagreement() -> Question:
    """A gradient check fails: who is wrong?"""
    return Question(
        "In float32, with ε = 1e-7, the central difference disagrees with your backward by a fifth. What do you do first?",
        [
            wrong(
                "Make ε smaller until they agree",
                "Round-off is what dominates there: the smaller ε, the worse the difference. Look at the left half of the V.",
            ),
            wrong(
                "Look for the mistake in backward",
                "It may be right. In float32 such a step lies deep in the round-off, where a correct gradient looks wrong too.",
            ),
            right(
                "Repeat the check in float64, with ε about 1e-5",
                "First make the check trustworthy, then believe it. In float64 the central difference of a smooth function is "
                "good to about ten digits at that step.",
            ),
        ],
    )
