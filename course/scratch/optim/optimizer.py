"""The base of all optimizers: groups of parameters with settings, and their state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..autograd import Array, enable_grad
from ..devices import beside
from ..tensors import Tensor, wrap

# Settings that must not be negative, by the name that PyTorch calls them in its errors.
_LIMITED = {
    "lr": "learning rate", "eps": "epsilon value", "momentum": "momentum value",
    "alpha": "alpha value", "weight_decay": "weight_decay value", "lr_decay": "lr_decay value",
    "initial_accumulator_value": "initial_accumulator_value value",
}  # fmt: skip


class Optimizer:
    """Subclass it: `_update(param, grad, state, group)` changes the array `param` by `grad`.

    `params` is an iterable of tensors, or of dictionaries {"params": [...], "lr": ...} whose
    settings stand in for `defaults`. Before that, `maximize` turns the gradient round, and
    `weight_decay * param` is added to it (unless `_decoupled`).
    """

    _decoupled = False

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError("an optimizer takes a list of tensors, got one tensor; write [x]")
        for key, name in _LIMITED.items():
            if not defaults.get(key, 0) >= 0:
                raise ValueError(f"Invalid {name}: {defaults[key]}; it must be at least 0")
        for i, beta in enumerate(defaults.get("betas", ())):
            if not 0 <= beta < 1:
                raise ValueError(
                    f"Invalid beta parameter at index {i}: {beta}; it must be at least 0 and below 1"
                )
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        self.defaults = defaults
        self.state: dict[Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Train more tensors, with settings of their own where given."""
        tensors = param_group["params"]
        tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
        known = {p for group in self.param_groups for p in group["params"]}
        for p in tensors:
            if not isinstance(p, Tensor):
                kind = f"{type(p).__module__}.{type(p).__name__}"
                raise TypeError(f"an optimizer trains tensors of course.scratch, got {kind}")
            if not p.is_leaf:
                raise ValueError("can't optimize a tensor that was computed from others")
            if p in known:
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append({**self.defaults, **param_group, "params": tensors})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or fill them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                elif p._grad is not None:
                    p._grad._array[...] = 0

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; `closure` computes the loss anew first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            decay = 0 if self._decoupled else group.get("weight_decay", 0)
            for p in group["params"]:
                if p._grad is not None:
                    param, grad = p._array, p._grad._array
                    if not param.ndim:  # NumPy's arithmetic on these gives numbers, not arrays
                        param, grad = param.reshape(1), grad.reshape(1)
                    grad = -grad if group.get("maximize") else grad
                    grad = grad + decay * param if decay else grad
                    self._update(param, grad, self.state.setdefault(p, {}), group)
                    p._version += 1
        return loss

    def _update(self, param: Array, grad: Array, state: dict, group: dict) -> None:
        raise NotImplementedError(f"{type(self).__name__} must define _update")

    def state_dict(self) -> dict[str, Any]:
        """All state and settings, with parameters by number instead of by tensor."""
        listed = [p for group in self.param_groups for p in group["params"]]
        numbers = {p: i for i, p in enumerate(listed)}
        groups = [{**g, "params": [numbers[p] for p in g["params"]]} for g in self.param_groups]
        state = {
            numbers[p]: {k: _shown(v, p) for k, v in s.items()} for p, s in self.state.items() if s
        }
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state. Raises ValueError where its groups do not fit."""
        saved = state_dict["param_groups"]
        if [len(g["params"]) for g in saved] != [len(g["params"]) for g in self.param_groups]:
            raise ValueError("the saved state has other parameter groups than the optimizer")
        tensors: dict[int, Tensor] = {}
        for group, loaded in zip(self.param_groups, saved, strict=True):
            tensors.update(zip(loaded["params"], group["params"], strict=True))
            group.update({k: v for k, v in loaded.items() if k != "params"})
        self.state = {
            tensors[number]: {k: _held(k, v, tensors[number]) for k, v in state.items()}
            for number, state in state_dict["state"].items()
        }

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v}" for k, v in self.param_groups[0].items() if k != "params")
        return f"{type(self).__name__}({settings})"


def _shown(value: Any, param: Tensor) -> Any:
    if isinstance(value, list):
        return [_shown(v, param) for v in value]
    if not hasattr(value, "dtype"):
        return value
    return wrap(value if param._array.ndim else value.reshape(()))


def _held(key: str, value: Any, param: Tensor) -> Any:
    """A saved value as state: an array in the parameter's dtype, a count, or a list of them."""
    if isinstance(value, list):
        return [_held(key, v, param) for v in value]
    if not hasattr(value, "shape"):
        return value
    array = getattr(value, "_array", None)
    if array is None:
        array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if key == "step":
        return array.item()  # PyTorch counts in tensors
    return beside(array.astype(param.dtype).reshape(array.shape or 1), param._array)
