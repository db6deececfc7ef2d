"""What operations are given, as tensors: numbers too, of one dtype, and in shapes that fit."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import devices, dtypes, tensors
from .foreign import unfit

if TYPE_CHECKING:
    from .autograd import Array
    from .tensors import Tensor


def operands(name: str, input: Any, other: Any) -> tuple[Tensor, Tensor]:
    """Both operands as tensors of one dtype, by PyTorch's rules of promotion, that broadcast."""
    a, b = operand(name, input, other), operand(name, other, input)
    if type(a._array) is not type(b._array):
        a, b = devices.together(name, a, b)
    x, y = a._array, b._array
    if x.dtype is not y.dtype and x.dtype != y.dtype:
        dtype = dtypes.mix(x.dtype, x.ndim, y.dtype, y.ndim)
        a, b = a.to(dtype), b.to(dtype)
    if x.shape != y.shape and x.ndim and y.ndim:
        for n, m in zip(x.shape[::-1], y.shape[::-1], strict=False):
            if n != m and n != 1 and m != 1:
                raise RuntimeError(
                    f"{name}: shapes {x.shape} and {y.shape} do not broadcast. Aligned from the "
                    f"right, each pair of sizes must be equal or have a 1 in it; {n} and {m} do "
                    "not fit."
                )
    return a, b


def operand(name: str, value: Any, beside: Any = None) -> Tensor:
    """`value` as a tensor; a number takes the dtype of the tensor `beside` it if that holds it."""
    if isinstance(value, tensors.Tensor):
        return value
    if isinstance(value, float):  # the commonest first: asking `numbers` takes ten times as long
        number = dtypes.get_default_dtype()
    elif isinstance(value, bool | np.bool_):
        number = dtypes.boolean
    elif isinstance(value, numbers.Real):
        whole = isinstance(value, numbers.Integral)
        number = dtypes.int64 if whole else dtypes.get_default_dtype()
    else:
        raise unfit(name, value, "a course.scratch tensor or a number")
    if isinstance(beside, tensors.Tensor):
        held = beside._array.dtype
        if held.kind == "f" or dtypes.kind(held) >= dtypes.kind(number):
            number = held
    return tensors.wrap(np.array(value).astype(number))


def floating(input: Tensor) -> Tensor:
    """`input`, or its float32 copy where it holds integers: what sqrt, exp and the like take."""
    return input if input._array.dtype.kind == "f" else input.to(dtypes.get_default_dtype())


def quiet(function: Callable) -> Callable:
    """`function`, giving NaN and infinity without NumPy's warnings, as PyTorch does."""

    def call(*arrays: Array) -> Array:
        with np.errstate(all="ignore"):
            return function(*arrays)

    return call
