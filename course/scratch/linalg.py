"""Linear algebra: norms, and inverses with their gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import reductions
from .autograd import Array, record, unbroadcast
from .leftout import left_out as _left_out

if TYPE_CHECKING:
    from .tensors import Tensor


def vector_norm(input: Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False) -> Tensor:
    """`sum(|input|**ord) ** (1 / ord)` over `dim` (all if None), for ord 1, 2 or infinity."""
    return reductions.norm(input, ord, dim, keepdim)


def norm(input: Tensor, ord: float | None = None, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The vector norm (ord 2 if None) over `dim`, or over all; other norms of matrices are left out."""
    over = reductions.axes("norm", input._array, dim)
    if ord is not None and len(over) != 1:
        raise NotImplementedError(
            f"linalg.norm: ord={ord!r} over {len(over)} dimensions is a norm of matrices, which "
            "course.scratch leaves out; give one dim, or leave ord out"
        )
    return reductions.norm(input, 2 if ord is None else ord, dim, keepdim)


def _solved(name: str, a: Array, b: Array | None) -> Array:
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise RuntimeError(f"linalg.{name}: A must hold square matrices, got shape {a.shape}")
    try:
        return np.linalg.inv(a) if b is None else np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        raise RuntimeError(
            f"linalg.{name}: a matrix is singular: its rows depend on each other"
        ) from None


def inv(A: Tensor) -> Tensor:
    """The inverse of each square matrix (..., n, n)."""
    out = _solved("inv", A._array, None)

    def backward(g: Array) -> tuple:
        turned = out.swapaxes(-1, -2)
        return (-(turned @ g @ turned),)

    return record(out, (A,), backward, (None,))


def solve(A: Tensor, B: Tensor) -> Tensor:
    """X in `A @ X = B`: (..., n, n) and (..., n, k), or (..., n), -> the shape of B."""
    a, b = A._array, B._array
    vector = b.ndim == 1 or b.shape == a.shape[:-1]
    columns = b[..., None] if vector else b
    if a.shape[-1:] != columns.shape[-2:-1]:
        raise RuntimeError(f"linalg.solve: shapes {a.shape} and {b.shape} do not fit")
    out = _solved("solve", a, columns)

    def backward(g: Array) -> tuple:
        db = _solved("solve", a.swapaxes(-1, -2), g.reshape(out.shape))
        da = unbroadcast(-db @ out.swapaxes(-1, -2), a.shape) if A.requires_grad else None
        return da, unbroadcast(db, columns.shape).reshape(b.shape)

    return record(out[..., 0] if vector else out, (A, B), backward, (A,))


__getattr__ = _left_out("course.scratch.linalg")
