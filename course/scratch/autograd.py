"""How results remember where they came from, and how gradients travel back.

Every operation calls `record(array, parents, backward)`: the result keeps its parents and a
function that turns the gradient of the result into the gradients of the parents. `Tensor.backward`
calls `walk`, which visits the nodes in reverse order of their making. The walk is a loop, never a
recursion, so a graph may be a million nodes deep, and it frees each node as it passes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

# A circle, closed on purpose: operations make tensors, and tensors have operations as methods. The
# name `tensors.Tensor` is looked up when an operation runs, long after both files have loaded.
from . import tensors

if TYPE_CHECKING:
    from .tensors import Tensor

Array = Any  # a NumPy array, or a CuPy array on a GPU
Backward = Callable[[Array], tuple]


class _Mode(threading.local):
    enabled = True
    anomaly = False


_mode = _Mode()


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
    if _mode.enabled:
        for parent in parents:
            if parent.requires_grad:
                out.requires_grad = True
                out._parents = parents
                out._backward = backward
                if saved:
                    out._saved = [(t, (out if t is None else t)._version_count()) for t in saved]
                break
    if _mode.anomaly:
        _find_nan(out._array, f"the result of {operation(backward)}")
    return out


def operation(backward: Backward | None) -> str:
    """The name of the operation that made `backward`: the function around it."""
    return getattr(backward, "__qualname__", "nothing").split(".<locals>")[0]


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum `g` over the dimensions that broadcasting added or stretched: its reverse."""
    if g.shape == shape:
        return g
    added = g.ndim - len(shape)
    summable = g.dtype.kind == "f" and g.size and g.flags.c_contiguous
    if added and summable and g.shape[added:] == shape:
        rows = g.reshape(-1, int(np.prod(shape)))
        # A product with ones is a sum over rows that BLAS does on all cores.
        return (np.ones((1, len(rows)), g.dtype) @ rows).reshape(shape)
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
            for parent in node._parents:
                if parent.requires_grad and parent not in seen:
                    stack.append(parent)
    return order


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
                _accumulate(node, g, node in owned)
        elif node in wanted:
            wanted[node] = g
        if node._backward is None:
            continue
        _check_saved(node)
        parents, back = node._parents, node._backward
        sent = back(g)
        if not retain_graph:
            node._parents, node._backward, node._saved = (), _freed, ()
        for parent, p in zip(parents, sent, strict=True):
            if p is None or not parent.requires_grad:
                continue
            if _mode.anomaly:
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
        now = (node if tensor is None else tensor)._version_count()
        if now != version:
            raise RuntimeError(
                f"{operation(node._backward)} kept a tensor of shape "
                f"{tuple((tensor or node)._array.shape)} for its backward, but it was modified in "
                f"place since (version {now}, expected {version}). Use an operation that makes a "
                "new tensor (x = x + 1, not x += 1)."
            )


def _find_nan(array: Array, where: str) -> None:
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise RuntimeError(f"anomaly mode: the first NaN is in {where}, of shape {array.shape}")


# ------------------------------------------------------------------------ switches, PyTorch's names


class _Switch:
    """Sets the gradient mode in a `with` block or a decorated function, and restores it after."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(_mode.enabled)
        _mode.enabled = self._enabled

    def __exit__(self, *exc: object) -> None:
        _mode.enabled = self._before.pop()

    def __call__(self, function: Callable) -> Callable:
        from functools import wraps

        @wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with type(self)():  # type: ignore[call-arg]
                return function(*args, **kwargs)

        return switched


class no_grad(_Switch):  # noqa: N801
    """Compute without recording, as a context manager or a decorator: results need no gradient."""

    def __init__(self) -> None:
        super().__init__(False)


class enable_grad(_Switch):  # noqa: N801
    """Record again inside a `no_grad` block."""

    def __init__(self) -> None:
        super().__init__(True)


class inference_mode(no_grad):  # noqa: N801
    """The same as `no_grad` here; PyTorch saves a little more."""


class set_grad_enabled(_Switch):  # noqa: N801
    """Switch recording on or off, at once and, as a context manager, until the block ends."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self._before.append(_mode.enabled)
        _mode.enabled = mode

    def __enter__(self) -> None:
        pass


