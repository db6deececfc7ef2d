"""Helpers for lists of parameters: clipping gradients, and all values as one vector."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ...leftout import left_out as _left_out
from ...shapes import cat
from ...tensors import Tensor, wrap

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "vector_to_parameters"]


def _grads(parameters: Tensor | Iterable[Tensor]) -> list:
    listed = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad._array for p in listed if p.grad is not None]


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:  # fmt: skip
    """Scale all gradients so that their norm is at most `max_norm`; return the norm before."""
    grads = _grads(parameters)
    if not grads:
        return wrap(np.float32(0))
    if norm_type == math.inf:
        total = max(float(abs(g).max()) for g in grads)
    else:
        total = sum(float((abs(g) ** norm_type).sum()) for g in grads) ** (1 / norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"clip_grad_norm_: the norm of the gradients is {total}, so they cannot be scaled"
        )
    scale = min(max_norm / (total + 1e-6), 1.0)
    for g in grads:
        g *= g.dtype.type(scale)
    return wrap(np.asarray(total, grads[0].dtype, like=grads[0]))


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Hold every element of every gradient between -`clip_value` and `clip_value`."""
    for g in _grads(parameters):
        g.clip(-clip_value, clip_value, out=g)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of all parameters in one vector."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write a vector, as `parameters_to_vector` makes it, back into the parameters."""
    at = 0
    for p in parameters:
        p._array[...] = vec._array[at : at + p.numel()].reshape(p.shape)
        at += p.numel()


__getattr__ = _left_out("course.scratch.nn.utils")
