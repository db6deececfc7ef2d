"""Training a brief's model in either engine, epoch by epoch, with its energy; and the finished model.

Both engines start from the same weights and see the same batches, so they end with the same model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import models, scratch
from course.capstone.choices import Choices
from course.capstone.data import Case, Part
from course.edge.quantization import Quantized, quantize
from course.energy.meters import Meter, Reading

BATCH = 64


@dataclass(frozen=True)
class Model:
    """Linear layers with ReLU between them, as stored: codes and scales where bits are below 32.

    weights: float32 (out, in), what the codes stand for. codes: one Quantized a layer, or none.
    """

    weights: tuple[NDArray[np.float32], ...]
    biases: tuple[NDArray[np.float32], ...]
    codes: tuple[Quantized, ...] = ()

    def scores(self, inputs: Any) -> NDArray[np.float32]:
        """Logits (N, classes) of prepared inputs (N, values)."""
        x = np.asarray(inputs, np.float32)
        last = len(self.weights) - 1
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = x @ weight.T + bias
            if number < last:
                x = np.maximum(x, 0)
        return x

    def chances(self, inputs: Any) -> NDArray[np.float64]:
        """Probabilities (N, classes) of prepared inputs."""
        scores = self.scores(inputs).astype(np.float64)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    @property
    def bytes(self) -> int:
        """Bytes of the stored model: packed weights, scales, and biases as 32-bit floats."""
        biases = 4 * sum(b.size for b in self.biases)
        if self.codes:
            return biases + sum(q.bytes for q in self.codes)
        return biases + 4 * sum(w.size for w in self.weights)

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return sum(w.size for w in self.weights) + sum(b.size for b in self.biases)


def packed(weights: Any, biases: Any, bits: int) -> Model:
    """The model as it is stored at ``bits`` a weight, one scale for each output channel."""
    biases = tuple(np.asarray(b, np.float32) for b in biases)
    if bits == 32:
        return Model(tuple(np.asarray(w, np.float32) for w in weights), biases)
    # Scales are stored as 32-bit floats, so they are used as such: a saved model answers alike.
    codes = tuple(_as_stored(quantize(w, bits, per="channel")) for w in weights)
    return Model(tuple(q.values.astype(np.float32) for q in codes), biases, codes)


def _as_stored(code: Quantized) -> Quantized:
    return replace(code, scale=code.scale.astype(np.float32).astype(np.float64))


class Training:
    """A run that goes on batch by batch; `model` is what it has learnt so far."""

    def __init__(self, case: Case, choices: Choices) -> None:
        self.case, self.choices = case, choices
        self.engine = _engine(choices.engine)
        self.losses: list[float] = []
        self._total = 0.0
        self._rows = np.arange(0)  # what is left of the epoch that is under way
        self.meter = Meter()
        inputs = case.prepared(case.train.inputs, choices.features)
        self._inputs = np.ascontiguousarray(inputs)
        self._weights = example_weights(case.train, case.classes, choices.balance)
        sizes = [inputs.shape[1], *([choices.width] if choices.width else []), case.classes]
        self._random = np.random.RandomState(choices.seed)
        self._network = _network(self.engine, sizes, self._random)
        self._optimizer = self.engine.optim.AdamW(
            self._network.parameters(), lr=choices.rate, weight_decay=choices.weight_decay
        )

    @property
    def epochs(self) -> int:
        """Epochs finished."""
        return len(self.losses)

    @property
    def done(self) -> bool:
        """Whether the chosen number of epochs is reached."""
        return self.epochs >= self.choices.epochs

    def step(self) -> None:
        """One batch, under the meter.

        Raises ValueError where the loss is no longer finite.
        """
        loss = self.meter.run(self._step)
        if not np.isfinite(loss):
            raise ValueError(
                f"the loss became {loss} in epoch {self.epochs + 1}: the learning rate "
                f"{self.choices.rate:g} is too high, try {self.choices.rate / 10:g}"
            )
        if not len(self._rows):
            self.losses.append(self._total / len(self.case.train))
            self._total = 0.0

    def _step(self) -> float:
        engine, truth = self.engine, self.case.train.truth
        if not len(self._rows):
            self._rows = self._random.permutation(len(truth))
        picked, self._rows = self._rows[:BATCH], self._rows[BATCH:]
        scores = self._network(engine.from_numpy(self._inputs[picked]))
        losses = engine.nn.functional.cross_entropy(
            scores, engine.from_numpy(truth[picked]), reduction="none"
        )
        loss = (losses * engine.from_numpy(self._weights[picked])).mean()
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        value: float = loss.item()
        self._total += value * len(picked)
        return value

    def arrays(self) -> tuple[list[Any], list[Any]]:
        """The weights and biases, as NumPy arrays of their own."""
        linear = [part for part in self._network if hasattr(part, "weight")]
        return (
            [part.weight.detach().numpy().copy() for part in linear],
            [part.bias.detach().numpy().copy() for part in linear],
        )

    def model(self, bits: int | None = None) -> Model:
        """The model so far, stored at ``bits`` a weight (the chosen ones by default)."""
        return packed(*self.arrays(), self.choices.bits if bits is None else bits)

    def run(self) -> Training:
        """Train to the chosen number of epochs."""
        while not self.done:
            self.step()
        return self

    @property
    def reading(self) -> Reading:
        """The energy of the training so far, with its method."""
        return self.meter.reading()


def example_weights(part: Part, classes: int, balance: str) -> NDArray[np.float32]:
    """The weight of each training example, mean 1.

    "groups" is reweighing (Kamiran and Calders 2012): what a group and an outcome would have in
    common by chance, over what they have.
    """
    count = len(part)
    if balance == "none":
        return np.ones(count, np.float32)
    shares = np.bincount(part.truth, minlength=classes) / count
    if balance == "classes":
        return (1 / (classes * shares[part.truth])).astype(np.float32)
    if part.groups is None:
        raise ValueError("reweighing needs the group of each example, which is not recorded here")
    weights = np.ones(count)
    for group in np.unique(part.groups):
        for outcome in range(classes):
            here = (part.groups == group) & (part.truth == outcome)
            if here.any():
                expected = (part.groups == group).mean() * shares[outcome]
                weights[here] = expected / here.mean()
    return weights.astype(np.float32)


def _engine(name: str) -> Any:
    if name == "scratch":
        return scratch
    import torch

    return torch


def _network(engine: Any, sizes: list[int], random: np.random.RandomState) -> Any:
    """A perceptron whose first weights come from ``random``, as wide as PyTorch's own."""
    network = models.mlp(engine.nn, sizes)
    state = {}
    layers = [n for n, part in enumerate(network) if hasattr(part, "weight")]
    for number, (inputs, outputs) in zip(layers, pairwise(sizes), strict=True):
        bound = 1 / np.sqrt(inputs)
        for name, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
            values = random.uniform(-bound, bound, shape).astype(np.float32)
            state[f"{number}.{name}"] = engine.from_numpy(values)
    network.load_state_dict(state)
    return network
