"""Operations for a token, forward and in training, with and without attention and recomputation."""

from __future__ import annotations

from course.scale.parameters import multiplied_parameters, parts
from course.scale.shapes import Shape

RECOMPUTE = {
    "none": "nothing is recomputed",
    "selective": "attention's scores are recomputed",
    "full": "every layer is recomputed",
}


def forward_flops(shape: Shape, context: int, causal: bool = False) -> float:
    """Operations for one token of a text of ``context`` tokens, forward.

    Twice the entries of every matrix that the token is multiplied with (a multiplication and an
    addition each), and attention. Published counts let every token see the whole text; with
    ``causal`` it sees those before it, on average half.
    """
    return 2.0 * multiplied_parameters(shape) + attention_flops(shape, context, causal)


def attention_flops(shape: Shape, context: int, causal: bool = False) -> float:
    """Operations for one token's scores and their use, in all layers, forward."""
    if context < 1:
        raise ValueError(f"context must be 1 token or more, not {context!r}")
    full = shape.layers - shape.windowed_layers
    seen = full * _seen(context, context, causal)
    seen += shape.windowed_layers * _seen(context, shape.window or context, causal)
    return 2.0 * (shape.query_width + shape.value_width) * seen


def _seen(context: int, window: int, causal: bool) -> float:
    """Tokens that a token sees, on average over the text."""
    window = min(window, context)
    if not causal:
        return float(window)
    growing = window * (window + 1) / 2
    return (growing + (context - window) * window) / context


def training_flops(
    shape: Shape, context: int, recompute: str = "none", causal: bool = False
) -> float:
    """Operations for one token in training: forward, twice that backward, and what is recomputed.

    recompute: "none", "selective" (attention's scores again) or "full" (each layer again, not the
    head). Raises ValueError for another word.
    """
    if recompute not in RECOMPUTE:
        raise ValueError(f"recompute is {recompute!r}; expected {', '.join(RECOMPUTE)}")
    forward = forward_flops(shape, context, causal)
    again = 0.0
    if recompute == "selective":
        again = attention_flops(shape, context, causal)
    elif recompute == "full":
        again = forward - 2.0 * _head(shape)
    return 3.0 * forward + again


def _head(shape: Shape) -> int:
    return shape.vocab * (shape.embedding_width or shape.hidden)


def rule_of_thumb(shape: Shape) -> float:
    """Six operations a parameter that the token meets: the estimate that everybody uses."""
    return 6.0 * sum(part.active_count for part in parts(shape))
