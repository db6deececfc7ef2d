"""A playground's setup as a program that gives the same losses, in either engine.

It runs with ``course.scratch``; with one line changed, the first import, it runs with PyTorch.
"""

from __future__ import annotations

from itertools import pairwise

from course.learning.network import ACTIVATIONS, FEATURE_CODE, Setup

ENGINE_LINE = "from course import scratch as engine"
TORCH_LINE = "import torch as engine"

_PROGRAM = '''\
"""A small network, trained as in the playground; it prints the losses after each tenth epoch."""

import numpy as np

{engine_line}  # for PyTorch, change this line to: {other_line}
from course.learning.network import batches, first_weights
from course.learning.toy_data import make

nn = engine.nn


def features(points):
    return engine.tensor(np.stack([{features}], axis=1))


data = make({data!r}, noise={noise!r}, train_share={train_share!r}, seed={seed!r})
points, targets = data.train
inputs, targets = features(points), engine.tensor(targets[:, None])
test_points, test_targets = data.test
test_inputs, test_targets = features(test_points), engine.tensor(test_targets[:, None])

model = nn.Sequential(
{layers}
).to(engine.float64)
first_weights(model, seed={seed!r})
optimizer = engine.optim.{optimizer}

for epoch in range({epochs}):
    for rows in batches(len(inputs), {batch_size!r}, {seed!r}, epoch):
        rows = engine.as_tensor(rows)
        optimizer.zero_grad()
        loss = ((model(inputs[rows]) - targets[rows]) ** 2).mean()
{backward}
        optimizer.step()
    if (epoch + 1) % 10 == 0 or epoch + 1 == {epochs}:
        with engine.no_grad():
            train_loss = ((model(inputs) - targets) ** 2).mean().item()
            test_loss = ((model(test_inputs) - test_targets) ** 2).mean().item()
        print(f"epoch {{epoch + 1:4d}}  train loss {{train_loss:.10f}}  test loss {{test_loss:.10f}}")
'''


def program(setup: Setup, epochs: int = 100, engine: str = "scratch") -> str:
    """The text of a program that trains ``setup`` for ``epochs`` epochs.

    engine: "scratch" or "torch". Raises ValueError for another engine or less than 1 epoch.
    """
    lines = {"scratch": ENGINE_LINE, "torch": TORCH_LINE}
    if engine not in lines:
        raise ValueError(f"the engine is scratch or torch, not {engine!r}")
    if epochs < 1:
        raise ValueError(f"the number of epochs must be 1 or more, not {epochs}")
    return _PROGRAM.format(
        engine_line=lines[engine],
        other_line=TORCH_LINE if engine == "scratch" else ENGINE_LINE,
        features=", ".join(FEATURE_CODE[name] for name in setup.features),
        data=setup.data,
        noise=setup.noise,
        train_share=setup.train_share,
        seed=setup.seed,
        layers="\n".join(f"    {layer}," for layer in _layers(setup)),
        optimizer=_optimizer(setup),
        epochs=epochs,
        batch_size=setup.batch_size,
        backward="\n".join(" " * 8 + line for line in _backward(setup)),
    )


def _layers(setup: Setup) -> list[str]:
    layers: list[str] = []
    for before, after in pairwise(setup.sizes[:-1]):
        layers.append(f"nn.Linear({before}, {after})")
        if setup.activation != "linear":
            layers.append(f"nn.{ACTIVATIONS[setup.activation]}()")
    layers.append(f"nn.Linear({setup.sizes[-2]}, 1)")
    return [*layers, "nn.Tanh()"] if setup.classification else layers


def _optimizer(setup: Setup) -> str:
    rate = f"model.parameters(), lr={setup.learning_rate!r}"
    if setup.optimizer == "momentum":
        return f"SGD({rate}, momentum=0.9)"
    names = {"sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}
    return f"{names[setup.optimizer]}({rate})"


def _backward(setup: Setup) -> list[str]:
    """Regularisation, where there is any, and the line that computes the gradients."""
    if setup.penalty == "none" or setup.penalty_rate == 0:
        return ["loss.backward()"]
    size = {"l1": "w.abs().sum()", "l2": "(w * w).sum() / 2"}[setup.penalty]
    return [
        "weights = [layer.weight for layer in model if hasattr(layer, 'weight')]",
        f"penalty = {setup.penalty_rate!r} * sum({size} for w in weights)",
        "(loss + penalty).backward()",
    ]
