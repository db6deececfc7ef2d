"""Operations that fold dimensions away, each with its backward beside it, and those that sort."""

from __future__ import annotations

import builtins
import math
from collections import namedtuple
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dtypes, tensors
from .arithmetic import floating, maximum, minimum
from .autograd import Array, record

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


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum over `dim` (all dimensions if None); of integers and booleans in int64."""
    if dtype is not None:
        input = input.to(dtype)
    x = input._array
    over = axes("sum", x, dim)
    out = x.sum(
        axis=over,
        keepdims=keepdim,
        dtype=None if x.dtype.kind == "f" else np.int64,
    )

    def backward(g: Array) -> tuple:
        return (spread(g, x.shape, over),)

    return record(out, (input,), backward)


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean over `dim` (all dimensions if None); NaN over nothing."""
    if dtype is not None:
        input = input.to(dtype)
    x = input._array
    if x.dtype.kind != "f":
        raise RuntimeError(
            f"mean: needs a floating-point tensor, got {x.dtype}; use .float() first"
        )
    over = axes("mean", x, dim)
    count = math.prod(x.shape[i] for i in over)
    with np.errstate(all="ignore"):
        out = x.sum(axis=over, keepdims=keepdim) / np.asarray(count, x.dtype)

    def backward(g: Array) -> tuple:
        return (spread(g / np.asarray(count, g.dtype), x.shape, over),)

    return record(out, (input,), backward)


def _spread_out(
    name: str, x: Array, dim: Dim, correction: float | None
) -> tuple[tuple[int, ...], Array, Array]:
    """The dimensions, the distances from the mean, and 1 / (n - correction)."""
    if isinstance(dim, bool):
        raise NotImplementedError(f"{name}: unbiased=... is left out; use correction=0 or 1")
    if x.dtype.kind != "f":
        raise RuntimeError(f"{name}: needs a floating-point tensor, got {x.dtype}; use .float()")
    over = axes(name, x, dim)
    count = math.prod(x.shape[i] for i in over)
    freedom = builtins.max(count - (1 if correction is None else correction), 0)
    with np.errstate(all="ignore"):
        centred = x - x.sum(axis=over, keepdims=True) / np.asarray(count, x.dtype)
        return over, centred, np.divide(1, freedom, dtype=x.dtype)


def var(
    input: Tensor, dim: Dim = None, *, correction: float | None = 1, keepdim: bool = False
) -> Tensor:
    """The variance over `dim`, divided by n - `correction`."""
    x = input._array
    over, centred, scale = _spread_out("var", x, dim, correction)
    with np.errstate(all="ignore"):
        out = (centred * centred).sum(axis=over, keepdims=keepdim) * scale

    def backward(g: Array) -> tuple:
        return (spread(g, x.shape, over) * centred * (2 * scale),)

    return record(out, (input,), backward, (input,))


def std(
    input: Tensor, dim: Dim = None, *, correction: float | None = 1, keepdim: bool = False
) -> Tensor:
    """The standard deviation over `dim`; where it is 0, so is its gradient."""
    x = input._array
    over, centred, scale = _spread_out("std", x, dim, correction)
    with np.errstate(all="ignore"):
        out = np.sqrt((centred * centred).sum(axis=over, keepdims=keepdim) * scale)

    def backward(g: Array) -> tuple:
        slope = np.where(out == 0, 0, g / out)
        return (spread(slope, x.shape, over) * centred * scale,)

    return record(out, (input,), backward, (input, None))


