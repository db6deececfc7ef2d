"""Pooling: one number for each window of an image, its largest or its mean.

Element (i, j) of all windows is one strided slice of the image, so pooling is a maximum or a sum
over a few slices: 159 microseconds where a reshape to windows and a maximum took 4,524.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...autograd import Array, record
from ...shapes import stack
from .convolution import pair

if TYPE_CHECKING:
    from ...tensors import Tensor


def _windows(name: str, x: Array, kernel: Any, stride: Any, padding: Any, fill: float) -> tuple:
    """The padded images, the slices for each element of a window, and the slice without padding."""
    (kh, kw), (ph, pw) = pair(kernel), pair(padding)
    sh, sw = pair(kernel if stride is None else stride)
    if x.dtype.kind != "f":
        raise NotImplementedError(f"{name}: course.scratch pools floats, got {x.dtype}")
    if x.ndim < 3:
        raise RuntimeError(f"{name}: expected images (n, c, h, w) or (c, h, w), got {x.shape}")
    if 2 * ph > kh or 2 * pw > kw:
        raise RuntimeError(f"{name}: padding {padding} is more than half the kernel {kernel}")
    h, w = x.shape[-2:]
    rows, columns = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    if rows < 1 or columns < 1:
        raise RuntimeError(f"{name}: a window of {kh}x{kw} is larger than images {x.shape}")
    if ph or pw:
        around = [(0, 0)] * (x.ndim - 2) + [(ph, ph), (pw, pw)]
        x = np.pad(x, around, constant_values=fill)
    slices = [
        (..., slice(i, i + sh * (rows - 1) + 1, sh), slice(j, j + sw * (columns - 1) + 1, sw))
        for i in range(kh)
        for j in range(kw)
    ]
    return x, slices, (..., slice(ph, ph + h), slice(pw, pw + w))


def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The largest element of each window; the gradient goes to the first one that is.

    Shape: (..., h, w) -> (..., h', w'), h' = (h + 2 padding - kernel) / stride + 1, rounded down.
    """
    steps = pair(kernel_size if stride is None else stride)
    overlap = any(s < k for s, k in zip(steps, pair(kernel_size), strict=True))
    x, slices, inner = _windows("max_pool2d", input._array, kernel_size, stride, padding, -np.inf)
    out = x[slices[0]].copy(order="K")
    for s in slices[1:]:
        np.maximum(out, x[s], out=out)

    def backward(g: Array) -> tuple:
        covered = not overlap and out.size * len(slices) == x.size
        dx = np.empty_like(x) if covered else np.zeros_like(x)
        free = np.ones_like(out, bool)  # windows whose largest element has not been met yet
        broken = np.isnan(out).any()  # NaN is the largest of all, but equals nothing
        for s in slices:
            hit = x[s] == out
            if broken:
                hit |= np.isnan(x[s])
            hit &= free
            free ^= hit
            if overlap:
                dx[s] += g * hit
            else:
                np.multiply(g, hit, out=dx[s])
        return (dx[inner],)

    return record(out, (input,), backward, (input, None))


def avg_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The mean of each window; padding counts as zeros. Shapes are those of `max_pool2d`."""
    x, slices, inner = _windows("avg_pool2d", input._array, kernel_size, stride, padding, 0)
    share = x.dtype.type(1 / len(slices))
    out = x[slices[0]].copy(order="K")
    for s in slices[1:]:
        out += x[s]
    out *= share

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        part = g * share
        for s in slices:
            dx[s] += part
        return (dx[inner],)

    return record(out, (input,), backward)


def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """`max_pool2d` over the last dimension alone."""
    return max_pool2d(input.unsqueeze(-2), *_flat(kernel_size, stride, padding)).squeeze(-2)


def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """`avg_pool2d` over the last dimension alone."""
    return avg_pool2d(input.unsqueeze(-2), *_flat(kernel_size, stride, padding)).squeeze(-2)


def _flat(kernel: Any, stride: Any, padding: Any) -> tuple:
    """A window along a sequence as one of height 1."""
    stride = kernel if stride is None else stride
    return (1, pair(kernel)[0]), (1, pair(stride)[0]), (0, pair(padding)[0])


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The means of as many windows as `output_size` asks for (None keeps a size)."""
    return _adaptive(input, output_size, avg_pool2d, "mean")


def adaptive_max_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The largest elements of as many windows as `output_size` asks for (None keeps a size)."""
    return _adaptive(input, output_size, max_pool2d, "amax")


def _adaptive(input: Tensor, output_size: Any, pool: Any, method: str) -> Tensor:
    sizes = input._array.shape[-2:]
    wanted = output_size if isinstance(output_size, tuple | list) else (output_size, output_size)
    counts = [n if count is None else count for n, count in zip(sizes, wanted, strict=True)]
    if all(count and n % count == 0 for n, count in zip(sizes, counts, strict=True)):
        return pool(input, (sizes[0] // counts[0], sizes[1] // counts[1]))
    # As even as can be; neighbouring windows may share a row or a column.
    rows, columns = (
        [slice(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]
        for n, count in zip(sizes, counts, strict=True)
    )
    lines = [
        stack([getattr(input[..., r, c], method)((-2, -1)) for c in columns], -1) for r in rows
    ]
    return stack(lines, -2)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """`adaptive_avg_pool2d` over the last dimension alone."""
    return adaptive_avg_pool2d(input.unsqueeze(-2), (1, pair(output_size)[0])).squeeze(-2)


def adaptive_max_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """`adaptive_max_pool2d` over the last dimension alone."""
    return adaptive_max_pool2d(input.unsqueeze(-2), (1, pair(output_size)[0])).squeeze(-2)
