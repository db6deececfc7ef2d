"""Lesson 08's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from statistics import median

from course.scale import little_runs
from course.scale.parameters import by_group, parameters
from course.scale.past_runs import past_runs
from course.scale.published import model
from course.widgets import Prediction, Question, right, slider, wrong


def ends_guess() -> Prediction:
    """How much of a small language model is its table of tokens and its head?"""
    return Prediction(
        "Of the 3.2 billion parameters of the open model Llama-3.2-3B, which share is in the table that turns tokens into numbers?",
        slider(30, 0, 100, label="Table of tokens", unit="%"),
        key="08 table",
    )


def ends_counted() -> float:
    """The share in percent, counted."""
    shape = model("Llama-3.2-3B")
    return 100 * by_group(shape)["embedding"] / parameters(shape)


def mfu_guess() -> Prediction:
    """Which share of their chips' peak do published runs reach?"""
    return Prediction(
        "Which share of their chips' peak do published training runs reach, by the chip-hours that they state: the median?",
        slider(75, 0, 100, label="Share of the peak", unit="%"),
        key="08 mfu",
    )


def median_mfu() -> float:
    """The median in percent, calculated from what is published."""
    return 100 * median(run.mfu for run in past_runs())


def largest_guess() -> Prediction:
    """What loss will the largest little model reach?"""
    counts = little_runs.sizes()
    return Prediction(
        f"Five models of {counts[0]:,} to {counts[-2]:,} parameters were trained. What loss will one of "
        f"{counts[-1]:,} reach on {little_runs.TOKENS[-1]:,} bytes?",
        slider(1.7, 0.5, 2.5, label="Loss", unit="nats a byte"),
        key="08 largest",
    )


def largest_loss() -> float:
    """The loss that was measured here."""
    return little_runs.runs()[-1].loss


def experts() -> Question:
    """What do experts save, and what not?"""
    return Question(
        "A model with experts has 671 billion parameters, of which a token meets 37 billion. What does it take to serve it?",
        [
            wrong(
                "Memory and operations of a model of 37 billion",
                "The next token may be sent to other experts, so that all of them must be at hand.",
            ),
            right(
                "Memory for 671 billion parameters, operations for 37 billion",
                "All experts must be in memory, each token is multiplied with a few. Experts save operations, not memory; that is why such "
                "models are served from many chips to many people at once.",
            ),
            wrong(
                "Memory and operations of a model of 671 billion",
                "A token is multiplied only with the experts that it is sent to, and those are few.",
            ),
        ],
    )


def peak() -> Question:
    """How can a run have more than its chips' peak?"""
    return Question(
        "A press release: our model of 70 billion parameters saw 15 trillion tokens in 12 days on 2,000 chips of 989 TFLOP/s. What do you say?",
        [
            wrong(
                "A very good team: their MFU is high",
                "Calculate: 6 · 70e9 · 15e12 operations over 12 days of 2,000 such chips make an MFU above 3. "
                "No team does more than the chips can.",
            ),
            right(
                "One of the numbers must be wrong, or means something else",
                "Six operations a parameter and token make 6.3e24; 2,000 chips do at most 2.05e24 in 12 days. Perhaps a token meets "
                "fewer parameters (experts), the peak is one for 8 bits or for sparse matrices, or only part of the run is told.",
            ),
            wrong(
                "Nothing can be said without the electricity bill",
                "Parameters, tokens, chips, peak and days are enough to see that they do not fit together.",
            ),
        ],
    )


def serving() -> Question:
    """Why are small models trained far past the compute-optimal amount of text?"""
    return Question(
        "Llama-3.1-8B saw about 15 trillion tokens, nearly 1,900 a parameter; the best split of its *training* budget would be about 20. Why?",
        [
            wrong(
                "Its makers did not know the law",
                "They fitted one of their own. The law answers how to get the lowest loss for a training budget, and that was not their question.",
            ),
            right(
                "It was made to be served: a smaller model is cheaper for every token that anybody ever asks of it",
                "Training longer costs once, serving 2 operations a parameter for each token, for years. The more is served, the smaller and longer "
                "trained the best model is. It also fits on one chip.",
            ),
            wrong(
                "More tokens a parameter always give a lower loss for the same operations",
                "For the same operations a larger model on fewer tokens would have had a lower loss: that is what *compute-optimal* says.",
            ),
        ],
    )
