"""Activations: functions of one element that make a network more than a product of matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ... import arithmetic, random
from ...autograd import Array, record
from ...chunks import in_flat_pieces

if TYPE_CHECKING:
    from ...tensors import Tensor


def refuse(inplace: bool) -> None:
    """PyTorch's `inplace=True` overwrites the input; here that would save nothing."""
    if inplace:
        raise NotImplementedError(
            "inplace=True is left out: course.scratch computes a new tensor; leave inplace away"
        )


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """`input` where it is above 0, else 0."""
    refuse(inplace)
    return arithmetic.relu(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`input` above 0, and a little of it (`negative_slope`) below."""
    refuse(inplace)
    x = input._array
    slope = np.where(x > 0, x.dtype.type(1), x.dtype.type(negative_slope))
    return record(x * slope, (input,), lambda g: (g * slope,), (input,))


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """`input` held between `min_val` and `max_val`; the gradient is 0 at both ends."""
    refuse(inplace)
    x = input._array
    inside = (x > min_val) & (x < max_val)
    low, high = (np.asarray(v).astype(x.dtype)[()] for v in (min_val, max_val))
    return record(np.clip(x, low, high), (input,), lambda g: (g * inside,), (input,))


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """`input` held between 0 and 6; the gradient is 0 at both ends."""
    return hardtanh(input, 0.0, 6.0, inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`input` above 0, `alpha * (exp(input) - 1)` below."""
    refuse(inplace)
    x = input._array
    below = alpha * np.expm1(np.minimum(x, 0))

    def backward(g: Array) -> tuple:
        return (np.where(x > 0, g, g * (below + alpha)),)

    return record(np.where(x > 0, x, below), (input,), backward, (input,))


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """`input * sigmoid(input)`, also called swish."""
    refuse(inplace)
    x = input._array
    gate = arithmetic.logistic(x)
    return record(x * gate, (input,), lambda g: (g * (gate * (1 + x * (1 - gate))),), (input,))


def logsigmoid(input: Tensor) -> Tensor:
    """`log(sigmoid(input))`, without overflow."""
    x = input._array
    out = np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
    return record(out, (input,), lambda g: (g * arithmetic.logistic(-x),), (input,))


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """`log(1 + exp(beta * input)) / beta`, a smooth relu; beyond `threshold` simply `input`."""
    x = input._array
    one, sharp = x.dtype.type(1), x.dtype.type(beta)
    scaled = x * sharp
    bent = np.log1p(np.exp(np.minimum(scaled, threshold))) / sharp
    slope = np.where(scaled > threshold, one, arithmetic.logistic(scaled))
    out = np.where(scaled > threshold, x, bent)
    return record(out, (input,), lambda g: (g * slope,), (input,))


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """`input` times the normal distribution's share below it; "tanh" is GPT-2's approximation.

    The derivative is formed in the forward pass, while the data is in the cache.
    """
    x = input._array
    formulas = {"none": _gelu, "tanh": _gelu_tanh}
    if approximate not in formulas:
        raise ValueError(f"gelu: approximate is 'none' or 'tanh', got {approximate!r}")
    out, slope = np.empty_like(x), np.empty_like(x)
    in_flat_pieces(formulas[approximate], x, out, slope)
    return record(out, (input,), lambda g: (g * slope,), (input,))


def _gelu(x: Array, out: Array, slope: Array) -> None:
    bell = x * x
    bell *= -0.5
    bell = np.exp(bell)
    share = _share_below(x, bell)
    np.multiply(x, share, out=out)
    np.multiply(x, bell, out=slope)
    slope *= 1 / math.sqrt(2 * math.pi)
    slope += share


def _share_below(x: Array, bell: Array) -> Array:
    """The normal distribution's share below x, given exp(-x * x / 2).

    In float64 by the C library's erf; in float32 by Abramowitz and Stegun's formula 7.1.26, which
    is right to 1e-7, about float32's own precision, and 30 times as fast.
    """
    if x.dtype == np.float64:
        return 0.5 * (1 + arithmetic.erf_of(x / math.sqrt(2)))
    t = abs(x)
    t *= 0.3275911 / math.sqrt(2)
    t += 1
    t = np.reciprocal(t, out=t)
    tail = t * 1.061405429
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += coefficient
        tail *= t
    tail *= bell
    tail *= 0.5
    # From the tail beyond |x| to the share below x: tail, or 1 - tail where x is positive.
    above = x > 0
    tail -= above
    return np.abs(tail, out=tail)


def _gelu_tanh(x: Array, out: Array, slope: Array) -> None:
    scale = math.sqrt(2 / math.pi)
    square = x * x
    bend = (scale * 0.044715) * square
    bend += scale
    bend *= x
    np.tanh(bend, out=bend)
    half = 0.5 * bend
    half += 0.5
    np.multiply(x, half, out=out)
    # The derivative of bend's argument, times that of tanh, times x / 2.
    square *= 1.5 * scale * 0.044715
    square += 0.5 * scale
    square *= x
    bend *= bend
    np.subtract(1, bend, out=bend)
    square *= bend
    np.add(half, square, out=slope)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, zero each element with probability `p` and scale the rest by 1 / (1 - p)."""
    refuse(inplace)
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is a probability between 0 and 1, got {p}")
    if not training or p == 0:
        return input
    x = input._array
    scale = (random.draw("random", x.shape, np.float32, like=x) >= p).astype(x.dtype)
    scale *= 0.0 if p == 1 else 1 / (1 - p)
    return record(x * scale, (input,), lambda g: (g * scale,))
