"""The same explanations by hand and in PyTorch; torch is loaded only when this runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from course import models
from course.trust import attributions, readers

_METHODS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "gradient": attributions.gradient,
    "gradient times input": attributions.gradient_x_input,
    "SmoothGrad, 25 samples": attributions.smooth_grad,
    "integrated gradients, 64 steps": attributions.integrated_gradients,
}
_HEAD = ("", "largest difference", "course.scratch", "PyTorch")


@dataclass(frozen=True)
class SameExplanations:
    """For each method: the largest difference of the two engines, and the seconds of each."""

    images: int
    rows: tuple[tuple[str, float, float, float], ...]

    @property
    def difference(self) -> float:
        """The largest difference over all methods."""
        return max(row[1] for row in self.rows)

    def texts(self) -> list[tuple[str, str, str, str]]:
        """The rows as text."""
        return [
            (n, f"{d:.1e}", f"{1000 * a:.1f} ms", f"{1000 * b:.1f} ms") for n, d, a, b in self.rows
        ]

    def __str__(self) -> str:
        head = f"{self.images} digits explained with the same weights, in 64-bit numbers"
        lines = [_HEAD, *self.texts()]
        return "\n".join([head, *(f"{a:32}{b:>20}{c:>16}{d:>12}" for a, b, c, d in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in _HEAD)
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td><td>{d}</td></tr>'
            for a, b, c, d in self.texts()
        )
        caption = escape(str(self).splitlines()[0])
        return f"<table><caption>{caption}</caption><tr>{head}</tr>{body}</table>"


def explained_in_both(images: int = 20) -> SameExplanations:
    """Explain the reader's answers to held-out digits with both engines, with the same weights.

    Raises ValueError for a number of images that the digits do not have.
    """
    import torch

    from course.compare import copy_weights

    data = readers.digits()
    if not 1 <= images <= len(data.held_out_labels):
        raise ValueError(f"images must be 1 to {len(data.held_out_labels)}, not {images}")
    mine = readers.trained()
    state = torch.get_rng_state()
    theirs = models.mlp(torch.nn, readers.SIZES).to(torch.float64)
    torch.set_rng_state(state)
    copy_weights(mine, theirs)
    x = data.held_out_images[:images].astype(np.float64)
    target = data.held_out_labels[:images]
    rows = []
    for name, method in _METHODS.items():
        results, seconds = [], []
        for model in (mine, theirs):
            start = time.perf_counter()
            results.append(method(model, x, target))
            seconds.append(time.perf_counter() - start)
        difference = float(np.abs(results[0] - results[1]).max())
        rows.append((name, difference, seconds[0], seconds[1]))
    return SameExplanations(images, tuple(rows))
