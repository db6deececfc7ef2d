"""The same LoRA by hand and in PyTorch; torch is loaded only when this runs."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.adaptation import lora


@dataclass(frozen=True, repr=False)
class BothEngines:
    """Losses, one a step, of one LoRA training by course.scratch and by PyTorch, in 64-bit numbers.

    moved: the largest change of a frozen number; merging: the largest difference that merging made
    to an answer; back: whether unmerging gave every number back bit for bit. All over both engines.
    """

    rank: int
    mine: NDArray[np.float64]
    theirs: NDArray[np.float64]
    moved: float
    merging: float
    back: bool

    @property
    def difference(self) -> float:
        """The largest difference of the two losses over all steps."""
        return float(np.abs(self.mine - self.theirs).max())

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: what, by hand, PyTorch, difference."""
        found = []
        for step in sorted({0, len(self.mine) // 2, len(self.mine) - 1}):
            a, b = self.mine[step], self.theirs[step]
            found.append((f"loss, step {step + 1}", f"{a:.10f}", f"{b:.10f}", f"{abs(a - b):.1e}"))
        return [
            *found,
            (f"loss, largest of {len(self.mine)} steps", "", "", f"{self.difference:.1e}"),
            ("frozen numbers, largest change", "", "", f"{self.moved:.1e}"),
            ("answers, merged against not merged", "", "", f"{self.merging:.1e}"),
            ("after unmerging, bit for bit as before", "", "", "yes" if self.back else "no"),
        ]

    def __str__(self) -> str:
        lines = [("", "course.scratch", "PyTorch", "difference"), *self.rows()]
        head = f"LoRA of rank {self.rank} on a network that reads digits"
        return "\n".join([head, *(f"{a:40}{b:>16}{c:>16}{d:>12}" for a, b, c, d in lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td><td>{d}</td></tr>'
            for a, b, c, d in self.rows()
        )
        head = "".join(
            f'<th scope="col">{h}</th>' for h in ("", "course.scratch", "PyTorch", "difference")
        )
        caption = f"LoRA of rank {self.rank} on a network that reads digits"
        return f"<table><caption>{caption}</caption><tr>{head}</tr>{cells}</table>"


def lora_in_both(rank: int = 4, steps: int = 100) -> BothEngines:
    """Train LoRA of ``rank`` on a digits network in both engines: same weights, same batches.

    Raises ValueError for a rank that does not fit the layers (10 at most), or steps below 1.
    """
    import torch

    from course.compare import copy_weights

    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more, not {steps!r}.")
    state = torch.get_rng_state(), scratch.get_rng_state()
    try:
        torch.manual_seed(0)
        built = []
        for engine in (scratch, torch):
            model = models.mlp(engine.nn, (64, 32, 10)).to(engine.float64)
            lora.add_lora(engine.nn, model, ("1", "3"), rank)
            built.append(model)
    finally:
        torch.set_rng_state(state[0])
        scratch.set_rng_state(state[1])
    copy_weights(built[1], built[0])
    mine, theirs = (
        _train(engine, model, steps) for engine, model in zip((scratch, torch), built, strict=True)
    )
    return BothEngines(
        rank,
        mine[0],
        theirs[0],
        max(mine[1], theirs[1]),
        max(mine[2], theirs[2]),
        mine[3] and theirs[3],
    )


def _train(engine: ModuleType, model: Any, steps: int) -> tuple[Any, float, float, bool]:
    data = datasets.load("digits")
    images, labels = data.train_images.astype(np.float64), data.train_labels
    frozen = {n: p for n, p in model.named_parameters() if not p.requires_grad}
    before = {name: p.detach().numpy().copy() for name, p in frozen.items()}
    optimizer = engine.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
    rng = np.random.default_rng(0)
    losses = []
    for _ in range(steps):
        rows = rng.integers(0, len(images), 32)
        optimizer.zero_grad()
        outputs = model(engine.from_numpy(images[rows]))
        loss = engine.nn.functional.cross_entropy(outputs, engine.from_numpy(labels[rows]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    moved = max(float(np.abs(p.detach().numpy() - before[n]).max()) for n, p in frozen.items())
    held = engine.from_numpy(data.held_out_images.astype(np.float64))
    with engine.no_grad():
        apart = model(held).numpy().copy()
        lora.merge(model)
        merged = model(held).numpy().copy()
        lora.unmerge(model)
    back = all(np.array_equal(p.detach().numpy(), before[name]) for name, p in frozen.items())
    return np.array(losses), moved, float(np.abs(apart - merged).max()), back
