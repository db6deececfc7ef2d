"""Lesson 04's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.data_quality import leakage, lifetimes
from course.widgets import Prediction, Question, choice, right, slider, wrong

_LEAKS = {
    "duplicates": "Exact copies of the held-out images are trained on",
    "scaling": "The held-out images help to set mean and spread of each pixel",
    "selection": "The held-out rows help to choose 20 of 1,000 columns",
}


def leak_guess() -> Prediction:
    """Which of three leaks flatters most?"""
    return Prediction(
        "Which leak adds most to the score, with 100 training images?",
        choice("duplicates", _LEAKS, label="Flatters most"),
        key="04 leak",
    )


def worst_leak() -> str:
    """The leak, of those offered, that adds most: each is measured."""
    gains = {kind: leakage.measure(kind, 100, 100).gain[0] for kind in _LEAKS}
    return max(gains, key=lambda kind: gains[kind])


def lifetime_guess() -> Prediction:
    """How many lifetimes of reading is a web corpus?"""
    return Prediction(
        "How many lifetimes, of an hour's reading a day for 70 years, is the web corpus FineWeb?",
        slider(1.0, 0.01, 1000.0, label="Lifetimes", unit="thousand", log=True),
        key="04 lifetimes",
    )


def lifetimes_in_fineweb() -> float:
    """The number of thousands that comes out of the published figures."""
    found = lifetimes.lifetimes(1, 70)
    (text,) = [text for text in found.texts if text.name.startswith("FineWeb (")]
    return found.of(text) / 1000


def patients() -> Question:
    """How should a data set with several scans of a patient be split?"""
    return Question(
        "A hospital has 9,000 X-rays of 3,000 patients. How do you hold a quarter back?",
        [
            wrong(
                "A quarter of the X-rays, drawn at random",
                "Then most held-out X-rays show a patient who is also in training, and the model may recognise the ribs instead of the disease. "
                "The score would hold for patients it has met before.",
            ),
            wrong(
                "The last quarter of the file",
                "Files are sorted by something: a date, a ward, a machine. The held-out part would be of another kind, and its "
                "patients may still appear before. (If the model is to judge *future* patients, a split by date of the patients "
                "can be right; then it is chosen, not met with.)",
            ),
            right(
                "All X-rays of a quarter of the patients",
                "The question is how well the model does with a patient it has never seen, so whole patients are held back.",
            ),
        ],
    )


def precision() -> Question:
    """What happens to precision when a class becomes rarer?"""
    return Question(
        "A test catches 90 % of the ill and is wrong about 5 % of the healthy. It is used where 1 in 100 is ill, then where 1 in 1,000 "
        "is. What becomes of its precision?",
        [
            right(
                "It falls, from about 15 % to about 2 %",
                "Of 1,000 people with 10 ill: 9 are caught, and 5 % of 990, about 50, are false alarms: 9 in 59. Of 1,000 with one "
                "ill: 0.9 are caught, and about 50 are false alarms again: 0.9 in 51.",
            ),
            wrong(
                "It stays: the test is the same",
                "Recall and the rate of false alarms stay, for each looks at one of the two groups alone. Precision mixes both groups, "
                "so it depends on how large they are.",
            ),
            wrong(
                "It rises, because there are fewer ill people to miss",
                "Missing the ill is a matter of recall. Precision asks how many alarms are right, and the healthy, who cause the "
                "false ones, have become more.",
            ),
        ],
    )


def augmenting() -> Question:
    """Which augmentation is true of house numbers?"""
    return Question(
        "You train a reader of house numbers on few images. Which change to the training images tells it something new that is true?",
        [
            wrong(
                "Turning each image by any angle up to 180 degrees",
                "A 6 turned by 180 degrees is a 9: the image changes its meaning and keeps its label. You would make wrong labels.",
            ),
            right(
                "Moving each image by a pixel or two",
                "The number stays what it was, and cameras do frame numbers a little differently. Augmentation says what does *not* "
                "matter.",
            ),
            wrong(
                "Copying each image ten times",
                "Nothing new is shown: the same gradients, only more often. And if the copies are made before the split, they leak.",
            ),
        ],
    )
