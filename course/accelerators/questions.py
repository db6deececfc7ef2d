"""Lesson 05's predictions and questions, every option explained."""

from __future__ import annotations

from course.accelerators import systolic
from course.accelerators.formats import BF16
from course.accelerators.latency import Machine
from course.accelerators.operations import matmul
from course.accelerators.roofline import roof
from course.accelerators.summing import sums
from course.widgets import Prediction, Question, right, slider, wrong

_ARRAY = 128  # rows and columns
_CHIP, _WIDE = "NVIDIA H100 SXM", 4096
_SLOW = Machine(threads=1, work=10, latency=390)


def ones_guess() -> Prediction:
    """How far does a BF16 total count?"""
    return Prediction(
        "A million ones are added one after the other, and the total is kept in BF16, which reaches 3 \u00b7 10^38. What is it at "
        "the end?",
        slider(1_000_000.0, 1.0, 1_000_000.0, label="The total at the end", log=True),
        key="05 ones",
    )


def ones_counted() -> float:
    """What it is: added here."""
    return float(sums("ones", 1_000_000, "running").totals[BF16.name][-1])


def token_guess() -> Prediction:
    """How much of its peak can a GPU reach when it multiplies one row?"""
    return Prediction(
        f"One row of {_WIDE:,} numbers times a matrix of {_WIDE:,} by {_WIDE:,} in BF16, as a language model does for each new "
        f"token, on an {_CHIP}: which part of its peak can it reach, at most?",
        slider(50.0, 0.01, 100.0, label="Of the peak", unit="%", log=True),
        key="05 token",
    )


def token_reached() -> float:
    """What it is, in percent, by the roofline of the published peak and bandwidth."""
    top = roof(_CHIP, "bf16")
    return 100 * top.place(matmul(1, _WIDE, _WIDE, "bf16")).attainable / top.peak


def row_guess() -> Prediction:
    """How much of a systolic array does a single row use?"""
    return Prediction(
        f"One row of {_ARRAY} numbers times a matrix of {_ARRAY} by {_ARRAY}, on a systolic array of that size: of all that its "
        "cells could multiply in the cycles this takes, loading the matrix included, how much is used?",
        slider(50.0, 0.01, 100.0, label="Used", unit="%", log=True),
        key="05 row",
    )


def row_used() -> float:
    """What is used, in percent, by the formula that the simulation keeps to."""
    return 100 * systolic.utilisation(1, _ARRAY, _ARRAY, _ARRAY, _ARRAY)


def threads_guess() -> Prediction:
    """How many threads hide the wait for memory?"""
    return Prediction(
        f"Each thread carries out {_SLOW.work} instructions, then waits {_SLOW.latency} cycles for memory. In each cycle the processor "
        "does one instruction, of any thread that does not wait. How many threads keep it always busy?",
        slider(4, 1, 128, label="Threads"),
        key="05 threads",
    )


def threads_needed() -> int:
    """How many: rate times time, by Little's law."""
    return _SLOW.enough


def twice_the_peak() -> Question:
    """What does a chip with twice the peak bring?"""
    return Question(
        "Layer normalisation takes 2 ms on your chip. You buy one with twice the peak and the same memory. How long does it take there?",
        [
            wrong(
                "About 1 ms: twice the operations a second",
                "Normalisation does about one or two operations for each byte that moves. The ridge of every chip in this lesson lies to the right of that, "
                "so that the arithmetic was never what took the time.",
            ),
            right(
                "About 2 ms: it is bound by memory",
                "The bytes are the same and move as fast as before; only the ridge has moved further to the right. Fusing it with its neighbours, or "
                "narrower numbers, would help: both move fewer bytes.",
            ),
            wrong(
                "About 1.5 ms: half of the time is arithmetic",
                "Arithmetic and memory work at the same time, so the slower of the two decides. For normalisation that is memory, by far.",
            ),
        ],
    )


def batch_of_one() -> Question:
    """Why is a systolic array fed with large batches?"""
    return Question(
        "A model answers one request at a time on a chip with a large systolic array. Only 1 % of its peak is reached. Why?",
        [
            wrong(
                "The array is too small for the model's matrices",
                "Larger matrices are cut into tiles; each tile uses every cell. A larger array would be used even less here: its weights take "
                "longer to load and its sums longer to leave.",
            ),
            right(
                "Each tile of weights is loaded for a single row of values",
                "Loading a tile takes as many cycles as the array has rows, or more, and the one row of values needs one. With many rows (a larger "
                "batch) the same loading serves them all.",
            ),
            wrong(
                "The numbers are too precise: in INT8 it would reach its peak",
                "Narrower numbers raise the peak and halve the bytes; the share of cycles in which a cell has something to multiply stays the same.",
            ),
        ],
    )


def which_half() -> Question:
    """Why does FP16 need loss scaling and BF16 not?"""
    return Question(
        "FP16 and BF16 both take two bytes. Training with FP16 gradients often needs a scaled loss, with BF16 it rarely does. Why?",
        [
            wrong(
                "BF16 is the more precise of the two",
                "It is the less precise one: 7 bits of mantissa against 10. A step at 1 is eight times as wide.",
            ),
            right(
                "BF16 has as many bits of exponent as FP32, so that small gradients do not become zero",
                "Eight bits of exponent reach down to 10^-38, subnormal numbers aside. FP16 has five and ends at 6 \u00b7 10^-8, and gradients "
                "can be smaller than that; a scale moves them up into its range.",
            ),
            wrong(
                "BF16 rounds by chance, so that small gradients survive on average",
                "Stochastic rounding is a way to round, for any format; hardware with BF16 commonly rounds to the nearest. It is the range that "
                "saves small gradients.",
            ),
        ],
    )


def faster_threads() -> Question:
    """Why not make the threads faster?"""
    return Question(
        "32 threads keep a processor busy in 80 % of its cycles; the rest of the time all of them wait for memory. What helps most?",
        [
            wrong(
                "Threads that compute twice as fast",
                "Most of a thread's round is the wait, which stays as long. The same 32 requests are on their way in nearly the same time.",
            ),
            right(
                "More threads at once",
                "Little's law: requests on their way = rate times latency. A quarter more threads is a quarter more requests on their way, and "
                "that fills the cycles left, as long as memory can begin requests that often.",
            ),
            wrong(
                "Fewer threads, so that each gets its turn sooner",
                "A thread that does not wait gets its turn almost at once already. Fewer threads mean fewer requests on their way, and more "
                "cycles in which nothing can be issued.",
            ),
        ],
    )
