"""Pooling: one number for each window of an image, its largest or its mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ...autograd import Array, record
from ...shapes import stack
from .convolution import pair

if TYPE_CHECKING:
    from ...tensors import Tensor


def _windows(name: str, x: Array, kernel: Any, stride: Any, padding: Any, fill: float) -> tuple:
    """The padded images, and the slices that hold element (i, j) of every window."""
    (kh, kw), (sh, sw), (ph, pw) = (
        pair(kernel),
        pair(kernel if stride is None else stride),
        pair(padding),
    )
    if x.dtype.kind != "f":
        raise NotImplementedError(f"{name}: course.scratch pools floats, got {x.dtype}")
    if x.ndim < 3:
        raise RuntimeError(
            f"{name}: expected images of shape (n, c, h, w) or (c, h, w), got {x.shape}"
        )
    if 2 * ph > kh or 2 * pw > kw:
        raise RuntimeError(f"{name}: padding {padding} is more than half the kernel {kernel}")
    h, w = x.shape[-2:]
    rows, columns = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    if rows < 1 or columns < 1:
        raise RuntimeError(
            f"{name}: a window of {kh}x{kw} is larger than the images of shape {x.shape}"
        )
    padded = x
    if ph or pw:
        around = [(0, 0)] * (x.ndim - 2) + [(ph, ph), (pw, pw)]
        padded = np.pad(x, around, constant_values=fill)
    slices = [
        (..., slice(i, i + sh * (rows - 1) + 1, sh), slice(j, j + sw * (columns - 1) + 1, sw))
        for i in range(kh)
        for j in range(kw)
    ]
    inner = (..., slice(ph, ph + h), slice(pw, pw + w))
    return padded, slices, inner, kh * kw


def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The largest element of each window; the gradient goes to the first one that is.

    Shape: (..., h, w) -> (..., h', w') with h' = (h + 2 padding - kernel) / stride + 1, rounded
    down.
    """
    x = input._array
    steps = pair(kernel_size if stride is None else stride)
    overlap = any(s < k for s, k in zip(steps, pair(kernel_size), strict=True))
    padded, slices, inner, _ = _windows("max_pool2d", x, kernel_size, stride, padding, -np.inf)
    out = padded[slices[0]].copy(order="K")
    for s in slices[1:]:
        np.maximum(out, padded[s], out=out)

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(padded)
        free = np.ones_like(out, bool)  # windows whose largest element has not been met yet
        broken = np.isnan(out).any()  # NaN is the largest of all, but equals nothing
        for s in slices:
            hit = padded[s] == out
            if broken:
                hit |= np.isnan(padded[s])
            hit &= free
            free ^= hit
            if overlap:
                dx[s] += g * hit
            else:
                np.multiply(g, hit, out=dx[s])
        return (dx[inner],)

    return record(out, (input,), backward, (input, None))


def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    *,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window; padding counts as zeros unless `count_include_pad` is false."""
    x = input._array
    padded, slices, inner, size = _windows("avg_pool2d", x, kernel_size, stride, padding, 0)
    share: Any = np.asarray(1 / size, x.dtype)
    if not count_include_pad:
        there = np.zeros(padded.shape[-2:], x.dtype)
        there[inner] = 1
        share = 1 / _total(there, slices)

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(padded)
        part = g * share
        for s in slices:
            dx[s] += part
        return (dx[inner],)

    return record(_total(padded, slices) * share, (input,), backward)


def _total(array: Array, slices: list) -> Array:
    out = array[slices[0]].copy(order="K")
    for s in slices[1:]:
        out += array[s]
    return out


def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """`max_pool2d` over the last dimension alone."""
    k, s, p = (None if v is None else pair(v)[0] for v in (kernel_size, stride, padding))
    return max_pool2d(input.unsqueeze(-2), (1, k), None if s is None else (1, s), (0, p)).squeeze(
        -2
    )


def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """`avg_pool2d` over the last dimension alone."""
    k, s, p = (None if v is None else pair(v)[0] for v in (kernel_size, stride, padding))
    return avg_pool2d(input.unsqueeze(-2), (1, k), None if s is None else (1, s), (0, p)).squeeze(
        -2
    )


def _bins(size: int, count: int) -> Iterator[slice]:
    """`count` windows that cover `size` places, as even as can be; neighbours may share a place."""
    for i in range(count):
        yield slice(i * size // count, -(-(i + 1) * size // count))


def _adaptive(input: Tensor, output_size: Any, fold: str) -> Tensor:
    h, w = input._array.shape[-2:]
    given = (
        (output_size, output_size)
        if output_size is None or isinstance(output_size, int)
        else output_size
    )
    rows, columns = (h if given[0] is None else given[0]), (w if given[1] is None else given[1])
    if rows and columns and h % rows == 0 and w % columns == 0:
        window = (h // rows, w // columns)
        return max_pool2d(input, window) if fold == "amax" else avg_pool2d(input, window)
    lines = [
        stack([getattr(input[..., r, c], fold)((-2, -1)) for c in _bins(w, columns)], -1)
        for r in _bins(h, rows)
    ]
    return stack(lines, -2)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The means of as many windows as `output_size` asks for (None keeps a size)."""
    return _adaptive(input, output_size, "mean")


def adaptive_max_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The largest elements of as many windows as `output_size` asks for (None keeps a size)."""
    return _adaptive(input, output_size, "amax")


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """`adaptive_avg_pool2d` over the last dimension alone."""
    return adaptive_avg_pool2d(input.unsqueeze(-2), (1, pair(output_size)[0])).squeeze(-2)


def adaptive_max_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """`adaptive_max_pool2d` over the last dimension alone."""
    return adaptive_max_pool2d(input.unsqueeze(-2), (1, pair(output_size)[0])).squeeze(-2)
