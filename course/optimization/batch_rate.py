"""Batch size against learning rate: an MLP on the digits, trained anew for every pair of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from course import datasets, models, scratch
from course.scratch.nn.functional import cross_entropy
from course.training import evaluate, loaders

BATCH_SIZES = (8, 32, 128, 512)
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
BUDGETS = {"images": "the same images: 2 passes each", "steps": "the same steps: 90 each"}
_PASSES, _STEPS = 2, 90


@dataclass(frozen=True)
class Cell:
    """One training: its loss and its accuracy (0 to 1) on the held-out images at the end."""

    batch_size: int
    learning_rate: float
    steps: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Grid:
    """All trainings of one budget, batch size by batch size, each over all rates."""

    budget: str
    momentum: float
    seed: int
    cells: tuple[Cell, ...]

    @property
    def best(self) -> Cell:
        """The training with the lowest held-out loss."""
        return min(self.cells, key=_held_out_loss)

    def best_at(self, batch_size: int) -> Cell:
        """The same among the trainings with one batch size."""
        row = [cell for cell in self.cells if cell.batch_size == batch_size]
        return min(row, key=_held_out_loss)


def _held_out_loss(cell: Cell) -> float:
    return cell.loss if math.isfinite(cell.loss) else math.inf


@lru_cache(maxsize=16)
def train_grid(budget: str = "images", momentum: float = 0.0, seed: int = 0) -> Grid:
    """Train every pair, each from the same first weights; a second or two on two cores.

    budget: "images" (two passes over the training images) or "steps" (90 updates).
    Raises ValueError for another budget.
    """
    if budget not in BUDGETS:
        raise ValueError(f"budget must be one of {', '.join(BUDGETS)}; got {budget!r}")
    state = scratch.get_rng_state()
    try:
        cells = [
            _train(size, rate, budget, momentum, seed) for size in BATCH_SIZES for rate in RATES
        ]
    finally:
        scratch.set_rng_state(state)
    return Grid(budget, momentum, seed, tuple(cells))


def _train(batch_size: int, rate: float, budget: str, momentum: float, seed: int) -> Cell:
    data = datasets.load("digits")
    scratch.manual_seed(seed)
    train, held_out = loaders(scratch, data, batch_size=batch_size, seed=seed)
    model = models.mlp(scratch.nn, (64, 64, 10))
    optimizer = scratch.optim.SGD(model.parameters(), lr=rate, momentum=momentum)
    limit = _STEPS if budget == "steps" else _PASSES * len(train)
    done = 0
    while done < limit:
        for inputs, targets in train:
            optimizer.zero_grad()
            loss = cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            done += 1
            if done == limit:
                break
        if not math.isfinite(loss.item()):
            break  # it will not come back
    found = evaluate(model, held_out, cross_entropy)
    return Cell(batch_size, rate, done, float(found["loss"]), float(found["accuracy"]))
