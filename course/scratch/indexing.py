"""Reading and writing elements by position: x[...], gather, scatter, index_select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import inplace, tensors
from .autograd import Array, record, unbroadcast
from .reductions import axis

if TYPE_CHECKING:
    from .tensors import Tensor


def as_index(index: Any) -> Any:
    """An index of tensors, lists, slices and numbers as NumPy takes it."""
    if isinstance(index, tuple):
        return tuple(as_index(i) for i in index)
    if isinstance(index, tensors.Tensor):
        array = index._array
        if array.dtype.kind == "f":
            raise IndexError(
                f"tensors used as indices must hold integers or booleans, got {array.dtype}"
            )
        return array
    return np.asarray(index) if isinstance(index, list) else index


def _tensors_in(index: Any) -> tuple[Tensor, ...]:
    parts = index if isinstance(index, tuple) else (index,)
    return tuple([i for i in parts if isinstance(i, tensors.Tensor)])


def _is_basic(index: Any) -> bool:
    """Whether the index reads each element at most once: numbers, slices, None and `...` only."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        isinstance(i, int | slice | type(None) | type(...)) and not isinstance(i, bool)
        for i in parts
    )


def checked(x: Array, index: Any) -> Array:
    """`x[index]`, with PyTorch's limits and a sentence when it fails."""
    for i in index if isinstance(index, tuple) else (index,):
        if isinstance(i, slice) and i.step is not None and i.step < 0:
            raise ValueError(
                "slices with a negative step are not in PyTorch either; use .flip(dim)"
            )
    try:
        found = x[index]
        if isinstance(found, np.generic) and _is_basic(index):  # a view of one element
            found = x[(*index, ...) if isinstance(index, tuple) else (index, ...)]
        return found
    except IndexError as error:
        raise IndexError(f"index: shape {x.shape} cannot be indexed so: {error}") from None


def getitem(input: Tensor, index: Any) -> Tensor:
    """`input[index]`: by numbers and slices a view, by masks and integer tensors a copy."""
    kept = _tensors_in(index)
    index = as_index(index)
    x = input._array
    basic = _is_basic(index)

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        if basic:
            dx[index] = g
        else:
            add_at(dx, index, g)
        return (dx,)

    out = record(checked(x, index), (input,), backward, kept)
    if basic:
        out._base = input if input._base is None else input._base
    return out


def add_at(target: Array, index: Any, values: Array) -> None:
    """`target[index] += values`, counting an element as often as the index names it."""
    if isinstance(index, np.ndarray) and index.dtype.kind in "iu":
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
        one_hot = np.zeros((count, len(rows)), values.dtype)
        one_hot[rows, np.arange(len(rows))] = 1
        return one_hot @ values
    out = np.zeros((count, values.shape[1]), values.dtype)
    if len(rows):
        order = np.argsort(rows, kind="stable")
        ordered = rows[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        out[ordered[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return out


def setitem(input: Tensor, index: Any, value: Any) -> None:
    """`input[index] = value`, in place; gradients flow to `value` and to the rest of `input`."""
    source = value if isinstance(value, tensors.Tensor) else tensors.wrap(np.asarray(value))
    before = inplace.begin(input, "index assignment", (source,))
    kept_too = _tensors_in(index)
    index = as_index(index)
    shape = checked(input._array, index).shape
    try:
        input._array[index] = source._array
    except ValueError:
        raise RuntimeError(
            f"index assignment: values of shape {source._array.shape} do not fit the places of "
            f"shape {shape}"
        ) from None

    def backward(g: Array) -> tuple:
        kept = None
        if before.requires_grad:
            kept = np.array(g)
            kept[index] = 0
        given = np.asarray(g[index])
        extra = max(source._array.ndim - given.ndim, 0)
        given = given.reshape((1,) * extra + given.shape)
        return kept, unbroadcast(given, source._array.shape).astype(source.dtype, copy=False)

    inplace.finish(input, before, record(input._array, (before, source), backward, kept_too))


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """`out[i][j] = input[index[i][j]][j]` (for dim 0): pick along `dim`, place by place."""
    x, where = input._array, index._array
    over = axis("gather", x, dim)
    if not where.size:
        return record(np.empty(where.shape, x.dtype), (input,), lambda g: (np.zeros_like(x),))
    if {where.ndim, x.ndim} == {0, 1}:  # a number stands for a vector of one
        return gather(input.reshape(-1), 0, index.reshape(-1)).reshape(where.shape)
    if where.ndim != x.ndim:
        raise RuntimeError(
            f"gather: index of shape {where.shape} must have as many dimensions as {x.shape}"
        )
    if where.size and not (where.min() >= 0 and where.max() < (x.shape[over] if x.ndim else 1)):
        raise RuntimeError(
            f"gather: indices must be from 0 to {x.shape[over] - 1}, the size of dim {dim} less one"
        )
    places = _places(where, over)

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        np.add.at(dx, places, g)
        return (dx,)

    return record(x[places], (input,), backward, (index,))


def _places(where: Array, over: int) -> tuple:
    grid = list(np.indices(where.shape, sparse=True)) if where.ndim else []
    if grid:
        grid[over] = where
    return tuple(grid)


def scatter(input: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """A copy of `input` with `src`, a tensor or number, written where `index` says along `dim`."""
    x, where = input._array, index._array
    places = _places(where, axis("scatter", x, dim))
    source = (
        src if isinstance(src, tensors.Tensor) else tensors.wrap(np.full(where.shape, src, x.dtype))
    )
    part = tuple(slice(0, n) for n in where.shape)
    out = x.copy()
    out[places] = source._array[part]

    def backward(g: Array) -> tuple:
        kept = np.array(g)
        kept[places] = 0
        given = np.zeros_like(source._array)
        given[part] = np.asarray(g)[places]
        return kept, given

    return record(out, (input, source), backward, (index,))


def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy of `input` with the elements of `src` added where `index` says, along `dim`."""
    x, where = input._array, index._array
    places = _places(where, axis("scatter_add", x, dim))
    part = tuple(slice(0, n) for n in where.shape)
    out = x.copy()
    np.add.at(out, places, src._array[part])

    def backward(g: Array) -> tuple:
        given = np.zeros_like(src._array)
        given[part] = np.asarray(g)[places]
        return g, given

    return record(out, (input, src), backward, (index,))


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices along `dim` that the 1-dimensional `index` lists."""
    over = axis("index_select", input._array, dim)
    if not input.ndim:
        return index_select(input.reshape(1), 0, index).reshape(())
    return getitem(input, (slice(None),) * over + (index,))


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where `mask` is true, in a row."""
    from .shapes import expand

    shape = np.broadcast_shapes(input._array.shape, mask._array.shape)
    return getitem(expand(input, shape), expand(mask, shape))


def nonzero(input: Tensor) -> Tensor:
    """The positions of all elements that are not zero: one row a position."""
    return tensors.wrap(np.argwhere(input._array))
