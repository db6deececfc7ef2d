"""Activations: functions of one element that make a network more than a product of matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ... import random
from ...arithmetic import logistic, tanh, where
from ...autograd import Array, record
from ...chunks import in_flat_pieces
from ...reductions import softmax
from ...tensors import wrap

if TYPE_CHECKING:
    from ...tensors import Tensor


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`input` above 0, and a little of it (`negative_slope`) below."""
    x = input._array
    slope = np.where(x > 0, np.asarray(1, x.dtype), np.asarray(negative_slope, x.dtype))
    return record(x * slope, (input,), lambda g: (g * slope,), (input,))


def relu6(input: Tensor) -> Tensor:
    """`input` held between 0 and 6; the gradient is 0 at both ends."""
    return hardtanh(input, 0.0, 6.0)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`input` held between `min_val` and `max_val`."""
    x = input._array
    low, high = (np.asarray(v).astype(x.dtype) for v in (min_val, max_val))
    return record(
        np.clip(x, low, high),
        (input,),
        lambda g: (g * ((x > min_val) & (x < max_val)),),
        (input,),
    )


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`input` above 0, `alpha * (exp(input) - 1)` below."""
    x = input._array
    below = alpha * np.expm1(np.minimum(x, 0))

    def backward(g: Array) -> tuple:
        return (np.where(x > 0, g, g * (below + alpha)),)

    return record(np.where(x > 0, x, below), (input,), backward, (input,))


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
    share, density = _normal(x)
    np.multiply(x, share, out=out)
    np.multiply(x, density, out=slope)
    slope += share


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


def _normal(x: Array) -> tuple[Array, Array]:
    """The normal distribution's share below x, and its density at x.

    In float64 by the C library's erf; in float32 by Abramowitz and Stegun's formula 7.1.26, which
    is right to 1.5e-7, about float32's own precision, and 30 times as fast.
    """
    bell = np.exp(-0.5 * x * x)
    density = bell * (1 / math.sqrt(2 * math.pi))
    if x.dtype == np.float64:
        erf = np.vectorize(math.erf, otypes=[np.float64])
        return 0.5 * (1 + erf(x / math.sqrt(2))), density
    t = 1 / (1 + (0.3275911 / math.sqrt(2)) * np.abs(x))
    tail = 0.5 * bell * t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )  # fmt: skip
    return np.where(x > 0, 1 - tail, tail), density


def silu(input: Tensor) -> Tensor:
    """`input * sigmoid(input)`, also called swish."""
    x = input._array
    gate = logistic(x)
    return record(x * gate, (input,), lambda g: (g * (gate * (1 + x * (1 - gate))),), (input,))


def mish(input: Tensor) -> Tensor:
    """`input * tanh(softplus(input))`."""
    return input * tanh(softplus(input))


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """`log(1 + exp(beta * input)) / beta`, a smooth relu; beyond `threshold` simply `input`."""
    x = input._array
    scaled = x * np.asarray(beta, x.dtype)
    with np.errstate(over="ignore"):
        out = np.where(
            scaled > threshold,
            x,
            np.log1p(np.exp(np.minimum(scaled, threshold))) / np.asarray(beta, x.dtype),
        )
    slope = np.where(scaled > threshold, np.asarray(1, x.dtype), logistic(scaled))
    return record(out, (input,), lambda g: (g * slope,), (input,))


def logsigmoid(input: Tensor) -> Tensor:
    """`log(sigmoid(input))`, without overflow."""
    x = input._array
    out = np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
    return record(out, (input,), lambda g: (g * logistic(-x),), (input,))


def softsign(input: Tensor) -> Tensor:
    """`input / (1 + |input|)`."""
    return input / (input.abs() + 1)


def dropout(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """In training, zero each element with probability `p` and scale the rest by 1 / (1 - p)."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is a probability between 0 and 1, got {p}")
    if not training or p == 0:
        return input
    x = input._array
    keep = random.draw("random", x.shape, np.float32) >= p
    scale = keep.astype(x.dtype)
    scale *= 0.0 if p == 1 else 1 / (1 - p)
    return record(x * scale, (input,), lambda g: (g * scale,))


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """`dropout` of whole channels of sequences (n, c, length) or (c, length)."""
    return _drop_channels("dropout1d", input, p, training, 1)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """`dropout` of whole channels of images (n, c, h, w)."""
    return _drop_channels("dropout2d", input, p, training, 2)


def _drop_channels(name: str, input: Tensor, p: float, training: bool, inner: int) -> Tensor:
    x = input._array
    if x.ndim not in (inner + 2, inner + 1 if inner == 1 else inner + 2):
        raise RuntimeError(f"{name}: expected {inner + 2} dimensions, got shape {x.shape}")
    channels = wrap(np.ones(x.shape[:-inner] + (1,) * inner, x.dtype))
    return input * dropout(channels, p, training)


def selu(input: Tensor) -> Tensor:
    """`elu`, scaled so that deep networks keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    return elu(input, 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946


def celu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`input` above 0, `alpha * (exp(input / alpha) - 1)` below: smooth for every `alpha`."""
    return elu(input / alpha) * alpha


def hardsigmoid(input: Tensor) -> Tensor:
    """A straight line from 0 at -3 to 1 at 3."""
    return relu6(input + 3) / 6


def hardswish(input: Tensor) -> Tensor:
    """`input * hardsigmoid(input)`."""
    return input * hardsigmoid(input)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """`input` above 0, `weight * input` below; one weight, or one for each channel (dimension 1)."""
    if weight.numel() > 1:
        channels = input.shape[1 if input.ndim > 1 else 0]
        if weight.shape != (channels,):
            raise RuntimeError(
                f"prelu: {weight.numel()} weights do not fit an input of shape {tuple(input.shape)}"
            )
        weight = weight.reshape(-1, *(1,) * (input.ndim - 2))
    elif not input.ndim:
        weight = weight.reshape(())
    return where(input > 0, input, weight * input)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """One half of `input` along `dim`, let through by the sigmoid of the other."""
    if input.shape[dim] % 2:
        raise RuntimeError(f"glu: size {input.shape[dim]} of dim {dim} must be even")
    value, gate = input.chunk(2, dim)
    return value * gate.sigmoid()


def softmin(input: Tensor, dim: int) -> Tensor:
    """The softmax of `-input`."""
    return softmax(-input, dim)
