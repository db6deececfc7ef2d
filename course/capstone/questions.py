"""Lesson 14's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from functools import lru_cache

from course.capstone import sample
from course.capstone.workshop import run_of
from course.widgets import Prediction, Question, choice, right, slider, wrong

_MOVES = {
    "narrower": "Narrower by more than 5 points",
    "same": "Within 5 points of before",
    "wider": "Wider by more than 5 points",
}


@lru_cache
def _first_try() -> dict[str, str]:
    return run_of(sample.FIRST_TRY).standing.verdicts()


def first_guess() -> Prediction:
    """How many criteria does the first try keep?"""
    return Prediction(
        "A first try at the loans: all 23 columns, 64 hidden units, 60 epochs, threshold 0.5. Its training loss will be "
        "close to nothing. How many of the five limits does it keep?",
        slider(4, 0, 5, label="Limits kept"),
        key="14 first try",
    )


def first_kept() -> int:
    """How many the first try keeps, trained now."""
    return sum(v == "met" for v in _first_try().values())


def gap_guess() -> Prediction:
    """What does leaving columns out do to the gap?"""
    return Prediction(
        "A linear model reads all 23 columns; race is none of them. Now it may read only money and credit history, and "
        "no longer where someone lives, whether they are married, how old they are and the like. The gap in approvals becomes:",
        choice("same", _MOVES, label="The gap"),
        key="14 gap",
    )


@lru_cache
def gaps() -> tuple[float, float]:
    """The gap in points on the tuning rows, with all columns and with the finances alone."""
    runs = [run_of({**sample.CHOICES, "features": name}) for name in ("all", "finances")]
    before, after = (run.standing["fifth"].figure.value for run in runs)
    return before, after


def gap_answer() -> str:
    """The option that the measurement gives."""
    before, after = gaps()
    if abs(after - before) <= 5:
        return "same"
    return "narrower" if after < before else "wider"


def opened_twice() -> Question:
    """May one open the held-out rows again?"""
    return Question(
        "The finished model misses one limit on the held-out rows by a little. You change the threshold, and now it is "
        "kept there. What do you report?",
        [
            wrong(
                "The new figure: it was measured on held-out rows",
                "The threshold was chosen by looking at them, so they have become rows to tune with. New files will be less kind.",
            ),
            right(
                "Both openings, and that the second figure flatters; better, new rows that nobody has seen",
                "The audit log holds both anyway. A look costs little of what the rows are worth, but many looks cost all of it.",
            ),
            wrong(
                "The first figure only, and nobody hears of the second",
                "That figure is honest, but it is another model's: the one that you hand over was never measured on rows unseen.",
            ),
        ],
    )


def whole_log() -> Question:
    """What does a whole chain prove?"""
    return Question(
        "The audit log of a model verifies: every entry carries the hash of the one before. What is shown by that?",
        [
            wrong(
                "That the figures in it are true",
                "A false figure can be hashed as well as a true one. That is why the review trains and measures again.",
            ),
            wrong(
                "That nobody has ever rewritten it",
                "Whoever can write the file can write a whole new chain. A hash kept elsewhere would show it.",
            ),
            right(
                "That none of its entries was changed or moved since, unless the chain was made anew",
                "Entries may still have been cut off the end. Compare the last hash with one that was kept elsewhere, and both doubts are gone.",
            ),
        ],
    )


def not_certain() -> Question:
    """A limit that is kept by the figure alone."""
    return Question(
        "The gap is 18 points, its 95 % interval runs from 8 to 31, and the client's limit is 23. What can you promise?",
        [
            wrong(
                "That the limit is kept",
                "It is kept among these people. With others as many, a gap above 23 would be no surprise.",
            ),
            wrong(
                "Nothing: the limit is broken, since the interval crosses it",
                "The interval does not say that it is broken, only that these numbers cannot tell. That is a finding, too.",
            ),
            right(
                "That it was kept here, that these numbers cannot promise it for others, and when you will count again",
                "More people, not more digits, would narrow the interval. Until then a line at which it is switched off does the work.",
            ),
        ],
    )
