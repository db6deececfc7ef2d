"""Products of vectors and matrices: matmul and its special cases, and einsum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .autograd import Array, factors, record, unbroadcast
from .devices import on_cpu, together

if TYPE_CHECKING:
    from .tensors import Tensor


def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product, with leading dimensions as batches, and vectors as rows or columns.

    Shapes: (n, k) @ (k, m) -> (n, m); (..., n, k) @ (..., k, m) with the rest broadcast; (k,) @
    (k,) -> ().
    """
    x, y = input._array, other._array
    if not x.ndim or not y.ndim:
        raise RuntimeError(
            f"matmul: both sides need a dimension, got shapes {x.shape} and {y.shape}; use *"
        )
    if x.shape[-1] != y.shape[-2 if y.ndim > 1 else 0]:
        raise RuntimeError(
            f"matmul: shapes {x.shape} and {y.shape} do not multiply: the last size of the first "
            f"({x.shape[-1]}) must equal the {'second to last' if y.ndim > 1 else 'only'} size of "
            f"the second ({y.shape[-2 if y.ndim > 1 else 0]})"
        )
    if type(x) is not type(y):
        together("matmul", input, other)
    if x.dtype != y.dtype:
        raise RuntimeError(
            f"matmul: both sides need one dtype, got {x.dtype} and {y.dtype}; use .to(dtype)"
        )

    if y.ndim == 2 and x.ndim > 2 and x.size:
        # One large product of matrices: NumPy would make a small one for each batch.
        out = (x.reshape(-1, x.shape[-1]) @ y).reshape(*x.shape[:-1], y.shape[1])
    else:
        out = _batched(x, y)

    def backward(g: Array) -> tuple:
        rows = x[None] if x.ndim == 1 else x
        columns = y[:, None] if y.ndim == 1 else y
        if x.ndim == 1:
            g = np.expand_dims(g, -1 if y.ndim == 1 else -2)
        if y.ndim == 1:
            g = np.expand_dims(g, -1)
        dx = dy = None
        if y.ndim <= 2 and x.ndim >= 2:
            count = math.prod(x.shape[:-1])
            flat = g.reshape(count, g.shape[-1])
            if input.requires_grad:
                dx = (flat @ columns.T).reshape(x.shape)
            if other.requires_grad:
                dy = (x.reshape(count, x.shape[-1]).T @ flat).reshape(y.shape)
            return dx, dy
        if input.requires_grad:
            dx = unbroadcast(_batched(g, columns.swapaxes(-1, -2)), rows.shape).reshape(x.shape)
        if other.requires_grad:
            dy = unbroadcast(_batched(rows.swapaxes(-1, -2), g), columns.shape).reshape(y.shape)
        return dx, dy

    return record(out, (input, other), backward, factors(input, other))


def dot_rows(x: Array, y: Array) -> Array:
    """The product of each row of `x` with that of `y`: (..., n), (..., n) -> (..., 1)."""
    if on_cpu(x):
        return np.vecdot(x, y)[..., None]
    return (x * y).sum(-1, keepdims=True)  # CuPy has no vecdot


def _batched(x: Array, y: Array) -> Array:
    try:
        return x @ y
    except ValueError:
        raise RuntimeError(
            f"matmul: the batch dimensions of shapes {x.shape} and {y.shape} do not broadcast: "
            f"{x.shape[:-2]} and {y.shape[:-2]} must be equal or 1, pair by pair from the right"
        ) from None


def _exact(name: str, input: Tensor, other: Tensor, ranks: tuple[int, int]) -> Tensor:
    found = (input._array.ndim, other._array.ndim)
    if found != ranks:
        raise RuntimeError(
            f"{name}: takes tensors of {ranks[0]} and {ranks[1]} dimensions, got shapes "
            f"{input._array.shape} and {other._array.shape}"
        )
    return matmul(input, other)


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, without broadcasting."""
    return _exact("mm", input, mat2, (2, 2))


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector."""
    return _exact("mv", input, vec, (2, 1))


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two batches of matrices, (b, n, k) @ (b, k, m)."""
    if input._array.shape[:1] != mat2._array.shape[:1]:
        raise RuntimeError(
            f"bmm: both need the same batch size, got {input._array.shape} and {mat2._array.shape}"
        )
    return _exact("bmm", input, mat2, (3, 3))


def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of products of two vectors."""
    return _exact("dot", input, tensor, (1, 1))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """All products of an element of one vector with an element of the other, as a matrix."""
    return input.unsqueeze(1) * vec2.unsqueeze(0)


