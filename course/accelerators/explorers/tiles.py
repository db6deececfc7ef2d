"""Explorer: a matrix product by tiles: what moves between main memory, fast memory and registers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.accelerators import tiling
from course.accelerators.tiling import Stays, Step, Traffic, square
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import HeatMap, Line, Panel, Points, Scene, Text, box
from course.widgets.stepper import stepper

SIZE = 12  # of the matrices
_REGISTERS = 2  # side of the tiles in registers
_LAST = SIZE**3  # steps, with tiles of one number
_STAYS = {"C": "C: the sums", "A": "A", "B": "B"}
_WIDTH, _HEIGHT = 840.0, 440.0
_PITCH = 14.0  # of a number in the picture
_SQUARE = SIZE * _PITCH
_PLACES = {"A": (8.0, 258.0), "B": (206.0, 66.0), "C": (206.0, 258.0)}
_COLORS = {"A": "C1", "B": "C3", "C": "C2"}


@dataclass(frozen=True)
class TilingParameters:
    """What the reader sets."""

    side: int = slider(4, 1, SIZE, label="Side of a tile in fast memory")
    stays: str = choice("C", _STAYS, label="Stays longest in fast memory")
    step: int = slider(3, 0, _LAST, label="Step")


@dataclass(frozen=True)
class Tiled:
    """A product by tiles, the step that is shown, and the traffic counted in both ways.

    moved: counted by moving numbers, into fast memory and into registers. formula: the same by
    formula. right: whether the product is A @ B.
    """

    parameters: TilingParameters
    steps: list[Step]
    moved: tuple[Traffic, ...]
    formula: tuple[Traffic, ...]
    right: bool
    others: tuple[int, ...]

    @property
    def shown(self) -> int:
        """The step that is shown; 0: nothing has moved yet."""
        return min(self.parameters.step, len(self.steps))

    @property
    def intensity(self) -> float:
        """Operations for each byte of FP32 that moves between main and fast memory."""
        return 2 * SIZE**3 / (4 * self.moved[0].numbers)


def simulate(p: TilingParameters) -> Tiled:
    """Multiply once; the step only chooses what of it is shown."""
    steps, moved, right = _run(p.side, p.stays)
    tiles = _tiles(p.side)
    formula = tiling.traffic(SIZE, SIZE, SIZE, tiles, p.stays)  # type: ignore[arg-type]
    others = tuple(
        tiling.traffic(SIZE, SIZE, SIZE, _tiles(n)[:1], p.stays)[0].numbers  # type: ignore[arg-type]
        for n in range(1, SIZE + 1)
    )
    return Tiled(p, steps, moved, formula, right, others)


def _tiles(side: int) -> list[tiling.Tile]:
    return [square(side), square(min(_REGISTERS, side))]


@lru_cache(maxsize=64)
def _run(side: int, stays: Stays) -> tuple[list[Step], tuple[Traffic, ...], bool]:
    rng = np.random.default_rng(12)
    a, b = (rng.integers(-9, 10, (SIZE, SIZE)) for _ in range(2))
    product, moved = tiling.simulate(a, b, _tiles(side), stays)
    steps = tiling.steps(SIZE, SIZE, SIZE, square(side), stays)
    return steps, moved, bool(np.array_equal(product, a @ b))


def scene(t: Tiled) -> Scene:
    """The matrices with the tiles in fast memory; the traffic for every side of a tile."""
    marks = [*stepper(t.shown, len(t.steps), far="end"), *_matrices(t)]
    ground = (0.0, 0.0, _WIDTH, _HEIGHT)
    free = Panel((0, _WIDTH), (_HEIGHT, 0), marks, axes=False, place=ground)
    return Scene(free, _traffic(t), width=_WIDTH, height=_HEIGHT)


def _matrices(t: Tiled) -> list[Any]:
    marks: list[Any] = []
    seen = _fetches(t)
    for name, (x, y) in _PLACES.items():
        color = _COLORS[name]
        counts = np.flipud(seen[name])  # row 0 of a HeatMap lies below
        extent = (x, x + _SQUARE, y + _SQUARE, y)
        marks.append(HeatMap(_shaded(counts), extent=extent))
        marks.append(box(x, y, _SQUARE, _SQUARE, color=color, opacity=0, edge="quiet"))
        marks.append(Text(x + 4, y - 11, name, color, 13.5, bold=True))
        marks += _grid(t.parameters.side, x, y)
    if t.shown:
        step, side = t.steps[t.shown - 1], t.parameters.side
        for name, row, column in (("A", step.i, step.p), ("B", step.p, step.j), ("C", step.i, step.j)):  # fmt: skip
            x, y = _PLACES[name]
            high = min(side, SIZE - row) * _PITCH
            wide = min(side, SIZE - column) * _PITCH
            left, top = x + column * _PITCH, y + row * _PITCH
            new = name in step.fetched
            edge = Line(
                [(left, top), (left + wide, top), (left + wide, top + high), (left, top + high), (left, top)],
                _COLORS[name],
                3.2 if new else 1.6,
                "solid" if new else "dashed",
            )  # fmt: skip
            marks.append(edge)
    marks.append(Text(8, 72, "Thick: fetched in this step", "quiet", 12))
    marks.append(Text(8, 92, "Dashed: was there already", "quiet", 12))
    marks.append(Text(8, 112, "Darker: fetched more often", "quiet", 12))
    return marks


def _fetches(t: Tiled) -> dict[str, Any]:
    """How often each number has come into fast memory up to the step that is shown."""
    seen = {name: np.zeros((SIZE, SIZE), int) for name in "ABC"}
    side = t.parameters.side
    for step in t.steps[: t.shown]:
        for name, row, column in (("A", step.i, step.p), ("B", step.p, step.j), ("C", step.i, step.j)):  # fmt: skip
            if name in step.fetched:
                seen[name][row : row + side, column : column + side] += 1
    return seen


def _shaded(counts: Any) -> Any:
    """Blue, the deeper the more often; readable on either ground."""
    rgba = np.zeros((*counts.shape, 4), np.uint8)
    rgba[..., :3] = (0x1E, 0x88, 0xC8)
    rgba[..., 3] = np.clip(230 * counts / SIZE + 20 * (counts > 0), 0, 235).astype(np.uint8)
    return rgba


def _grid(side: int, x: float, y: float) -> list[Any]:
    lines: list[Any] = []
    for place in range(side, SIZE, side):
        at = place * _PITCH
        lines.append(Line([(x + at, y), (x + at, y + _SQUARE)], "quiet", 0.7, opacity=0.6))
        lines.append(Line([(x, y + at), (x + _SQUARE, y + at)], "quiet", 0.7, opacity=0.6))
    return lines


def _traffic(t: Tiled) -> Panel:
    sides = np.arange(1, SIZE + 1)
    least = tiling.least(SIZE, SIZE, SIZE)
    top = 2 * max(t.others)
    here = (t.parameters.side, t.moved[0].numbers)
    marks: list[Any] = [
        Line(np.column_stack([sides, t.others]), "C0", 1.6, label="by formula"),
        Line([(1, least), (SIZE, least)], "quiet", 1.4, "dotted", label="each number once"),
        Points([here], "C1", "D", 11, label="counted by moving numbers"),
    ]
    return Panel(
        (0, SIZE + 1),
        (least / 2, top * 2),
        marks,
        title=f"Numbers between main and fast memory: {t.moved[0].numbers:,}",
        xlabel="side of a tile",
        ylabel="numbers that move",
        y_log=True,
        grid=True,
        place=(440.0, 36.0, 400.0, _HEIGHT - 36),
    )


def table(t: Tiled) -> Table:
    """What each memory fetched and wrote, counted and by formula."""
    rows = []
    names = ("main to fast memory", "fast memory to registers")
    for name, tile, moved, said in zip(names, _tiles(t.parameters.side), t.moved, t.formula, strict=True):  # fmt: skip
        rows.append((name, f"{tile.rows} by {tile.rows}", moved.a, moved.b, moved.c, moved.written, moved.numbers, said.numbers))  # fmt: skip
    columns = (
        "From and to",
        "Tile",
        "A fetched (numbers)",
        "B fetched",
        "C fetched",
        "C written",
        "All, counted",
        "All, by formula",
    )
    caption = f"({SIZE}, {SIZE}) @ ({SIZE}, {SIZE}); each number once would be {tiling.least(SIZE, SIZE, SIZE)}"
    return Table(caption, columns, rows)


def describe(t: Tiled) -> str:
    """The traffic of both memories, whether count and formula agree, and the intensity."""
    agree = "as the formula says" if t.moved == t.formula else "unlike the formula"
    right = "equals" if t.right else "differs from"
    fast, registers = t.moved
    side = t.parameters.side
    return (
        f"With tiles of {side} by {side}, which need room for {square(side).room} numbers, {fast.numbers:,} numbers "
        f"move between main and fast memory and {registers.numbers:,} between fast memory and registers, {agree}; each "
        f"once would be {tiling.least(SIZE, SIZE, SIZE)}. That is {t.intensity:.2f} operations for each byte of FP32 "
        f"from main memory. The product {right} A @ B."
    )


def tiled_product(**initial: Any) -> DirectExplorer:
    """A product of two 12 by 12 matrices, tile by tile, through two memories.

    ``initial`` sets any of side, stays, step; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return DirectExplorer(
        TilingParameters(**initial),
        title="Tiles",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="tiled_product",
    )
