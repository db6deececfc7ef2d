"""Exercises: causal attention, a mask with two bugs, and the cache of keys and values."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import as_exercise, case, probe, slip
from course.language.inside import softmax

_SOLUTION = "../solutions/07_language_model.ipynb"


def _qkv(t: int, size: int, seed: int, heads: int = 0) -> tuple[Any, Any, Any]:
    shape = (heads, t, size) if heads else (t, size)
    rng = np.random.default_rng(seed)
    q, k, v = (rng.normal(size=shape) * 1.5 for _ in range(3))
    return q, k, v


@as_exercise(
    cases=[
        case(*_qkv(3, 4, 0)).named("3 tokens, size 4"),
        case(*_qkv(7, 8, 1)).named("7 tokens, size 8"),
        case(*_qkv(1, 4, 2)).named("a single token"),
        case(*_qkv(5, 4, 3, heads=2)).named("2 heads of 5 tokens"),
        case(*(100 * part for part in _qkv(4, 4, 4))).named("very large numbers"),
    ],
    mistakes=[
        slip(
            "The scores are not divided by the square root of the size, so the softmax is too sharp.",
            " / q.shape[-1] ** 0.5",
            "",
        ),
        slip(
            "The scores are divided by the size itself; it should be its square root.",
            "q.shape[-1] ** 0.5",
            "q.shape[-1]",
        ),
        slip(
            "The wrong triangle is masked: each place looks at what comes after it. Hide the places *above* the diagonal.",
            "np.triu(np.ones((t, t), bool), 1)",
            "np.tril(np.ones((t, t), bool), -1)",
        ),
        slip(
            "The diagonal is hidden too, so no token sees itself, and the first sees nothing: begin one above the diagonal.",
            "np.triu(np.ones((t, t), bool), 1)",
            "np.triu(np.ones((t, t), bool), 0)",
        ),
        slip(
            "There is no mask: every place looks at the future, which it is to predict.",
            "np.where(future, -np.inf, scores)",
            "scores",
        ),
        slip(
            "Hidden scores are 0, and exp(0) is 1: hidden places still get weight. They need minus infinity.",
            "np.where(future, -np.inf, scores)",
            "np.where(future, 0.0, scores)",
        ),
    ],
    hints=[
        "Three steps: `q @ np.swapaxes(k, -1, -2)`, divided by the square root of the size; mask; softmax over the last axis, times v.",
        "`future = np.triu(np.ones((t, t), bool), 1)` is True where a column comes after its row.",
        "`np.where(future, -np.inf, scores)`, then subtract each row's maximum before `np.exp`, so that nothing overflows.",
    ],
    points=3,
    solution=_SOLUTION,
)
def causal_attention(q: Any, k: Any, v: Any) -> Any:
    """The reference: scaled dot-product attention without the future."""
    t = q.shape[-2]
    scores = q @ np.swapaxes(k, -1, -2) / q.shape[-1] ** 0.5
    future = np.triu(np.ones((t, t), bool), 1)
    return softmax(np.where(future, -np.inf, scores)) @ v


def weights_with_bugs(scores: Any) -> Any:
    """The lesson's code: the mask comes after the softmax, and hides the diagonal too."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = raised / raised.sum(axis=1, keepdims=True)
    return np.where(np.triu(np.ones_like(scores)) == 1, 0, weights)


def _normalised_again(scores: Any) -> Any:
    weights = np.tril(softmax(scores))
    return weights / np.trace(weights)


