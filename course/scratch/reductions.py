"""Operations that fold dimensions away, each with its backward beside it, and those that sort."""

from __future__ import annotations

import builtins
import math
from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from . import tensors
from .arithmetic import maximum, minimum
from .autograd import Array, record
from .operands import floating

if TYPE_CHECKING:
    from .tensors import Tensor

    Dim = int | tuple[int, ...] | None

Extreme = namedtuple("Extreme", "values indices")


def axes(name: str, array: Array, dim: Dim) -> tuple[int, ...]:
    """`dim` as a tuple of dimensions counted from 0; None means all of them."""
    if dim is None or dim == ():
        return tuple(range(array.ndim))
    listed = (dim,) if isinstance(dim, int) else tuple(dim)
    found = tuple(axis(name, array, d) for d in listed)
    if len(set(found)) < len(found):
        raise RuntimeError(f"{name}: dim {dim} names a dimension of shape {array.shape} twice")
    return found if array.ndim else ()


def axis(name: str, array: Array, dim: int) -> int:
    """`dim` counted from 0, or a sentence about the dimensions that there are."""
    limit = builtins.max(array.ndim, 1)
    if not -limit <= dim < limit:
        raise IndexError(
            f"{name}: dim {dim} is out of range for shape {array.shape}: dims go from {-limit} "
            f"to {limit - 1}"
        )
    return dim % limit


def spread(g: Array, shape: tuple[int, ...], over: tuple[int, ...]) -> Array:
    """`g`, from which dimensions `over` were folded away, as a view of the whole `shape`."""
    if not shape:
        return g.reshape(())
    kept = tuple(1 if i in over else n for i, n in enumerate(shape))
    return np.broadcast_to(g.reshape(kept), shape)


def _floats(name: str, input: Tensor) -> Array:
    if input._array.dtype.kind != "f":
        raise RuntimeError(
            f"{name}: needs a floating-point tensor, got {input.dtype}; use .float() first"
        )
    return input._array


def _some(name: str, x: Array, over: tuple[int, ...]) -> None:
    if 0 in [x.shape[i] for i in over if x.ndim]:
        raise IndexError(f"{name}: shape {x.shape} has no elements to choose from")


# ------------------------------------------------------------------------------------ sums


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim` (all dimensions if None); of integers and booleans in int64."""
    if dtype is not None:
        input = input.to(dtype)
    x = input._array
    over = axes("sum", x, dim)
    out = x.sum(axis=over, keepdims=keepdim, dtype=None if x.dtype.kind == "f" else np.int64)
    return record(out, (input,), lambda g: (spread(g, x.shape, over),))


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` (all dimensions if None); NaN over nothing."""
    if dtype is not None:
        input = input.to(dtype)
    x = _floats("mean", input)
    over = axes("mean", x, dim)
    count = x.dtype.type(math.prod([x.shape[i] for i in over]))
    with np.errstate(all="ignore"):
        out = x.sum(axis=over, keepdims=keepdim) / count
    return record(out, (input,), lambda g: (spread(g / count, x.shape, over),))


def var(
    input: Tensor, dim: Dim = None, *, correction: float | None = 1, keepdim: bool = False
) -> Tensor:
    """The variance over `dim`, divided by n - `correction`."""
    x = _floats("var", input)
    if isinstance(dim, bool):
        raise NotImplementedError("var: unbiased=... is left out; use correction=0 or 1")
    over = axes("var", x, dim)
    count = math.prod(x.shape[i] for i in over)
    freedom = builtins.max(count - (1 if correction is None else correction), 0)
    with np.errstate(all="ignore"):
        centred = x - x.sum(axis=over, keepdims=True) / x.dtype.type(count)
        scale = np.divide(1, freedom, dtype=x.dtype)
        out = (centred * centred).sum(axis=over, keepdims=keepdim) * scale

    def backward(g: Array) -> tuple:
        return (spread(g, x.shape, over) * centred * (2 * scale),)

    return record(out, (input,), backward, (input,))


def std(
    input: Tensor, dim: Dim = None, *, correction: float | None = 1, keepdim: bool = False
) -> Tensor:
    """The standard deviation over `dim`; where it is 0, so is its gradient."""
    variance = var(input, dim, correction=correction, keepdim=keepdim)
    with np.errstate(invalid="ignore"):
        out = np.sqrt(variance._array)
    return record(out, (variance,), lambda g: (np.where(out == 0, 0, g / (2 * out)),), (None,))


def norm(
    input: Tensor, p: float | str | None = "fro", dim: Dim = None, keepdim: bool = False
) -> Tensor:
    """The vector norm `sum(|input|**p) ** (1/p)` over `dim`, for p = 1, 2 or infinity."""
    if p == 1:
        return sum(input.abs(), dim, keepdim)
    if p == float("inf"):
        return amax(input.abs(), () if dim is None else dim, keepdim)
    if p not in (2, "fro"):
        raise NotImplementedError(f"norm: course.scratch has p = 1, 2 and inf, got {p}")
    x = input._array
    over = axes("norm", x, dim)
    out = np.sqrt((x * x).sum(axis=over, keepdims=keepdim))

    def backward(g: Array) -> tuple:
        return (spread(np.where(out == 0, 0, g / out), x.shape, over) * x,)

    return record(out, (input,), backward, (input, None))


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The product over `dim` (all dimensions if None)."""
    x = input._array
    over = axes("prod", x, dim)
    out = x.prod(axis=over, keepdims=keepdim, dtype=None if x.dtype.kind == "f" else np.int64)

    def backward(g: Array) -> tuple:
        # The product of all others, also beside a zero: all before times all after.
        row = x.reshape(-1) if dim is None or not x.ndim else np.moveaxis(x, over[0], -1)
        ones = np.ones_like(row[..., :1])
        before = np.concatenate([ones, row[..., :-1]], -1).cumprod(-1)
        after = np.concatenate([row[..., 1:], ones], -1)[..., ::-1].cumprod(-1)[..., ::-1]
        others = before * after
        others = others.reshape(x.shape) if row.ndim < 2 else np.moveaxis(others, -1, over[0])
        return (spread(g, x.shape, over) * others,)

    return record(out, (input,), backward, (input, None))


