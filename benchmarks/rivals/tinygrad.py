"""tinygrad: the training step captured by TinyJit, on its CPU device (which needs clang)."""

from __future__ import annotations

from typing import Any

import tinygrad
from tinygrad import Device, Tensor, TinyJit
from tinygrad.nn import optim
from workloads import Arrays, first_weights, inputs


def linear(w: Any, name: str, x: Any) -> Any:
    return x.linear(w[f"{name}.weight"].T, w[f"{name}.bias"])


def mlp(w: Any, x: Any) -> Any:
    """The MLP of workloads a and b."""
    return linear(w, "4", linear(w, "2", linear(w, "0", x).relu()).relu())


def cnn(w: Any, x: Any) -> Any:
    """The CNN of workload c."""
    for name in ("0", "3"):
        x = x.conv2d(w[f"{name}.weight"], w[f"{name}.bias"], padding=1).relu().max_pool2d((2, 2))
    return linear(w, "7", x.flatten(1))


class Program:
    """A workload on tinygrad."""

    def __init__(self, workload: str) -> None:
        tinygrad.helpers.TRAINING.value = 1  # else its optimizers refuse
        self._first = first_weights(workload)
        self._weights = {name: Tensor(array).realize() for name, array in self._first.items()}
        self._x, self._y = (Tensor(array).realize() for array in inputs(workload))
        self._scores = cnn if workload == "c" else mlp
        self._squared = workload == "a"
        make, rate = {"a": (optim.SGD, 0.1), "b": (optim.Adam, 1e-3), "c": (optim.SGD, 0.05)}[
            workload
        ]
        self._optimizer = make(list(self._weights.values()), lr=rate)

        @TinyJit
        def step() -> Any:
            self._optimizer.zero_grad()
            loss = self._loss().backward()
            return loss.realize(*self._optimizer.schedule_step())

        self.step = step

    def _loss(self) -> Any:
        found = self._scores(self._weights, self._x)
        if self._squared:
            return ((found - self._y) ** 2).mean()
        return found.sparse_categorical_crossentropy(self._y)

    def wait(self) -> None:
        Device[Device.DEFAULT].synchronize()

    def reset(self) -> None:
        for name, array in self._first.items():
            self._weights[name].assign(Tensor(array)).realize()

    def loss_and_gradients(self) -> tuple[float, Arrays]:
        self._optimizer.zero_grad()
        loss = self._loss().backward()
        return loss.item(), {name: tensor.grad.numpy() for name, tensor in self._weights.items()}


program = Program
