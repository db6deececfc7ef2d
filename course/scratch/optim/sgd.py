"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..autograd import Array
from ..chunks import in_flat_pieces
from .optimizer import Optimizer, require


class SGD(Optimizer):
    """`v = momentum * v + g`, then `p = p - lr * v`.

    `g` is the gradient plus `weight_decay * p`; `nesterov` steps by `g + momentum * v` instead of
    `v`. The first `v` is `g`; later ones take in `(1 - dampening) * g`.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0, dampening: float = 0,
        weight_decay: float = 0, nesterov: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        require("learning rate", lr)
        require("momentum value", momentum)
        require("weight_decay value", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
            "nesterov": nesterov, "maximize": maximize,
        })  # fmt: skip

    def _update(
        self, param: Array, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
        if group["maximize"]:
            grad = -grad
        if decay:
            grad = grad + decay * param
        if momentum:
            velocity = state.get("momentum_buffer")
            if velocity is None:
                velocity = state["momentum_buffer"] = grad.copy()
            else:
                velocity *= momentum
                velocity += grad if not group["dampening"] else (1 - group["dampening"]) * grad
            grad = grad + momentum * velocity if group["nesterov"] else velocity

        def move(p: Array, g: Array) -> None:
            p -= lr * g

        in_flat_pieces(move, param, grad)