@as_exercise(
    cases=[
        case(np.random.default_rng(0).normal(size=(3, 3))).named("3 tokens"),
        case(np.random.default_rng(1).normal(size=(6, 6)) * 3).named("6 tokens"),
        case(np.zeros((4, 4))).named("4 tokens with equal scores"),
        case(np.ones((1, 1))).named("a single token"),
    ],
    mistakes=[
        (
            weights_with_bugs,
            "Both bugs are still there. Add up each row: what is missing? And what does the first token look at?",
        ),
        slip(
            "The mask comes first now, but it still hides the diagonal: the first token has nothing to look at.",
            "np.triu(np.ones_like(scores), 1)",
            "np.triu(np.ones_like(scores))",
        ),
        (
            lambda scores: np.tril(softmax(scores)),
            "The triangle is right now, but the rows do not add up to 1: what the softmax gave to the future is thrown away "
            "afterwards. Mask the scores *before* the softmax.",
        ),
        (
            lambda scores: np.triu(
                softmax(np.where(np.tril(np.ones_like(scores), -1) == 1, -np.inf, scores))
            ),
            "The wrong triangle is hidden now: each token looks only at itself and those after it.",
        ),
        (
            _normalised_again,
            "All rows are divided by one number. Each row has a sum of its own.",
        ),
    ],
    hints=[
        "Print the result for `np.zeros((3, 3))`, and `.sum(axis=1)` of it.",
        "`np.triu(x)` keeps the diagonal, `np.triu(x, 1)` begins above it.",
        "Set the future's *scores* to `-np.inf`, then take the softmax: exp(-inf) is 0.",
    ],
    points=2,
    solution=_SOLUTION,
)
def attention_weights(scores: Any) -> Any:
    """The reference: softmax of masked scores."""
    masked = np.where(np.triu(np.ones_like(scores), 1) == 1, -np.inf, scores)
    raised = np.exp(masked - masked.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _generation(t: int, size: int, seed: int) -> Any:
    """What a function gives for `t` tokens that come one after the other, and what it keeps."""
    q, k, v = _qkv(t, size, seed)

    def run(attend_next: Any) -> dict[str, Any]:
        cache: dict[str, Any] = {"k": np.empty((0, size)), "v": np.empty((0, size))}
        rows = [np.array(attend_next(q[n], k[n], v[n], cache)) for n in range(t)]
        return {
            "results, token by token": np.stack(rows),
            "shape of the keys kept": np.shape(cache["k"]),
            "shape of the values kept": np.shape(cache["v"]),
        }

    return run


@as_exercise(
    cases=[
        probe(_generation(1, 4, 0), "one token"),
        probe(_generation(4, 4, 1), "4 tokens, size 4"),
        probe(_generation(9, 8, 2), "9 tokens, size 8"),
    ],
    mistakes=[
        slip(
            "The new key and value are kept only after the attention, so the token does not see itself.",
            'cache["k"] = np.vstack([cache["k"], k])\n    cache["v"] = np.vstack([cache["v"], v])\n    scores = cache["k"] @ q / len(q) ** 0.5\n    return softmax(scores) @ cache["v"]',
            'scores = cache["k"] @ q / len(q) ** 0.5\n    result = softmax(scores) @ cache["v"] if len(scores) else v\n    cache["k"] = np.vstack([cache["k"], k])\n    cache["v"] = np.vstack([cache["v"], v])\n    return result',
        ),
        slip(
            "The values are replaced instead of added: keep one row for each token.",
            'cache["v"] = np.vstack([cache["v"], v])',
            'cache["v"] = np.tile(v, (len(cache["k"]), 1))',
        ),
        slip("The scores are not divided by the square root of the size.", " / len(q) ** 0.5", ""),
        slip(
            "The order is turned: the newest key comes last, as the newest value does.",
            'np.vstack([cache["k"], k])',
            'np.vstack([k, cache["k"]])',
        ),
    ],
    hints=[
        'First add the new row: `cache["k"] = np.vstack([cache["k"], k])`, and the same for the values.',
        "One query meets all keys: the scores are a row of as many numbers as there are tokens so far.",
        "No mask is needed: what comes later has not been computed yet.",
    ],
    points=2,
    solution=_SOLUTION,
)
def attend_next(q: Any, k: Any, v: Any, cache: Any) -> Any:
    """The reference: the newest token's attention, with the keys and values kept in `cache`."""
    cache["k"] = np.vstack([cache["k"], k])
    cache["v"] = np.vstack([cache["v"], v])
    scores = cache["k"] @ q / len(q) ** 0.5
    return softmax(scores) @ cache["v"]
