"""The same augmented training by hand and in PyTorch; torch is loaded only when this runs."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.data_quality.augmentation import train


@dataclass(frozen=True)
class BothEngines:
    """Losses, one a step, of one training by course.scratch and by PyTorch, in 64-bit numbers."""

    images: int
    shift: int
    mine: NDArray[np.float64]
    theirs: NDArray[np.float64]

    @property
    def difference(self) -> float:
        """The largest difference of the two losses over all steps."""
        return float(np.abs(self.mine - self.theirs).max())

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: step, by hand, PyTorch, difference."""
        steps = sorted({0, len(self.mine) // 2, len(self.mine) - 1})
        found = [
            (
                f"step {step + 1}",
                f"{self.mine[step]:.10f}",
                f"{self.theirs[step]:.10f}",
                f"{abs(self.mine[step] - self.theirs[step]):.1e}",
            )
            for step in steps
        ]
        return [*found, (f"largest of {len(self.mine)} steps", "", "", f"{self.difference:.1e}")]

    def __str__(self) -> str:
        unit = "pixel" if self.shift == 1 else "pixels"
        head = f"Loss on digits moved by up to {self.shift} {unit}, {self.images} training images"
        lines = [("", "course.scratch", "PyTorch", "difference"), *self.rows()]
        return "\n".join([head, *(f"{a:24}{b:>16}{c:>16}{d:>12}" for a, b, c, d in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td><td>{d}</td></tr>'
            for a, b, c, d in self.rows()
        )
        caption = escape(str(self).splitlines()[0])
        head = "".join(
            f'<th scope="col">{h}</th>' for h in ("", "course.scratch", "PyTorch", "difference")
        )
        return f"<table><caption>{caption}</caption><tr>{head}</tr>{cells}</table>"


def augmented_in_both(images: int = 500, shift: int = 1, steps: int = 200) -> BothEngines:
    """Train a network on augmented digits twice: same first weights, batches and shifts.

    Raises ValueError for a number of images that the digits do not have, or steps below 1.
    """
    import torch

    from course.compare import copy_weights

    data = datasets.load("digits")
    if not 1 <= images <= len(data.train_rows):
        raise ValueError(f"images must be between 1 and {len(data.train_rows)}, not {images}")
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}")
    inputs, targets = data.train_images[:images].astype(np.float64), data.train_labels[:images]
    rng = np.random.default_rng(0)
    order = [rng.integers(0, images, 32) for _ in range(steps)]
    state = torch.get_rng_state(), scratch.get_rng_state()
    torch.manual_seed(0)
    theirs = models.mlp(torch.nn, (64, 64, 10)).to(torch.float64)
    mine = models.mlp(scratch.nn, (64, 64, 10)).to(scratch.float64)
    torch.set_rng_state(state[0])
    scratch.set_rng_state(state[1])
    copy_weights(theirs, mine)
    found = [
        np.array(train(engine, model, inputs, targets, order, shift, False, seed=0))
        for engine, model in ((scratch, mine), (torch, theirs))
    ]
    return BothEngines(images, shift, *found)
