"""The same GPT trained by hand and in PyTorch: same first weights, same batches, loss beside loss."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import scratch
from course.language import trained
from course.language.gpt import gpt


@dataclass(frozen=True)
class BothEngines:
    """Losses, one a step, of one training by course.scratch and by PyTorch, and the seconds each."""

    title: str
    mine: NDArray[np.float64]
    theirs: NDArray[np.float64]
    seconds: tuple[float, float]

    @property
    def difference(self) -> float:
        """The largest difference of the two losses over all steps."""
        return float(np.abs(self.mine - self.theirs).max())

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: step, by hand, PyTorch, difference."""
        count = len(self.mine)
        found = [
            (
                f"step {step + 1:,}",
                f"{self.mine[step]:.8f}",
                f"{self.theirs[step]:.8f}",
                f"{abs(self.mine[step] - self.theirs[step]):.1e}",
            )
            for step in sorted({0, count // 4, count // 2, count - 1})
        ]
        mine, theirs = (f"{seconds:.1f} s" for seconds in self.seconds)
        return [
            *found,
            (f"largest of {count:,} steps", "", "", f"{self.difference:.1e}"),
            ("time of all steps, measured here", mine, theirs, ""),
        ]

    def __str__(self) -> str:
        lines = [("", "course.scratch", "PyTorch", "difference"), *self.rows()]
        return "\n".join([self.title, *(f"{a:34}{b:>16}{c:>16}{d:>12}" for a, b, c, d in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td><td>{d}</td></tr>'
            for a, b, c, d in self.rows()
        )
        head = "".join(
            f'<th scope="col">{h}</th>' for h in ("", "course.scratch", "PyTorch", "difference")
        )
        return f"<table><caption>{escape(self.title)}</caption><tr>{head}</tr>{cells}</table>"


def trained_in_both(name: str = "names", dtype: str = "float32", **changes: Any) -> BothEngines:
    """Train the model called `name` twice, from the same weights over the same batches.

    dtype: "float32" or "float64". changes: fields of the `Recipe` to replace, for instance steps.
    Raises ValueError for another name or dtype, or steps below 1.
    """
    import torch

    from course.compare import copy_weights

    chosen = replace(trained.recipe(name), **changes)
    if dtype not in ("float32", "float64"):
        raise ValueError(f"dtype must be float32 or float64, got {dtype!r}.")
    if chosen.steps < 1:
        raise ValueError(f"steps must be 1 or more, got {chosen.steps}.")
    made, tokens = trained.tokens_of(chosen)
    state = torch.get_rng_state()
    torch.manual_seed(chosen.seed)
    theirs = gpt(torch, chosen.config(len(made))).to(getattr(torch, dtype))
    torch.set_rng_state(state)
    mine = gpt(scratch, chosen.config(len(made))).to(getattr(scratch, dtype))
    copy_weights(theirs, mine)
    losses, seconds = [], []
    for engine, model in ((scratch, mine), (torch, theirs)):
        began = time.perf_counter()
        losses.append(np.array(list(trained.learn(engine, model, chosen, tokens))))
        seconds.append(time.perf_counter() - began)
    title = f"Loss of a GPT on {chosen.text}, {dtype}, same first weights and batches"
    return BothEngines(title, losses[0], losses[1], (seconds[0], seconds[1]))
