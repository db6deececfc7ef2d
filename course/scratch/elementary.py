"""Elementary functions that are needed less often: trigonometry, other logarithms, erf, lerp."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .arithmetic import floating, operands
from .autograd import Array, record, unbroadcast

if TYPE_CHECKING:
    from .arithmetic import Operand
    from .tensors import Tensor


def _quietly(function: Any, *arrays: Array) -> Array:
    """NaN and infinity without NumPy's warnings, as PyTorch gives them."""
    with np.errstate(all="ignore"):
        return function(*arrays)


def tan(input: Tensor) -> Tensor:
    """The tangent of an angle in radians."""
    input = floating(input)
    out = _quietly(np.tan, input._array)
    return record(out, (input,), lambda g: (g * (1 + out * out),), (None,))


def asin(input: Tensor) -> Tensor:
    """The angle whose sine this is; NaN outside -1 to 1."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (_quietly(lambda: g / np.sqrt(1 - x * x)),)

    return record(_quietly(np.arcsin, x), (input,), backward, (input,))


def acos(input: Tensor) -> Tensor:
    """The angle whose cosine this is; NaN outside -1 to 1."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (_quietly(lambda: -g / np.sqrt(1 - x * x)),)

    return record(_quietly(np.arccos, x), (input,), backward, (input,))


def atan(input: Tensor) -> Tensor:
    """The angle whose tangent this is."""
    input = floating(input)
    x = input._array
    return record(np.arctan(x), (input,), lambda g: (g / (1 + x * x),), (input,))


def atan2(input: Operand, other: Operand) -> Tensor:
    """The angle of the point (`other`, `input`), from -pi to pi."""
    a, b = operands("atan2", input, other)
    a, b = floating(a), floating(b)
    y, x = a._array, b._array

    def backward(g: Array) -> tuple:
        length = x * x + y * y
        share = np.where(length == 0, 0, g / length)  # at the origin there is no angle to change
        dy = unbroadcast(share * x, y.shape) if a.requires_grad else None
        dx = unbroadcast(-share * y, x.shape) if b.requires_grad else None
        return dy, dx

    return record(np.arctan2(y, x), (a, b), backward, (a, b))


def sinh(input: Tensor) -> Tensor:
    """The hyperbolic sine."""
    input = floating(input)
    x = input._array
    return record(_quietly(np.sinh, x), (input,), lambda g: (g * _quietly(np.cosh, x),), (input,))


def cosh(input: Tensor) -> Tensor:
    """The hyperbolic cosine."""
    input = floating(input)
    x = input._array
    return record(_quietly(np.cosh, x), (input,), lambda g: (g * _quietly(np.sinh, x),), (input,))


def log10(input: Tensor) -> Tensor:
    """The logarithm to base 10."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (_quietly(lambda: g / (x * math.log(10))),)

    return record(_quietly(np.log10, x), (input,), backward, (input,))


def exp2(input: Tensor) -> Tensor:
    """2 to the power of `input`."""
    input = floating(input)
    out = _quietly(np.exp2, input._array)
    return record(out, (input,), lambda g: (g * out * math.log(2),), (None,))


def erf(input: Tensor) -> Tensor:
    """The error function: the share of a normal distribution within `input` * sqrt(2) of its mean."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (g * (np.exp(-x * x) * (2 / math.sqrt(math.pi))),)

    return record(np.vectorize(math.erf, otypes=[x.dtype])(x), (input,), backward, (input,))


def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    """`log(exp(input) + exp(other))`, without overflow."""
    a, b = operands("logaddexp", input, other)
    x, y = a._array, b._array
    out = _quietly(np.logaddexp, x, y)

    def backward(g: Array) -> tuple:
        dx = unbroadcast(g / (1 + np.exp(y - x)), x.shape) if a.requires_grad else None
        dy = unbroadcast(g / (1 + np.exp(x - y)), y.shape) if b.requires_grad else None
        return dx, dy

    return record(out, (a, b), backward, (a, b))


def trunc(input: Tensor) -> Tensor:
    """The whole number next to `input` on the side of 0."""
    x = input._array
    return record(np.trunc(x).astype(x.dtype), (input,), lambda g: (np.zeros_like(x),))


def lerp(input: Tensor, end: Tensor, weight: Operand) -> Tensor:
    """The point at `weight` on the way from `input` (0) to `end` (1)."""
    return input + weight * (end - input)


def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`input + value * tensor1 * tensor2`."""
    return input + value * (tensor1 * tensor2)
