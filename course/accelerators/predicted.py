"""Operations predicted by this machine's own roofline, and then timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from course.accelerators.benches import Cpu
from course.accelerators.measured import Measured
from course.accelerators.measuring import SECONDS, timed
from course.accelerators.operations import Operation, elementwise, matmul, reduction
from course.accelerators.roofline import Place

SIDE = 4096
_SQUARE = 512  # of a product that is bound by arithmetic


@dataclass(frozen=True)
class Row:
    """An operation: its place under the roof that was measured, and the seconds that it took."""

    what: str
    place: Place
    seconds: float

    @property
    def factor(self) -> float:
        """How many times as long it took as the roof allows."""
        return self.seconds / self.place.time


class Timed(tuple[Row, ...]):
    """The rows, which print as a table."""

    _HEAD = ("one thread, FP32", "operations a byte", "bound", "at least (computed)", "timed", "factor")  # fmt: skip

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text."""
        return [
            (
                r.what,
                f"{r.place.operation.intensity:.3g}",
                r.place.bound,
                f"{1e3 * r.place.time:.2f} ms",
                f"{1e3 * r.seconds:.2f} ms",
                f"{r.factor:.2f}",
            )
            for r in self
        ]

    def __str__(self) -> str:
        wide = (34, 18, 9, 20, 12, 8)
        lines = [self._HEAD, *self.cells()]
        return "\n".join(
            "".join(t.ljust(w) if n == 0 else t.rjust(w) for n, (t, w) in enumerate(zip(line, wide, strict=True)))
            for line in lines
        )  # fmt: skip

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in self._HEAD)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{c}</td>" for c in rest)}</tr>'
            for first, *rest in self.cells()
        )
        return f"<table><caption>Computed from the measured roof, then timed here</caption><tr>{head}</tr>{body}</table>"


def predict_and_time(machine: Measured, seconds: float = SECONDS, side: int = SIDE) -> Timed:
    """Four operations in one thread: where the roof of ``machine`` puts them, and how long they take.

    Raises ValueError where one thread in FP32 was not measured.
    """
    rows = []
    cpu = Cpu((1,))
    for what, operation, call in _operations(side):
        roof = machine.roof(min(r.threads for r in machine.of("product")), footprint=operation.bytes)  # fmt: skip
        with cpu.limited(1):
            best, _ = timed(call, cpu.wait, seconds)
        rows.append(Row(what, roof.place(operation), best))
    return Timed(rows)


def _operations(side: int) -> list[tuple[str, Operation, Callable[[], Any]]]:
    """Two that are bound by memory, one between, one by arithmetic; arrays made when they are due."""
    square = min(side, _SQUARE)
    large, other, result = (np.ones((side, side), np.float32) for _ in range(3))
    row, sums = np.ones((1, side), np.float32), np.empty(side, np.float32)
    a, c = np.ones((square, square), np.float32), np.empty((square, square), np.float32)
    return [
        (f"sum of two arrays, {side} by {side}", elementwise(side * side, inputs=2), lambda: np.add(large, other, out=result)),
        (f"sum of each row, {side} by {side}", reduction(side, side), lambda: np.sum(large, axis=1, out=sums)),
        (f"one row times {side} by {side}", matmul(1, side, side), lambda: row @ large),
        (f"product of two {square} by {square}", matmul(square, square, square), lambda: np.matmul(a, a, out=c)),
    ]  # fmt: skip
