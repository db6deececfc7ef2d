"""A weight-stationary systolic array, cycle by cycle: weights stay, values go right, sums go down.

Each cell holds one weight. In every cycle it multiplies the value from its left with its weight, adds the
sum from above, and hands the value to its right and the new sum below. Nothing else moves: no cell
knows its address, and no value is read from memory more than once a tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Flags = NDArray[np.bool_]


class Tile(NamedTuple):
    """A block of B that fits the array: its place in B and when its work starts, in cycles."""

    top: int
    left: int
    loads: int  # the cycle in which its first weight enters
    streams: int  # the cycle in which its first value of A enters


@dataclass(frozen=True)
class Moment:
    """The array at the end of one cycle; every array has the shape (rows, columns).

    cycle counts from 1. weights are in use, waiting ones will be. values came from the left, sums are
    what the cells hand down, where ``present``; ``busy`` marks those among them whose weight is one of
    B and not a filling zero, ``loading`` the cells that took a weight. finished counts the sums that have left at the bottom.
    """

    cycle: int
    weights: Array
    waiting: Array
    values: Array
    sums: Array
    present: Flags
    busy: Flags
    loading: Flags
    finished: int
    product: Array


@dataclass(frozen=True)
class Product:
    """A matrix product (M, N), the cycles it took, and how well it used the array."""

    product: Array
    cycles: int
    tiles: int
    utilisation: float


def cycles(m: int, k: int, n: int, rows: int, columns: int, overlap: bool = False) -> int:
    """The cycles that (m, k) @ (k, n) takes on an array of ``rows`` by ``columns``, by formula.

    A tile loads its weights in ``rows`` cycles, streams m rows, and its last sum leaves rows +
    columns - 2 cycles after the last row's first value entered. With ``overlap`` the next tile's
    weights load while this one streams. Raises ValueError for a size below 1.
    """
    _check(m=m, k=k, n=n, rows=rows, columns=columns)
    tiles = -(-k // rows) * -(-n // columns)
    fill = rows + columns - 2
    if overlap:
        return rows + (tiles - 1) * max(m, rows) + m + fill
    return tiles * (rows + m + fill)


def utilisation(m: int, k: int, n: int, rows: int, columns: int, overlap: bool = False) -> float:
    """The share of cells and cycles that multiply two values of the product, 0 to 1."""
    return m * k * n / (rows * columns * cycles(m, k, n, rows, columns, overlap))


def multiply(a: Any, b: Any, rows: int, columns: int, *, overlap: bool = False) -> Product:
    """``a @ b`` on the array, and the cycles counted while it ran.

    a: (M, K), b: (K, N), numbers; whole numbers are summed as such, others as float64. Raises
    ValueError for matrices that do not fit each other, are empty, or an array without cells.
    """
    *_, last = watch(a, b, rows, columns, overlap=overlap)
    m, (k, n) = len(last.product), np.shape(b)
    return Product(
        last.product,
        last.cycle,
        len(schedule(m, k, n, rows, columns, overlap)),
        utilisation(m, k, n, rows, columns, overlap),
    )


def schedule(m: int, k: int, n: int, rows: int, columns: int, overlap: bool = False) -> list[Tile]:
    """The tiles of B in the order in which they pass, each with its cycles (from 0)."""
    _check(m=m, k=k, n=n, rows=rows, columns=columns)
    tiles: list[Tile] = []
    loads = 0
    for left in range(0, n, columns):
        for top in range(0, k, rows):
            streams = loads + rows
            if tiles and overlap:
                streams = max(streams, tiles[-1].streams + m)
            tiles.append(Tile(top, left, loads, streams))
            # A cell is free for the next weight once it has taken this one into use.
            loads = streams if overlap else streams + m + rows + columns - 2
    return tiles


def watch(a: Any, b: Any, rows: int, columns: int, *, overlap: bool = False) -> Iterator[Moment]:
    """Every cycle of ``a @ b`` on the array, until its last sum has left; raises as multiply."""
    a, b = _matrices(a, b)
    m, (k, n) = len(a), b.shape
    tiles = schedule(m, k, n, rows, columns, overlap)
    machine = _Machine(a, b, rows, columns, tiles)
    cycle = 0
    while machine.finished < m * columns * len(tiles):
        machine.tick(cycle)
        cycle += 1
        yield machine.moment(cycle, m, n)


class _Machine:
    """The registers of all cells, and the accumulators below the array."""

    def __init__(self, a: Array, b: Array, rows: int, columns: int, tiles: list[Tile]) -> None:
        self.rows, self.columns, self.tiles = rows, columns, tiles
        self.height = len(a)
        # Padded with zeros to whole tiles: a cell without a weight of its own multiplies by 0.
        deep, wide = -(-len(b) // rows) * rows, -(-b.shape[1] // columns) * columns
        self.a = np.zeros((len(a), deep), a.dtype)
        self.b = np.zeros((deep, wide), b.dtype)
        self.a[:, : a.shape[1]], self.b[: len(b), : b.shape[1]] = a, b
        self.inside = np.zeros((deep, wide), bool)
        self.inside[: len(b), : b.shape[1]] = True
        self.down, self.across = np.indices((rows, columns))
        shape = (rows, columns)
        self.weights, self.waiting = np.zeros(shape, b.dtype), np.zeros(shape, b.dtype)
        self.real, self.real_waiting = np.zeros(shape, bool), np.zeros(shape, bool)
        self.values, self.sums = np.zeros(shape, a.dtype), np.zeros(shape, a.dtype)
        self.present, self.switch = np.zeros(shape, bool), np.zeros(shape, bool)
        self.busy, self.loading = np.zeros(shape, bool), np.zeros(shape, bool)
        self.product = np.zeros((len(a), wide), a.dtype)
        self.left = np.zeros(columns, int)  # sums that have left each column
        self.finished = 0

    def tick(self, cycle: int) -> None:
        """One cycle: every cell takes from its left and from above, all at the same time."""
        values, present, switch = self._from_the_left(cycle)
        # The first value of a tile carries the sign to take the waiting weight into use.
        self.weights = np.where(switch, self.waiting, self.weights)
        self.real = np.where(switch, self.real_waiting, self.real)
        self._load(cycle)
        above = np.vstack([np.zeros_like(self.sums[:1]), self.sums[:-1]])
        self.sums = np.where(present, above + values * self.weights, 0)
        self.values, self.present, self.switch = values, present, switch
        self.busy = present & self.real
        self._collect()

    def _from_the_left(self, cycle: int) -> tuple[Array, Flags, Flags]:
        values = np.roll(self.values, 1, axis=1)
        present, switch = np.roll(self.present, 1, axis=1), np.roll(self.switch, 1, axis=1)
        values[:, 0], present[:, 0], switch[:, 0] = 0, False, False
        for tile in self.tiles:
            # Row i starts i cycles late, so that its value meets the sum coming down.
            row = cycle - tile.streams - np.arange(self.rows)
            here = (row >= 0) & (row < self.height)
            lines = np.flatnonzero(here)
            values[lines, 0] = self.a[row[lines], tile.top + lines]
            present[lines, 0] = True
            switch[lines, 0] = row[lines] == 0
        return values, present, switch

    def _load(self, cycle: int) -> None:
        """Weights come in at the top, the lowest row's first, and stop where they belong."""
        self.loading = np.zeros_like(self.loading)
        for tile in self.tiles:
            since = cycle - tile.loads - self.across
            taking = (since >= self.down) & (since < self.rows)
            if not taking.any():
                continue
            row = tile.top + np.clip(self.rows - 1 - since[0], 0, self.rows - 1)
            column = tile.left + np.arange(self.columns)
            coming = np.vstack([self.b[row, column], self.waiting[:-1]])
            real = np.vstack([self.inside[row, column], self.real_waiting[:-1]])
            self.waiting = np.where(taking, coming, self.waiting)
            self.real_waiting = np.where(taking, real, self.real_waiting)
            self.loading |= taking

    def _collect(self) -> None:
        """Add what leaves at the bottom to the product: sums come in order, row after row."""
        for column in np.flatnonzero(self.present[-1]):
            number, row = divmod(int(self.left[column]), self.height)
            self.product[row, self.tiles[number].left + column] += self.sums[-1, column]
            self.left[column] += 1
            self.finished += 1

    def moment(self, cycle: int, m: int, n: int) -> Moment:
        """A copy of all registers."""
        return Moment(
            cycle,
            self.weights.copy(),
            self.waiting.copy(),
            self.values.copy(),
            self.sums.copy(),
            self.present.copy(),
            self.busy.copy(),
            self.loading.copy(),
            self.finished,
            self.product[:m, :n].copy(),
        )


def _matrices(a: Any, b: Any) -> tuple[Array, Array]:
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0] or 0 in (*a.shape, *b.shape):
        raise ValueError(
            f"a product needs matrices of shapes (M, K) and (K, N), none empty; got {a.shape} "
            f"and {b.shape}"
        )
    kind = np.result_type(a, b)
    if kind.kind not in "biuf":
        raise ValueError(f"a product needs real numbers, not {kind}")
    wide = np.float64 if kind.kind == "f" else np.int64
    return a.astype(wide), b.astype(wide)


def _check(**sizes: int) -> None:
    for name, size in sizes.items():
        if size != int(size) or size < 1:
            raise ValueError(f"{name} must be a whole number of 1 or more, not {size}")
