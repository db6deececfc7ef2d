"""Changes in place, `x += 1` or `x[0] = 2`, and how the graph stays right when a tensor changes.

A recorded change gives the tensor a new history, while operations recorded before it still mean
the old one. So the old history moves to a stand-in, and `Tensor._as_of` finds the right one for
each operation, by counting the changes. A change of a view is a change of the tensor it views.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic, autograd, dtypes, indexing, tensors
from .autograd import Array, record

if TYPE_CHECKING:
    from .tensors import Tensor


def change(tensor: Tensor, name: str, function: Callable, *args: Any, **kwargs: Any) -> Tensor:
    """Give `tensor` the values of `function(tensor, *args)`, which its shape and dtype must hold."""
    before = begin(tensor, name, args)
    if before is not tensor:
        # The backward may read the values as they were, so it gets a copy: these are overwritten.
        before._array = tensor._array.copy()
    result = function(before, *(before if a is tensor else a for a in args), **kwargs)
    if result._array.shape != tensor._array.shape:
        raise RuntimeError(
            f"{name}: the result has shape {result._array.shape}, the tensor {tensor._array.shape}"
        )
    if dtypes.kind(result.dtype) > dtypes.kind(tensor.dtype):
        raise RuntimeError(
            f"{name}: a {result.dtype} result cannot be kept in a tensor of {tensor.dtype}"
        )
    tensor._array[...] = result._array
    return finish(tensor, before, result)


def begin(tensor: Tensor, name: str, given: tuple = ()) -> Tensor:
    """A stand-in with the history of `tensor` so far; where nothing is recorded, `tensor` itself."""
    if not tensor._array.flags.writeable:
        raise RuntimeError(
            f"{name}: this tensor was expanded, and some of its elements share one place in "
            "memory; use .clone() first"
        )
    wanted = tensor.requires_grad or any(getattr(t, "requires_grad", False) for t in given)
    if not (wanted and autograd.mode.enabled):
        return tensor
    root = tensor if tensor._base is None or tensor._apart else tensor._base
    if root.requires_grad and root.is_leaf:
        raise RuntimeError(
            f"{name}: a leaf that requires a gradient cannot be changed in place while recording; "
            "do it under no_grad()"
        )
    return _stand_in(tensor)


def finish(tensor: Tensor, before: Tensor, result: Tensor) -> Tensor:
    """Count the change, and take over the history of `result`, computed from the stand-in."""
    (tensor if tensor._base is None else tensor._base)._version += 1
    if result.requires_grad and result._backward is not None:
        if tensor._base is None or tensor._apart:
            _rewrite(tensor, before, result)
        else:
            _rewrite_base(tensor, before, result)
    return tensor


def _stand_in(tensor: Tensor) -> Tensor:
    out = tensors.wrap(tensor._array)
    out.requires_grad, out._parents, out._born = tensor.requires_grad, tensor._parents, tensor._born
    out._backward, out._saved = tensor._backward, tensor._saved
    out._version = tensor._version_count() + 1  # a backward that reads the old values finds out
    return out


def _rewrite(tensor: Tensor, before: Tensor, result: Tensor) -> None:
    autograd._rewrites += 1
    tensor._earlier = [*tensor._earlier, (autograd._rewrites, before)]
    tensor.requires_grad, tensor._born = True, result._born
    tensor._parents, tensor._backward = result._parents, result._backward
    now = tensor._version_count()
    tensor._saved = [(t, now if t is None else version) for t, version in result._saved]


def _rewrite_base(view: Tensor, before: Tensor, result: Tensor) -> None:
    """Make `result` a part of the tensor that `view` views, and `view` a view of it as it is now."""
    base = view._base
    assert base is not None
    if not base._array.flags.c_contiguous:
        raise NotImplementedError(
            "changing a view of a tensor whose memory is not in order is left out of "
            "course.scratch; use .contiguous() first"
        )
    old = _stand_in(base)
    whole, part = base._array, view._array

    def index_put(g: Array) -> tuple:
        kept = np.array(g, order="C")
        place = _same_place(kept, whole, part)
        given = place.copy()
        place[...] = 0
        return kept, given

    def view_of(g: Array) -> tuple:
        dx = np.zeros(whole.shape, g.dtype)
        _same_place(dx, whole, part)[...] = g
        return (dx,)

    _rewrite(base, old, record(whole, (old, result), index_put))
    _rewrite(view, before, record(part, (base,), view_of))


def _same_place(array: Array, whole: Array, part: Array) -> Array:
    """The part of `array` (of the shape and order of `whole`) where `part` lies in `whole`."""
    start = part.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    flat = array.reshape(-1)[start // whole.itemsize :]
    return np.lib.stride_tricks.as_strided(flat, part.shape, part.strides)


# ------------------------------------------------------------------------------------ the methods


def add_(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """`input += alpha * other`."""
    return change(input, "add_", arithmetic.add, other, alpha=alpha)


def sub_(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """`input -= alpha * other`."""
    return change(input, "sub_", arithmetic.sub, other, alpha=alpha)


def mul_(input: Tensor, other: Any) -> Tensor:
    """`input *= other`."""
    return change(input, "mul_", arithmetic.mul, other)


def div_(input: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """`input /= other`."""
    return change(input, "div_", arithmetic.div, other, rounding_mode=rounding_mode)


def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Hold every element between `min` and `max`."""
    return change(input, "clamp_", arithmetic.clamp, min, max)


def masked_fill_(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Write `value` wherever `mask` is true."""
    return change(input, "masked_fill_", arithmetic.masked_fill, mask, value)


def copy_(input: Tensor, src: Tensor) -> Tensor:
    """Write the values of `src`, which may be broadcast."""
    indexing.setitem(input, ..., src.to(input.dtype))
    return input


def fill_(input: Tensor, value: Any) -> Tensor:
    """Write `value` everywhere."""
    indexing.setitem(input, ..., value)
    return input


def zero_(input: Tensor) -> Tensor:
    """Write zeros everywhere."""
    return fill_(input, 0)
