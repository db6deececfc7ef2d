"""A small training of this course, to be measured: digits, an MLP or a CNN, by either engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from course import datasets, models

BATCH, RATE, MOMENTUM = 64, 0.05, 0.9
MODELS = {"mlp": "MLP 64-256-128-10", "cnn": "CNN, 8 and 16 channels"}


def build(nn: Any, model: str) -> Any:
    """The model of that name from an engine's ``nn``; raises ValueError for another name."""
    if model == "mlp":
        return models.mlp(nn, (64, 256, 128, 10))
    if model == "cnn":
        return models.cnn(nn, side=8)
    raise ValueError(f"model must be one of {', '.join(MODELS)}, not {model!r}")


class SmallTraining:
    """Steps of stochastic gradient descent on scikit-learn's digits.

    engine: `course.scratch` or `torch`. model: "mlp" or "cnn". The same seed gives the same batches.
    losses: one a step. Raises ValueError for another model.
    """

    def __init__(self, engine: Any, model: str = "mlp", seed: int = 0, network: Any = None) -> None:
        data = datasets.load("digits")
        self.engine = engine
        self.images, self.labels = data.train_images, data.train_labels
        self.held_out = data.held_out_images, data.held_out_labels
        self.network = network if network is not None else build(engine.nn, model)
        self.optimizer = engine.optim.SGD(self.network.parameters(), lr=RATE, momentum=MOMENTUM)
        self.rng = np.random.default_rng(seed)
        self.losses: list[float] = []

    def step(self) -> float:
        """Train on one random batch; its loss before the step."""
        rows = self.rng.integers(0, len(self.images), BATCH)
        inputs = self.engine.from_numpy(self.images[rows])
        targets = self.engine.from_numpy(self.labels[rows])
        self.optimizer.zero_grad()
        loss = self.engine.nn.functional.cross_entropy(self.network(inputs), targets)
        loss.backward()
        self.optimizer.step()
        self.losses.append(float(loss.item()))
        return self.losses[-1]

    def run(self, steps: int) -> list[float]:
        """``steps`` steps; the losses so far."""
        for _ in range(steps):
            self.step()
        return self.losses

    def accuracy(self) -> float:
        """The share of held-out digits that are read right."""
        with self.engine.no_grad():
            answers = self.network(self.engine.from_numpy(self.held_out[0])).numpy().argmax(axis=1)
        return float((answers == self.held_out[1]).mean())
