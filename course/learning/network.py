"""The playground's settings and its network, written once for both engines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.learning.toy_data import DATA, Array, is_classification

FEATURES: dict[str, str] = {
    "x1": "x1",
    "x2": "x2",
    "x1_squared": "x1²",
    "x2_squared": "x2²",
    "product": "x1·x2",
    "sin_x1": "sin x1",
    "sin_x2": "sin x2",
}
# How a program writes each of them: `points` is (N, 2).
FEATURE_CODE: dict[str, str] = {
    "x1": "points[:, 0]",
    "x2": "points[:, 1]",
    "x1_squared": "points[:, 0] ** 2",
    "x2_squared": "points[:, 1] ** 2",
    "product": "points[:, 0] * points[:, 1]",
    "sin_x1": "np.sin(points[:, 0])",
    "sin_x2": "np.sin(points[:, 1])",
}
_FEATURES: dict[str, Callable[[Array], Array]] = {
    "x1": lambda points: points[:, 0],
    "x2": lambda points: points[:, 1],
    "x1_squared": lambda points: points[:, 0] ** 2,
    "x2_squared": lambda points: points[:, 1] ** 2,
    "product": lambda points: points[:, 0] * points[:, 1],
    "sin_x1": lambda points: np.sin(points[:, 0]),
    "sin_x2": lambda points: np.sin(points[:, 1]),
}

ACTIVATIONS = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid", "linear": "Linear (none)"}
OPTIMIZERS = {
    "sgd": "SGD",
    "momentum": "SGD with momentum 0.9",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}
PENALTIES = {"none": "None", "l1": "L1", "l2": "L2"}
MOST_LAYERS, MOST_NEURONS = 6, 8


@dataclass(frozen=True)
class Setup:
    """Everything that decides a run of the playground; equal setups give equal runs.

    data, features, activation, optimizer, penalty: keys of the tables of this module and of
    ``toy_data.DATA``. hidden: neurons of each hidden layer. noise, train_share: shares.
    Raises ValueError, naming the value and what is expected, for anything else.
    """

    data: str = "circle"
    features: tuple[str, ...] = ("x1", "x2")
    hidden: tuple[int, ...] = (4, 2)
    activation: str = "tanh"
    learning_rate: float = 0.03
    optimizer: str = "sgd"
    penalty: str = "none"
    penalty_rate: float = 0.0
    noise: float = 0.0
    train_share: float = 0.5
    batch_size: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        for name, known in (
            ("data", DATA),
            ("activation", ACTIVATIONS),
            ("optimizer", OPTIMIZERS),
            ("penalty", PENALTIES),
        ):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"{name} is one of {', '.join(known)}, not {getattr(self, name)!r}"
                )
        unknown = [feature for feature in self.features if feature not in FEATURES]
        if unknown or not self.features:
            given = repr(unknown[0]) if unknown else "an empty list"
            raise ValueError(f"features are one or more of {', '.join(FEATURES)}, not {given}")
        if len(self.hidden) > MOST_LAYERS or not all(1 <= n <= MOST_NEURONS for n in self.hidden):
            raise ValueError(
                f"hidden names at most {MOST_LAYERS} layers of 1 to {MOST_NEURONS} neurons, not "
                f"{self.hidden}"
            )
        for name, value in (("learning_rate", self.learning_rate), ("batch_size", self.batch_size)):
            if not (value > 0 and math.isfinite(value)):
                raise ValueError(f"{name} must be above 0 and finite, not {value}")
        if not (self.penalty_rate >= 0 and math.isfinite(self.penalty_rate)):
            raise ValueError(f"penalty_rate must be 0 or more and finite, not {self.penalty_rate}")

    @property
    def classification(self) -> bool:
        """True where the targets are two classes."""
        return is_classification(self.data)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers in each layer, from the features to the one output."""
        return (len(self.features), *self.hidden, 1)


def features_of(points: Array, names: Sequence[str]) -> Array:
    """What the network is given of ``points`` (N, 2): an array (N, len(names))."""
    return np.stack([_FEATURES[name](points) for name in names], axis=1)


def build(nn: Any, setup: Setup) -> Any:
    """The network from an engine's ``nn``: linear layers with the activation between them.

    It takes (N, features) and returns (N, 1); for classes the last value passes through Tanh, so
    that it lies between the targets -1 and 1.
    """
    layers: list[Any] = []
    for before, after in pairwise(setup.sizes[:-1]):
        layers.append(nn.Linear(before, after))
        layers += _activation(nn, setup.activation)
    layers.append(nn.Linear(setup.sizes[-2], 1))
    if setup.classification:
        layers.append(nn.Tanh())
    return nn.Sequential(*layers)


def _activation(nn: Any, name: str) -> list[Any]:
    makers = {"relu": "ReLU", "tanh": "Tanh", "sigmoid": "Sigmoid"}
    return [getattr(nn, makers[name])()] if name in makers else []


def first_weights(model: Any, seed: int) -> None:
    """Set a model's parameters, in either engine, to the same random numbers.

    Each layer's are uniform between ±1/√(numbers that come in), which is what ``nn.Linear`` does.
    They come from NumPy, because the two engines' own random streams differ.
    """
    rng = np.random.default_rng(seed)
    for layer in model:
        if hasattr(layer, "weight"):
            bound = 1 / math.sqrt(layer.in_features)
            for parameter in (layer.weight, layer.bias):
                drawn = rng.uniform(-bound, bound, tuple(parameter.shape))
                parameter.detach().numpy()[...] = drawn


def make_optimizer(optim: Any, setup: Setup, parameters: Any) -> Any:
    """The setup's optimizer from an engine's ``optim``."""
    lr = setup.learning_rate
    if setup.optimizer == "momentum":
        return optim.SGD(parameters, lr=lr, momentum=0.9)
    names = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}
    return getattr(optim, names[setup.optimizer])(parameters, lr=lr)


def penalty(model: Any, setup: Setup) -> Any:
    """What regularisation adds to the loss: the rate times Σ|w| (L1) or Σw²/2 (L2); or 0."""
    if setup.penalty == "none" or setup.penalty_rate == 0:
        return 0.0
    weights = [layer.weight for layer in model if hasattr(layer, "weight")]
    if setup.penalty == "l1":
        return setup.penalty_rate * sum(w.abs().sum() for w in weights)
    return setup.penalty_rate * sum((w * w).sum() for w in weights) / 2


def batches(count: int, size: int, seed: int, epoch: int) -> list[NDArray[np.int64]]:
    """Row numbers of an epoch's batches, in an order that seed and epoch decide."""
    order = np.random.default_rng([seed, epoch]).permutation(count)
    return [order[start : start + size] for start in range(0, count, size)]
