"""The fairness penalty trained by hand and in PyTorch; torch is loaded only when this runs."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from course import records, scratch
from course.fairness.training import Aim, Array, train


@dataclass(frozen=True)
class BothEngines:
    """Losses and gaps, one a step, of one training by course.scratch and by PyTorch."""

    aim: Aim
    mine: Array
    theirs: Array
    my_gap: Array
    their_gap: Array

    @property
    def difference(self) -> float:
        """The largest difference of loss or gap over all steps."""
        pairs = ((self.mine, self.theirs), (self.my_gap, self.their_gap))
        return max(float(np.abs(a - b).max()) for a, b in pairs)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: what, by hand, PyTorch, difference."""
        last = len(self.mine)
        found = [
            (f"{what}, step {step}", f"{a[step - 1]:.10f}", f"{b[step - 1]:.10f}",
             f"{abs(a[step - 1] - b[step - 1]):.1e}")
            for what, a, b in (
                ("loss", self.mine, self.theirs), ("gap", self.my_gap, self.their_gap)
            )
            for step in (1, last)
        ]  # fmt: skip
        return [*found, (f"largest of {last} steps", "", "", f"{self.difference:.1e}")]

    def __str__(self) -> str:
        head = f"Mortgages with a fairness penalty of {self.aim.penalty:g}, adversary {self.aim.adversary:g}"
        lines = [("", "course.scratch", "PyTorch", "difference"), *self.rows()]
        return "\n".join([head, *(f"{a:24}{b:>16}{c:>16}{d:>12}" for a, b, c, d in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td><td>{d}</td></tr>'
            for a, b, c, d in self.rows()
        )
        head = "".join(
            f'<th scope="col">{h}</th>' for h in ("", "course.scratch", "PyTorch", "difference")
        )
        return f"<table><caption>{escape(str(self).splitlines()[0])}</caption><tr>{head}</tr>{cells}</table>"


def penalty_in_both(penalty: float = 30.0, adversary: float = 0.0, steps: int = 150) -> BothEngines:
    """Train on the mortgages twice, from the same first weights, in 64-bit numbers.

    Raises InputError for a negative strength or steps below 1.
    """
    import torch

    table = records.load("mortgages")
    rows = table.train_rows
    X, y = table.scaled()[rows], table.outcome[rows]
    white = (table.attribute("race") == "White").astype(np.int64)[rows]
    aim = Aim(penalty, adversary)
    runs = [train(X, y, white, aim, steps=steps, engine=engine) for engine in (scratch, torch)]
    mine, theirs = runs
    return BothEngines(
        aim, *(np.array(values) for values in (mine.losses, theirs.losses, mine.gaps, theirs.gaps))
    )
