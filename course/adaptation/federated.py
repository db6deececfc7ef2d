"""Federated averaging: clients train on what they hold, a server averages what they send.

Every client is trained by course.scratch. Sources: McMahan et al. 2017 (FedAvg), 2018 (with clipping
and noise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.scratch.nn.functional import cross_entropy

Weights = list[NDArray[np.float32]]
CLASSES = 10
SIZES = (64, 32, 10)
BATCH, RATE = 20, 0.2
CLIP = 1.0  # the longest update, as a vector, that noise is measured against


@dataclass(frozen=True)
class Setup:
    """A federation of digit readers.

    clients: how many; kinds: different digits that each holds; dropouts: percent that fail to
    answer in a round; local_steps: of each client in a round; noise: standard deviation of the
    noise on the sum of the updates, as a multiple of CLIP, 0 for none (and no clipping).
    Raises ValueError for a value that cannot be.
    """

    clients: int = 10
    kinds: int = 10
    dropouts: int = 0
    local_steps: int = 5
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least, most in (
            ("clients", 1, 100),
            ("kinds", 1, CLASSES),
            ("dropouts", 0, 100),
            ("local_steps", 1, 1000),
            ("noise", 0, 1000),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise ValueError(f"{name} must be between {least} and {most}; it is {value!r}.")


def split(labels: NDArray[np.int64], clients: int, kinds: int, seed: int = 0) -> list[Any]:
    """Row numbers for each client, who holds ``kinds`` different labels, every row at most once.

    Client c holds the labels c * kinds, c * kinds + 1 … (counted round); the rows of a label are
    divided among those who hold it. Raises ValueError, which names the client, for an empty one.
    """
    rng = np.random.default_rng(seed)
    holders: dict[int, list[int]] = {label: [] for label in range(CLASSES)}
    for client in range(clients):
        for n in range(kinds):
            holders[(client * kinds + n) % CLASSES].append(client)
    rows: list[list[int]] = [[] for _ in range(clients)]
    for label, who in holders.items():
        own = rng.permutation(np.flatnonzero(labels == label))
        for client, part in zip(who, np.array_split(own, len(who)) if who else [], strict=True):
            rows[client] += part.tolist()
    for client, own_rows in enumerate(rows):
        if not own_rows:
            raise ValueError(
                f"Client {client} would have no example at all: take fewer than {clients} clients, "
                "or more data."
            )
    return [np.array(own_rows, np.int64) for own_rows in rows]


def average(weights: Sequence[Weights], counts: Sequence[int]) -> Weights:
    """FedAvg's mean of the clients' weights, each counted as often as it has examples.

    weights: a list of arrays for each client; counts: its number of examples.
    Raises ValueError for no client, a client without examples, or lists that do not fit.
    """
    if not weights:
        raise ValueError("There is no client to average: did all of them drop out?")
    if len(weights) != len(counts):
        raise ValueError(f"There are {len(weights)} clients, but {len(counts)} counts.")
    for client, count in enumerate(counts):
        if not count > 0:
            raise ValueError(
                f"Client {client} has {count} examples: one without examples has learned nothing; "
                "leave it out of the round."
            )
    shares = np.array(counts, np.float64) / np.sum(counts)
    return [
        sum(share * part for share, part in zip(shares, parts, strict=True)).astype(parts[0].dtype)
        for parts in zip(*weights, strict=True)
    ]


def clipped(update: Weights, longest: float = CLIP) -> Weights:
    """The update, shortened as a whole where it is longer than ``longest``."""
    length = float(np.sqrt(sum(float((part.astype(np.float64) ** 2).sum()) for part in update)))
    factor = min(1.0, longest / length) if length > 0 else 1.0
    return [(factor * part).astype(part.dtype) for part in update]


class Federation:
    """A server, its clients, and the rounds so far.

    accuracies, losses: of the server's model on held-out digits, from before the first round.
    alone: accuracy of a model that client 0 trains for itself, for as many steps.
    answered: how many clients took part in each round.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.data = datasets.load("digits")
        self.rows = split(self.data.train_labels, setup.clients, setup.kinds, setup.seed)
        self._rng = np.random.default_rng(setup.seed)
        self._model = _fresh(setup.seed)
        self.weights = _read(self._model)
        self._own = _read(self._model)
        first = self._judge(self.weights)
        self.accuracies, self.alone, self.answered = [first], [first], [setup.clients]

    @property
    def rounds(self) -> int:
        """Rounds finished."""
        return len(self.accuracies) - 1

    @property
    def held(self) -> NDArray[np.int64]:
        """How many of each digit each client holds, (clients, 10)."""
        labels = self.data.train_labels
        return np.array([np.bincount(labels[rows], minlength=CLASSES) for rows in self.rows])

    def round(self) -> None:
        """Send the model out, let those who answer train, average what comes back."""
        setup = self.setup
        here = [c for c in range(setup.clients) if self._rng.random() >= setup.dropouts / 100]
        trained = [self._train(self.weights, self.rows[client]) for client in here]
        if trained:  # when nobody answers the model stays as it is
            counts = [len(self.rows[client]) for client in here]
            self.weights = self._combine(trained, counts)
        self._own = self._train(self._own, self.rows[0])
        self.answered.append(len(here))
        self.accuracies.append(self._judge(self.weights))
        self.alone.append(self._judge(self._own))

    def _combine(self, trained: list[Weights], counts: list[int]) -> Weights:
        if not self.setup.noise:
            return average(trained, counts)
        # With noise every client counts the same: else one with much data could move the mean
        # further than the noise hides.
        updates = [
            clipped([new - old for new, old in zip(client, self.weights, strict=True)])
            for client in trained
        ]
        spread = self.setup.noise * CLIP / len(updates)
        mean = average(updates, [1] * len(updates))
        return [
            (old + step + spread * self._rng.standard_normal(old.shape)).astype(np.float32)
            for old, step in zip(self.weights, mean, strict=True)
        ]

    def _train(self, weights: Weights, rows: NDArray[np.int64]) -> Weights:
        model = self._model
        _write(model, weights)
        optimizer = scratch.optim.SGD(model.parameters(), lr=RATE)
        images, labels = self.data.train_images, self.data.train_labels
        for _ in range(self.setup.local_steps):
            batch = rows[self._rng.integers(0, len(rows), BATCH)]
            optimizer.zero_grad()
            outputs = model(scratch.from_numpy(images[batch]))
            cross_entropy(outputs, scratch.from_numpy(labels[batch])).backward()
            optimizer.step()
        return _read(model)

    def _judge(self, weights: Weights) -> float:
        _write(self._model, weights)
        with scratch.no_grad():
            outputs = self._model(scratch.from_numpy(self.data.held_out_images)).numpy()
        return float((outputs.argmax(axis=1) == self.data.held_out_labels).mean())