def cumsum(input: Tensor, dim: int) -> Tensor:
    """The running sum along `dim`."""
    x = np.atleast_1d(input._array)
    over = axis("cumsum", x, dim)
    out = x.cumsum(axis=over, dtype=None if x.dtype.kind == "f" else np.int64)

    def backward(g: Array) -> tuple:
        return (
            np.flip(np.flip(g.reshape(x.shape), over).cumsum(axis=over), over).reshape(g.shape),
        )

    return record(out.reshape(input._array.shape), (input,), backward)


# ------------------------------------------------------------------------------------ largest, any


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element; over one `dim`, the pair (values, indices) of the first largest."""
    if isinstance(dim, tensors.Tensor):
        return maximum(input, dim)
    if dim is None:
        return _extreme("max", np.max, input, dim, keepdim)
    return _picked(input, _place("max", np.argmax, input, dim, True), dim, keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element; over one `dim`, the pair (values, indices) of the first smallest."""
    if isinstance(dim, tensors.Tensor):
        return minimum(input, dim)
    if dim is None:
        return _extreme("min", np.min, input, dim, keepdim)
    return _picked(input, _place("min", np.argmin, input, dim, True), dim, keepdim)


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest elements over `dim` (all if empty); ties share the gradient evenly."""
    return _extreme("amax", np.max, input, dim, keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest elements over `dim` (all if empty); ties share the gradient evenly."""
    return _extreme("amin", np.min, input, dim, keepdim)


def _extreme(name: str, fold: Any, input: Tensor, dim: Dim, keepdim: bool) -> Tensor:
    x = input._array
    over = axes(name, x, dim)
    _some(name, x, over)
    out = fold(x, axis=over, keepdims=keepdim)

    def backward(g: Array) -> tuple:
        chosen = spread(np.asarray(out, like=x), x.shape, over)
        hits = x == chosen
        if name in ("max", "min"):
            hits |= (x != x) & (chosen != chosen)  # a NaN, which equals nothing, takes it all
        shares = hits / hits.sum(axis=over, keepdims=True, dtype=g.dtype)
        return (spread(g, x.shape, over) * shares,)

    backward.__qualname__ = name
    return record(out, (input,), backward, (input, None))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first largest element, over `dim` or (if None) in the flattened tensor."""
    return _place("argmax", np.argmax, input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first smallest element, over `dim` or (if None) in the flattened tensor."""
    return _place("argmin", np.argmin, input, dim, keepdim)


