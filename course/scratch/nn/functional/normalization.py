"""Normalisation: to mean 0 and variance 1, over a batch, a row, or groups of channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...autograd import Array, record
from ...chunks import in_pieces
from ...products import dot_rows
from ...reductions import norm

if TYPE_CHECKING:
    from ...tensors import Tensor


def layer_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None,
    bias: Tensor | None = None, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each row to mean 0 and variance 1, times `weight` plus `bias`.

    A row is the last dimensions of the input, those of `normalized_shape`.
    """
    return _rows("layer_norm", input, normalized_shape, weight, bias, eps, centred=True)


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:  # fmt: skip
    """Each row divided by the root of its mean square, times `weight`.

    `eps` is the dtype's precision unless given.
    """
    eps = np.finfo(input._array.dtype).eps if eps is None else eps
    return _rows("rms_norm", input, normalized_shape, weight, None, eps, centred=False)


def _rows(
    name: str, input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None,
    bias: Tensor | None, eps: Any, centred: bool,
) -> Tensor:  # fmt: skip
    """Both of the above: a layer norm takes off the mean first, an RMS norm leaves it."""
    x, shape = input._array, tuple(normalized_shape)
    if x.shape[x.ndim - len(shape) :] != shape:
        raise RuntimeError(f"{name}: the last sizes of shape {x.shape} must be {shape}")
    rows = x.reshape(-1, math.prod(shape))
    count, small = x.dtype.type(rows.shape[1]), x.dtype.type(eps)
    gain = None if weight is None else weight._array.reshape(-1)
    shift = None if bias is None else bias._array.reshape(-1)
    unit, out, inverse = np.empty_like(rows), np.empty_like(rows), np.empty_like(rows[:, :1])

    def forward(x: Array, unit: Array, inverse: Array, out: Array) -> None:
        np.subtract(x, x.sum(axis=1, keepdims=True) / count if centred else 0, out=unit)
        np.divide(1, np.sqrt(dot_rows(unit, unit) / count + small), out=inverse)
        unit *= inverse
        np.multiply(unit, 1 if gain is None else gain, out=out)
        if shift is not None:
            out += shift

    in_pieces(forward, rows, unit, inverse, out)

    def backward(g: Array) -> tuple:
        flat = g.reshape(rows.shape)

        def back(g: Array, unit: Array, inverse: Array, dx: Array) -> None:
            # The mean and the variance depend on x too: take off what they would send back.
            d = g if gain is None else g * gain
            np.multiply(unit, dot_rows(d, unit) / -count, out=dx)
            dx += d
            if centred:
                dx -= d.sum(axis=1, keepdims=True) / count
            dx *= inverse

        dx = dw = db = None
        ones = np.ones_like(flat, shape=(len(flat),))
        if input.requires_grad:
            dx = np.empty_like(rows)
            in_pieces(back, flat, unit, inverse, dx)
            dx = dx.reshape(x.shape)
        if weight is not None and weight.requires_grad:
            dw = (ones @ (flat * unit)).reshape(shape)
        if bias is not None and bias.requires_grad:
            db = (ones @ flat).reshape(shape)
        return _given(weight, bias, dx, dw, db)

    parents = _given(weight, bias, input, weight, bias)
    return record(out.reshape(x.shape), parents, backward, _given(weight, None, input, weight))


def _given(weight: Tensor | None, bias: Tensor | None, first: Any, *rest: Any) -> tuple:
    """`first`, and of (one for the weight, one for the bias) those that there is a tensor for."""
    return first, *(r for t, r in zip((weight, bias), rest, strict=False) if t is not None)


def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None,
    weight: Tensor | None = None, bias: Tensor | None = None, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each channel (dimension 1) to mean 0 and variance 1, times `weight` plus `bias`.

    In training the running statistics move towards the batch's by `momentum`;
    in evaluation they are what is used.
    """
    x = input._array
    if x.ndim < 2:
        raise NotImplementedError(
            f"batch_norm: course.scratch takes (n, channels, ...), got shape {x.shape}"
        )
    over, across = (0, *range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2)
    count = x.size // max(x.shape[1], 1)
    if training:
        if count < 2:
            raise ValueError(
                f"batch_norm: training needs more than one value a channel, got shape {x.shape}"
            )
        unit = x - (centre := x.mean(axis=over, keepdims=True))
        spread = (unit * unit).mean(axis=over, keepdims=True)
        if running_mean is not None and running_var is not None:
            mean, variance = running_mean._array, running_var._array
            mean += momentum * (centre.reshape(-1) - mean)
            variance += momentum * (spread.reshape(-1) * (count / (count - 1)) - variance)
    else:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm: evaluation needs running_mean and running_var")
        unit = x - running_mean._array.reshape(across)
        spread = running_var._array.reshape(across)
    inverse = 1 / np.sqrt(spread + x.dtype.type(eps))
    unit *= inverse
    out = unit if weight is None else unit * weight._array.reshape(across)
    if bias is not None:
        out = out + bias._array.reshape(across)

    def backward(g: Array) -> tuple:
        dx = dw = db = None
        if input.requires_grad:
            d = g if weight is None else g * weight._array.reshape(across)
            dx = d * inverse
            if training:  # the mean and the variance depend on x too
                through = unit * (d * unit).mean(axis=over, keepdims=True)
                dx -= (d.mean(axis=over, keepdims=True) + through) * inverse
        if weight is not None and weight.requires_grad:
            dw = (g * unit).sum(axis=over)
        if bias is not None and bias.requires_grad:
            db = g.sum(axis=over)
        return _given(weight, bias, dx, dw, db)

    parents = _given(weight, bias, input, weight, bias)
    return record(out, parents, backward, _given(weight, None, input, weight))


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each group of channels of each image to mean 0 and variance 1, times `weight` plus `bias`."""
    shape = input.shape
    if shape[1] % num_groups:
        raise RuntimeError(
            f"group_norm: {shape[1]} channels do not divide into {num_groups} groups"
        )
    rows = input.reshape(shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    out = layer_norm(rows, rows.shape[2:], None, None, eps).reshape(shape)
    across = (1, -1) + (1,) * (len(shape) - 2)
    if weight is not None:
        out = out * weight.reshape(across)
    return out if bias is None else out + bias.reshape(across)


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """`input` divided by its norm along `dim`, or by `eps` where the norm is smaller."""
    return input / norm(input, p, dim, keepdim=True).clamp(min=eps)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between two tensors along `dim`."""
    shape = np.broadcast_shapes(x1._array.shape, x2._array.shape)
    x1, x2 = x1.expand(shape), x2.expand(shape)
    lengths = norm(x1, 2, dim).clamp(min=eps) * norm(x2, 2, dim).clamp(min=eps)
    return (x1 * x2).sum(dim) / lengths