@lru_cache(maxsize=64)
def in_one_place(rounds: int, local_steps: int = 5, clients: int = 10, seed: int = 0) -> float:
    """Held-out accuracy where all data lie in one place, after as many steps as a client takes.

    A step there sees a batch as large as all clients' batches together.
    """
    data = datasets.load("digits")
    model = _fresh(seed)
    optimizer = scratch.optim.SGD(model.parameters(), lr=RATE)
    rng = np.random.default_rng(seed)
    for _ in range(rounds * local_steps):
        batch = rng.integers(0, len(data.train_rows), BATCH * clients)
        optimizer.zero_grad()
        outputs = model(scratch.from_numpy(data.train_images[batch]))
        cross_entropy(outputs, scratch.from_numpy(data.train_labels[batch])).backward()
        optimizer.step()
    with scratch.no_grad():
        answers = model(scratch.from_numpy(data.held_out_images)).numpy().argmax(axis=1)
    return float((answers == data.held_out_labels).mean())


def _fresh(seed: int) -> Any:
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(seed)
        return models.mlp(scratch.nn, SIZES)
    finally:
        scratch.set_rng_state(state)  # the reader's random numbers are the reader's


def _read(model: Any) -> Weights:
    return [parameter.detach().numpy().copy() for parameter in model.parameters()]


def _write(model: Any, weights: Weights) -> None:
    for parameter, values in zip(model.parameters(), weights, strict=True):
        parameter.detach().numpy()[...] = values
