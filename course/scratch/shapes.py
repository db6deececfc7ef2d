"""Operations that move elements and compute nothing: reshape, transpose, join, split, repeat.

Their backward moves the gradient the other way. Where NumPy gives a view, the result shares its
memory with the input, as in PyTorch: a change in place of one shows in the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dtypes, tensors
from .autograd import Array, record, unbroadcast, viewing
from .devices import beside, put
from .indexing import getitem, index_select
from .reductions import axes, axis

if TYPE_CHECKING:
    from .tensors import Tensor


def sizes(given: tuple) -> tuple[int, ...]:
    """The sizes of `f(2, 3)` or of `f((2, 3))`."""
    if len(given) == 1 and isinstance(given[0], Sequence):
        given = tuple(given[0])
    return tuple(int(n) for n in given)


def _view(array: Array, input: Tensor, backward: Any) -> Tensor:
    """The result of an operation that may share its memory with `input`."""
    out = record(array, (input,), backward)
    shared = array.base is not None and array is not input._array
    return viewing(out, input) if shared else out


# ------------------------------------------------------------------------------- another shape


def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """The same elements in another shape; one size may be -1 and is worked out."""
    x = input._array
    new = tuple(int(n) for n in shape)
    known = math.prod(n for n in new if n != -1)
    if new.count(-1) > 1:
        raise RuntimeError(f"reshape: only one size may be -1, got {new}")
    if -1 in new and (known == 0 or x.size % known):
        raise RuntimeError(
            f"reshape: {x.size} elements of shape {x.shape} do not divide into {new}: "
            f"{x.size} is not a multiple of {known}"
        )
    if -1 not in new and known != x.size:
        raise RuntimeError(
            f"reshape: shape {new} has {known} elements, but the input of shape {x.shape} has "
            f"{x.size}"
        )
    return _view(x.reshape(new), input, lambda g: (g.reshape(x.shape),))


def view(input: Tensor, *shape: Any) -> Tensor:
    """`reshape` without a copy; raises RuntimeError where the memory's order needs one."""
    out = reshape(input, sizes(shape))
    if out._array.size and not np.shares_memory(out._array, input._array):
        raise RuntimeError(
            f"view: a tensor of shape {input._array.shape} whose memory is not in order cannot be "
            f"viewed as {tuple(out._array.shape)} without a copy; use .reshape(...) or "
            ".contiguous() first"
        )
    return out


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join the dimensions from `start_dim` to `end_dim` into one."""
    x = input._array
    if not x.ndim:
        return reshape(input, (1,))
    first, last = axis("flatten", x, start_dim), axis("flatten", x, end_dim)
    if first > last:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    joined = math.prod(x.shape[first : last + 1])
    return reshape(input, (*x.shape[:first], joined, *x.shape[last + 1 :]))


def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Split dimension `dim` into `sizes`, of which one may be -1."""
    x = input._array
    over = axis("unflatten", x, dim)
    inner = list(sizes)
    if -1 in inner:
        known = math.prod(n for n in inner if n != -1)
        inner[inner.index(-1)] = x.shape[over] // known if known else 0
    return reshape(input, (*x.shape[:over], *inner, *x.shape[over + 1 :]))


def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without its dimensions of size 1; with `dim`, only that one, if its size is 1."""
    x = input._array
    candidates = () if dim == () else axes("squeeze", x, dim)
    drop = tuple(i for i in candidates if x.shape[i] == 1)
    return _view(np.squeeze(x, drop), input, lambda g: (g.reshape(x.shape),))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new dimension of size 1 before `dim`."""
    x = input._array
    if not -x.ndim - 1 <= dim <= x.ndim:
        raise IndexError(
            f"unsqueeze: dim {dim} is out of range for shape {x.shape}: dims go from "
            f"{-x.ndim - 1} to {x.ndim}"
        )
    return _view(np.expand_dims(x, dim), input, lambda g: (g.reshape(x.shape),))


# ------------------------------------------------------------------------------- another order


def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """The dimensions in a new order."""
    x = input._array
    order = tuple(axis("permute", x, d) for d in dims)
    if sorted(order) != list(range(x.ndim)):
        raise RuntimeError(
            f"permute: {tuple(dims)} does not name each of the {x.ndim} dimensions once"
        )
    back = tuple(int(i) for i in np.argsort(order))
    return _view(x.transpose(order), input, lambda g: (g.transpose(back),))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Dimensions `dim0` and `dim1` exchanged."""
    x = input._array
    order = list(range(x.ndim))
    a, b = axis("transpose", x, dim0), axis("transpose", x, dim1)
    if order:
        order[a], order[b] = order[b], order[a]
    return _view(x.transpose(order), input, lambda g: (g.transpose(order),))


def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector or a number as it is."""
    if input._array.ndim > 2:
        raise RuntimeError(
            f"t: takes at most 2 dimensions, got shape {input._array.shape}; use .mT or transpose"
        )
    return transpose(input, 0, input._array.ndim - 1)


def flip(input: Tensor, dims: Any) -> Tensor:
    """The order along `dims` reversed."""
    over = axes("flip", input._array, dims) if dims != () else ()
    return record(np.flip(input._array, over).copy(), (input,), lambda g: (np.flip(g, over),))


# ------------------------------------------------------------------------------- more of the same


def expand(input: Tensor, *size: Any) -> Tensor:
    """Dimensions of size 1 stretched to `size`, without a copy; -1 keeps a size."""
    x = input._array
    wanted = sizes(size)
    lead = len(wanted) - x.ndim
    full = tuple(x.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(wanted))
    if lead < 0 or any(n not in (1, m) for n, m in zip(x.shape, full[lead:], strict=True)):
        raise RuntimeError(
            f"expand: shape {x.shape} does not stretch to {wanted}: only sizes of 1 can grow"
        )
    return _view(np.broadcast_to(x, full), input, lambda g: (unbroadcast(g, x.shape),))


