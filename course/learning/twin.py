"""The playground's network in PyTorch: same first weights, same batches, losses side by side.

PyTorch is loaded only when a twin is asked for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from course.learning.network import Setup
from course.learning.training import Training

# What rounding may do in float64 and be called nothing but rounding.
ROUNDING = 1e-10


@dataclass(frozen=True)
class Twins:
    """The losses of every step in both engines, and the seconds that each took for them."""

    setup: Setup
    mine: tuple[float, ...]
    theirs: tuple[float, ...]
    my_seconds: float
    their_seconds: float

    @property
    def largest_difference(self) -> float:
        """The largest difference of the two losses over all steps."""
        if self.mine == self.theirs:
            return 0.0
        return float(np.max(np.abs(np.subtract(self.mine, self.theirs))))

    @property
    def agree(self) -> bool:
        """True where nothing but rounding lies between the two."""
        return self.largest_difference <= ROUNDING

    def __str__(self) -> str:
        if not self.mine:
            return "No step has been compared yet."
        said = (
            f"{len(self.mine):,} steps in both engines, from the same weights over the same batches: "
            f"the last loss is {self.mine[-1]:.6f} by hand and {self.theirs[-1]:.6f} in PyTorch, the "
            f"largest difference of any step {self.largest_difference:.1e}. "
            f"By hand {self.my_seconds:.2f} s, PyTorch {self.their_seconds:.2f} s, measured here."
        )
        if self.agree:
            return said
        return (
            f"{said} This is more than rounding alone makes at first: on this setup small differences "
            "grow from step to step."
        )


def train_both(setup: Setup, steps: int) -> Twins:
    """Train ``setup`` for ``steps`` steps by hand, then in PyTorch, in float64.

    Raises ValueError for less than 1 step, ImportError where PyTorch is missing.
    """
    import torch

    from course import scratch

    if steps < 1:
        raise ValueError(f"the number of steps must be 1 or more, not {steps}")
    found, seconds = [], []
    # One engine after the other, for their idle threads disturb each other; and three steps
    # before the clock starts, for the first ones set up memory.
    for engine in (scratch, torch):
        warm = Training(setup, engine)
        for _ in range(3):
            warm.step()
        run = Training(setup, engine)
        start = time.perf_counter()
        for _ in range(steps):
            run.step()
        seconds.append(time.perf_counter() - start)
        found.append(tuple(run.step_losses))
    # A run that diverged ends; both must be as long to be compared.
    count = min(map(len, found))
    return Twins(setup, found[0][:count], found[1][:count], *seconds)
