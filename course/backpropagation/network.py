"""A small network on the digits, for any engine like `engine.py`, and the same in PyTorch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from course.datasets import Dataset

NAMES = ("w1", "b1", "w2", "b2")
SIZES = (64, 32, 10)


def first_weights(seed: int = 0) -> list[np.ndarray]:
    """The arrays w1 (64, 32), b1 (32,), w2 (32, 10) and b2 (10,), small and random; biases zero."""
    rng = np.random.default_rng(seed)
    pixels, hidden, classes = SIZES
    w1 = rng.normal(0.0, pixels**-0.5, (pixels, hidden))
    w2 = rng.normal(0.0, hidden**-0.5, (hidden, classes))
    return [w1, np.zeros(hidden), w2, np.zeros(classes)]


def rows(images: np.ndarray) -> np.ndarray:
    """Images of shape (n, 1, 8, 8) as rows of 64 numbers in float64."""
    return images.reshape(len(images), -1).astype(np.float64)


def batches(data: Dataset, size: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows of pixels and their labels, ``size`` at a time, in random order."""
    order = np.random.default_rng(seed).permutation(len(data.train_labels))
    pixels = rows(data.train_images)
    for start in range(0, len(order), size):
        part = order[start : start + size]
        yield pixels[part], data.train_labels[part]


def accuracy(data: Dataset, parameters: list[Any]) -> float:
    """The share of held-out images whose largest output is their label."""
    w1, b1, w2, b2 = (p.data for p in parameters)
    outputs = np.tanh(rows(data.held_out_images) @ w1 + b1) @ w2 + b2
    return float((outputs.argmax(axis=1) == data.held_out_labels).mean())


@dataclass(frozen=True)
class Beside:
    """Each parameter's largest gradient difference to PyTorch's, and the seconds a step of each."""

    differences: dict[str, float]
    mine: float
    theirs: float

    @property
    def largest(self) -> float:
        """The largest difference of all."""
        return max(self.differences.values())

    def __str__(self) -> str:
        lines = [f"{name}: largest difference {d:.1e}" for name, d in self.differences.items()]
        lines.append(
            f"forward and back: {self.mine * 1e6:.0f} µs by hand, {self.theirs * 1e6:.0f} µs in PyTorch"
        )
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def beside_torch(engine: Any, data: Dataset, count: int = 100, seed: int = 0) -> Beside:
    """The gradients of one loss over ``count`` images, by ``engine`` and by PyTorch, in float64.

    Raises ImportError, with what to do, where PyTorch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise ImportError(
            "PyTorch is not installed here, so there is nothing to compare with. Install it with "
            "`pip install torch` and run this cell again."
        ) from None
    images, labels = rows(data.train_images[:count]), data.train_labels[:count]

    def by_hand() -> list[np.ndarray]:
        w1, b1, w2, b2 = leaves = [engine.Tensor(array) for array in first_weights(seed)]
        hidden = engine.tanh(engine.Tensor(images) @ w1 + b1)
        engine.cross_entropy(hidden @ w2 + b2, labels).backward()
        return [leaf.grad for leaf in leaves]

    inputs, targets = torch.from_numpy(images), torch.from_numpy(labels)

    def in_torch() -> list[np.ndarray]:
        w1, b1, w2, b2 = leaves = [
            torch.from_numpy(array).requires_grad_() for array in first_weights(seed)
        ]
        outputs = torch.tanh(inputs @ w1 + b1) @ w2 + b2
        torch.nn.functional.cross_entropy(outputs, targets).backward()
        return [leaf.grad.numpy() for leaf in leaves]

    pairs = zip(NAMES, by_hand(), in_torch(), strict=True)
    differences = {name: float(np.abs(a - b).max()) for name, a, b in pairs}
    return Beside(differences, _seconds(by_hand), _seconds(in_torch))


def _seconds(run: Any, repeats: int = 30) -> float:
    """The median time of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
