"""The same training by hand and in PyTorch, with time and energy of each by one method.

torch is loaded only when this runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from course import scratch
from course.energy.meters import Reading, measure
from course.energy.training import SmallTraining, build

WARM_UP = 10  # steps before anything is measured: buffers and threads are made then


@dataclass(frozen=True)
class BothEngines:
    """Two readings of one training, and how far its losses lie apart."""

    model: str
    steps: int
    mine: Reading
    theirs: Reading
    difference: float

    def rows(self) -> list[tuple[str, str, str]]:
        """The table's rows: what, by hand, PyTorch."""
        pair = (self.mine, self.theirs)
        found = [
            ("seconds by the clock", *(f"{r.seconds:.3f}" for r in pair)),
            ("seconds of processor time", *(f"{r.cpu_seconds:.3f}" for r in pair)),
            (f"joules, {self.mine.label}", *(f"{r.joules:.2f}" for r in pair)),
        ]
        if self.mine.low < self.mine.high:
            between = (f"{r.low:.2f} to {r.high:.2f}" for r in pair)
            found.append(("joules, least to most", *between))
        return [(a, b, c) for a, b, c in found]

    @property
    def caption(self) -> str:
        """What was trained, the largest difference of the losses, and the method."""
        return (
            f"{self.steps} steps of the {self.model} on digits; losses differ by "
            f"{self.difference:.1e} at most. Energy {self.mine.label}: {self.mine.method}"
        )

    def __str__(self) -> str:
        lines = [("", "course.scratch", "PyTorch"), *self.rows()]
        return "\n".join([self.caption, *(f"{a:28}{b:>18}{c:>18}" for a, b, c in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td></tr>'
            for a, b, c in self.rows()
        )
        head = "".join(f'<th scope="col">{h}</th>' for h in ("", "course.scratch", "PyTorch"))
        caption = f"<caption>{escape(self.caption)}</caption>"
        return f"<table>{caption}<tr>{head}</tr>{cells}</table>"


def energy_in_both(steps: int = 400, model: str = "cnn") -> BothEngines:
    """Train the same model from the same weights on the same batches, each engine in a block of its own.

    Raises ValueError for steps below 1 and for an unknown model.
    """
    import torch

    from course.compare import copy_weights

    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more, not {steps!r}")
    state = torch.get_rng_state(), scratch.get_rng_state()
    torch.manual_seed(0)
    theirs = build(torch.nn, model)
    mine = build(scratch.nn, model)
    torch.set_rng_state(state[0])
    scratch.set_rng_state(state[1])
    copy_weights(theirs, mine)
    readings, losses = [], []
    for engine, network in ((scratch, mine), (torch, theirs)):
        run = SmallTraining(engine, model, network=network)
        run.run(WARM_UP)
        _, reading = measure(lambda run=run: run.run(steps))  # type: ignore[misc]
        readings.append(reading)
        losses.append(np.array(run.losses))
    difference = float(np.abs(losses[0] - losses[1]).max())
    return BothEngines(model.upper(), steps, readings[0], readings[1], difference)
