"""The same run by hand and in PyTorch: same first weights, same batches, how far apart they end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from course.capstone import data
from course.capstone.choices import choices_of
from course.capstone.measuring import quality
from course.capstone.training import Training


@dataclass(frozen=True)
class BothEngines:
    """One run in both engines: rows of (what, by hand, PyTorch), and the largest difference of a weight."""

    caption: str
    rows: tuple[tuple[str, str, str], ...]
    difference: float

    def __str__(self) -> str:
        lines = [("", "course.scratch", "PyTorch"), *self.rows]
        return "\n".join([self.caption, *(f"{a:34}{b:>18}{c:>18}" for a, b, c in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in ("", "course.scratch", "PyTorch"))
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td></tr>'
            for a, b, c in self.rows
        )
        return f"<table><caption>{escape(self.caption)}</caption><tr>{head}</tr>{body}</table>"


def both_engines(choices: Any) -> BothEngines:
    """Train these choices in each engine, one after the other, and compare.

    Raises ChoiceError and BriefError for choices that cannot be.
    """
    chosen = choices_of(choices)
    case = data.load(chosen.brief)
    runs = [Training(case, replace(chosen, engine=e)).run() for e in ("scratch", "torch")]
    mine, theirs = (run.model(32) for run in runs)
    apart = max(
        float(np.abs(a - b).max())
        for a, b in zip(mine.weights + mine.biases, theirs.weights + theirs.biases, strict=True)
    )
    found = [
        quality(case, run.model(), chosen.features, chosen.threshold, case.tune) for run in runs
    ]
    rows = (
        ("loss of the last epoch", *(f"{run.losses[-1]:.6f}" for run in runs)),
        ("accuracy, as it counts here (%)", *(f"{q.accuracy.value:.2f}" for q in found)),
        ("fifth criterion", *(f"{q.fifth.value:.2f}" for q in found)),
        ("seconds by the clock", *(f"{run.reading.seconds:.3f}" for run in runs)),
        (f"joules, {runs[0].reading.label}", *(f"{run.reading.joules:.2f}" for run in runs)),
    )
    caption = (
        f"{chosen.epochs} epochs of one run in both engines; weights differ by {apart:.1e} at most"
    )
    return BothEngines(caption, rows, apart)  # type: ignore[arg-type]