def repeat(input: Tensor, *repeats: Any) -> Tensor:
    """Copies laid side by side, `repeats[i]` times along dimension i."""
    x = input._array
    times = sizes(repeats)
    if len(times) < x.ndim:
        raise RuntimeError(f"repeat: {times} names fewer dimensions than shape {x.shape} has")
    inner = (1,) * (len(times) - x.ndim) + x.shape

    def backward(g: Array) -> tuple:
        split = g.reshape([n for pair in zip(times, inner, strict=True) for n in pair])
        return (split.sum(axis=tuple(range(0, 2 * len(times), 2))).reshape(x.shape),)

    return record(np.tile(x, times), (input,), backward)


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None) -> Tensor:
    """Each element `repeats` times in a row, along `dim` or of the flattened tensor.

    A tensor of `repeats` says it for each place along `dim`.
    """
    if dim is None:
        input, dim = flatten(input), 0
    size = input._array.shape[axis("repeat_interleave", input._array, dim)]
    counts = put(repeats._array, "cpu") if isinstance(repeats, tensors.Tensor) else repeats
    places = beside(np.repeat(np.arange(size), np.broadcast_to(counts, size)), input._array)
    return index_select(input, dim, tensors.wrap(places))


# ------------------------------------------------------------------------------- joined, split


def _one_dtype(name: str, parts: Sequence[Tensor]) -> list[Tensor]:
    if not len(parts):
        raise RuntimeError(f"{name}: expected at least one tensor, got an empty list")
    dtype = parts[0]._array.dtype
    for x in parts[1:]:
        dtype = dtypes.promote_types(dtype, x._array.dtype)
    return [x.to(dtype) for x in parts]


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Joined end to end along `dim`; all other sizes must agree."""
    parts = _one_dtype("cat", tensors)
    shapes = [p._array.shape for p in parts]
    # PyTorch lets an empty vector stand for nothing, whatever the shape of the others.
    model = next((s for s in shapes if s != (0,)), (0,))
    over = axis("cat", np.empty(model, bool), dim)
    if not model:
        raise RuntimeError("cat: tensors without dimensions cannot be joined; use stack")
    for s in shapes:
        if s != (0,) and (*s[:over], *s[over + 1 :]) != (*model[:over], *model[over + 1 :]):
            raise RuntimeError(
                f"cat: shapes {model} and {s} must be equal in every dimension but {over}"
            )
    arrays = [p._array for p in parts if p._array.shape != (0,) or model == (0,)]
    ends = np.cumsum([0 if s == (0,) else s[over] for s in shapes])[:-1].tolist()

    def backward(g: Array) -> tuple:
        pieces = np.split(g, ends, over)
        return tuple(d.reshape(s) for d, s in zip(pieces, shapes, strict=True))

    return record(np.concatenate(arrays, over), tuple(parts), backward)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Laid beside each other along a new dimension `dim`; all shapes must agree."""
    parts = _one_dtype("stack", tensors)
    for p in parts[1:]:
        if p._array.shape != parts[0]._array.shape:
            raise RuntimeError(
                f"stack: shapes {parts[0]._array.shape} and {p._array.shape} must be equal"
            )
    over = axis("stack", parts[0]._array[None], dim)
    out = np.stack([p._array for p in parts], over)
    return record(out, tuple(parts), lambda g: tuple(np.moveaxis(g, over, 0)))


def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces along `dim`: of one size (the last may be smaller), or of the sizes listed."""
    over = axis("split", tensor._array, dim)
    size = tensor._array.shape[over]
    lengths = split_size_or_sections
    if isinstance(lengths, int):
        whole, rest = divmod(size, lengths) if lengths else (0, 0)
        lengths = [lengths] * whole + [rest] * (rest > 0 or not whole)
    if sum(lengths) != size:
        raise RuntimeError(
            f"split: the sizes {list(lengths)} must add up to {size}, the size of dim {dim}"
        )
    ends = [int(n) for n in np.cumsum(lengths)]
    pieces = [slice(end - n, end) for end, n in zip(ends, lengths, strict=True)]
    return tuple([getitem(tensor, (slice(None),) * over + (piece,)) for piece in pieces])


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of equal size along `dim` (the last may be smaller)."""
    size = input._array.shape[axis("chunk", input._array, dim)]
    return split(input, -(-size // chunks) if size else 0, dim) if size else (input,) * chunks


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along `dim`, without that dimension."""
    over = axis("unbind", input._array, dim)
    return tuple(
        [getitem(input, (slice(None),) * over + (i,)) for i in range(input._array.shape[over])]
    )


# ------------------------------------------------------------------------------- parts and copies


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of the last two dimensions; zeros above."""
    return record(np.tril(input._array, diagonal), (input,), lambda g: (np.tril(g, diagonal),))


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of the last two dimensions; zeros below."""
    return record(np.triu(input._array, diagonal), (input,), lambda g: (np.triu(g, diagonal),))


def clone(input: Tensor) -> Tensor:
    """A copy with memory of its own, through which gradients flow."""
    return record(input._array.copy(order="K"), (input,), lambda g: (g,))


def contiguous(input: Tensor) -> Tensor:
    """`input` with its memory in order: itself, or a copy."""
    x = input._array
    if x.flags.c_contiguous:
        return input
    return record(x.copy(), (input,), lambda g: (g,))
