"""A matrix product by tiles in a hierarchy of memories: what moves between one memory and the next.

Each faster memory holds one tile of A, one of B and one of C at a time. It fetches a tile only when it holds
another one, and writes a tile of C back before it takes the next. A product of two tiles is again a
matrix product, done by the next faster memory with tiles of its own, which starts empty each time. The
traffic is counted twice: by moving real numbers (`simulate`), and by formula (`traffic`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import isqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from course.accelerators.operations import check_sizes

Stays = Literal["A", "B", "C"]
# The loops from outside to inside, for the matrix whose tiles stay longest: i goes over rows of C, j
# over its columns, p over the terms of each sum.
LOOPS: dict[str, str] = {"A": "ipj", "B": "pji", "C": "ijp"}
_AXES = {"A": "ip", "B": "pj", "C": "ij"}


@dataclass(frozen=True)
class Tile:
    """The size of a memory's tiles: (rows, depth) of A, (depth, columns) of B, (rows, columns) of C."""

    rows: int
    depth: int
    columns: int

    def __post_init__(self) -> None:
        check_sizes(rows=self.rows, depth=self.depth, columns=self.columns)

    @property
    def room(self) -> int:
        """How many numbers a memory must have room for."""
        return self.rows * self.depth + self.depth * self.columns + self.rows * self.columns


def square(side: int) -> Tile:
    """A tile of equal sides."""
    return Tile(side, side, side)


