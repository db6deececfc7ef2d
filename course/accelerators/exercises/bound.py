"""Exercises: the arithmetic intensity of a matrix product, and what bounds its time."""

from __future__ import annotations

from typing import Any

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/05_accelerators.ipynb"


def _intensity(m: int, k: int, n: int, itemsize: int) -> float:
    flops = 2 * m * k * n
    numbers = m * k + k * n + m * n
    return flops / (itemsize * numbers)


arithmetic_intensity = Exercise(
    name="arithmetic_intensity",
    reference=_intensity,
    cases=[
        case(1024, 1024, 1024, 4).named("square, 1024, four bytes a number"),
        case(1024, 1024, 1024, 2).named("the same in two bytes a number"),
        case(1, 4096, 4096, 2).named("one row times a matrix"),
        case(64, 300, 7, 8).named("(64, 300) @ (300, 7), eight bytes"),
    ],
    mistakes=[
        slip(
            "Each of the m·k·n terms is a multiplication *and* an addition: two operations.",
            "2 * m * k * n",
            "m * k * n",
        ),
        slip(
            "Count an addition with *every* multiplication, the first one too: 2·m·k·n.",
            "2 * m * k * n",
            "m * n * (2 * k - 1)",
        ),
        slip("The result is written too: m·n numbers more.", " + m * n", ""),
        slip("These are numbers, not bytes: each takes `itemsize` of them.", "itemsize * ", ""),
        slip("Only the result is counted; A and B must be read as well.", "m * k + k * n + ", ""),
        slip(
            "This is bytes for each operation; intensity is the other way round.",
            "flops / (itemsize * numbers)",
            "itemsize * numbers / flops",
        ),
        slip("`itemsize` is in bytes already, not in bits.", "(itemsize", "(itemsize / 8"),
    ],
    hints=[
        "Count two things: operations, and bytes that go between memory and the chip, each number once.",
        "Operations: every number of the result is a sum of k products. Bytes: A, B and the result.",
        "`2 * m * k * n / (itemsize * (m * k + k * n + m * n))`.",
    ],
    solution=_SOLUTION,
)


def _time(flops: float, moved: float, peak: float, bandwidth: float) -> tuple[str, float]:
    computing, moving = flops / peak, moved / bandwidth
    bound = "compute" if computing >= moving else "memory"
    return bound, max(computing, moving)


def _time_by_intensity(flops: float, moved: float, peak: float, bandwidth: float) -> Any:
    bound = "compute" if flops / moved >= peak else "memory"
    return bound, max(flops / peak, moved / bandwidth)


predict_time = Exercise(
    name="predict_time",
    reference=_time,
    cases=[
        case(2e12, 4e9, 100e12, 1e12).named("2 TFLOP and 4 GB, 100 TFLOP/s and 1 TB/s"),
        case(2e9, 4e9, 100e12, 1e12).named("2 GFLOP and 4 GB on the same chip"),
        case(3e11, 6e8, 4e13, 2e11).named("0.3 TFLOP and 0.6 GB, 40 TFLOP/s and 200 GB/s"),
        case(1e12, 1e10, 1e14, 1e12).named("exactly at the ridge: compute"),
    ],
    mistakes=[
        slip(
            "Chips compute and move data at the same time: the slower of the two decides, not their sum.",
            "max(computing, moving)",
            "computing + moving",
        ),
        slip(
            "The slower of the two decides how long it takes: the larger time, not the smaller.",
            "max(computing, moving)",
            "min(computing, moving)",
        ),
        slip(
            "The bound is named the wrong way round: it is what takes longer.",
            "computing >= moving",
            "computing < moving",
        ),
        slip(
            "At the ridge both take equally long; the chip's peak is reached there, so call it compute-bound.",
            "computing >= moving",
            "computing > moving",
        ),
        (
            _time_by_intensity,
            "Compare the intensity with the ridge point, `peak / bandwidth`, not with the peak itself; or compare two times.",
        ),
        slip(
            "The time to move data is wrong: bytes divided by bytes a second.",
            "moved / bandwidth",
            "moved / peak",
        ),
    ],
    hints=[
        "Two times: operations divided by operations a second, bytes divided by bytes a second.",
        "The larger one is the answer, and its name is the bound.",
        "`max(flops / peak, moved / bandwidth)`; `'compute'` where the first is not the smaller one.",
    ],
    solution=_SOLUTION,
)