def _place(name: str, find: Any, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    x = input._array
    over = None if dim is None else axis(name, x, dim)
    if x.dtype.kind == "b" and name.startswith("arg"):
        raise RuntimeError(f"{name}: booleans have no order; use .int()")
    _some(name, x, axes(name, x, over))
    if not x.ndim:
        return tensors.wrap(np.zeros((), np.int64, like=x))
    return tensors.wrap(find(x, axis=over, keepdims=keepdim))


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether all elements (over `dim`) are true."""
    return _truth(np.all, input, axes("all", input._array, dim), keepdim)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether any element (over `dim`) is true."""
    return _truth(np.any, input, axes("any", input._array, dim), keepdim)


def _truth(fold: Any, input: Tensor, over: tuple[int, ...], keepdim: bool) -> Tensor:
    x = input._array
    kind = x.dtype if x.dtype == np.uint8 else bool  # PyTorch's exception
    return tensors.wrap(fold(x, axis=over, keepdims=keepdim).astype(kind))


# ------------------------------------------------------------------------------------ softmax


def _peak(x: Array, over: Any) -> Array:
    """The largest element over some dimensions, which stay; of nothing, 0."""
    return (x.max if x.size else x.sum)(axis=over, keepdims=True)


def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """`log(sum(exp(input)))` over `dim`, without overflow."""
    input = floating(input)
    x = input._array
    over = axes("logsumexp", x, dim)
    high = _peak(x, over)
    high = np.where(np.isfinite(high), high, 0).astype(x.dtype)
    with np.errstate(divide="ignore"):
        total = np.log(np.exp(x - high).sum(axis=over, keepdims=True)) + high

    def backward(g: Array) -> tuple:
        return (spread(g, x.shape, over) * np.exp(x - total),)

    return record(total if keepdim else np.squeeze(total, over), (input,), backward, (input, None))


def softmax(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """`exp(input) / sum(exp(input))` along `dim`: positive numbers that sum to 1."""
    if dtype is not None:
        input = input.to(dtype)
    over = axis("softmax", input._array, dim)
    out = soft_rows(input._array, over)

    def backward(g: Array) -> tuple:
        h = g * out
        h -= out * h.sum(axis=over if out.ndim else None, keepdims=True)
        return (h,)

    return record(out, (input,), backward, (None,))


def soft_rows(x: Array, over: int, out: Array | None = None) -> Array:
    """The softmax of an array; taking off the largest element first keeps exp from overflow."""
    if not x.size or not x.ndim:
        return np.ones_like(x)
    with np.errstate(invalid="ignore"):
        out = np.subtract(x, x.max(axis=over, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= out.sum(axis=over, keepdims=True)
    return out


def log_softmax(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """`log(softmax(input, dim))`, without overflow."""
    if dtype is not None:
        input = input.to(dtype)
    x = input._array
    over = axis("log_softmax", x, dim)
    if not x.ndim:  # one element alone, whose share is 1 whatever it is
        return record(np.zeros_like(x), (input,), lambda g: (np.zeros_like(g),))
    with np.errstate(all="ignore"):
        out = x - _peak(x, over)
        out -= np.log(np.exp(out).sum(axis=over, keepdims=True))

    def backward(g: Array) -> tuple:
        return (g - np.exp(out) * g.sum(axis=over, keepdims=True),)

    return record(out, (input,), backward, (None,))


# ------------------------------------------------------------------------------------ in order


def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Any:
    """The pair (values, indices) of the elements in order along `dim`."""
    order = argsort(input, dim, descending)
    return _picked(input, order, dim, True)


def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False
) -> Tensor:
    """The indices that put the elements in order along `dim`."""
    x = np.atleast_1d(input._array)
    over = axis("sort", x, dim)
    if descending:  # sort the mirror image, so that equal elements keep their order
        mirrored = np.argsort(np.flip(x, over), axis=over, kind="stable")
        order = x.shape[over] - 1 - np.flip(mirrored, over)
    else:
        order = np.argsort(x, axis=over, kind="stable")
    return tensors.wrap(order.reshape(input._array.shape))


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The pair (values, indices) of the `k` largest or smallest elements along `dim`, in order."""
    x = input._array
    over = axis("topk", x, dim)
    size = x.shape[over] if x.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(f"topk: k is between 0 and the {size} elements of dim {dim}, got {k}")
    order = argsort(input, dim, largest)._array
    first = order[(slice(None),) * over + (slice(k),)] if x.ndim else order
    return _picked(input, tensors.wrap(first), dim, True)


def _picked(input: Tensor, places: Tensor, dim: int, keepdim: bool) -> Extreme:
    """The pair of the elements at `places` along `dim`, and the places."""
    x, order = input._array, places._array
    if not x.ndim:
        return Extreme(input.clone(), places)
    over = axis("sort", x, dim)

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        np.put_along_axis(dx, order, g.reshape(order.shape), over)
        return (dx,)

    backward.__qualname__ = "sort"
    out = np.take_along_axis(x, order, over)
    if not keepdim:
        out, order_shown = np.squeeze(out, over), np.squeeze(order, over)
        return Extreme(record(out, (input,), backward), tensors.wrap(order_shown))
    return Extreme(record(out, (input,), backward), places)
