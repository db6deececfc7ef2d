"""Reading and writing elements by position: x[...], gather, index_select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import inplace, tensors
from .autograd import Array, record, unbroadcast, viewing
from .devices import beside, on_cpu
from .foreign import strangers, unfit
from .operands import operand
from .reductions import axis

if TYPE_CHECKING:
    from .tensors import Tensor


def _parts(index: Any) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def as_index(index: Any, x: Array) -> Any:
    """An index of tensors, lists, slices and numbers as NumPy takes it, to be used on `x`."""
    if isinstance(index, tuple):
        return tuple([as_index(i, x) for i in index])
    if isinstance(index, tensors.Tensor):
        if index._array.dtype.kind == "f":
            raise IndexError(
                f"tensors used as indices must hold integers or booleans, got {index.dtype}"
            )
        return beside(index._array, x)
    if isinstance(index, slice) and index.step is not None and index.step < 0:
        raise ValueError("slices with a negative step are not in PyTorch either; use .flip(dim)")
    return np.asarray(index, like=x) if isinstance(index, list) else index


def _is_basic(index: Any) -> bool:
    """Whether the index reads each element at most once: numbers, slices, None and `...` only."""
    return all(
        isinstance(i, int | slice | type(None) | type(...)) and not isinstance(i, bool)
        for i in _parts(index)
    )


def _read(x: Array, index: Any) -> Array:
    try:
        # With `...` in it the index gives a view, also where it names a single element.
        whole = _is_basic(index) and ... not in _parts(index)
        return x[(*_parts(index), ...) if whole else index]
    except IndexError as error:
        for stranger in strangers(_parts(index)):
            raise unfit("index", stranger) from None
        raise IndexError(f"index: shape {x.shape} cannot be indexed so: {error}") from None


def getitem(input: Tensor, index: Any) -> Tensor:
    """`input[index]`: by numbers and slices a view, by masks and integer tensors a copy."""
    kept = tuple([i for i in _parts(index) if isinstance(i, tensors.Tensor)])
    x = input._array
    index = as_index(index, x)
    basic = _is_basic(index)

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        if basic:
            dx[index] = g
        else:
            add_at(dx, index, g)
        return (dx,)

    out = record(_read(x, index), (input,), backward, kept)
    return viewing(out, input) if basic else out


def add_at(target: Array, index: Any, values: Array) -> None:
    """`target[index] += values`, counting an element as often as the index names it."""
    if getattr(index, "ndim", 0) and index.dtype.kind in "iu":
        rows = index.ravel() % max(len(target), 1)
        target += sum_rows(rows, values.reshape(len(rows), -1), len(target)).reshape(target.shape)
    else:
        np.add.at(target, index, values)


def sum_rows(rows: Array, values: Array, count: int) -> Array:
    """Add row i of `values` (n, d) into row `rows[i]` of a (count, d) array of zeros.

    A product with one-hot rows is fastest for few targets; else sorting the rows brings equal ones
    together, and `reduceat` sums each run (np.add.at takes 14 times as long).
    """
    if count * len(rows) <= 1 << 20 and values.dtype.kind == "f":
        one_hot = np.zeros((count, len(rows)), values.dtype, like=values)
        one_hot[rows, np.arange(len(rows), like=rows)] = 1
        return one_hot @ values
    out = np.zeros((count, values.shape[1]), values.dtype, like=values)
    if not on_cpu(values):
        np.add.at(out, rows, values)  # a GPU adds into one place from many threads
    elif len(rows):
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        out[ordered[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return out


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """`input[index] = value`, in place; gradients flow to `value` and to the rest of `input`."""
    source = operand("index assignment", value, input)
    before = inplace.begin(input, "index assignment", (source,))
    kept_too = tuple([i for i in _parts(index) if isinstance(i, tensors.Tensor)])
    index = as_index(index, input._array)
    shape = _read(input._array, index).shape
    try:
        input._array[index] = beside(source._array, input._array)
    except ValueError:
        raise RuntimeError(
            f"index assignment: values of shape {source._array.shape} do not fit the places of "
            f"shape {shape}"
        ) from None

    def backward(g: Array) -> tuple:
        kept = np.array(g, like=input._array)
        kept[index] = 0
        given = np.asarray(g[index], like=kept)
        given = given.reshape((1,) * (source._array.ndim - given.ndim) + given.shape)
        return kept, unbroadcast(given, source._array.shape).astype(source.dtype, copy=False)

    inplace.finish(input, before, record(input._array, (before, source), backward, kept_too))


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """`out[i][j] = input[index[i][j]][j]` (for dim 0): pick along `dim`, place by place."""
    x, where = input._array, index._array
    over = axis("gather", x, dim)
    if not where.size:
        return record(
            np.empty(where.shape, x.dtype, like=x), (input,), lambda g: (np.zeros_like(x),)
        )
    if {where.ndim, x.ndim} == {0, 1}:  # a number stands for a vector of one
        return gather(input.reshape(-1), 0, index.reshape(-1)).reshape(where.shape)
    if where.ndim != x.ndim or any(
        n > m for i, (n, m) in enumerate(zip(where.shape, x.shape, strict=True)) if i != over
    ):
        raise RuntimeError(
            f"gather: an index of shape {where.shape} does not fit {x.shape}: it needs as many "
            f"dimensions, and no larger size but in dim {dim}"
        )
    size = x.shape[over] if x.ndim else 1
    if not (where.min() >= 0 and where.max() < size):
        raise RuntimeError(f"gather: indices along dim {dim} must be from 0 to {size - 1}")
    places = [
        np.arange(n, like=x).reshape((-1,) + (1,) * (where.ndim - i - 1))
        for i, n in enumerate(where.shape)
    ]
    if places:
        places[over] = where

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        np.add.at(dx, tuple(places), g)
        return (dx,)

    return record(x[tuple(places)], (input,), backward, (index,))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` that the 1-dimensional `index` lists."""
    over = axis("index_select", input._array, dim)
    if not input.ndim:
        return index_select(input.reshape(1), 0, index).reshape(())
    return getitem(input, (slice(None),) * over + (index,))


def nonzero(input: Tensor) -> Tensor:
    """The positions of all elements that are not zero: one row a position."""
    return tensors.wrap(np.argwhere(input._array))
