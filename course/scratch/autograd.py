"""How results remember where they came from, and how gradients travel back.

Every operation calls `record(array, parents, backward)`: the result keeps its parents and a
function that turns the gradient of the result into the gradients of the parents. `Tensor.backward`
calls `walk`, which visits the nodes in reverse order of their making. The walk is a loop, never a
recursion, so a graph may be a million nodes deep, and it frees each node as it passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

# A circle, closed on purpose: operations make tensors, and tensors have operations as methods. The
# name `tensors.Tensor` is looked up when an operation runs, long after both files have loaded.
from . import history, tensors
from .gradcheck import gradcheck
from .leftout import left_out as _left_out
from .switches import detect_anomaly, enable_grad, inference_mode, mode, no_grad, set_grad_enabled

if TYPE_CHECKING:
    from .tensors import Tensor

__all__ = [
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]

Array = Any  # a NumPy array, or a CuPy array on a GPU
Backward = Callable[[Array], tuple]

# How many times a recorded tensor was changed in place (see inplace.py): almost always 0, and then
# nobody needs to know in which order things were computed.
rewrites = 0


def record(
    array: Array,
    parents: tuple[Tensor, ...],
    backward: Backward,
    saved: tuple[Tensor | None, ...] = (),
) -> Tensor:
    """Make the tensor of an operation's result, tied to its `parents` where gradients are wanted.

    `backward(g)` gets an array of the result's shape and returns one array, or None, for each
    parent. It must leave `g` as it is, and what it returns is either new, or `g` itself, or a view
    of it. `saved` names the tensors whose arrays `backward` reads (None for the result's own): a
    later change of one in place is then found out instead of giving a wrong gradient.
    """
    out = tensors.wrap(array)
    if mode.enabled:
        if rewrites:
            history.refuse_stale(parents)
        for parent in parents:
            if parent.requires_grad:
                out.requires_grad = True
                out._parents = parents
                out._backward = backward
                if saved:
                    out._saved = [(t, (out if t is None else t)._version_count()) for t in saved]
                if rewrites:
                    out._born = rewrites
                break
    if mode.anomaly:
        _find_nan(out._array, f"the result of {operation(backward)}")
    return out


def viewing(out: Tensor, input: Tensor) -> Tensor:
    """Note that `out` shares its memory with `input`."""
    out._base = input if input._base is None else input._base
    out._born = rewrites if out.requires_grad else max(rewrites, input._born)
    return out


def factors(a: Tensor, b: Tensor) -> tuple[Tensor, ...]:
    """What the backward of a product of `a` and `b` reads: each, if the other wants a gradient."""
    if a.requires_grad:
        return (a, b) if b.requires_grad else (b,)
    return (a,)


def operation(backward: Backward | None) -> str:
    """The name of the operation that made `backward`: the function around it."""
    return getattr(backward, "__qualname__", "nothing").split(".<locals>")[0].lstrip("_")


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum `g` over the dimensions that broadcasting added or stretched: its reverse."""
    if g.shape == shape:
        return g
    added = g.ndim - len(shape)
    summable = g.dtype.kind == "f" and g.size and g.flags.c_contiguous
    if added and summable and g.shape[added:] == shape:
        rows = g.reshape(-1, int(np.prod(shape)))
        # A product with ones is a sum over rows that BLAS does on all cores.
        return (np.ones_like(g, shape=(1, len(rows))) @ rows).reshape(shape)
    axes = tuple(range(added)) + tuple(
        i + added for i, n in enumerate(shape) if n == 1 and g.shape[i + added] != 1
    )
    return g.sum(axis=axes, keepdims=True).reshape(shape)


# ------------------------------------------------------------------------------------ the walk


def _order(roots: Sequence[Tensor]) -> list[Tensor]:
    """The nodes below `roots`, parents before children: depth first, with a stack of its own."""
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack: list[Tensor | None] = list(roots)
    while stack:
        node = stack.pop()
        if node is None:  # all that the next one needs has been listed
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node not in seen:
            seen.add(node)
            stack.append(node)
            stack.append(None)
            for parent in history.parents_then(node) if rewrites else node._parents:
                if parent.requires_grad and parent not in seen:
                    stack.append(parent)
    return order


@np.errstate(all="ignore")  # a gradient may be infinite or NaN, as in PyTorch
def walk(
    roots: Sequence[Tensor],
    gradients: Sequence[Array],
    retain_graph: bool,
    wanted: dict[Tensor, Array] | None = None,
) -> None:
    """Send `gradients` from `roots` back to the leaves, adding into their `grad`.

    With `wanted` (a dictionary whose keys are the tensors of interest), the gradients are put there
    and no tensor's `grad` changes.
    """
    roots = [history.as_of(root, rewrites) for root in roots]
    order = _order(roots)
    pending: dict[Tensor, Array] = {}
    owned: set[Tensor] = set()  # nodes whose pending array nobody else holds: += is safe
    for root, g in zip(roots, gradients, strict=True):
        pending[root] = pending[root] + g if root in pending else g
    while order:
        node = order.pop()
        g = pending.pop(node, None)
        if g is None:
            continue
        if node._hooks:
            g = _apply_hooks(node, g)
            owned.discard(node)
        if wanted is None:
            if node._backward is None or node._retains_grad:
                _accumulate(node, g, node in owned and node._backward is None)
        elif node in wanted:
            wanted[node] = g
        if node._backward is None:
            continue
        _check_saved(node)
        parents = history.parents_then(node) if rewrites else node._parents
        back = node._backward
        sent = back(g)
        if not retain_graph:
            node._parents, node._backward, node._saved = (), _freed, ()
        for parent, p in zip(parents, sent, strict=True):
            if p is None or not parent.requires_grad:
                continue
            if mode.anomaly:
                _find_nan(p, f"the backward of {operation(back)}")
            have = pending.get(parent)
            if have is None:
                pending[parent] = p
                if p is not g and p.base is None:
                    owned.add(parent)
            elif parent in owned:
                have += p
                pending[parent] = have  # += on a NumPy scalar makes a new one
            else:
                pending[parent] = have + p
                owned.add(parent)


def _accumulate(node: Tensor, g: Array, owned: bool) -> None:
    if node._grad is None:
        node._grad = tensors.wrap(g if owned and g.flags.c_contiguous else g.copy())
    else:
        node._grad._array += g


def _apply_hooks(node: Tensor, g: Array) -> Array:
    for hook in list(node._hooks.values()):
        changed = hook(tensors.wrap(g))
        if changed is not None:
            g = changed._array
    return g


def _freed(g: Array) -> tuple:
    raise RuntimeError(
        "backward went through this graph already, and the graph was freed as it passed. Compute "
        "the loss again before each backward, or pass retain_graph=True the first time."
    )


def _check_saved(node: Tensor) -> None:
    for tensor, version in node._saved:
        kept = node if tensor is None else tensor
        now = kept._version_count()
        if now != version:
            raise RuntimeError(
                f"{operation(node._backward)} kept a tensor of shape {tuple(kept._array.shape)} "
                "for its backward, but it was modified in place since (version "
                f"{now}, expected {version}). Use an operation that makes a new tensor (x = x + 1, "
                "not x += 1)."
            )


def _find_nan(array: Array, where: str) -> None:
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise RuntimeError(f"anomaly mode: the first NaN is in {where}, of shape {array.shape}")


# ------------------------------------------------------------------------- gradients by function


def start(root: Tensor, gradient: Tensor | None) -> Array:
    """The array that a walk from `root` starts with: ones for a single number, else `gradient`."""
    if not root.requires_grad:
        raise RuntimeError(
            "backward was called on a tensor that does not require a gradient: nothing that it "
            "was computed from has requires_grad=True, or it was computed under no_grad"
        )
    if gradient is None:
        if root._array.size != 1:
            raise RuntimeError(
                "backward starts from a single number, but this tensor has shape "
                f"{tuple(root._array.shape)}: reduce it with .sum() or .mean(), or pass "
                "gradient= with that shape"
            )
        return np.ones_like(root._array)
    if gradient._array.shape != root._array.shape:
        raise RuntimeError(
            f"backward got a gradient of shape {tuple(gradient._array.shape)} for a tensor of "
            f"shape {tuple(root._array.shape)}: the two must be equal"
        )
    return gradient._array.astype(root._array.dtype, copy=False)


def once(create_graph: bool) -> None:
    if create_graph:
        raise NotImplementedError(
            "create_graph=True: course.scratch does not differentiate gradients again"
        )


def listed(value: Any) -> list:
    """One tensor, or several, as a list."""
    return list(value) if isinstance(value, Sequence) else [value]


def _starts(roots: list, given: Any) -> list[Array]:
    weights = [None] * len(roots) if given is None else listed(given)
    return [start(r, g) for r, g in zip(roots, weights, strict=True)]


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
) -> None:
    """Add the gradients of `tensors`, weighted by `grad_tensors`, into the leaves' `grad`."""
    roots = listed(tensors)
    walk(roots, _starts(roots, grad_tensors), bool(retain_graph))


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    *,
    allow_unused: bool | None = None,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of `outputs` with respect to `inputs`; nobody's `grad` changes.

    Raises NotImplementedError for `create_graph=True` (gradients of gradients are left out here)
    and RuntimeError for an input that the outputs do not depend on, unless `allow_unused`.
    """
    once(create_graph)
    roots, leaves = listed(outputs), listed(inputs)
    for leaf in leaves:
        if not leaf.requires_grad:
            raise RuntimeError("grad: one of the inputs does not require a gradient")
    wanted: dict[Tensor, Array] = dict.fromkeys(leaves)
    walk(roots, _starts(roots, grad_outputs), bool(retain_graph), wanted)
    if not allow_unused and any(g is None for g in wanted.values()):
        raise RuntimeError(
            "grad: the outputs do not depend on one of the inputs; pass allow_unused=True to get "
            "None for it"
        )
    return tuple(None if wanted[x] is None else tensors.wrap(wanted[x].copy()) for x in leaves)


__getattr__ = _left_out("course.scratch.autograd")
