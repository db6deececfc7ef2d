"""Padding, which puts a border round images and sequences, and resizing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...autograd import Array, record
from ...indexing import index_select
from ...tensors import wrap

if TYPE_CHECKING:
    from ...tensors import Tensor

_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}  # PyTorch's, NumPy's


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """`input` with a border: of `value` (0), or of its own elements by another `mode`.

    `pad` is (left, right), (left, right, top, bottom), ... from the last dimension on; negative
    numbers cut off. Modes: "constant", "reflect", "replicate", "circular".
    """
    x = input._array
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise RuntimeError(
            f"pad: {tuple(pad)} must hold a pair for each of at most {x.ndim} dimensions"
        )
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2) + [
        (pad[i], pad[i + 1]) for i in reversed(range(0, len(pad), 2))
    ]
    if any(before + n + after < 0 for n, (before, after) in zip(x.shape, pairs, strict=True)):
        raise RuntimeError(f"pad: {tuple(pad)} cuts off more than shape {x.shape} has")
    if mode == "constant":
        return _constant(input, pairs, 0 if value is None else value)
    if mode not in _MODES:
        raise NotImplementedError(f"pad: mode is 'constant' or one of {list(_MODES)}, got {mode!r}")
    for dim, (before, after) in enumerate(pairs):
        if before or after:
            size = x.shape[dim]
            limit = {"reflect": size - 1, "circular": size}.get(mode, max(before, after))
            if min(before, after) < 0 and mode == "circular":
                raise NotImplementedError(
                    f"pad: {tuple(pad)} cuts off, which 'circular' leaves out"
                )
            if max(before, after) > limit or not size:
                raise RuntimeError(
                    f"pad: mode {mode!r} can add up to {limit} to size {size}, got "
                    f"{(before, after)}"
                )
            border = (max(before, 0), max(after, 0))
            places = np.pad(np.arange(size), border, mode=_MODES[mode])  # type: ignore[call-overload]
            places = places[max(-before, 0) : len(places) - max(-after, 0)]
            input = index_select(input, dim, wrap(places))
    return input


def _constant(input: Tensor, pairs: list[tuple[int, int]], value: float) -> Tensor:
    x = input._array
    sizes = [before + n + after for n, (before, after) in zip(x.shape, pairs, strict=True)]
    out = np.full(sizes, value, x.dtype)
    # Where the elements that stay are in the result, and where they were in the input.
    inner = tuple(
        slice(max(before, 0), size - max(after, 0))
        for size, (before, after) in zip(sizes, pairs, strict=True)
    )
    kept = tuple(
        slice(max(-before, 0), n - max(-after, 0))
        for n, (before, after) in zip(x.shape, pairs, strict=True)
    )
    out[inner] = x[kept]

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        dx[kept] = g[inner]
        return (dx,)

    backward.__qualname__ = "pad"
    return record(out, (input,), backward)


def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest"
) -> Tensor:
    """Images (n, c, h, w) or sequences (n, c, length) in another `size`, by the nearest element.

    Give `size`, or by which `scale_factor` to grow (one number or one a dimension). Other modes
    than "nearest" are left out.
    """
    if mode != "nearest":
        raise NotImplementedError(
            f"interpolate: course.scratch has mode='nearest' alone, got {mode!r}"
        )
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give size or scale_factor, and not both")
    old = input.shape[2:]
    given = size if scale_factor is None else scale_factor
    each = list(given) if isinstance(given, Sequence) else [given] * len(old)
    if len(each) != len(old):
        raise ValueError(f"interpolate: {given} does not fit the {len(old)} dimensions of {old}")
    for i, (n, wanted) in enumerate(zip(old, each, strict=True)):
        count = wanted if scale_factor is None else int(n * wanted)
        step = n / count if scale_factor is None else 1 / wanted
        places = np.minimum(np.floor(np.arange(count) * step).astype(np.int64), n - 1)
        input = index_select(input, 2 + i, wrap(places))
    return input