def largest_square(room: int) -> Tile:
    """The largest square tile that a memory with room for so many numbers can use.

    Raises ValueError below three, one number of each matrix.
    """
    if room < 3:
        raise ValueError(f"three tiles need room for 3 numbers or more, not {room}")
    return square(isqrt(room // 3))


@dataclass(frozen=True)
class Traffic:
    """Numbers that one memory fetched from the next slower one, and those it wrote back."""

    a: int
    b: int
    c: int
    written: int

    @property
    def numbers(self) -> int:
        """All that moved, either way."""
        return self.a + self.b + self.c + self.written

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(
            self.a + other.a,
            self.b + other.b,
            self.c + other.c,
            self.written + other.written,
        )

    def times(self, count: int) -> Traffic:
        """The same so many times."""
        return Traffic(count * self.a, count * self.b, count * self.c, count * self.written)


@dataclass(frozen=True)
class Step:
    """A product of two tiles: their first row, term and column, and what the memory fetched for it."""

    i: int
    p: int
    j: int
    fetched: tuple[str, ...]


def least(m: int, k: int, n: int) -> int:
    """The numbers that must move at least: A and B in, C out, each once."""
    return m * k + k * n + m * n


def steps(m: int, k: int, n: int, tile: Tile, stays: Stays = "C") -> list[Step]:
    """The products of tiles in their order; raises ValueError for a size or a matrix that is none."""
    check_sizes(m=m, k=k, n=n)
    return list(_steps(m, k, n, tile, _loops(stays)))


@lru_cache(maxsize=1024)
def _steps(m: int, k: int, n: int, tile: Tile, loops: str) -> tuple[Step, ...]:
    ranges = {"i": range(0, m, tile.rows), "p": range(0, k, tile.depth)}
    ranges["j"] = range(0, n, tile.columns)
    held: dict[str, tuple[int, ...]] = {}
    found = []
    for places in product(*(ranges[axis] for axis in loops)):
        at = dict(zip(loops, places, strict=True))
        wanted = {name: tuple(at[axis] for axis in axes) for name, axes in _AXES.items()}
        fetched = tuple(name for name in "ABC" if held.get(name) != wanted[name])
        held = wanted
        found.append(Step(at["i"], at["p"], at["j"], fetched))
    return tuple(found)


def simulate(
    a: Any, b: Any, tiles: Sequence[Tile], stays: Stays = "C"
) -> tuple[NDArray[Any], tuple[Traffic, ...]]:
    """a @ b by moving tiles, and what each memory of ``tiles`` moved, the slowest first.

    a: (M, K), b: (K, N), numbers. Raises ValueError for matrices that do not fit each other.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError(
            f"the shapes {a.shape} and {b.shape} have no product: the columns of the first must be "
            "as many as the rows of the second"
        )
    c = np.zeros((len(a), b.shape[1]), np.result_type(a, b))
    counts = [dict.fromkeys(("a", "b", "c", "written"), 0) for _ in tiles]
    _multiply(a, b, c, list(zip(tiles, counts, strict=True)), stays, fresh=True)
    return c, tuple(Traffic(**count) for count in counts)


def _multiply(
    a: NDArray[Any],
    b: NDArray[Any],
    c: NDArray[Any],
    memories: list[tuple[Tile, dict[str, int]]],
    stays: Stays,
    fresh: bool,
) -> None:
    """c += a @ b; ``fresh``: c holds no sums yet, so that its tiles need not be fetched."""
    if not memories:
        c += a @ b
        return
    (tile, count), *faster = memories
    (m, k), n = a.shape, b.shape[1]
    begun: set[tuple[int, int]] = set()
    mine = theirs = sums = a[:0]
    place: tuple[slice, slice] | None = None
    for step in steps(m, k, n, tile, stays):
        rows = slice(step.i, step.i + tile.rows)
        terms = slice(step.p, step.p + tile.depth)
        columns = slice(step.j, step.j + tile.columns)
        if "A" in step.fetched:
            mine = a[rows, terms].copy()
            count["a"] += mine.size
        if "B" in step.fetched:
            theirs = b[terms, columns].copy()
            count["b"] += theirs.size
        first = fresh and (step.i, step.j) not in begun
        if "C" in step.fetched:
            if place is not None:
                c[place] = sums
                count["written"] += sums.size
            place = rows, columns
            sums = c[place].copy()
            count["c"] += 0 if first else sums.size
        begun.add((step.i, step.j))
        _multiply(mine, theirs, sums, faster, stays, first)
    if place is not None:
        c[place] = sums
        count["written"] += sums.size


def traffic(
    m: int, k: int, n: int, tiles: Sequence[Tile], stays: Stays = "C"
) -> tuple[Traffic, ...]:
    """What each memory of ``tiles`` moves for (m, k) @ (k, n), by formula, the slowest first.

    A tile is fetched anew for every turn of the loops that do not choose it, where such a loop lies
    outside one that does and that has more than one turn. Raises ValueError for a size below 1.
    """
    check_sizes(m=m, k=k, n=n)
    _loops(stays)
    return _traffic(m, k, n, tuple(tiles), stays, True)


@lru_cache(maxsize=4096)
def _traffic(
    m: int, k: int, n: int, tiles: tuple[Tile, ...], stays: Stays, fresh: bool
) -> tuple[Traffic, ...]:
    if not tiles:
        return ()
    tile, faster = tiles[0], tiles[1:]
    turns = {"i": -(-m // tile.rows), "p": -(-k // tile.depth), "j": -(-n // tile.columns)}
    visits = {name: _visits(name, turns, stays) for name in "ABC"}
    moved = Traffic(
        visits["A"] * m * k,
        visits["B"] * k * n,
        (visits["C"] - fresh) * m * n,
        visits["C"] * m * n,
    )
    inside = [Traffic(0, 0, 0, 0)] * len(faster)
    for (rows, r), (columns, s) in product(_cut(m, tile.rows), _cut(n, tile.columns)):
        # The first terms of each sum find no sums to go on with.
        terms = [(depth, t, False) for depth, t in _cut(k, tile.depth)]
        if fresh:
            depth, t, _ = terms[0]
            terms = [(depth, 1, True), (depth, t - 1, False), *terms[1:]]
        for depth, t, begins in terms:
            if t:
                found = _traffic(rows, depth, columns, faster, stays, begins)
                inside = [x + y.times(r * s * t) for x, y in zip(inside, found, strict=True)]
    return moved, *inside


def _visits(name: str, turns: dict[str, int], stays: Stays) -> int:
    """How often each tile of a matrix comes into the memory."""
    loops = LOOPS[stays]
    choosing = [n for n, axis in enumerate(loops) if axis in _AXES[name] and turns[axis] > 1]
    visits = 1
    for axis in loops[: max(choosing, default=0)]:
        if axis not in _AXES[name]:
            visits *= turns[axis]
    return visits


def _cut(size: int, tile: int) -> Iterator[tuple[int, int]]:
    """The lengths into which an axis falls, each with its count."""
    whole, rest = divmod(size, tile)
    if whole:
        yield tile, whole
    if rest:
        yield rest, 1


def _loops(stays: str) -> str:
    if stays not in LOOPS:
        raise ValueError(f"the matrix whose tiles stay is one of A, B, C; not {stays!r}")
    return LOOPS[stays]
