"""Lesson 13's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.trust import membership, readers
from course.trust.calibration import reliability, softmax
from course.widgets import Prediction, Question, right, slider, wrong


def sureness_guess() -> Prediction:
    """How sure of itself is an over-fitted reader?"""
    return Prediction(
        "A digit reader is right on 78 % of new images. How sure is it of its answers, on average?",
        slider(78.0, 50.0, 100.0, step=1.0, label="Mean confidence", unit="%"),
        key="13 sureness",
    )


def sureness() -> float:
    """The mean confidence of the reader of the first explorer, in percent."""
    model = readers.overconfident(200)
    return 100 * reliability(softmax(model.scores), model.labels).mean_confidence


def members_guess() -> Prediction:
    """How well does the simplest attack tell members from others?"""
    return Prediction(
        "Trained on 50 images for 100 passes. A member and another image are drawn: in how many of "
        "100 such pairs does the member have the lower loss?",
        slider(50.0, 50.0, 100.0, step=1.0, label="Member has the lower loss", unit="of 100"),
        key="13 members",
    )


def members() -> float:
    """What the attack reaches, in percent."""
    return 100 * membership.leak(50, 100).attack.auc


def explanation() -> Question:
    """What does an attribution map prove?"""
    return Question(
        "Integrated gradients of a loan model say that debts counted most for a refusal, and they "
        "add up to the score. What do you know?",
        [
            wrong(
                "Debts are why this person would not pay back",
                "The map explains the model's score, not the world. The model may be wrong about "
                "this person, and its score may rest on something that only goes along with debts.",
            ),
            right(
                "Compared with the baseline chosen, the debts moved this model's score most",
                "That is all that completeness gives: a division of the score's difference from the "
                "baseline's. With another baseline the division is another.",
            ),
            wrong(
                "The model does not use race",
                "Other inputs may stand in for it, as in lesson 12. An attribution to a proxy looks "
                "innocent.",
            ),
        ],
    )


def epsilon() -> Question:
    """What does a small epsilon promise?"""
    return Question(
        "A hospital publishes a model trained with epsilon 1 and a small delta. What is promised to a patient?",
        [
            wrong(
                "Nobody can learn from it that patients like her are often ill",
                "That is what the study was for, and it would come out without her too. Differential "
                "privacy hides who took part, not what is true of people in general.",
            ),
            wrong(
                "Her data were anonymised",
                "The data themselves are unchanged, and whoever holds them can read them. The promise is about "
                "what is published.",
            ),
            right(
                "With her data, no outcome is more than about 2.7 times as likely as without, but for delta",
                "That is e to the epsilon, and it holds the other way round, too. Whether it is little "
                "enough is for people to decide, not for the formula.",
            ),
        ],
    )


def log() -> Question:
    """What can a hash chain not notice?"""
    return Question(
        "Somebody with write access wants the log of training runs to look better. What does the hash chain not notice?",
        [
            wrong(
                "One metric raised in the middle",
                "The entry no longer has its hash; and if its hash is made anew, the next entry no "
                "longer follows.",
            ),
            right(
                "The whole log written anew, or its last entries cut off",
                "Both are sound chains. They are noticed only by somebody who kept the last hash "
                "elsewhere: a log proves as much as its witness.",
            ),
            wrong(
                "Two entries exchanged",
                "Each entry holds the hash of the one before and its own number; both stop fitting.",
            ),
        ],
    )
