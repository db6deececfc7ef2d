"""What a trained model does with a text: scores, attention, and the chances of the next token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.language.sampling import probabilities
from course.training.engines import engine_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Inside:
    """One text inside a model.

    tokens: the last ones that the context holds. scores: (layers, heads, t, t), how well the query
    of each place fits the key of each, before the mask. logits: (vocabulary,), of the next token.
    """

    tokens: tuple[int, ...]
    scores: Array
    logits: Array

    @property
    def masked(self) -> Array:
        """The scores, minus infinity where a place would look at one that comes after it."""
        count = len(self.tokens)
        return np.where(np.triu(np.ones((count, count), bool), 1), -np.inf, self.scores)

    @property
    def weights(self) -> Array:
        """What each place looks at, (layers, heads, t, t): no future, rows add up to 1."""
        return softmax(self.masked)

    def chances(
        self, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
    ) -> Array:
        """The chances of the next token; raises ValueError as `sampling.probabilities` does."""
        return probabilities(self.logits, temperature, top_k, top_p)


def look_inside(model: Any, tokens: Sequence[int]) -> Inside:
    """Run `model`, a `gpt` of either engine, on the last of `tokens` that its context holds.

    Raises ValueError for no tokens.
    """
    kept = tuple(int(token) for token in tokens)[-model.config.context :]
    if not kept:
        raise ValueError("There is no token to look at: give a prompt of one token or more.")
    engine = engine_of(model)
    row = engine.tensor([list(kept)])
    logits: list[Any] = []
    hook = model.register_forward_hook(lambda module, given, made: logits.append(made))
    try:
        scores = model.attention_scores(row)
    finally:
        hook.remove()
    return Inside(
        kept,
        np.stack([layer[0].numpy() for layer in scores]).astype(np.float64),
        logits[-1][0, -1].detach().numpy().astype(np.float64),
    )


def softmax(scores: Array) -> Array:
    """exp(scores), divided so that each row (the last axis) adds up to 1."""
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def entropy(chances: Array) -> float:
    """The mean surprise, in nats, of a token drawn by these chances."""
    some = chances[chances > 0]
    return float(-(some * np.log(some)).sum())
