"""Exercise: from logits to chances, with temperature and top-p."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import as_exercise, case, slip
from course.language.inside import softmax

_SOLUTION = "../solutions/07_language_model.ipynb"


def _below(logits: Any, temperature: float, top_p: float) -> Any:
    chances = softmax(logits / temperature)
    chances = np.where(chances >= 1 - top_p, chances, 0)
    return chances / chances.sum()


@as_exercise(
    cases=[
        case(np.array([2.0, 1.0, 0.0, -1.0]), 1.0, 1.0).named("temperature 1, everything kept"),
        case(np.array([2.0, 1.0, 0.0, -1.0]), 0.5, 1.0).named("temperature 0.5"),
        case(np.array([0.0, 3.0, 1.0, 2.5, -2.0]), 1.0, 0.8).named("top-p 0.8, in no order"),
        case(np.array([0.3, 0.1, 0.7, 0.2, 0.0, 0.5]), 2.0, 0.5).named("temperature 2, top-p 0.5"),
        case(np.array([5.0, 0.0, 0.0]), 1.0, 0.1).named("the likeliest alone exceeds top-p"),
        case(np.array([800.0, 799.0, 0.0]), 1.0, 0.9).named("very large logits"),
    ],
    mistakes=[
        slip(
            "The logits are multiplied by the temperature: a high temperature would make the model surer. Divide.",
            "logits / temperature",
            "logits * temperature",
        ),
        slip(
            "The temperature is left out.",
            "logits / temperature",
            "logits",
        ),
        slip(
            "What is kept does not add up to 1: divide by the sum again.",
            "return kept / kept.sum()",
            "return kept",
        ),
        slip(
            "The token that reaches top-p is cut too. Keep it: a token stays while those *before* it have not reached top-p.",
            "before < top_p",
            "before + chances[order] <= top_p",
        ),
        slip(
            "The *least* likely tokens are kept: sort by falling chance.",
            "np.argsort(-chances)",
            "np.argsort(chances)",
        ),
        (
            _below,
            "Tokens are cut by their own chance. Top-p adds chances up, from the likeliest down, until the sum reaches top-p.",
        ),
    ],
    hints=[
        "First chances: softmax of `logits / temperature`; subtract the maximum before `np.exp`.",
        "`order = np.argsort(-chances)`, then `np.cumsum(chances[order]) - chances[order]` is what the likelier ones already reach.",
        "Keep `order[before < top_p]`, set all others to 0, and divide by the sum.",
    ],
    points=2,
    solution=_SOLUTION,
)
def token_chances(logits: Any, temperature: float, top_p: float) -> Any:
    """The reference: chances that add up to 1, with 0 where top-p cuts."""
    chances = softmax(logits / temperature)
    order = np.argsort(-chances)
    before = np.cumsum(chances[order]) - chances[order]
    kept = np.zeros_like(chances)
    stay = order[before < top_p]
    kept[stay] = chances[stay]
    return kept / kept.sum()
