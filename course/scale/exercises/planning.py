"""Exercises: the MFU that a published run must have had, and a run planned for a budget."""

from __future__ import annotations

import math
from typing import Any

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/08_llm_scale.ipynb"


def _mfu(parameters: float, tokens: float, chip_hours: float, peak: float) -> float:
    done = 6 * parameters * tokens
    possible = chip_hours * 3600 * peak
    return done / possible


def _percent(parameters: float, tokens: float, chip_hours: float, peak: float) -> float:
    return 100 * _mfu(parameters, tokens, chip_hours, peak)


implied_mfu = Exercise(
    name="implied_mfu",
    reference=_mfu,
    cases=[
        case(1e9, 20e9, 1000.0, 1e14).named("1 billion parameters, 20 billion tokens, 1,000 chip-hours"),
        case(65.285660672e9, 1.4e12, 1_022_362.0, 312e12).named("LLaMA-65B on A100s"),
        case(405.8533888e9, 15.6e12, 30.84e6, 989e12).named("Llama 3.1 405B on H100s"),
    ],
    mistakes=[
        slip(
            "Two operations a parameter are the forward pass alone; the backward pass takes four more.",
            "6 * parameters",
            "2 * parameters",
        ),
        slip("The peak is per second, the chips ran for hours.", " * 3600", ""),
        slip("This is the other way round: what was done over what was possible.", "done / possible", "possible / done"),
        (_percent, "A share, please, from 0 to 1, not percent."),
    ],
    hints=[
        "What had to be done: six operations a parameter and token. What was possible: peak times seconds.",
        "`6 * parameters * tokens / (chip_hours * 3600 * peak)`.",
    ],
    solution=_SOLUTION,
)


def _plan(
    dollars: float, price: float, peak: float, mfu: float, tokens_per_parameter: float
) -> tuple[float, float]:
    flops = dollars / price * 3600 * peak * mfu
    parameters = math.sqrt(flops / (6 * tokens_per_parameter))
    return parameters, tokens_per_parameter * parameters


def _without_root(
    dollars: float, price: float, peak: float, mfu: float, tokens_per_parameter: float
) -> Any:
    flops = dollars / price * 3600 * peak * mfu
    return flops / (6 * tokens_per_parameter), flops / 6


plan_run = Exercise(
    name="plan_run",
    reference=_plan,
    cases=[
        case(1000.0, 2.0, 1e15, 0.4, 20.0).named("1,000 dollars at 2 dollars an hour"),
        case(1e6, 2.5, 989e12, 0.4, 20.0).named("a million dollars, H100s"),
        case(1e6, 2.5, 989e12, 0.4, 200.0).named("the same, 200 tokens a parameter"),
        case(50_000.0, 1.2, 312e12, 0.5, 20.0).named("50,000 dollars, A100s"),
    ],
    mistakes=[
        (_without_root, "Both factors of 6·N·D grow: with D = k·N the budget is 6·k·N², so N is a square root."),
        slip("The peak is per second, the price per hour.", " * 3600", ""),
        slip("Chips do not reach their peak: take the share `mfu` of it.", " * mfu", ""),
        slip("Dividing by the MFU makes slow chips fast: the operations that you get are `mfu` of the peak.", "* mfu", "/ mfu"),
        slip(
            "Six operations a parameter and token: without the 6 the plan is too large for its budget.",
            "(6 * tokens_per_parameter)",
            "tokens_per_parameter",
        ),
        slip(
            "Two operations a parameter and token are the forward pass alone.",
            "(6 * tokens",
            "(2 * tokens",
        ),
        slip(
            "Parameters and tokens are exchanged.",
            "return parameters, tokens_per_parameter * parameters",
            "return tokens_per_parameter * parameters, parameters",
        ),
    ],
    hints=[
        "First the operations that the money buys: dollars / price are hours; times 3600, peak and MFU.",
        "Then 6·N·D = operations, with D = tokens_per_parameter · N. Solve for N.",
        "`N = sqrt(operations / (6 * tokens_per_parameter))`.",
    ],
    points=2,
    solution=_SOLUTION,
)
