"""The training loop with any of its five lines switched off, really run, and what each line did.

The model is an MLP on scikit-learn's digits. A line that is off is simply not executed, so `outputs`
and `loss` keep what an earlier step left in them, as the variables of a notebook would.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.scratch.nn.functional import cross_entropy
from course.training import loaders

LINES = {
    "zero_grad": "optimizer.zero_grad()",
    "forward": "outputs = model(inputs)",
    "loss": "loss = cross_entropy(outputs, targets)",
    "backward": "loss.backward()",
    "step": "optimizer.step()",
}
STEPS = 120  # as many as are run; a shorter look is the beginning of the same run
GUESSING = 2.302585  # ln 10: the loss of ten equal chances


@dataclass(frozen=True)
class Step:
    """One turn of the loop. Sizes are Euclidean norms over all parameters together."""

    gradient_found: float  # size of the gradients before the first line
    batch_loss: float | None  # None where no loss was ever computed
    gradient_used: float  # size of the gradients that `step` found
    moved: float  # how far the parameters went
    loss: float  # on all training images, after the last line


@dataclass(frozen=True)
class Run:
    """A run of the loop: `off` are the lines left out, `error` what stopped it ("" for nothing)."""

    off: tuple[str, ...]
    learning_rate: float
    first_loss: float
    steps: tuple[Step, ...]
    error: str
    stopped_by: str  # the line that raised it

    @property
    def losses(self) -> list[float]:
        """The loss on all training images: before the first step, then after each."""
        return [self.first_loss, *(step.loss for step in self.steps)]


@lru_cache(maxsize=64)
def run(off: tuple[str, ...] = (), learning_rate: float = 0.1) -> Run:
    """Run up to 120 steps of SGD without the lines in `off`.

    Raises ValueError for a line that is none of the five.
    """
    unknown = [line for line in off if line not in LINES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no line of the loop; the five are {', '.join(LINES)}")
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(0)
        return _run(tuple(line for line in LINES if line in off), learning_rate)
    finally:
        scratch.set_rng_state(state)


def losses_by_pass(forget: bool = True, passes: int = 10) -> NDArray[np.float64]:
    """The mean loss of the batches in each pass over the digits, with or without ``zero_grad``."""
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(0)
        train, _ = loaders(scratch, datasets.load("digits"), batch_size=32)
        model = models.mlp(scratch.nn, (64, 64, 10))
        optimizer = scratch.optim.SGD(model.parameters(), lr=0.1)
        losses = []
        for _ in range(passes):
            for inputs, targets in train:
                if forget:
                    optimizer.zero_grad()
                loss = cross_entropy(model(inputs), targets)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
    finally:
        scratch.set_rng_state(state)
    return np.reshape(losses, (passes, -1)).mean(axis=1)


def _run(off: tuple[str, ...], learning_rate: float) -> Run:
    data = datasets.load("digits")
    images = scratch.from_numpy(data.train_images)
    labels = scratch.from_numpy(data.train_labels)
    train, _ = loaders(scratch, data, batch_size=32)
    model = models.mlp(scratch.nn, (64, 64, 10))
    parameters = list(model.parameters())
    optimizer = scratch.optim.SGD(parameters, lr=learning_rate)

    def measured() -> float:
        with scratch.no_grad():
            return float(cross_entropy(model(images), labels).item())

    first_loss, steps, error, line = measured(), [], "", ""
    batches: Any = iter(())
    # What a notebook would still hold from a first, complete forward pass.
    inputs, targets = next(iter(train))
    outputs = model(inputs)
    loss = cross_entropy(outputs, targets) if "loss" in off else None
    for _ in range(STEPS):
        batch = next(batches, None)
        if batch is None:
            batches = iter(train)
            batch = next(batches)
        inputs, targets = batch
        found, before = _size(parameters), [p.detach().clone() for p in parameters]
        try:
            for line in LINES:
                if line in off:
                    continue
                if line == "zero_grad":
                    optimizer.zero_grad()
                elif line == "forward":
                    outputs = model(inputs)
                elif line == "loss":
                    loss = cross_entropy(outputs, targets)
                elif line == "backward":
                    assert loss is not None
                    loss.backward()
                else:
                    optimizer.step()
        except RuntimeError as stopped:
            error = str(stopped)
            break
        steps.append(
            Step(
                gradient_found=found,
                batch_loss=None if loss is None else float(loss.item()),
                gradient_used=_size(parameters),
                moved=_length([p.detach() - b for p, b in zip(parameters, before, strict=True)]),
                loss=measured(),
            )
        )
    return Run(off, learning_rate, first_loss, tuple(steps), error, line if error else "")


def _size(parameters: list[Any]) -> float:
    return _length([p.grad for p in parameters if p.grad is not None])


def _length(tensors: list[Any]) -> float:
    return float(sum(float((t * t).sum().item()) for t in tensors) ** 0.5)