class detect_anomaly:  # noqa: N801
    """Inside this block, stop at the first NaN and name the operation that made it."""

    def __enter__(self) -> None:
        self._before = _mode.anomaly
        _mode.anomaly = True

    def __exit__(self, *exc: object) -> None:
        _mode.anomaly = self._before


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return _mode.enabled


# ---------------------------------------------------------------------------- gradients by function


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
                f"{tuple(root._array.shape)}: reduce it with .sum() or .mean(), or pass gradient= "
                "with that shape"
            )
        return np.ones_like(root._array)
    if gradient._array.shape != root._array.shape:
        raise RuntimeError(
            f"backward got a gradient of shape {tuple(gradient._array.shape)} for a tensor of "
            f"shape {tuple(root._array.shape)}: the two must be equal"
        )
    return gradient._array.astype(root._array.dtype, copy=False)


def _listed(value: Any) -> list:
    return list(value) if isinstance(value, Sequence) else [value]


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
) -> None:
    """Add the gradients of `tensors`, weighted by `grad_tensors`, into the leaves' `grad`."""
    roots = _listed(tensors)
    given = [None] * len(roots) if grad_tensors is None else _listed(grad_tensors)
    walk(roots, [start(r, g) for r, g in zip(roots, given, strict=True)], bool(retain_graph))


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
    if create_graph:
        raise NotImplementedError(
            "create_graph=True: course.scratch does not differentiate gradients again"
        )
    roots, leaves = _listed(outputs), _listed(inputs)
    given = [None] * len(roots) if grad_outputs is None else _listed(grad_outputs)
    for leaf in leaves:
        if not leaf.requires_grad:
            raise RuntimeError("grad: one of the inputs does not require a gradient")
    wanted: dict[Tensor, Array] = dict.fromkeys(leaves)
    walk(
        roots, [start(r, g) for r, g in zip(roots, given, strict=True)], bool(retain_graph), wanted
    )
    if not allow_unused and any(g is None for g in wanted.values()):
        raise RuntimeError(
            "grad: the outputs do not depend on one of the inputs; pass allow_unused=True to get "
            "None for it"
        )
    return tuple(None if wanted[x] is None else _owned_tensor(wanted[x]) for x in leaves)


def _owned_tensor(array: Array) -> Tensor:
    return tensors.wrap(array.copy())


def gradcheck(
    func: Callable,
    inputs: Tensor | Sequence[Tensor],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare the gradients of `func(*inputs)` with central differences (f(x+e) - f(x-e)) / 2e.

    Use float64 inputs: in float32 the round-off of the difference is as large as what it measures.
    Raises RuntimeError at the first mismatch, or returns False with `raise_exception=False`.
    """
    inputs = tuple(_listed(inputs))
    output = func(*inputs)
    weight = np.linspace(0.5, 1.5, output._array.size).reshape(output._array.shape)
    leaves = [x for x in inputs if isinstance(x, tensors.Tensor) and x.requires_grad]
    found = grad(
        output, leaves, tensors.wrap(weight.astype(output._array.dtype)), allow_unused=True
    )

    def value() -> float:
        with no_grad():
            return float((func(*inputs)._array * weight).sum())

    for number, (x, g) in enumerate(zip(leaves, found, strict=True)):
        numeric = np.zeros_like(x._array)
        for i in np.ndindex(x._array.shape):
            kept = x._array[i]
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
                f"{np.abs(analytic - numeric).max():.3g} between the backward\n{analytic}\nand the "
                f"central difference\n{numeric}"
            )
    return True
