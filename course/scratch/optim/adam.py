"""Adam: each parameter's step is scaled by the size of its recent gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..autograd import Array
from ..chunks import in_flat_pieces
from .optimizer import Optimizer, require


class Adam(Optimizer):
    """`m` and `v` are running means of `g` and `g * g`; `p = p - lr * m / (sqrt(v) + eps)`.

    Both start at 0 and are divided by `1 - beta**t` to make up for it (Kingma and Ba, 2015).
    `weight_decay * p` is added to the gradient. `amsgrad` is left out.
    """

    _decoupled = False

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        require("learning rate", lr)
        require("epsilon value", eps)
        require("weight_decay value", weight_decay)
        require("beta parameter at index 0", betas[0], 0, 1)
        require("beta parameter at index 1", betas[1], 0, 1)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay,
            "maximize": maximize,
        })  # fmt: skip

    def _update(
        self, param: Array, grad: Array, state: dict[str, Any], group: dict[str, Any]
    ) -> None:
        if not state:
            state.update(step=0, exp_avg=np.zeros_like(param), exp_avg_sq=np.zeros_like(param))
        state["step"] += 1
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
        if group["maximize"]:
            grad = -grad
        stride = lr / (1 - beta1 ** state["step"])
        root = math.sqrt(1 - beta2 ** state["step"])

        def move(p: Array, g: Array, m: Array, v: Array) -> None:
            if decay and self._decoupled:
                p *= 1 - lr * decay
            elif decay:
                g = g + decay * p
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            square = g * g
            square *= 1 - beta2
            v += square
            scale = np.sqrt(v, out=square)
            scale /= root
            scale += group["eps"]
            np.divide(m, scale, out=scale)
            scale *= stride
            p -= scale

        in_flat_pieces(move, param, grad, state["exp_avg"], state["exp_avg_sq"])


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters directly (Loshchilov and Hutter, 2019)."""

    _decoupled = True

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 1e-2, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, maximize=maximize)
