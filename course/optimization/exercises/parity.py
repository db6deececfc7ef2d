"""One training loop for both engines, repaired: its runs are the same to 1e-10."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course import models, scratch
from course.checks import Exercise, probe, slip

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
        losses: dict[str, Any] = {}
        weights = {}
        for name, engine, model in (("by hand", scratch, mine), ("PyTorch", torch, theirs)):
            batches = [(engine.from_numpy(x), engine.from_numpy(y)) for x, y in rows]
            try:
                losses[name] = [float(loss) for loss in train_on(engine, model, batches, 0.2)]
            except Exception as error:
                if engine is scratch:
                    raise
                # What the two engines do is told apart, so that one repaired bug is seen.
                losses[name] = f"it raised {type(error).__name__}: {error}"
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
        slip(
            "Both bugs are still there. What becomes of the gradients of the batch before? And which names in the loop "
            "belong to one engine only?",
            "        optimizer.zero_grad()\n",
            "",
            "engine.optim",
            "scratch.optim",
        ),
        slip(
            "By hand it learns now, but the loop still names `scratch`. Take everything from `engine`, then the same lines "
            "run on PyTorch.",
            "engine.optim",
            "scratch.optim",
        ),
        slip(
            "It runs on both engines now, but learns badly: the gradients of earlier batches are still there. Begin each "
            "step with `optimizer.zero_grad()`.",
            "        optimizer.zero_grad()\n",
            "",
        ),
        slip(
            "Nothing is learned: the gradients are forgotten after `backward` and before `step` uses them.",
            "        optimizer.zero_grad()\n",
            "",
            "loss.backward()",
            "loss.backward(); optimizer.zero_grad()",
        ),
    ],
    hints=[
        "`engine` is a module, `course.scratch` or `torch`. Both have `optim.SGD` and `nn.functional.cross_entropy`.",
        "Which name in the colleague's loop is neither an argument nor made in the loop?",
        "Count the five lines: zero_grad, forward, loss, backward, step. Which one is missing?",
    ],
    points=2,
    solution="../solutions/03_training_loop.ipynb",
    seconds=20.0,  # the first check loads PyTorch
)
