"""A playground's run: it trains a step at a time, and can be looked at between any two steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import scratch
from course.learning.network import (
    Setup,
    batches,
    build,
    features_of,
    first_weights,
    make_optimizer,
    penalty,
)
from course.learning.toy_data import SIDE, Array, ToyData, make

# Beyond this the loss is no longer a loss: the run is called diverged and stands still.
DIVERGED = 1e9


@dataclass
class Curve:
    """The losses after each epoch, the first entry before any training.

    ``gradients`` holds for each epoch the size of every layer's gradients at its last step.
    """

    epochs: list[int] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    gradients: list[list[float]] = field(default_factory=list)


class Training:
    """One run of a :class:`Setup`, in float64 on ``engine`` (``course.scratch`` or ``torch``)."""

    def __init__(self, setup: Setup, engine: ModuleType = scratch) -> None:
        self.setup, self.engine = setup, engine
        self.data: ToyData = make(setup.data, setup.noise, setup.train_share, setup.seed)
        self.model = build(engine.nn, setup).to(engine.float64)
        first_weights(self.model, setup.seed)
        self.optimizer = make_optimizer(engine.optim, setup, self.model.parameters())
        self.steps = self.epoch = 0
        self.step_losses: list[float] = []
        self.curve = Curve()
        self.diverged = False
        self._inputs, self._targets = self._given(*self.data.train)
        self._test = self._given(*self.data.test)
        self._waiting: list[NDArray[np.int64]] = []
        self._record()

    def _given(self, points: Array, targets: Array) -> tuple[Any, Any]:
        inputs = features_of(points, self.setup.features)
        return self.engine.tensor(inputs), self.engine.tensor(targets[:, None])

    def step(self) -> float:
        """Train on the next batch; return its mean squared error before the step.

        A run that has diverged takes no more steps and returns NaN.
        """
        if self.diverged:
            return float("nan")
        if not self._waiting:
            count, size, seed = self.data.train_count, self.setup.batch_size, self.setup.seed
            self._waiting = batches(count, size, seed, self.epoch)
        rows = self.engine.as_tensor(self._waiting.pop(0))
        self.optimizer.zero_grad()
        error = self.model(self._inputs[rows]) - self._targets[rows]
        loss = (error * error).mean()
        (loss + penalty(self.model, self.setup)).backward()
        self.optimizer.step()
        self.steps += 1
        self.step_losses.append(loss.item())
        if not abs(self.step_losses[-1]) < DIVERGED:
            self.diverged = True
        if not self._waiting:
            self.epoch += 1
            self._record()
        return self.step_losses[-1]

    def adjust(self, setup: Setup) -> None:
        """Go on with another learning rate or regularisation; all else must be as it was.

        Raises ValueError where more than these differ.
        """
        free = ("learning_rate", "penalty", "penalty_rate")
        kept = {name: getattr(self.setup, name) for name in free}
        if dataclasses.replace(setup, **kept) != self.setup:
            raise ValueError(f"only {', '.join(free)} can change while a run goes on")
        self.setup = setup
        for group in self.optimizer.param_groups:
            group["lr"] = setup.learning_rate

    def train_epoch(self) -> None:
        """Train until the present epoch is over."""
        epoch = self.epoch
        while self.epoch == epoch and not self.diverged:
            self.step()

    def _record(self) -> None:
        self.curve.epochs.append(self.epoch)
        self.curve.train.append(self._loss(self._inputs, self._targets))
        self.curve.test.append(self._loss(*self._test))
        self.curve.gradients.append(self.gradient_sizes())
        if not abs(self.curve.train[-1]) < DIVERGED:
            self.diverged = True

    def _loss(self, inputs: Any, targets: Any) -> float:
        with self.engine.no_grad(), np.errstate(over="ignore", invalid="ignore"):
            error = self.model(inputs) - targets
            return float((error * error).mean().item())

    @property
    def train_loss(self) -> float:
        """The mean squared error on the points trained on, as it is now."""
        return self._loss(self._inputs, self._targets)

    @property
    def test_loss(self) -> float:
        """The mean squared error on the points kept back, as it is now."""
        return self._loss(*self._test)

    def accuracy(self) -> float | None:
        """The share of the points kept back that get the right class; None for regression."""
        if not self.setup.classification:
            return None
        points, targets = self.data.test
        return float(np.mean(np.where(self.outputs(points) >= 0, 1.0, -1.0) == targets))

    def outputs(self, points: Array) -> Array:
        """The network's output at ``points`` (N, 2): an array (N,)."""
        return self.layers(points)[-1][:, 0]

    def layers(self, points: Array) -> list[Array]:
        """What every layer says of ``points`` (N, 2): arrays (N, neurons), the output last."""
        values = self.engine.tensor(features_of(points, self.setup.features))
        found: list[Any] = []
        with self.engine.no_grad(), np.errstate(over="ignore", invalid="ignore"):
            for layer in self.model:
                values = layer(values)
                if hasattr(layer, "weight"):
                    found.append(values)
                else:  # an activation: it is what its layer says
                    found[-1] = values
        return [value.detach().numpy() for value in found]

    def weights(self) -> list[Array]:
        """The weights of each layer, (neurons, inputs), copied."""
        return [layer.weight.detach().numpy().copy() for layer in self._linear()]

    def biases(self) -> list[Array]:
        """The biases of each layer, (neurons,), copied."""
        return [layer.bias.detach().numpy().copy() for layer in self._linear()]

    def gradient_sizes(self) -> list[float]:
        """For each layer the root mean square of its weights' gradients at the last step; 0 before."""
        sizes = []
        for layer in self._linear():
            gradient = layer.weight.grad
            found = 0.0 if gradient is None else gradient.detach().numpy()
            with np.errstate(over="ignore", invalid="ignore"):
                sizes.append(float(np.sqrt(np.mean(np.square(found)))))
        return sizes

    def _linear(self) -> Iterator[Any]:
        return (layer for layer in self.model if hasattr(layer, "weight"))


@lru_cache(maxsize=8)
def grid(count: int) -> Array:
    """``count`` by ``count`` points over the square, row by row from the bottom left: (count², 2)."""
    along = (np.arange(count) + 0.5) / count * 2 * SIDE - SIDE
    x, y = np.meshgrid(along, along)
    return np.stack([x.ravel(), y.ravel()], axis=1)
