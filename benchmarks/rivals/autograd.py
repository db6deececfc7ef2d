"""HIPS autograd: NumPy code, differentiated by `value_and_grad`."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from autograd import value_and_grad
from workloads import Arrays, first_weights, inputs

from .optimizers import optimizer


def scores(w: Any, x: Any) -> Any:
    """The MLP of workloads a and b."""
    for name in ("0", "2"):
        x = np.maximum(np.dot(x, w[f"{name}.weight"].T) + w[f"{name}.bias"], 0)
    return np.dot(x, w["4.weight"].T) + w["4.bias"]


def squared_error(w: Any, x: Any, y: Any) -> Any:
    return np.mean((scores(w, x) - y) ** 2)


def cross_entropy(w: Any, x: Any, one_hot: Any) -> Any:
    z = scores(w, x)
    z = z - np.max(z, axis=1, keepdims=True)
    logarithms = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.sum(logarithms * one_hot) / len(one_hot)


class Program:
    """A workload on autograd."""

    def __init__(self, workload: str) -> None:
        self._first = first_weights(workload)
        self._weights = first_weights(workload)
        self._x, y = inputs(workload)
        self._y = y if workload == "a" else np.eye(10, dtype=np.float32)[y]
        self._grad = value_and_grad(squared_error if workload == "a" else cross_entropy)
        self._update = optimizer(workload)

    def step(self) -> Any:
        loss, gradients = self._grad(self._weights, self._x, self._y)
        self._update(self._weights, gradients)
        return loss

    def wait(self) -> None:
        pass

    def reset(self) -> None:
        for name, array in self._first.items():
            self._weights[name][...] = array

    def loss_and_gradients(self) -> tuple[float, Arrays]:
        loss, gradients = self._grad(self._weights, self._x, self._y)
        return float(loss), gradients


program = Program
