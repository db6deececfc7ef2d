"""The check of lesson 00: one step of improvement, the smallest exercise of the course."""

from __future__ import annotations

from course.checks import Exercise, case


def _improve(error: float, rate: float) -> float:
    return error - rate * error


improve = Exercise(
    name="improve",
    reference=_improve,
    cases=[case(100.0, 0.3), case(8.0, 0.25), case(-5.0, 0.1)],
    mistakes=[
        (
            lambda error, rate: error - rate,
            "This takes away the rate itself. Take away a share of the error: the rate times the error.",
        ),
        (
            lambda error, rate: rate * error,
            "This is what a step takes away. Return what is left of the error after it.",
        ),
        (
            lambda error, rate: error + rate * error,
            "The error grew: a step takes its share away, so subtract it.",
        ),
        (
            lambda error, rate: None,
            "Nothing came back. A function hands out its result with `return`; `print` only shows it.",
        ),
    ],
    hints=[
        "With error 100 and rate 0.3, a step takes 30 away. What is left?",
        "The share that is taken away is `rate * error`.",
        "Write: `return error - rate * error`",
    ],
    solution="../solutions/00_start_here.ipynb",
)

ALL = (improve,)
