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


def as_of(tensor: Tensor, born: int) -> Tensor:
    """What `tensor` was to an operation computed after `born` changes in place."""
    place = _changes_before(tensor, born)
    if place < len(tensor._earlier):
        return tensor._earlier[place][1]
    base = tensor._base
    stale = base is not None and _changes_before(base, born) != _changes_before(base, tensor._born)
    if stale and tensor._backward is not None:
        raise NotImplementedError(
            f"a view of shape {tuple(tensor.shape)} was used after the tensor that it views was "
            "changed in place, which course.scratch leaves out: take the view after the change"
        )
    return tensor


def _changes_before(tensor: Tensor, born: int) -> int:
    return bisect_right(tensor._earlier, born, key=itemgetter(0))
