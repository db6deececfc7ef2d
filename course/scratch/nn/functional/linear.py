"""Linear maps and embeddings: y = x Wᵀ + b, and rows of a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...autograd import Array, factors, record
from ...devices import together
from ...indexing import sum_rows
from ...products import einsum
from ...tensors import wrap

if TYPE_CHECKING:
    from ...tensors import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input @ weight.T + bias`, as one step.

    Shapes: (..., in), (out, in), (out,) -> (..., out).
    """
    x, w = input._array, weight._array
    if not x.ndim or x.shape[-1] != w.shape[-1]:
        raise RuntimeError(
            f"linear: an input of shape {x.shape} does not fit a weight of shape {w.shape} (out, "
            f"in): the input's last size must be {w.shape[-1]}"
        )
    if type(x) is not type(w):
        together("linear", input, weight)
    if x.dtype != w.dtype:
        raise RuntimeError(
            f"linear: input is {x.dtype} and weight {w.dtype}; convert one with .to(dtype)"
        )
    # One large product of matrices, whatever the rank.
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    out = rows @ w.T
    if bias is not None:
        out += bias._array

    def backward(g: Array) -> tuple:
        flat = g.reshape(len(rows), len(w))
        dx = (flat @ w).reshape(x.shape) if input.requires_grad else None
        dw = flat.T @ rows if weight.requires_grad else None
        if bias is None:
            return dx, dw
        # The sum over rows as a product with ones: BLAS does it on all cores.
        return (
            dx,
            dw,
            np.ones_like(flat, shape=(len(flat),)) @ flat if bias.requires_grad else None,
        )

    parents = (input, weight) if bias is None else (input, weight, bias)
    shaped = out.reshape(*x.shape[:-1], len(w))
    return record(shaped, parents, backward, factors(input, weight))


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """`input1 @ weight[k] @ input2 + bias[k]` for every output k.

    Shapes: (..., a), (..., b), (out, a, b), (out,) -> (..., out).
    """
    out = einsum("...a,kab,...b->...k", input1, weight, input2)
    return out if bias is None else out + bias


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """The rows of `weight` that the integers in `input` name; row `padding_idx` gets no gradient.

    Shapes: (...), (rows, d) -> (..., d).
    """
    index, table = input._array, weight._array
    if type(index) is not type(table):
        together("embedding", input, weight)
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"embedding: indices must be integers, got {index.dtype}; use .long()")
    if index.size and not (index.min() >= 0 and index.max() < len(table)):
        raise IndexError(
            f"embedding: indices must be from 0 to {len(table) - 1}, got {index.min()} to "
            f"{index.max()}"
        )

    def backward(g: Array) -> tuple:
        flat = g.reshape(index.size, table.shape[1])
        dw = sum_rows(index.ravel(), flat, len(table)).reshape(table.shape)
        if padding_idx is not None:
            dw[padding_idx] = 0
        return (dw,)

    return record(table[index], (weight,), backward, (input,))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """A row of zeros with a single 1 at the place that the integer names; int64."""
    classes = int(tensor._array.max()) + 1 if num_classes == -1 else num_classes
    index = tensor._array[..., None]
    out = np.zeros((*tensor.shape, classes), np.int64, like=index)
    np.put_along_axis(out, index, 1, -1)
    return wrap(out)
