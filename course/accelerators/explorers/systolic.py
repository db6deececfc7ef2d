"""Explorer: a systolic array, cycle by cycle: values go right, sums go down, weights stay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.accelerators import systolic
from course.accelerators.systolic import Array, Moment, Tile
from course.widgets import DirectExplorer, Table, slider, switch
from course.widgets.scene import Area, Line, Panel, Scene, Text, box, ticks
from course.widgets.stepper import stepper

_WIDTH, _HEIGHT = 840.0, 480.0
_LEFT, _TOP = 196.0, 84.0  # of the array's first cell
_SIDE = 330.0  # of the whole array, at most
_MATRICES = 556.0  # where A, B and C begin
_LONGEST = 208  # cycles, with the smallest array and the largest matrices


@dataclass(frozen=True)
class SystolicParameters:
    """What the reader sets."""

    step: int = slider(9, 0, _LONGEST, label="Cycle")
    size: int = slider(4, 2, 6, label="Rows and columns of the array")
    m: int = slider(6, 1, 8, label="Rows of A (M)")
    k: int = slider(4, 1, 8, label="Columns of A, rows of B (K)")
    n: int = slider(4, 1, 8, label="Columns of B (N)")
    overlap: bool = switch(False, label="Load weights ahead")


@dataclass(frozen=True)
class Watched:
    """A product on the array, and the cycle that is shown (0: nothing has happened yet)."""

    parameters: SystolicParameters
    a: Array
    b: Array
    tiles: list[Tile]
    moments: list[Moment]
    cycle: int

    @property
    def now(self) -> Moment:
        """The state at the end of the cycle that is shown."""
        return self.moments[self.cycle]

    @property
    def last(self) -> int:
        """The cycle in which the last sum leaves."""
        return len(self.moments) - 1

    @property
    def tile(self) -> int:
        """The number of the tile that is at work, from 0; loading counts where nothing else goes on."""
        ahead = self.parameters.overlap
        begins = [tile.streams if ahead and n else tile.loads for n, tile in enumerate(self.tiles)]
        return sum(begin < self.cycle for begin in begins[1:])

    @property
    def utilisation(self) -> float:
        """The share of cells and cycles that multiply, over the whole product."""
        p = self.parameters
        return systolic.utilisation(p.m, p.k, p.n, p.size, p.size, p.overlap)


def simulate(p: SystolicParameters) -> Watched:
    """Run the product once; the step only chooses which cycle of it is shown."""
    a, b = _matrices(p.m, p.k, p.n)
    tiles = systolic.schedule(p.m, p.k, p.n, p.size, p.size, p.overlap)
    moments = _moments(p.m, p.k, p.n, p.size, p.overlap)
    return Watched(p, a, b, tiles, moments, min(p.step, len(moments) - 1))


def _matrices(m: int, k: int, n: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    return rng.integers(1, 10, (8, 8))[:m, :k], rng.integers(1, 6, (8, 8))[:k, :n]


@lru_cache(maxsize=32)
def _moments(m: int, k: int, n: int, size: int, overlap: bool) -> list[Moment]:
    a, b = _matrices(m, k, n)
    cells, none = np.zeros((size, size), int), np.zeros((size, size), bool)
    before = Moment(0, cells, cells, cells, cells, none, none, none, 0, np.zeros((m, n), int))
    return [before, *systolic.watch(a, b, size, size, overlap=overlap)]


def scene(w: Watched) -> Scene:
    """The array with what it holds, A waiting on its left, the three matrices, and how busy it is."""
    cell = _SIDE / max(w.parameters.size, 4)
    marks = [
        *stepper(w.cycle, w.last, word="cycle"),
        *_coming(w, cell),
        *_cells(w, cell),
        *_matrices_drawn(w),
    ]
    ground = (0.0, 0.0, _WIDTH, _HEIGHT)
    free = Panel(x=(0, _WIDTH), y=(_HEIGHT, 0), marks=marks, axes=False, place=ground)
    return Scene(free, _history(w), width=_WIDTH, height=_HEIGHT)


def _cells(w: Watched, cell: float) -> list[Any]:
    marks: list[Any] = []
    now, size = w.now, w.parameters.size
    for i in range(size):
        for j in range(size):
            x, y = _LEFT + j * cell, _TOP + i * cell
            inner = (x + 1.5, y + 1.5, cell - 3, cell - 3)
            color = "C0" if now.busy[i, j] else "quiet"
            edge = "C3" if now.loading[i, j] else color
            marks.append(
                box(*inner, color=color, opacity=0.25 if color == "C0" else 0.06, edge=edge)
            )
            marks += _in_a_cell(w, i, j, x, y, cell)
    below = _TOP + size * cell
    for j in range(size):
        x, leaves = _LEFT + (j + 0.5) * cell, now.present[-1, j]
        color = "C2" if leaves else "quiet"
        width = 2.4 if leaves else 1.0
        marks.append(Line([(x, below + 2), (x, below + 17)], color, width, arrow=True))
    return marks


def _in_a_cell(w: Watched, i: int, j: int, x: float, y: float, cell: float) -> list[Any]:
    """A value beside its weight, below them the sum that goes on; a waiting weight in brackets."""
    now, middle = w.now, y + 0.45 * cell
    marks: list[Any] = []
    begun = w.cycle > w.tiles[0].streams + i + j  # before that, weights only wait
    if begun:
        weight = f"\u00d7{now.weights[i, j]}"
        marks.append(Text(x + 0.52 * cell, middle, weight, size=14, bold=True))
    if now.loading[i, j] or (not begun and w.cycle > w.tiles[0].loads + i + j):
        waiting = f"({now.waiting[i, j]})"
        marks.append(Text(x + cell - 5, y + 11, waiting, "C3", 11.5, align="right"))
    if now.present[i, j]:
        value = f"{now.values[i, j]}"
        marks.append(Text(x + 0.48 * cell, middle, value, "C1", 14, align="right", bold=True))
        total = f"↓ {now.sums[i, j]}"
        marks.append(Text(x + cell / 2, y + cell - 12, total, "C2", 12, align="center", bold=True))
    return marks


def _coming(w: Watched, cell: float) -> list[Any]:
    """The values of A that come next, each one place nearer in every cycle."""
    p = w.parameters
    marks: list[Any] = []
    for tile in w.tiles:
        for i in range(p.size):
            y = _TOP + (i + 0.45) * cell
            for row in range(p.m):
                ahead = tile.streams + i + row - w.cycle  # cycles until the first cell takes it
                x = _LEFT - 16 - ahead * 22.0
                if ahead < 0 or x < 12:
                    continue
                column = tile.top + i
                inside = column < p.k
                value = f"{w.a[row, column]}" if inside else "0"
                color = "C1" if inside else "quiet"
                marks.append(Text(x, y, value, color, 14, align="center", bold=inside))
    size = p.size * cell
    caption = "A enters at the left; the sums of C leave below"
    return [*marks, Text(_LEFT + size / 2, _TOP + size + 28, caption, "quiet", 12, align="center")]


def _matrices_drawn(w: Watched) -> list[Any]:
    """A and B with the tile at work, and C as far as it is summed."""
    p, tile = w.parameters, w.tiles[w.tile]
    in_a, in_b = np.zeros(w.a.shape, bool), np.zeros(w.b.shape, bool)
    in_a[:, tile.top : tile.top + p.size] = True
    in_b[tile.top : tile.top + p.size, tile.left : tile.left + p.size] = True
    changed = w.now.product != w.moments[max(w.cycle - 1, 0)].product
    below = 74.0 + 16 * max(p.m, p.k) + 30
    number = f"B, tile {w.tile + 1} of {len(w.tiles)}" if len(w.tiles) > 1 else "B"
    return [
        *_matrix("A", w.a, in_a, "C1", _MATRICES, 74, 17),
        *_matrix(number, w.b, in_b, "C3", _MATRICES + 146, 74, 17),
        *_matrix("C, so far", w.now.product, changed, "C2", _MATRICES, below, 34),
    ]


def _matrix(
    name: str, values: Array, strong: Any, color: str, x: float, y: float, pitch: float
) -> list[Any]:
    marks: list[Any] = [Text(x, y - 19, name, size=12.5, bold=True)]
    for (i, j), value in np.ndenumerate(values):
        place = (x + (j + 1) * pitch - 5, y + 16 * i)
        look = (color, 12) if strong[i, j] else ("quiet", 12)
        text = Text(*place, f"{value}", *look, align="right", bold=bool(strong[i, j]))
        marks.append(text)
    return marks


def _history(w: Watched) -> Panel:
    """The share of cells that multiply, in every cycle."""
    shares = np.array([moment.busy.mean() for moment in w.moments[1:]])
    cycles = np.arange(1, len(w.moments))
    steps = np.column_stack(
        [np.repeat(np.append(cycles - 0.5, w.last + 0.5), 2)[1:-1], np.repeat(shares, 2)]
    )
    filled = np.vstack([(0.5, 0), steps, (w.last + 0.5, 0)])
    title = f"Cells at work: {100 * w.utilisation:.0f} % in all"
    marks: list[Any] = [
        Area(filled, "C0", 0.3, edge="C0"),
        Line([(w.cycle, 0), (w.cycle, 1.1)], "C1", 2),
    ]
    # Drawn here, for it is too low for more than two marks at the side.
    end = w.last + 1
    for share, words in ((0.0, "0 %"), (1.0, "100 %")):
        marks.append(Line([(0, share), (end, share)], "quiet", 1, "dotted" if share else "solid"))
        marks.append(Text(1.02 * end, share, words, size=12))
    for cycle, words in ticks(0, end, False):
        marks.append(Line([(cycle, 0), (cycle, -0.07)], "quiet", 1))
        marks.append(Text(cycle, -0.2, words, size=12, align="center"))
    marks.append(Text(end / 2, -0.48, "cycle", size=12, align="center"))
    place = (_MATRICES, 356.0, _WIDTH - _MATRICES, 122.0)
    return Panel((0, 1.18 * end), (-0.6, 1.1), marks, title=title, axes=False, place=place)


def table(w: Watched) -> Table:
    """What each row of cells holds, and the rows of C so far."""
    now = w.now
    rows: list[tuple[Any, ...]] = []
    for i in range(w.parameters.size):
        values = [str(v) if p else "-" for v, p in zip(now.values[i], now.present[i], strict=True)]
        sums = [str(v) if p else "-" for v, p in zip(now.sums[i], now.present[i], strict=True)]
        weights = [str(v) for v in now.weights[i]]
        rows.append(
            (f"Row {i + 1} of the array", "  ".join(weights), "  ".join(values), "  ".join(sums))
        )
    for i, row in enumerate(now.product):
        rows.append((f"Row {i + 1} of C, so far", "", "", "  ".join(map(str, row))))
    caption = f"After cycle {w.cycle} of {w.last}; - where no value is"
    return Table(caption, ("Where", "Weights in use", "Values", "Sums"), rows)


def describe(w: Watched) -> str:
    """What happens in this cycle, and at the end whether product and cycles are as they should be."""
    p = w.parameters
    shape = f"({p.m}, {p.k}) @ ({p.k}, {p.n}) on {p.size} \u00d7 {p.size} cells"
    if w.cycle == w.last:
        right = "equals" if np.array_equal(w.now.product, w.a @ w.b) else "differs from"
        formula = systolic.cycles(p.m, p.k, p.n, p.size, p.size, p.overlap)
        return (
            f"{shape} is finished: the result {right} A @ B. It took {w.last} cycles, {formula} by "
            f"formula, for {p.m * p.k * p.n} multiplications: {100 * w.utilisation:.0f} % of what "
            "the cells could have done."
        )
    busy, loading = int(w.now.busy.sum()), int(w.now.loading.sum())
    doing = [f"{busy} of {p.size**2} cells multiply"]
    if loading:
        doing.append(f"{loading} take a weight")
    return (
        f"{shape}, cycle {w.cycle} of {w.last}: {' and '.join(doing)}; {w.now.finished} of "
        f"{p.m * p.size * len(w.tiles)} sums have left at the bottom."
    )


def systolic_array(**initial: Any) -> DirectExplorer:
    """A matrix product on a weight-stationary systolic array, one cycle at a time.

    ``initial`` sets any of step, size, m, k, n, overlap; raises ValueError or TypeError for a value
    or a name that is not one of them.
    """
    return DirectExplorer(
        SystolicParameters(**initial),
        title="Systolic array",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="systolic_array",
    )
