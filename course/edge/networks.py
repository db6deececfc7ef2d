"""The small networks that this room shrinks: a perceptron on scikit-learn's digits, by hand.

Its hidden layers are normalized while it trains; afterwards the normalization is folded into the
weights, as every deployment does. Folding multiplies each channel by a factor of its own, which is
why channels of real networks differ so much in size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, scratch

Floats = NDArray[np.float32]
SIZES = (64, 64, 32, 10)
LAST: dict[str, Any] = {"epochs": 12, "rate": 0.002, "seed": 1}


@dataclass(frozen=True)
class Layers:
    """Linear layers with ReLU between them: weights (out, in) and biases (out,), float32."""

    weights: tuple[Any, ...]
    biases: tuple[Any, ...]

    def __call__(self, inputs: Any) -> Any:
        """Scores (N, classes) of inputs (N, ...)."""
        x = np.asarray(inputs).reshape(len(inputs), -1)
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = x @ weight.T + bias
            if number < len(self.weights) - 1:
                x = np.maximum(x, 0)
        return x

    def hidden(self, inputs: Any) -> Any:
        """What the last layer sees, (N, units)."""
        x = np.asarray(inputs).reshape(len(inputs), -1)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.maximum(x @ weight.T + bias, 0)
        return x

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        return sum(w.size for w in self.weights) + sum(b.size for b in self.biases)

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one input."""
        return sum(w.size for w in self.weights)

    def with_weights(self, weights: Any) -> Layers:
        """The same biases with other weights."""
        return Layers(tuple(weights), self.biases)


def accuracy(network: Any, images: Any, labels: Any) -> float:
    """The share, 0 to 1, of images whose highest score is their label."""
    return float((network(images).argmax(axis=1) == labels).mean())


@dataclass(frozen=True)
class Digits:
    """Images as rows of 64 pixels, float32, with their labels: to train on, and held out."""

    images: Floats
    labels: NDArray[np.int64]
    held_images: Floats
    held_labels: NDArray[np.int64]


@lru_cache
def digits() -> Digits:
    """Scikit-learn's digits, in the course's one split."""
    data = datasets.load("digits")
    return Digits(
        data.train_images.reshape(-1, 64),
        data.train_labels,
        data.held_out_images.reshape(-1, 64),
        data.held_out_labels,
    )


def to_module(network: Layers, nn: Any = scratch.nn, engine: Any = scratch) -> Any:
    """The network as a model of either engine, with its weights."""
    parts: list[Any] = []
    for number, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.load_state_dict(
            {
                "weight": engine.tensor(np.asarray(weight, np.float32)),
                "bias": engine.tensor(np.asarray(bias, np.float32)),
            }
        )
        parts += [linear] + [nn.ReLU()] * (number < len(network.weights) - 1)
    return nn.Sequential(*parts)


def from_module(model: Any) -> Layers:
    """A Sequential of linear layers and ReLU as arrays."""
    linear = [part for part in model if hasattr(part, "weight")]
    weights = tuple(part.weight.detach().numpy().copy() for part in linear)
    return Layers(weights, tuple(part.bias.detach().numpy().copy() for part in linear))


def train(
    model: Any,
    images: Any,
    labels: Any,
    *,
    epochs: int,
    rate: float,
    seed: int = 0,
    batch: int = 64,
    after_step: Any = None,
    loss: Any = None,
) -> None:
    """Train with Adam in course.scratch, in place; ``after_step()`` is called after each update.

    loss(scores, rows) may replace cross-entropy; rows are the batch's row numbers.
    """
    functional = scratch.nn.functional
    optimizer = scratch.optim.Adam(model.parameters(), lr=rate)
    order = np.random.RandomState(seed)
    model.train()
    for _ in range(epochs):
        rows = order.permutation(len(images))
        for start in range(0, len(rows) - batch // 2, batch):
            picked = rows[start : start + batch]
            scores = model(scratch.from_numpy(images[picked]))
            optimizer.zero_grad()
            if loss is None:
                value = functional.cross_entropy(scores, scratch.from_numpy(labels[picked]))
            else:
                value = loss(scores, picked)
            value.backward()
            optimizer.step()
            if after_step is not None:
                after_step()
    model.eval()


def fold(model: Any) -> Layers:
    """Put each BatchNorm1d of a Sequential into the linear layer before it.

    y = gamma · (Wx + b - mean) / sqrt(var + eps) + beta is linear in x, so it is one layer.
    """
    weights: list[Any] = []
    biases: list[Any] = []
    for part in model:
        if hasattr(part, "running_mean"):
            spread = np.sqrt(part.running_var.numpy() + part.eps)
            factor = part.weight.detach().numpy() / spread
            weights[-1] = weights[-1] * factor[:, None]
            shift = biases[-1] - part.running_mean.numpy()
            biases[-1] = shift * factor + part.bias.detach().numpy()
        elif hasattr(part, "weight"):
            weights.append(part.weight.detach().numpy())
            biases.append(part.bias.detach().numpy())
    return Layers(
        tuple(w.astype(np.float32) for w in weights), tuple(b.astype(np.float32) for b in biases)
    )


@lru_cache
def folded() -> Layers:
    """The digit network before its last epochs: 64-64-32-10, its normalization folded."""
    nn, data = scratch.nn, digits()
    with seeded(0):
        parts: list[Any] = []
        for inputs, outputs in pairwise(SIZES[:-1]):
            parts += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]
        model = nn.Sequential(*parts, nn.Linear(SIZES[-2], SIZES[-1]))
        train(model, data.images, data.labels, epochs=20, rate=0.005)
    return fold(model)


@lru_cache
def reference() -> Layers:
    """The network of this lesson: the folded one, trained for its last epochs in float32.

    What is trained otherwise (with rounded weights) takes these same steps from the same start, so
    that nobody wins by having trained longer.
    """
    data, model = digits(), to_module(folded())
    train(model, data.images, data.labels, **LAST)
    return from_module(model)


class seeded:  # noqa: N801 (used like a function, as contextlib's own)
    """``with seeded(n):`` seeds the engine, and puts its random state back afterwards."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __enter__(self) -> None:
        self._state = scratch.get_rng_state()
        scratch.manual_seed(self._seed)

    def __exit__(self, *_: Any) -> None:
        scratch.set_rng_state(self._state)
