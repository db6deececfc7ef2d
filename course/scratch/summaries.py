"""Reductions that are needed less often: median, unique, running products, differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import tensors
from .autograd import Array, record
from .indexing import gather
from .reductions import Extreme, axes, axis, mean, sort, std, var
from .shapes import diagonal, narrow

if TYPE_CHECKING:
    from .reductions import Dim
    from .tensors import Tensor


def var_mean(
    input: Tensor, dim: Dim = None, *, correction: int = 1, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    """The variance and the mean over `dim`."""
    return var(input, dim, correction=correction, keepdim=keepdim), mean(input, dim, keepdim)


def std_mean(
    input: Tensor, dim: Dim = None, *, correction: int = 1, keepdim: bool = False
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean over `dim`."""
    return std(input, dim, correction=correction, keepdim=keepdim), mean(input, dim, keepdim)


def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle element, the lower of two; over one `dim`, the pair (values, indices)."""
    if dim is None:
        return median(input.reshape(-1), 0).values
    if not input.ndim:
        return Extreme(input.clone(), tensors.wrap(np.zeros((), np.int64)))
    over = axis("median", input._array, dim)
    if not input.shape[over]:
        raise IndexError(f"median: shape {tuple(input.shape)} has no elements to choose from")
    values, order = sort(input, over)
    last = input.shape[over] - 1
    has_nan = np.isnan(values._array).any(axis=over, keepdims=True)  # NaN stands last, and wins
    place = tensors.wrap(np.where(has_nan, last, last // 2))
    picked = gather(values, over, place), gather(order, over, place)
    return Extreme(*(picked if keepdim else (p.squeeze(over) for p in picked)))


def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many elements (over `dim`) are not zero."""
    over = axes("count_nonzero", input._array, dim)
    return tensors.wrap(np.asarray(np.count_nonzero(input._array, axis=over or None)))


def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False
) -> Any:
    """The different elements in order; also where each element is among them, and how often each."""
    values, inverse, counts = np.unique(input._array, return_inverse=True, return_counts=True)
    inverse = inverse.reshape(input._array.shape)
    asked = [True, return_inverse, return_counts]
    given = [tensors.wrap(a) for a, on in zip((values, inverse, counts), asked, strict=True) if on]
    return tuple(given) if len(given) > 1 else given[0]


def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, got shape {tuple(input.shape)}")
    return diagonal(input).sum()


def diff(input: Tensor, n: int = 1, dim: int = -1) -> Tensor:
    """The differences of neighbours along `dim`, `n` times over."""
    over = axis("diff", input._array, dim)
    if not input.ndim:
        raise RuntimeError("diff: a tensor without dimensions has no neighbours")
    for _ in range(n):
        size = max(input.shape[over] - 1, 0)
        start = min(input.shape[over], 1)
        after, before = narrow(input, over, start, size), narrow(input, over, 0, size)
        input = after != before if input.dtype.kind == "b" else after - before
    return input


def cumprod(input: Tensor, dim: int) -> Tensor:
    """The running product along `dim`."""
    x = input._array
    over = axis("cumprod", x, dim)
    if not x.ndim:
        return input.clone()
    kind = None if x.dtype.kind == "f" else np.int64
    out = x.cumprod(axis=over, dtype=kind)

    def backward(g: Array) -> tuple:
        # What an element changes: the product before it, times what follows as it passes on. So
        # zeros, by which the whole product cannot be divided, need no care.
        factors, ahead = np.moveaxis(x, over, 0), np.moveaxis(g, over, 0).copy()
        for i in reversed(range(len(factors) - 1)):
            ahead[i] += factors[i + 1] * ahead[i + 1]
        ahead[1:] *= np.moveaxis(out, over, 0)[:-1]
        return (np.moveaxis(ahead, 0, over),)

    return record(out, (input,), backward, (input, None))
