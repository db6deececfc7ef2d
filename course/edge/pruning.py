"""Leaving weights out: the smallest anywhere (magnitude), or whole neurons (structured).

Magnitude pruning puts zeros into a matrix of the same shape; a dense product multiplies them all the
same. Structured pruning makes the matrix smaller, and every product with it faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.edge.given import count, number
from course.edge.latency import measure
from course.edge.networks import Layers, accuracy, digits, from_module, reference, to_module, train

SHARES = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95)


def check_share(share: float) -> float:
    """``share`` as a float; raises ValueError unless it is at least 0 and below 1."""
    return number(
        share, "share", "be at least 0 and below 1, for example 0.5", lambda v: 0 <= v < 1
    )


def magnitude_mask(weight: Any, share: float) -> Any:
    """True where a weight stays: the smallest ``share`` of the magnitudes is left out.

    Exactly floor(share · size) weights go; among equal ones the first.
    """
    check_share(share)
    size = np.asarray(weight).size
    order = np.argsort(np.abs(weight), axis=None, kind="stable")
    mask = np.ones(size, bool)
    mask[order[: int(share * size + 1e-9)]] = False
    return mask.reshape(np.shape(weight))


def prune_magnitude(network: Layers, share: float) -> Layers:
    """Every layer without the smallest of its weights: zeros in matrices of the same shape."""
    return network.with_weights(w * magnitude_mask(w, share) for w in network.weights)


def prune_neurons(network: Layers, share: float) -> Layers:
    """Every hidden layer without its weakest neurons: smaller matrices.

    A neuron's strength is the norm of its incoming row, bias included, times that of its outgoing
    column: what is scaled up before and down after the neuron changes nothing. At least one stays.
    """
    check_share(share)
    weights, biases = list(network.weights), list(network.biases)
    for layer in range(len(weights) - 1):
        incoming = np.sqrt((weights[layer] ** 2).sum(axis=1) + biases[layer] ** 2)
        strength = incoming * np.sqrt((weights[layer + 1] ** 2).sum(axis=0))
        gone = min(int(share * len(strength) + 1e-9), len(strength) - 1)
        keep = np.sort(np.argsort(strength, kind="stable")[gone:])
        weights[layer], biases[layer] = weights[layer][keep], biases[layer][keep]
        weights[layer + 1] = weights[layer + 1][:, keep]
    return Layers(tuple(weights), tuple(biases))


def retrain(network: Layers, epochs: int = 10) -> Layers:
    """Train on for a few epochs; weights that are exactly 0 stay 0."""
    from course import scratch

    data, model = digits(), to_module(network)
    masks = [scratch.from_numpy((w != 0).astype(np.float32)) for w in network.weights]
    linear = [part for part in model if hasattr(part, "weight")]

    def keep_zeros() -> None:
        with scratch.no_grad():
            for part, mask in zip(linear, masks, strict=True):
                part.weight.mul_(mask)

    train(model, data.images, data.labels, epochs=epochs, rate=0.005, seed=2, after_step=keep_zeros)
    return from_module(model)


@dataclass(frozen=True)
class Pruned:
    """What is left at one share, by each way of pruning: accuracies 0 to 1, and work."""

    share: float
    magnitude: float
    magnitude_retrained: float
    neurons: float
    neurons_retrained: float
    magnitude_weights: int  # that are not zero
    neuron_weights: int

    @property
    def speedup_in_theory(self) -> float:
        """How many times fewer multiplications, were zeros free: 1 / (1 - share)."""
        return 1 / (1 - self.share)


@lru_cache(maxsize=32)
def pruned(share: float) -> Pruned:
    """Prune the reference network both ways, and train each on for ten epochs."""
    network, data = reference(), digits()
    found = [prune_magnitude(network, share), prune_neurons(network, share)]
    pairs = [(one, retrain(one)) for one in found]
    scores = [accuracy(n, data.held_images, data.held_labels) for pair in pairs for n in pair]
    left = [sum(int((w != 0).sum()) for w in n.weights) for n in found]
    return Pruned(share, scores[0], scores[1], scores[2], scores[3], left[0], left[1])


@dataclass(frozen=True)
class LayerTimes:
    """Measured times in ms of one layer of ``width`` inputs and outputs, by the share left out."""

    width: int
    batch: int
    shares: tuple[float, ...]
    dense: tuple[float, ...]  # zeros stored and multiplied
    sparse: tuple[float, ...]  # only the others stored (SciPy's CSR)
    smaller: tuple[float, ...]  # whole rows gone: a narrower dense layer

    def speedup(self, kind: str) -> tuple[float, ...]:
        """Times faster than the full dense layer."""
        return tuple(self.dense[0] / time for time in getattr(self, kind))


@lru_cache(maxsize=8)
def layer_times(width: int = 512, batch: int = 16, repeats: int = 15) -> LayerTimes:
    """Measure the three ways of multiplying a pruned layer, on this machine, now.

    ``smaller`` leaves whole outputs out, so that its work falls as (1 - share).
    Raises ValueError for a width or batch below 1.
    """
    from scipy.sparse import csr_matrix

    for what, value in (("width", width), ("batch", batch)):
        count(value, what)
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(width, width)).astype(np.float32)
    x = np.ascontiguousarray(rng.normal(size=(width, batch)).astype(np.float32))
    rows: dict[str, list[float]] = {"dense": [], "sparse": [], "smaller": []}
    for share in SHARES:
        masked = weight * magnitude_mask(weight, share)
        narrow = np.ascontiguousarray(weight[: max(1, round(width * (1 - share)))])
        stored = csr_matrix(masked)
        for kind, matrix in (("dense", masked), ("sparse", stored), ("smaller", narrow)):
            found = measure(lambda m=matrix: m @ x, repeats=repeats, warm_up=3)  # type: ignore[misc]
            rows[kind].append(found.p50)
    return LayerTimes(width, batch, SHARES, *(tuple(rows[k]) for k in rows))
