"""L-BFGS: steps that know the curvature, from the last steps and the changes of the gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..autograd import Array, enable_grad
from .optimizer import Optimizer


class LBFGS(Optimizer):
    """Quasi-Newton steps `x = x - lr * H g`, with H known only by what it does to a vector.

    H comes from the last `history_size` pairs of a step and the gradient's change along it (Liu and
    Nocedal, 1989). `step(closure)` makes up to `max_iter` of them, and calls `closure` (which must
    zero the gradients, call backward and return the loss) after each. `line_search_fn` is left out.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:  # fmt: skip
        if line_search_fn is not None:
            raise NotImplementedError(
                f"line_search_fn={line_search_fn!r}: course.scratch leaves line searches out; "
                "use a smaller lr with line_search_fn=None"
            )
        super().__init__(params, dict(
            lr=lr, max_iter=max_iter, max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad, tolerance_change=tolerance_change,
            history_size=history_size, line_search_fn=None,
        ))  # fmt: skip
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS has no groups of parameters: give one list of tensors")
        self._params = self.param_groups[0]["params"]

    def _gradient(self) -> Array:
        """All gradients in one vector; zeros for parameters that have none."""
        grads = [np.zeros_like(p._array) if p._grad is None else p._grad._array
                 for p in self._params]  # fmt: skip
        return np.concatenate([g.reshape(-1) for g in grads])

    def _move(self, step: Array) -> None:
        at = 0
        for p in self._params:
            size = p._array.size
            p._array += step[at : at + size].reshape(p._array.shape)
            p._version += 1
            at += size

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to `max_iter` steps; return the loss before the first."""
        if closure is None:
            raise TypeError(
                "LBFGS.step needs a closure that zeroes the gradients, computes the loss, calls "
                "backward and returns the loss"
            )
        group = self.param_groups[0]
        lr, tolerance = group["lr"], group["tolerance_change"]
        state = self.state.setdefault(self._params[0], {"func_evals": 0, "n_iter": 0})
        with enable_grad():
            first_loss = closure()
        loss, calls, g = float(first_loss), 1, self._gradient()
        state["func_evals"] += 1
        if abs(g).max() <= group["tolerance_grad"]:
            return first_loss
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                state.update(d=-g, old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
                t = min(1.0, 1.0 / float(abs(g).sum())) * lr  # no curvature known: a careful step
            else:
                self._remember(g, state, group["history_size"])
                state["d"], t = -_times_h(g, state), lr
            d = state["d"]
            state.update(t=t, prev_flat_grad=g, prev_loss=loss)
            if float(g @ d) > -tolerance:
                break
            self._move(t * d)
            if iteration == group["max_iter"]:
                break  # the next call of `step` computes the loss here
            with enable_grad():
                loss = float(closure())
            calls, g = calls + 1, self._gradient()
            state["func_evals"] += 1
            flat = abs(g).max() <= group["tolerance_grad"]
            still = abs(t * d).max() <= tolerance or abs(loss - state["prev_loss"]) < tolerance
            if calls >= group["max_eval"] or flat or still:
                break
        return first_loss

    def _remember(self, g: Array, state: dict[str, Any], history_size: int) -> None:
        """Take the last step and the change of the gradient along it into the history."""
        change, step = g - state["prev_flat_grad"], state["d"] * state["t"]
        curvature = float(change @ step)
        if curvature > 1e-10:  # else the function bends the wrong way here
            for key, value in (("old_dirs", change), ("old_stps", step), ("ro", 1 / curvature)):
                state[key] = [*state[key], value][-history_size:]
            state["H_diag"] = curvature / float(change @ change)


def _times_h(g: Array, state: dict[str, Any]) -> Array:
    """The inverse curvature times `g`: one loop back through the history, and one forth."""
    history = list(zip(state["old_dirs"], state["old_stps"], state["ro"], strict=True))
    q, shares = g.copy(), []
    for change, step, inverse in reversed(history):
        shares.append(float(step @ q) * inverse)
        q -= shares[-1] * change
    q *= state["H_diag"]
    for (change, step, inverse), share in zip(history, reversed(shares), strict=True):
        q += (share - float(change @ q) * inverse) * step
    return q
