"""MyGrad: NumPy-like tensors, with its memory guard off, as its documentation advises for speed."""

from __future__ import annotations

from typing import Any

import mygrad as mg
from mygrad.nnet.activations import relu
from mygrad.nnet.layers import conv_nd, max_pool
from mygrad.nnet.losses import softmax_crossentropy
from workloads import Arrays, first_weights, inputs

from .optimizers import optimizer


def linear(w: Any, name: str, x: Any) -> Any:
    return mg.matmul(x, w[f"{name}.weight"].T) + w[f"{name}.bias"]


def mlp(w: Any, x: Any) -> Any:
    """The MLP of workloads a and b."""
    return linear(w, "4", relu(linear(w, "2", relu(linear(w, "0", x)))))


def cnn(w: Any, x: Any) -> Any:
    """The CNN of workload c."""
    for name in ("0", "3"):
        x = conv_nd(x, w[f"{name}.weight"], stride=1, padding=1)
        x = max_pool(relu(x + w[f"{name}.bias"].reshape(1, -1, 1, 1)), (2, 2), 2)
    return linear(w, "7", x.reshape(len(x), -1))


class Program:
    """A workload on MyGrad."""

    def __init__(self, workload: str) -> None:
        mg.turn_memory_guarding_off()
        self._first = first_weights(workload)
        self._tensors = {name: mg.tensor(w) for name, w in self._first.items()}
        self._weights = {name: tensor.data for name, tensor in self._tensors.items()}
        self._x, self._y = inputs(workload)
        self._scores = cnn if workload == "c" else mlp
        self._squared = workload == "a"
        self._update = optimizer(workload)

    def _loss(self) -> Any:
        found = self._scores(self._tensors, self._x)
        if self._squared:
            return mg.mean((found - self._y) ** 2)
        return softmax_crossentropy(found, self._y)

    def step(self) -> Any:
        loss, gradients = self._differentiated()
        self._update(self._weights, gradients)
        return loss

    def _differentiated(self) -> tuple[Any, Arrays]:
        loss = self._loss()
        loss.backward()
        return loss, {name: tensor.grad for name, tensor in self._tensors.items()}

    def wait(self) -> None:
        pass

    def reset(self) -> None:
        for name, array in self._first.items():
            self._weights[name][...] = array

    def loss_and_gradients(self) -> tuple[float, Arrays]:
        loss, gradients = self._differentiated()
        return float(loss), gradients


program = Program
