"""Which history a tensor had when an operation was computed, where it was changed in place since.

Every recorded change counts one (`autograd.rewrites`) and keeps what the tensor was before, see
inplace.py; an operation knows how many changes there had been when it was computed.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tensors import Tensor


def parents_then(node: Tensor) -> tuple[Tensor, ...]:
    """The parents as they were when `node` was computed, before later changes in place."""
    return tuple([as_of(p, node._born) for p in node._parents])


def as_of(tensor: Tensor, born: float) -> Tensor:
    """What `tensor` was to an operation computed after `born` changes in place."""
    place = _changes_before(tensor, born)
    if place < len(tensor._earlier):
        return tensor._earlier[place][1]
    base = tensor._base
    stale = base is not None and _changes_before(base, born) != _changes_before(base, tensor._born)
    if stale and tensor._backward is not None:
        raise _stale(tensor)
    return tensor


def refuse_stale(parents: tuple[Tensor, ...]) -> None:
    """Refuse a view that wants no gradient, of a tensor that has been given one in place since."""
    for parent in parents:
        base = parent._base
        if base is None or parent.requires_grad:
            continue
        if _changes_before(base, parent._born) < len(base._earlier):
            raise _stale(parent)


def _stale(view: Tensor) -> NotImplementedError:
    return NotImplementedError(
        f"a view of shape {tuple(view.shape)} was used after the tensor that it views was "
        "changed in place, which course.scratch leaves out: take the view after the change"
    )


def _changes_before(tensor: Tensor, born: float) -> int:
    return bisect_right(tensor._earlier, born, key=itemgetter(0))
