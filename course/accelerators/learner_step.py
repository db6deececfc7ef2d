"""The training step of lesson 03: its operations and bytes counted from shapes, and a way to run it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from course import scratch
from course.accelerators.operations import Operation, check_sizes, elementwise, matmul, reduction
from course.accelerators.precisions import bytes_of
from course.recipes import recipe

# The networks that lesson 03 trains, by the name of their data.
SIZES: dict[str, tuple[int, ...]] = {n: recipe("mlp", n).sizes for n in ("digits", "mnist")}
BATCHES = (1, 8, 32, 128, 512)
_SOFTMAX = 8  # operations a logit of the loss and its gradient


def counted(sizes: Sequence[int], batch: int, precision: str = "fp32") -> Operation:
    """One step of an MLP: forward, loss, backward, gradient descent with momentum.

    Each pass over an array is counted as one, as NumPy makes them: product, bias, ReLU and so on,
    each reads its inputs and writes its result. Raises ValueError for fewer than two sizes.
    """
    _check(sizes, batch)
    layers = list(pairwise(sizes))
    parts = [elementwise(batch * sizes[-1], precision, operations=_SOFTMAX)]
    for number, (inputs, outputs) in enumerate(layers):
        units = batch * outputs
        parts.append(matmul(batch, inputs, outputs, precision))
        parts.append(elementwise(units, precision))  # bias
        parts.append(matmul(inputs, batch, outputs, precision))  # gradient of the weights
        parts.append(reduction(outputs, batch, precision))  # gradient of the bias
        if number > 0:
            parts.append(matmul(batch, outputs, inputs, precision))  # gradient of the inputs
        if number < len(layers) - 1:
            parts.append(elementwise(units, precision))  # ReLU
            parts.append(elementwise(units, precision, inputs=2))  # and its gradient
    # Velocity and parameter: v = 0.9 v + g, p = p - lr v; three arrays in, two out.
    count = parameters(sizes)
    step = Operation("update", 4.0 * count, {"update": 5 * bytes_of(precision) * count}, precision)
    total = step
    for part in parts:
        total = total + part
    return replace(total, name=f"training step of {'-'.join(map(str, sizes))}, batch {batch}")


def footprint(sizes: Sequence[int], batch: int, precision: str = "fp32") -> float:
    """Bytes of all different arrays of a step: what must lie in a memory that holds all of it."""
    _check(sizes, batch)
    # Weights with gradient and velocity; each layer's output before and after ReLU, and gradients.
    numbers = 3 * parameters(sizes) + batch * (sizes[0] + 4 * sum(sizes[1:]))
    return bytes_of(precision) * numbers


def parameters(sizes: Sequence[int]) -> int:
    """Weights and biases."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))


def stepper(
    name: str, batch: int, engine: Any = scratch, device: str = "cpu"
) -> Callable[[], None]:
    """A call that makes one training step of lesson 03 on images of random pixels.

    Random, because a step takes as long whatever the images show, and none need be loaded. Raises
    ValueError for a batch below 1, and RecipeError, a ValueError, for data of which lesson 03 has no network.
    """
    plan = recipe("mlp", name)
    check_sizes(batch=batch)
    rng = np.random.default_rng(0)
    state = scratch.get_rng_state()
    scratch.manual_seed(0)
    model = plan.build(engine.nn).to(device)
    scratch.set_rng_state(state)  # the reader's random numbers are the reader's
    optimizer = plan.optimizer(engine.optim, model)
    inputs = engine.from_numpy(rng.random((batch, plan.sizes[0]), np.float32)).to(device)
    targets = engine.from_numpy(rng.integers(0, plan.sizes[-1], batch)).to(device)
    loss_of = engine.nn.functional.cross_entropy

    def step() -> None:
        optimizer.zero_grad()
        loss_of(model(inputs), targets).backward()
        optimizer.step()

    return step


def _check(sizes: Sequence[int], batch: int) -> None:
    check_sizes(batch=batch, **{f"layer {n}": size for n, size in enumerate(sizes)})
    if len(sizes) < 2:
        raise ValueError(f"a network has two sizes or more, input and output; not {list(sizes)}")
