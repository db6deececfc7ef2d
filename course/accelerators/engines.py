"""Number formats by hand and in PyTorch: the same roundings, and a product whose terms are narrow.

torch is loaded only when this runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from course.accelerators import benches
from course.accelerators.formats import BF16, E4M3, E5M2, FP16, FloatFormat
from course.accelerators.measuring import timed

_TORCH = {BF16: "bfloat16", FP16: "float16", E4M3: "float8_e4m3fn", E5M2: "float8_e5m2"}
_SIDE = 64  # of the product


@dataclass(frozen=True)
class Row:
    """What was done in both, how many results there are, how many differ, and by how much at most.

    steps: the largest difference, in steps of the format. mine, theirs: seconds.
    """

    what: str
    results: int
    different: int
    steps: float
    mine: float
    theirs: float


@dataclass(frozen=True)
class Roundings:
    """The rows, which print as a table, and a line about this machine's GPU."""

    rows: tuple[Row, ...]
    gpu: str

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text."""
        return [
            (
                r.what,
                f"{r.results:,}",
                f"{r.different:,}",
                f"{r.steps:.3g}",
                f"{1e3 * r.mine:.2f} ms",
                f"{1e3 * r.theirs:.2f} ms",
            )
            for r in self.rows
        ]

    _HEAD = ("", "results", "different", "steps at most", "by hand", "PyTorch")

    def __str__(self) -> str:
        lines = [self._HEAD, *self.cells()]
        body = ["".join(f"{t:<32}" if n == 0 else f"{t:>15}" for n, t in enumerate(line)) for line in lines]  # fmt: skip
        return "\n".join([*body, self.gpu])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in self._HEAD)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{c}</td>" for c in rest)}</tr>'
            for first, *rest in self.cells()
        )
        caption = "Rounding by hand and in PyTorch; times measured here"
        return f"<table><caption>{caption}</caption><tr>{head}</tr>{body}</table><p>{escape(self.gpu)}</p>"


def rounded_in_both(count: int = 100_000, seed: int = 0) -> Roundings:
    """Round the same numbers by hand and by PyTorch, and multiply two matrices of BF16 numbers.

    count: how many numbers each format rounds. Raises ValueError below 1.
    """
    if count < 1:
        raise ValueError(f"count must be 1 or more, not {count}")
    import torch

    rng = np.random.default_rng(seed)
    rows = []
    for target, name in _TORCH.items():
        if not hasattr(torch, name):  # an old PyTorch
            continue
        # All sizes of the format, subnormal numbers too; nothing that overflows.
        powers = rng.uniform(np.log2(target.smallest) - 1, np.log2(target.largest), count)
        values = (rng.choice([-1, 1], count) * 2.0**powers).astype(np.float32)
        given = torch.from_numpy(values)
        mine, hand = _timed(lambda t=target, v=values: t.round(v))  # type: ignore[misc]
        theirs, there = _timed(lambda g=given, n=name: g.to(getattr(torch, n)))  # type: ignore[misc]
        rows.append(_row(f"round to {target.label}", mine, theirs.double().numpy(), target, hand, there))  # fmt: skip
    rows.append(_product(torch, rng))
    return Roundings(tuple(rows), gpu_line())


def _product(torch: Any, rng: np.random.Generator) -> Row:
    """BF16 terms, FP32 sums, one rounding at the end: what matrix units do, and PyTorch on CPU."""
    a, b = (BF16.round(rng.normal(size=(_SIDE, _SIDE))) for _ in range(2))

    def by_hand() -> Any:
        return BF16.round(a.astype(np.float32) @ b.astype(np.float32))

    left, right = (torch.from_numpy(x).to(torch.bfloat16) for x in (a, b))
    mine, hand = _timed(by_hand)
    theirs, there = _timed(lambda: left @ right)
    return _row(f"product in BF16, {_SIDE} by {_SIDE}", mine, theirs.double().numpy(), BF16, hand, there)  # fmt: skip


def _row(what: str, mine: Any, theirs: Any, target: FloatFormat, hand: float, there: float) -> Row:
    steps = np.abs(mine - theirs) / target.spacing(np.maximum(np.abs(mine), np.abs(theirs)))
    return Row(what, mine.size, int((mine != theirs).sum()), float(steps.max()), hand, there)


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """The result, and the seconds of the second run."""
    run()
    began = time.perf_counter()
    found = run()
    return found, time.perf_counter() - began


def gpu_line(bench: Any = None) -> str:
    """What narrower numbers bring on this machine's GPU, measured, or how one would be asked."""
    found = benches.gpu() if bench is None else bench
    if found is None:
        return (
            "No GPU was found here. Where there is one, x.to('cuda') takes both engines to it, and this "
            "line says what BF16 brings there."
        )
    side, words = 4096 if bench is None else 64, []
    wide = 0.0
    for precision in ("fp32", "bf16" if "bf16" in found.precisions else "fp16"):
        best, _ = timed(found.product(side, precision), found.wait, 0.05)
        rate = 2 * side**3 / best
        wide = wide or rate
        words.append(f"{rate / 1e12:.3g} TFLOP/s in {precision.upper()}")
    return f"On {found.label}, a product of side {side:,}, measured: {' and '.join(words)}, {rate / wide:.3g} times as fast."
