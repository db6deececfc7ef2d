"""Lesson 00's prediction and question."""

from __future__ import annotations

from course.welcome.shrinking import shrink
from course.widgets import Prediction, Question, right, slider, wrong

_RATE = 0.1


def steps_guess() -> Prediction:
    """How many steps until the error is small?"""
    return Prediction(
        "An error of 100 loses a tenth of itself at every step. After how many steps is it below 1?",
        slider(10, 1, 200, label="Steps", unit="steps"),
        key="00 steps",
    )


def steps_needed() -> int:
    """How many it takes: counted."""
    reached = shrink(_RATE, 200).reached
    assert reached is not None, "200 steps are enough for a rate of a tenth"
    return reached


def saving() -> Question:
    """What does saving keep?"""
    return Question(
        "You saved the notebook on your own computer, closed the browser and shut the computer down. Next day you open it. What is there?",
        [
            right(
                "What you wrote, but not the variables",
                "The file keeps cells and their output. The kernel, which held the variables, is new: run the cells again "
                "from the top (Run, Run All Cells).",
            ),
            wrong(
                "Everything: text, code and variables",
                "The variables lived in the kernel, the process that ran your code, and it has ended. Run the cells again "
                "from the top.",
            ),
            wrong(
                "Nothing: a notebook lives in the browser",
                "The notebook is a file in your folder. Saving wrote it there, with all that you typed.",
            ),
        ],
    )
