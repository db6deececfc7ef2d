"""Writing with a language model: from logits to probabilities, and on, one token at a time."""

import math
from collections.abc import Iterator, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.training.engines import engine_of


def probabilities(
    logits: ArrayLike, temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
) -> NDArray[np.float64]:
    """The chances of each token under the usual settings; they add up to 1.

    logits: (..., vocabulary). temperature: divides the logits; 0 leaves the likeliest token alone.
    top_k: only so many of the likeliest tokens stay (None: all). top_p: only the likeliest tokens
    stay that together reach this share, at least one (Holtzman et al. 2020).
    Raises ValueError for settings out of range, or logits that leave no token.
    """
    _check(temperature, top_k, top_p)
    scores = np.asarray(logits, np.float64)
    if not scores.size or np.isnan(scores).any() or not np.isfinite(scores.max(-1)).all():
        raise ValueError("The logits hold NaN, or no finite largest value: no token can be drawn.")
    # By falling score, equal ones in their order; filters then are cuts of the sorted list.
    order = np.argsort(-scores, axis=-1, kind="stable")
    ranked = np.take_along_axis(scores, order, -1)
    if temperature == 0:
        ranked, top_k = ranked - ranked[..., :1], 1
    else:
        ranked = (ranked - ranked[..., :1]) / temperature
    if top_k is not None:
        ranked[..., top_k:] = -np.inf
    chances = np.exp(ranked)
    chances /= chances.sum(-1, keepdims=True)
    before = np.cumsum(chances, -1) - chances  # what the likelier tokens already reach
    chances[before >= top_p] = 0
    chances /= chances.sum(-1, keepdims=True)
    result = np.empty_like(chances)
    np.put_along_axis(result, order, chances, -1)
    return result


def generate(
    model: Any,
    tokens: Sequence[int],
    count: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
    seed: int | None = None,
    use_cache: bool = True,
) -> Iterator[int]:
    """Draw `count` tokens that follow `tokens`, each handed out as soon as it is drawn.

    model: a `gpt` of either engine. Where the text outgrows the context, the model sees its end.
    use_cache: keep keys and values instead of computing them again; same tokens, less work.
    Raises ValueError for no tokens to begin with (begin with one that separates texts), for tokens
    outside the vocabulary, and for settings out of range.
    """
    _check(temperature, top_k, top_p)
    config = model.config
    text = [int(token) for token in tokens]
    if not text:
        raise ValueError(
            "There is no token to begin with: give a prompt, or the token that separates texts."
        )
    for token in text:
        if not 0 <= token < config.vocabulary:
            raise ValueError(
                f"Token {token} is not in the model's vocabulary, 0 to {config.vocabulary - 1}: "
                "encode the prompt with the tokenizer that the model was trained with."
            )
    if not isinstance(count, int) or count < 0:
        raise ValueError(f"count must be a whole number, 0 or more, got {count!r}.")
    return _draw(model, text, count, (temperature, top_k, top_p), seed, use_cache)


def _draw(
    model: Any, text: list[int], count: int, settings: tuple, seed: int | None, use_cache: bool
) -> Iterator[int]:
    engine, context = engine_of(model), model.config.context
    stream = np.random.default_rng(seed)
    cache: list = []
    new = text[-context:]
    for _ in range(count):
        if not use_cache or (cache and cache[0][0].shape[2] + len(new) > context):
            cache, new = [], text[-context:]  # places have moved: nothing kept is right any more
        with engine.no_grad():
            logits = model(engine.tensor([new]), cache)[0, -1].numpy()
        chances = probabilities(logits, *settings)
        token = int(stream.choice(len(chances), p=chances))
        text.append(token)
        new = [token]
        yield token


def perplexity(loss: float) -> float:
    """e to the mean loss a token (natural logarithm): among how many equal tokens it chooses."""
    return math.exp(loss)


def _check(temperature: float, top_k: int | None, top_p: float) -> None:
    if not _is_number(temperature) or not 0 <= temperature < math.inf:
        raise ValueError(
            f"temperature must be 0 or more, got {temperature!r}. 0 takes the likeliest token, 1 "
            "leaves the chances as the model gives them, more makes them more even."
        )
    if top_k is not None and (not _is_number(top_k) or top_k % 1 or top_k < 1):
        raise ValueError(f"top_k must be a whole number from 1, or None for all, got {top_k!r}.")
    if not _is_number(top_p) or not 0 < top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1 (1 keeps all), got {top_p!r}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
