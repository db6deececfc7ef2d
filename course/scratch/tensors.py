"""The tensor: an array, its gradient, and how it was made.

A `Tensor` holds a NumPy array, the gradient that `backward` leaves on it, and, where gradients are
wanted, its parents and the function that sends a gradient back to them (see `autograd.record`). All
arithmetic stands in files of its own; methods.py lists it as methods.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import autograd, devices, dtypes
from .values import Values

Array = autograd.Array


def wrap(array: Array) -> Tensor:
    """A tensor around `array`, which it shares; no gradient is wanted."""
    out = object.__new__(Tensor)
    out._array = np.asarray(array) if isinstance(array, np.generic) else array
    return out


class Tensor(Values):
    """An array that remembers how it was computed. Made by `tensor`, `zeros`, `rand`, …"""

    _array: Array
    # What most tensors never need stands on the class: making one sets only what differs.
    _grad: Tensor | None = None
    _parents: tuple[Tensor, ...] = ()
    _backward: Callable | None = None
    _saved: Any = ()  # pairs (tensor, version) that the backward relies on
    _base: Tensor | None = None  # whose memory this is a view of
    _version = 0  # counts the changes in place
    _earlier: Any = ()  # what it was before recorded changes in place, see inplace.py
    _born: float = 0  # how many of these there had been, anywhere, when it was computed
    _retains_grad = False
    _hooks: Any = ()
    requires_grad = False

    def __init__(self, data: Any = ()) -> None:
        self._array = np.array(getattr(data, "_array", data), dtype=dtypes.get_default_dtype())

    @property
    def is_leaf(self) -> bool:
        return self._backward is None

    @property
    def grad_fn(self) -> str | None:
        """The name of the operation that made this tensor (PyTorch: an object with such a name)."""
        return None if self._backward is None else f"<{autograd.operation(self._backward)}>"

    # ------------------------------------------------------------------------------ gradients

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` has added up here, or None."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None and value._array.shape != self._array.shape:
            raise RuntimeError(
                f"grad of shape {value._array.shape} set on a tensor of shape {self._array.shape}"
            )
        self._grad = value

    @property
    def data(self) -> Tensor:
        """The same values without their history; changes show in both, unseen by backward."""
        return wrap(self._array)

    @data.setter
    def data(self, value: Tensor) -> None:
        self._array = value._array

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Add this tensor's gradient with respect to each leaf it depends on to the leaf's `grad`.

        `gradient` weighs the elements; a single number needs none. Raises RuntimeError where
        nothing requires a gradient, or where the graph was freed by an earlier backward.
        """
        autograd.once(create_graph)
        autograd.walk([self], [autograd.start(self, gradient)], bool(retain_graph))

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for gradients (or no longer), in place."""
        if requires_grad and self._array.dtype.kind != "f":
            raise RuntimeError(
                f"only floating-point tensors can require gradients, this one holds {self.dtype}"
            )
        if not requires_grad and not self.is_leaf:
            raise RuntimeError("requires_grad can only be switched off on a leaf; use .detach()")
        self.requires_grad = requires_grad
        return self

    def detach(self) -> Tensor:
        """The same values (and memory) without their history."""
        out = wrap(self._array)
        out._base = self if self._base is None else self._base
        out._born = math.inf  # no later change gives it a history
        return out

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor too, though it is not a leaf."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad: this tensor does not require a gradient")
        self._retains_grad = not self.is_leaf

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(gradient)` when this tensor's gradient is known; its result replaces it."""
        if not self.requires_grad:
            raise RuntimeError("register_hook: this tensor does not require a gradient")
        if not self._hooks:
            self._hooks = {}
        return RemovableHandle(self._hooks, hook)

    def _version_count(self) -> int:
        return self._version if self._base is None else self._base._version

    # ------------------------------------------------------------------------------ shown and copied

    __hash__ = object.__hash__  # by identity: the walk keeps tensors in sets

    def __repr__(self) -> str:
        body = np.array2string(
            devices.put(self._array, "cpu"),
            separator=", ",
            prefix="tensor(",
            precision=4,
            threshold=1000,
        )
        usual = self._array.dtype in (dtypes.get_default_dtype(), dtypes.int64, dtypes.boolean)
        kind = "" if usual else f", dtype={self._array.dtype}"
        kind += "" if devices.on_cpu(self._array) else f", device='{self.device}'"
        if self._backward is not None:
            return f"tensor({body}{kind}, grad_fn={self.grad_fn})"
        return f"tensor({body}{kind}{', requires_grad=True' if self.requires_grad else ''})"

    def __deepcopy__(self, memo: dict) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("only leaf tensors can be copied deeply; use .detach().clone()")
        out = object.__new__(type(self))
        out.__dict__.update(self.__dict__)
        out._array = self._array.copy()
        out._base, out._version, out._earlier, out._hooks = None, 0, (), ()
        out._grad = None if self._grad is None else wrap(self._grad._array.copy())
        memo[id(self)] = out
        return out


class RemovableHandle:
    """What registering a hook returns: `remove` takes the hook off again."""

    _count = 0

    def __init__(self, hooks: dict, hook: Callable) -> None:
        RemovableHandle._count += 1
        self._hooks, self.id = hooks, RemovableHandle._count
        hooks[self.id] = hook

    def remove(self) -> None:
        self._hooks.pop(self.id, None)
