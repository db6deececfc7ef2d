"""Gradients checked against differences: the test of every backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import autograd, tensors
from .devices import beside
from .switches import no_grad

if TYPE_CHECKING:
    from .tensors import Tensor


def gradcheck(
    func: Callable,
    inputs: Tensor | Sequence[Tensor],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare the gradients of `func(*inputs)` with central differences (f(x+e) - f(x-e)) / 2e.

    Use float64 inputs: in float32 the round-off of the difference is as large as what it measures.
    Raises RuntimeError at the first mismatch, or returns False with `raise_exception=False`.
    """
    inputs = tuple(autograd.listed(inputs))
    output = func(*inputs)
    weight = np.linspace(0.5, 1.5, output._array.size).reshape(output._array.shape)
    weight = beside(weight.astype(output._array.dtype), output._array)
    leaves = [x for x in inputs if isinstance(x, tensors.Tensor) and x.requires_grad]
    if not leaves:
        raise ValueError("gradcheck: at least one of the inputs must have requires_grad=True")
    found = autograd.grad(output, leaves, tensors.wrap(weight), allow_unused=True)

    def value() -> float:
        with no_grad():
            return float((func(*inputs)._array * weight).sum())

    for number, (x, g) in enumerate(zip(leaves, found, strict=True)):
        numeric = np.zeros_like(x._array)
        for i in np.ndindex(x._array.shape):
            kept = float(x._array[i])
            x._array[i] = kept + eps
            above = value()
            x._array[i] = kept - eps
            below = value()
            x._array[i] = kept
            numeric[i] = (above - below) / (2 * eps)
        analytic = np.zeros_like(numeric) if g is None else g._array
        if not np.allclose(analytic, numeric, rtol, atol):
            if not raise_exception:
                return False
            raise RuntimeError(
                f"gradcheck: input {number}: largest difference "
                f"{np.abs(analytic - numeric).max():.3g} between the backward\n{analytic}\n"
                f"and the central difference\n{numeric}"
            )
    return True
