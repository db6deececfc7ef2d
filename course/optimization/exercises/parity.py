"""One training loop for both engines, whose runs are the same to 1e-10."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course import models, scratch
from course.checks import Exercise, probe

_STEPS = 25


def _train_on(engine: Any, model: Any, batches: Any, lr: float) -> list[float]:
    optimizer = engine.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = engine.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _always_by_hand(engine: Any, model: Any, batches: Any, lr: float) -> list[float]:
    return _train_on(scratch, model, batches, lr)


def _accumulates(engine: Any, model: Any, batches: Any, lr: float) -> list[float]:
    optimizer = engine.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for inputs, targets in batches:
        loss = engine.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _new_optimizer_each_step(engine: Any, model: Any, batches: Any, lr: float) -> list[float]:
    losses = []
    for inputs, targets in batches:
        optimizer = engine.optim.Adam(model.parameters(), lr=lr)
        optimizer.zero_grad()
        loss = engine.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _never_steps(engine: Any, model: Any, batches: Any, lr: float) -> list[float]:
    return [
        engine.nn.functional.cross_entropy(model(inputs), targets).item()
        for inputs, targets in batches
    ]


def _both(seed: int) -> Callable[[Any], dict[str, Any]]:
    def run(train_on: Any) -> dict[str, Any]:
        import torch  # here, for it takes a second

        from course.compare import copy_weights

        theirs = models.mlp(torch.nn, (6, 12, 3)).to(torch.float64)
        mine = models.mlp(scratch.nn, (6, 12, 3)).to(scratch.float64)
        rng = np.random.default_rng(seed)
        with torch.no_grad():
            for parameter in theirs.parameters():
                parameter.copy_(torch.from_numpy(rng.normal(0, 0.4, tuple(parameter.shape))))
        copy_weights(theirs, mine)
        rows = [(rng.normal(size=(16, 6)), rng.integers(0, 3, 16)) for _ in range(_STEPS)]
        losses, weights = {}, {}
        for name, engine, model in (("by hand", scratch, mine), ("PyTorch", torch, theirs)):
            batches = [(engine.from_numpy(x), engine.from_numpy(y)) for x, y in rows]
            losses[name] = [float(loss) for loss in train_on(engine, model, batches, 0.2)]
            weights[name] = [p.detach().numpy().copy() for p in model.parameters()]
        pairs = zip(weights["by hand"], weights["PyTorch"], strict=True)
        return {
            "losses by hand": losses["by hand"],
            "losses in PyTorch": losses["PyTorch"],
            "weights agree to 1e-10": all(np.abs(a - b).max() < 1e-10 for a, b in pairs),
        }

    return run


train_on = Exercise(
    name="train_on",
    reference=_train_on,
    cases=[
        probe(_both(0), "the same small network on both engines, 25 batches").within(1e-10),
        probe(_both(1), "other weights and batches").within(1e-10),
    ],
    mistakes=[
        (
            _always_by_hand,
            "The loop names `scratch` itself. Take everything from `engine`: `engine.optim.SGD`, "
            "`engine.nn.functional.cross_entropy`; then the same lines run on PyTorch.",
        ),
        (
            _accumulates,
            "The gradients of earlier batches are still there: begin with `optimizer.zero_grad()`.",
        ),
        (
            _new_optimizer_each_step,
            "The optimizer is made anew in every step, and it is Adam: make one `engine.optim.SGD` before the loop.",
        ),
        (
            _never_steps,
            "The losses are computed, but nothing is trained: `backward` and `step` are missing.",
        ),
    ],
    hints=[
        "`engine` is a module, `course.scratch` or `torch`. Both have `optim.SGD` and `nn.functional.cross_entropy`.",
        "Make the optimizer before the loop: `engine.optim.SGD(model.parameters(), lr=lr)`.",
        "Inside: the five lines, then `losses.append(loss.item())`; after the loop `return losses`.",
    ],
    points=2,
    solution="../solutions/03_training_loop.ipynb",
    seconds=20.0,  # the first check loads PyTorch
)