def addmm(
    input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`."""
    return _plus(input, mm(mat1, mat2), beta, alpha)


def baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1
) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, for a batch of products."""
    return _plus(input, bmm(batch1, batch2), beta, alpha)


def _plus(input: Tensor, product: Tensor, beta: float, alpha: float) -> Tensor:
    if input._array.dtype.kind in "iu":  # as PyTorch does: whole numbers take whole factors
        beta, alpha = int(beta), int(alpha)
    product = product if alpha == 1 else product * alpha
    return product if beta == 0 else (input if beta == 1 else input * beta) + product


def einsum(equation: str, *operands: Any) -> Tensor:
    """Sums of products by Einstein's notation, e.g. `einsum("bij,bjk->bik", a, b)`.

    A letter may not stand twice in one operand.
    """
    given = (
        list(operands[0])
        if len(operands) == 1 and isinstance(operands[0], list | tuple)
        else list(operands)
    )
    arrays = [o._array for o in given]
    left, result = _einsum_terms(equation.replace(" ", ""), arrays)
    terms = left.split(",")
    try:
        out = np.einsum(f"{left}->{result}", *arrays, optimize=len(arrays) > 1)
    except ValueError as error:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise RuntimeError(
            f"einsum: {equation!r} does not fit the shapes {shapes}: {error}"
        ) from None

    def backward(g: Array) -> tuple:
        gradients: list[Array | None] = []
        for i, (term, array) in enumerate(zip(terms, arrays, strict=True)):
            if not given[i].requires_grad:
                gradients.append(None)
                continue
            others = [t for j, t in enumerate(terms) if j != i]
            held = [a for j, a in enumerate(arrays) if j != i]
            reached = "".join(c for c in term if c in result or any(c in t for t in others))
            part = np.einsum(
                f"{','.join([result, *others])}->{reached}", g, *held, optimize=bool(held)
            )
            # A letter that stands nowhere else was summed: its gradient is the same all along.
            places = tuple(slice(None) if c in reached else None for c in term)
            gradients.append(
                np.broadcast_to(part[places], array.shape) if term else np.asarray(part, like=array)
            )
        return tuple(gradients)

    def read(i: int) -> bool:
        """Whether the gradient of another operand is wanted, which is made from this one."""
        return any(o.requires_grad for j, o in enumerate(given) if j != i)

    saved = tuple([o for i, o in enumerate(given) if read(i)])
    return record(out, tuple(given), backward, saved)


def _einsum_terms(equation: str, arrays: list[Array]) -> tuple[str, str]:
    """Both sides with every letter spelled out: `...` becomes letters that are not used yet."""
    left, _, result = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(arrays):
        raise RuntimeError(f"einsum: {equation!r} names {len(terms)} operands, got {len(arrays)}")
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in equation]
    widest = 0
    for i, (term, array) in enumerate(zip(terms, arrays, strict=True)):
        if "..." in term:
            extra = array.ndim - len(term.replace("...", ""))
            widest = max(widest, extra)
            terms[i] = term.replace("...", "".join(free[:extra][::-1]))
        if any(terms[i].count(c) > 1 for c in terms[i]):
            raise NotImplementedError(
                f"einsum: a letter stands twice in {term!r}; course.scratch leaves that out"
            )
    batch = "".join(free[:widest][::-1])
    if "->" not in equation:
        letters = "".join(terms)
        result = batch + "".join(
            c for c in sorted(set(letters)) if letters.count(c) == 1 and c not in batch
        )
    return ",".join(terms), result.replace("...", batch)
