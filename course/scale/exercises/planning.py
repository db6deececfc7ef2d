"""Exercise: a training run planned for a budget."""

from __future__ import annotations

import math
from typing import Any

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/08_llm_scale.ipynb"


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
        (
            _without_root,
            "Both factors of 6·N·D grow: with D = k·N the budget is 6·k·N², so N is a square root.",
        ),
        slip("The peak is per second, the price per hour.", " * 3600", ""),
        slip("Chips do not reach their peak: take the share `mfu` of it.", " * mfu", ""),
        slip(
            "Dividing by the MFU makes slow chips fast: the operations that you get are `mfu` of the peak.",
            "* mfu",
            "/ mfu",
        ),
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
