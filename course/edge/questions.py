"""Lesson 11's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.edge import bit_width, pruning
from course.edge.file_types import Examined
from course.edge.networks import accuracy, digits, reference
from course.widgets import Prediction, Question, choice, right, slider, wrong

_TIMES = {
    "faster": "Faster: four times fewer bytes to fetch",
    "same": "About as fast (within a fifth)",
    "slower": "Slower",
}


def bits_guess() -> Prediction:
    """How few bits will do?"""
    return Prediction(
        "How many bits must a weight keep, with one scale for each whole layer, so that less than 1 point of accuracy is lost?",
        slider(8, 2, 8, label="Bits"),
        key="11 bits",
    )


def bits_needed() -> int:
    """The fewest bits at which the loss stays below one point, there and at all more bits."""
    data = digits()
    whole = accuracy(reference(), data.held_images, data.held_labels)
    good = [whole - bit_width.accuracy_at(b, "tensor") < 0.01 for b in bit_width.BITS]
    return next(b for n, b in enumerate(bit_width.BITS) if all(good[n:]))


def zeros_guess() -> Prediction:
    """What do zeros buy?"""
    return Prediction(
        "Nine of ten weights of a layer become 0, and the matrix keeps its size. How many times faster is its product on this computer?",
        slider(10.0, 0.5, 10.0, label="Faster", unit="times", log=True),
        key="11 zeros",
    )


def zeros_speedup() -> float:
    """Measured here: the dense layer of 512 by 512 with 90 % zeros."""
    times = pruning.layer_times()
    return times.speedup("dense")[pruning.SHARES.index(0.9)]


def int8_guess() -> Prediction:
    """Does a quarter of the bytes mean a faster answer?"""
    return Prediction(
        "Magika's model shrinks to about a quarter when its weights are stored in int8. Its answers then come, on this computer,",
        choice("faster", _TIMES, label="Answers come"),
        key="11 magika",
    )


def int8_outcome(found: Examined) -> str:
    """The option that was measured."""
    ratio = found.int8_latency.p50 / found.float_latency.p50
    return "slower" if ratio > 1.2 else "faster" if ratio < 1 / 1.2 else "same"


def tails() -> Question:
    """Mean or percentile?"""
    return Question(
        "A brake assistant must answer within 50 ms. Of two builds, A takes 30 ms on average and 48 ms at p99.9 (999 of 1,000 answers take no longer); B takes 12 ms on average and 140 ms at p99.9. Which do you ship?",
        [
            wrong(
                "B, for it is more than twice as fast",
                "On average, yes. But one answer in a thousand takes 140 ms or more, and at 30 answers a second that happens about twice a minute.",
            ),
            right(
                "A, for its slow answers still come in time",
                "A deadline is missed by the slow answers. A mean hides them, a high percentile shows them. (Then look at what lies beyond A's p99.9, too.)",
            ),
            wrong(
                "B, with its slowest measurements left out as outliers",
                "Leaving them out of the report does not leave them out of the road. Outliers are what a deadline is about: show them and find their cause.",
            ),
        ],
    )


def sparse() -> Question:
    """What unstructured sparsity buys."""
    return Question(
        "You have set 80 % of the weights to zero, anywhere, and accuracy held. What have you gained on an ordinary CPU with a dense matrix product?",
        [
            wrong(
                "Answers in a fifth of the time",
                "The product multiplies zeros like all other numbers. In this lesson's measurement the time did not change.",
            ),
            right(
                "Nothing yet in time; a file that compresses better",
                "Zeros compress well, and a sparse format stores only the others. Time is gained with sparser matrices, special kernels or chips, or by leaving out whole neurons.",
            ),
            wrong(
                "A fifth of the memory while it runs",
                "Only in a sparse format, which also stores where each number stands. A dense matrix of zeros takes all of its room.",
            ),
        ],
    )


def aware() -> Question:
    """When to train for few bits."""
    return Question(
        "After rounding to int8 your model has lost 0.2 points; the device has room to spare. What now?",
        [
            wrong(
                "Train it again, aware of the rounding, to win the 0.2 points back",
                "Possible, and it costs training data, time and a pipeline to maintain. First see whether other scales or a larger calibration set suffice, and whether anyone notices 0.2 points.",
            ),
            right(
                "Check the loss on the groups and the cases that matter, then ship it",
                "An average may hide a large loss on something rare. If none is found, the simplest method that is good enough is the best.",
            ),
            wrong(
                "Go on to 4 bits, since 8 were so good",
                "Fewer bits than the device needs buy nothing there: many chips compute int4 no faster than int8, and the cliff is near.",
            ),
        ],
    )
