"""Changes in place, `x += 1` or `x[0] = 2`, and how the graph stays right when a tensor changes.

A recorded change gives the tensor a new history, while operations recorded before it still mean the
old one. So the old history moves to a stand-in, `before`, and history.py finds the right one for each
operation by counting the changes. A view of a tensor in the graph has no such place to put its change
into: that is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from . import arithmetic, autograd, dtypes, indexing, tensors

if TYPE_CHECKING:
    from .tensors import Tensor


def begin(tensor: Tensor, name: str, given: tuple = ()) -> Tensor:
    """A stand-in with the history of `tensor` so far; where nothing is recorded, `tensor` itself."""
    x = tensor._array
    if not getattr(x.flags, "writeable", 0 not in x.strides):  # CuPy has no such flag
        raise RuntimeError(
            f"{name}: this tensor was expanded, and some of its elements share one place in "
            "memory; use .clone() first"
        )
    wanted = tensor.requires_grad or any(getattr(t, "requires_grad", False) for t in given)
    if not (wanted and autograd.mode.enabled):
        return tensor
    root = tensor if tensor._base is None else tensor._base
    if root.requires_grad and root.is_leaf:
        raise RuntimeError(
            f"{name}: a leaf that requires a gradient cannot be changed in place while recording; "
            "do it under no_grad()"
        )
    if tensor._base is not None:
        raise NotImplementedError(
            f"{name}: changing a view in place while gradients are recorded is left out of "
            "course.scratch; assign to the whole instead: x[i] = x[i] + y, not x[i] += y"
        )
    before = tensors.wrap(tensor._array)
    before.requires_grad, before._born = tensor.requires_grad, tensor._born
    before._parents, before._backward = tensor._parents, tensor._backward
    before._saved = tensor._saved
    before._version = tensor._version + 1  # a backward that reads the old values finds out
    return before


def finish(tensor: Tensor, before: Tensor, result: Tensor) -> None:
    """Count the change, and take over the history of `result`, computed from the stand-in."""
    (tensor if tensor._base is None else tensor._base)._version += 1
    if result._backward is not None:
        autograd.rewrites += 1
        tensor._earlier = tensor._earlier or []
        tensor._earlier.append((autograd.rewrites, before))
        tensor.requires_grad, tensor._born = True, result._born
        tensor._parents, tensor._backward = result._parents, result._backward
        tensor._saved = [(t, tensor._version if t is None else v) for t, v in result._saved]


def _in_place(function: Callable, doc: str) -> Callable[..., Tensor]:
    """The method that overwrites its tensor with what `function` makes of it."""
    name = f"{function.__name__}_"

    @wraps(function)
    def method(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        before = begin(input, name, args)
        if before is not input:
            # The backward may read the values as they were: these are about to be overwritten.
            before._array = input._array.copy()
        result = function(before, *(before if a is input else a for a in args), **kwargs)
        if result.shape != input.shape or dtypes.kind(result.dtype) > dtypes.kind(input.dtype):
            raise RuntimeError(
                f"{name}: a result of shape {tuple(result.shape)} and {result.dtype} does not fit "
                f"into a tensor of shape {tuple(input.shape)} and {input.dtype}"
            )
        input._array[...] = result._array
        finish(input, before, result)
        return input

    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method


add_ = _in_place(arithmetic.add, "`input += alpha * other`.")
sub_ = _in_place(arithmetic.sub, "`input -= alpha * other`.")
mul_ = _in_place(arithmetic.mul, "`input *= other`.")
div_ = _in_place(arithmetic.div, "`input /= other`.")
clamp_ = _in_place(arithmetic.clamp, "Hold every element between `min` and `max`.")
masked_fill_ = _in_place(arithmetic.masked_fill, "Write `value` wherever `mask` is true.")


def fill_(input: Tensor, value: Any) -> Tensor:
    """Write `value` everywhere."""
    indexing.setitem(input, ..., value)
    return input


def copy_(input: Tensor, src: Tensor) -> Tensor:
    """Write the values of `src`, which may be broadcast."""
    return fill_(input, src)


def zero_(input: Tensor) -> Tensor:
    """Write zeros everywhere."""
    return fill_(input, 0)
