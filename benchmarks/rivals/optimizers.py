"""SGD and Adam in NumPy, for the engines that bring none that take arrays by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from workloads import Arrays

Update = Callable[[Arrays, Arrays], None]


def optimizer(workload: str) -> Update:
    """The optimizer of a workload: a function that changes the weights in place."""
    return {"a": sgd(0.1), "b": adam(1e-3), "c": sgd(0.05)}[workload]


def sgd(rate: float) -> Update:
    """Plain gradient descent."""

    def update(weights: Arrays, gradients: Arrays) -> None:
        for name, weight in weights.items():
            weight -= rate * gradients[name]

    return update


def adam(rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Update:
    """Adam, as its paper writes it, with the two moments updated in place."""
    means: Arrays = {}
    squares: Arrays = {}
    count = 0

    def update(weights: Arrays, gradients: Arrays) -> None:
        nonlocal count
        count += 1
        size = rate / (1 - beta1**count)
        root = (1 - beta2**count) ** 0.5
        for name, weight in weights.items():
            g = gradients[name]
            m = means.setdefault(name, np.zeros_like(weight))
            v = squares.setdefault(name, np.zeros_like(weight))
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * (g * g)
            weight -= size * m / (np.sqrt(v) / root + epsilon)

    return update