def prod(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The product over `dim` (all dimensions if None)."""
    x = input._array
    over = axes("prod", x, dim)
    out = x.prod(
        axis=over,
        keepdims=keepdim,
        dtype=None if x.dtype.kind == "f" else np.int64,
    )

    def backward(g: Array) -> tuple:
        # The product of all others, also beside a zero: all before times all after.
        y = np.moveaxis(x, over, range(x.ndim - len(over), x.ndim))
        flat = y.reshape(*y.shape[: x.ndim - len(over)], math.prod(x.shape[i] for i in over))
        ones = np.ones_like(flat[..., :1])
        before = np.concatenate([ones, flat[..., :-1]], -1).cumprod(-1)
        after = np.concatenate([flat[..., 1:], ones], -1)[..., ::-1].cumprod(-1)[..., ::-1]
        others = np.moveaxis(
            (before * after).reshape(y.shape), range(x.ndim - len(over), x.ndim), over
        )
        return (spread(g, x.shape, over) * others,)

    return record(out, (input,), backward, (input, None))


def _extreme(name: str, find: Any, input: Tensor, dim: Any, keepdim: bool) -> Any:
    if isinstance(dim, tensors.Tensor):
        return (maximum if name == "max" else minimum)(input, dim)
    x = input._array
    over = 0 if dim is None else axis(name, x, dim)
    if x.size == 0 and (dim is None or x.shape[over] == 0):
        raise IndexError(f"{name}: shape {x.shape} has no elements to choose from")
    if dim is None:
        out = getattr(x, name)()

        def backward(g: Array) -> tuple:
            hits = (x == out) | ((x != x) & (out != out))
            return (g * hits / hits.sum(dtype=g.dtype),)  # ties share the gradient evenly

        backward.__qualname__ = name
        return record(out, (input,), backward, (input, None))
    where = (
        np.expand_dims(np.asarray(find(x, axis=over)), over) if x.ndim else np.zeros((), np.int64)
    )

    def backward_one(g: Array) -> tuple:
        if not x.ndim:
            return (g.reshape(()),)
        dx = np.zeros_like(x)
        np.put_along_axis(dx, where, g if keepdim else np.expand_dims(g, over), over)
        return (dx,)

    backward_one.__qualname__ = name
    out = np.take_along_axis(x, where, over) if x.ndim else x.copy()
    if not keepdim and x.ndim:
        out, shown = np.squeeze(out, over), np.squeeze(where, over)
    else:
        shown = where
    return Extreme(record(out, (input,), backward_one), tensors.wrap(shown))


def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest element; over one `dim`, the pair (values, indices) of the first largest."""
    return _extreme("max", np.argmax, input, dim, keepdim)


def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest element; over one `dim`, the pair (values, indices) of the first smallest."""
    return _extreme("min", np.argmin, input, dim, keepdim)


def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest elements over `dim` (all if empty); ties share the gradient evenly."""
    return _shared(np.max, "amax", input, dim, keepdim)


def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest elements over `dim` (all if empty); ties share the gradient evenly."""
    return _shared(np.min, "amin", input, dim, keepdim)


def _shared(fold: Any, name: str, input: Tensor, dim: Dim, keepdim: bool) -> Tensor:
    x = input._array
    over = axes(name, x, dim)
    if x.ndim and 0 in [x.shape[i] for i in over]:
        raise IndexError(f"{name}: shape {x.shape} has no elements to choose from")
    out = fold(x, axis=over, keepdims=keepdim)

    def backward(g: Array) -> tuple:
        hits = x == spread(np.asarray(out), x.shape, over)
        shares = hits / hits.sum(axis=over, keepdims=True, dtype=g.dtype)
        return (spread(g, x.shape, over) * shares,)

    backward.__qualname__ = name
    return record(out, (input,), backward, (input, None))


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first largest element, over `dim` or (if None) in the flattened tensor."""
    return _arg(np.argmax, "argmax", input, dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first smallest element, over `dim` or (if None) in the flattened tensor."""
    return _arg(np.argmin, "argmin", input, dim, keepdim)


def _arg(find: Any, name: str, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    x = input._array
    if x.dtype.kind == "b":
        raise RuntimeError(f"{name}: booleans have no order; use .int()")
    if dim is not None:
        dim = axis(name, x, dim)
    if x.size == 0 and (dim is None or x.shape[dim] == 0):
        raise IndexError(f"{name}: shape {x.shape} has no elements to choose from")
    if not x.ndim:
        return tensors.wrap(np.zeros((), np.int64))
    return tensors.wrap(np.asarray(find(x, axis=dim, keepdims=keepdim)))


def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether all elements (over `dim`) are true."""
    return _truth("all", input, dim, keepdim)


def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether any element (over `dim`) is true."""
    return _truth("any", input, dim, keepdim)


def _truth(name: str, input: Tensor, dim: Dim, keepdim: bool) -> Tensor:
    x = input._array
    out = np.asarray(getattr(x, name)(axis=axes(name, x, dim), keepdims=keepdim))
    return tensors.wrap(out.astype(x.dtype) if x.dtype == np.uint8 else out)  # PyTorch's exception


def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """`log(sum(exp(input)))` over `dim`, without overflow."""
    input = floating(input)
    x = input._array
    over = axes("logsumexp", x, dim)
    high = x.max(axis=over, keepdims=True, initial=-np.inf)
    high = np.where(np.isfinite(high), high, 0).astype(x.dtype)
    with np.errstate(divide="ignore"):
        total = np.log(np.exp(x - high).sum(axis=over, keepdims=True)) + high

    def backward(g: Array) -> tuple:
        return (spread(g, x.shape, over) * np.exp(x - total),)

    out = total if keepdim else np.squeeze(total, over)
    return record(out, (input,), backward, (input, None))


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
    if not x.size:
        return x.copy()
    if not x.ndim:
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
    over = axis("log_softmax", input._array, dim)
    x = input._array
    if x.ndim and x.size:
        with np.errstate(invalid="ignore"):
            out = x - x.max(axis=over, keepdims=True)
            out -= np.log(np.exp(out).sum(axis=over, keepdims=True))
    else:
        out = np.zeros_like(x)

    def backward(g: Array) -> tuple:
        if not x.ndim:
            return (np.zeros_like(g),)
        return (g - np.exp(out) * g.sum(axis=over, keepdims=True),)

    return record(out, (input,), backward, (None,))


def cumsum(input: Tensor, dim: int) -> Tensor:
    """The running sum along `dim`."""
    x = input._array
    over = axis("cumsum", x, dim)
    out = (
        x.cumsum(axis=over, dtype=None if x.dtype.kind == "f" else np.int64) if x.ndim else x.copy()
    )

    def backward(g: Array) -> tuple:
        return (np.flip(np.flip(g, over).cumsum(axis=over), over) if x.ndim else g,)

    return record(out, (input,), backward)


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
        unit = np.where(out == 0, 0, g / out)
        return (spread(unit, x.shape, over) * x,)

    return record(out, (input,), backward, (input, None))


def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Any:
    """The pair (values, indices) of the elements in order along `dim`."""
    x = input._array
    if not x.ndim:
        return Extreme(input.clone(), tensors.wrap(np.zeros((), np.int64)))
    over = axis("sort", x, dim)
    if descending:  # sort the mirror image, so that equal elements keep their order
        order = (
            x.shape[over]
            - 1
            - np.flip(np.argsort(np.flip(x, over), axis=over, kind="stable"), over)
        )
    else:
        order = np.argsort(x, axis=over, kind="stable")
    return _picked(input, order, over)


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The pair (values, indices) of the `k` largest or smallest elements along `dim`, in order."""
    x = input._array
    over = axis("topk", x, dim)
    size = x.shape[over] if x.ndim else 1
    if not 0 <= k <= size:
        raise RuntimeError(f"topk: k is between 0 and the {size} elements of dim {dim}, got {k}")
    if not x.ndim:
        return sort(input)
    order = sort(input.detach(), over, descending=largest).indices._array
    return _picked(input, np.take(order, range(k), axis=over), over)


def argsort(
    input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False
) -> Tensor:
    """The indices that put the elements in order along `dim`."""
    return sort(input.detach(), dim, descending).indices


def _picked(input: Tensor, order: Array, over: int) -> Extreme:
    x = input._array

    def backward(g: Array) -> tuple:
        dx = np.zeros_like(x)
        np.put_along_axis(dx, order, g, over)
        return (dx,)

    backward.__qualname__ = "sort"
    return Extreme(
        record(np.take_along_axis(x, order, over), (input,), backward), tensors.wrap(order)
    )


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, … stands in a vector of integers; or the sums of its `weights`."""
    x = input._array
    if x.ndim != 1 or x.dtype.kind not in "iu" or (x < 0).any():
        raise RuntimeError(
            f"bincount: takes a vector of whole numbers from 0 on, got {x.dtype} of shape {x.shape}"
        )
    if weights is None:
        return tensors.wrap(np.bincount(x, minlength=minlength).astype(dtypes.int64))
    return tensors.wrap(np.bincount(x, weights._array, minlength))
