"""Keys and values that are kept while a text is written: bytes by shape and length."""

from __future__ import annotations

from course.scale.shapes import Shape


def kv_numbers(shape: Shape) -> int:
    """Numbers kept for one token in one layer: keys and values of each head, or the latent."""
    if shape.latent:
        return shape.latent.kv + shape.latent.rope
    return 2 * shape.kv_heads * shape.head_dim


def kv_bytes(shape: Shape, tokens: int, texts: int = 1, width: float = 2) -> float:
    """Bytes kept for ``texts`` texts of ``tokens`` tokens, with ``width`` bytes a number.

    A layer with a window keeps that many tokens at most. Raises ValueError for fewer than 0
    tokens or texts, or a width that is not above 0.
    """
    if tokens < 0 or texts < 0 or not width > 0:
        raise ValueError(
            f"tokens and texts must be 0 or more and width above 0, not {tokens!r}, {texts!r}, {width!r}"
        )
    kept = (shape.layers - shape.windowed_layers) * tokens
    kept += shape.windowed_layers * min(tokens, shape.window or tokens)
    return float(kept) * kv_numbers(shape) * texts * width


def without_sharing(shape: Shape) -> int:
    """Numbers a token and layer would need if every head had keys and values of its own."""
    value = shape.latent.value if shape.latent else shape.head_dim
    return shape.query_width + shape.heads * value
