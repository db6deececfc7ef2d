"""How the playground is drawn: features, neurons and links, the output, and a view below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.learning.explorers import network_views
from course.learning.network import FEATURES, MOST_LAYERS, MOST_NEURONS, Setup, features_of
from course.learning.toy_data import SIDE, Array
from course.learning.training import Training, grid
from course.learning.twin import Twins
from course.widgets.scene import HeatMap, Line, Mark, Panel, Points, Scene, Spot, Text, box

VIEWS = network_views.VIEWS
SHOWN = {
    "output": "the output",
    **{
        f"{layer}.{neuron}": f"neuron {neuron} of layer {layer}"
        for layer in range(1, MOST_LAYERS + 1)
        for neuron in range(1, MOST_NEURONS + 1)
    },
}

_WIDTH, _HEIGHT = 840, 548
_NET, _OUT = (0, 0, 560, 346), (556, 0, 284, 346)
_SIZE, _PITCH, _TOP = 30, 37, 48  # of a neuron's picture, in pixels
_CELLS = 40  # along a side of the large picture; the small ones show every other one


@dataclass(frozen=True)
class Look:
    """What the reader chose to see."""

    shown: str
    view: str
    test_points: bool
    sharp: bool
    layers: int


class Drawing:
    """How one run is drawn, seen in one way.

    Marks that training does not change are made once and handed out again and again: the kit sends
    a page only those that it does not have.
    """

    def __init__(self, run: Training, look: Look) -> None:
        self.run, self.look = run, look
        self._nodes = [*_features(run.setup), *_layer_buttons(look), *_neurons(run.setup, look)]
        self._points = _dots(*run.data.train, hollow=False)
        if look.test_points:
            self._points += _dots(*run.data.test, hollow=True)
        self._tabs = network_views.tabs(look.view)

    def scene(self, twins: Twins | None, trouble: str) -> Scene:
        """The whole picture of the run as it stands."""
        run, look = self.run, self.look
        layers = run.layers(grid(_CELLS))
        return Scene(
            _network(run, layers, self._nodes),
            _output(run, layers, look, self._points),
            network_views.below(look.view, run, twins, trouble, chosen(run, look.shown)),
            self._tabs,
            width=_WIDTH,
            height=_HEIGHT,
        )


def _column(setup: Setup, layer: int) -> float:
    """The left edge of hidden layer ``layer`` (from 1)."""
    room = (528 - 112) / len(setup.hidden)
    return 112 + room * (layer - 0.5) - _SIZE / 2


def _middle(row: int) -> float:
    return _TOP + row * _PITCH + _SIZE / 2


def _network(run: Training, layers: list[Array], nodes: list[Mark]) -> Panel:
    marks: list[Mark] = [*_links(run), *nodes]
    for layer, size in enumerate(run.setup.hidden, start=1):
        left = _column(run.setup, layer)
        for row in range(size):
            marks.append(_picture(_small(layers[layer - 1][:, row]), left, row, dim=False))
    marks += _biases(run, _corners(run.setup))
    return Panel((_NET[0], _NET[2]), (_NET[3], _NET[1]), marks, axes=False, place=_NET)


def _neurons(setup: Setup, look: Look) -> list[Mark]:
    """The frames and buttons of the neurons, whose pictures change all the time."""
    marks: list[Mark] = []
    for layer, size in enumerate(setup.hidden, start=1):
        left = _column(setup, layer)
        marks += _neuron_buttons(layer, size, left)
        for row in range(size):
            name, top = f"{layer}.{row + 1}", _TOP + row * _PITCH
            label = f"Draw neuron {row + 1} of hidden layer {layer} large"
            chosen, side = look.shown == name, _SIZE + 6
            if chosen:
                marks.append(box(left - 3, top - 3, side, side, opacity=0.0, edge="ink"))
            sets = {"shown": "output" if chosen else name}
            marks.append(_spot(f"neuron {name}", left, row, label, sets, chosen))
    return [*marks, _frames(_corners(setup), "ink")]


def _corners(setup: Setup) -> list[tuple[float, float]]:
    """The left upper corner of each hidden neuron's picture."""
    return [
        (_column(setup, layer), float(_TOP + row * _PITCH))
        for layer, size in enumerate(setup.hidden, start=1)
        for row in range(size)
    ]


def _small(values: Array) -> Array:
    return values.reshape(_CELLS, _CELLS)[::2, ::2]


def _picture(values: Array, left: float, row: int, *, dim: bool) -> HeatMap:
    top = _TOP + row * _PITCH
    extent = (left, left + _SIZE, top + _SIZE, top)  # row 0 of the values is at the bottom
    return HeatMap(values, -1, 1, "diverging", extent, opacity=0.3 if dim else 1.0)


def _frames(corners: list[tuple[float, float]], color: str) -> Line:
    """The outlines of pictures in one mark: fifty single ones would be slow."""
    points = []
    for x, y in corners:
        right, foot = x + _SIZE, y + _SIZE
        points += [(x, y), (right, y), (right, foot), (x, foot), (x, y), (np.nan, np.nan)]
    return Line(points, color, width=1.0)


def _spot(
    name: str, left: float, row: int, label: str, sets: dict[str, Any], pressed: bool
) -> Spot:
    return Spot(name, left, _TOP + row * _PITCH, _SIZE, _SIZE, label, sets, pressed)


@lru_cache(maxsize=1)
def _feature_pictures() -> list[Array]:
    """What each feature is over the square, from -1 to 1."""
    values = features_of(grid(_CELLS), tuple(FEATURES))
    return [_small(column) for column in (values / np.abs(values).max(axis=0)).T]


def _features(setup: Setup) -> list[Mark]:
    marks: list[Mark] = []
    corners: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for row, (name, label) in enumerate(FEATURES.items()):
        used = name in setup.features
        marks.append(_picture(_feature_pictures()[row], 60, row, dim=not used))
        color = "ink" if used else "quiet"
        marks.append(Text(54, _middle(row), label, color, align="right", bold=used))
        left = tuple(f for f in FEATURES if (f in setup.features) != (f == name))
        # The last feature cannot be taken away: a network needs something to look at.
        sets = {"features": left or setup.features}
        marks.append(_spot(f"feature {name}", 60, row, f"Use {label}", sets, used))
        corners[used].append((60.0, _TOP + row * _PITCH))
    return [*marks, _frames(corners[False], "quiet"), _frames(corners[True], "ink")]


def _button(
    name: str, x: float, y: float, text: str, label: str, sets: dict[str, Any]
) -> list[Mark]:
    return [
        box(x, y, 20, 20, color="quiet", opacity=0.16, edge="quiet"),
        Text(x + 10, y + 10, text, align="center", size=14, bold=True),
        Spot(name, x, y, 20, 20, label, sets),
    ]


def _layer_buttons(look: Look) -> list[Mark]:
    fewer, more = max(look.layers - 1, 0), min(look.layers + 1, MOST_LAYERS)
    return [
        *_button("fewer layers", 6, 12, "−", "One hidden layer less", {"layers": fewer}),  # noqa: RUF001
        Text(58, 22, f"{look.layers} layers" if look.layers != 1 else "1 layer", align="center"),
        *_button("more layers", 90, 12, "+", "One hidden layer more", {"layers": more}),
    ]


def _neuron_buttons(layer: int, size: int, left: float) -> list[Mark]:
    middle, field = left + _SIZE / 2, f"neurons_{layer}"
    fewer, more = max(size - 1, 1), min(size + 1, MOST_NEURONS)
    where = f"hidden layer {layer}"
    return [
        *_button(
            f"fewer {layer}", middle - 30, 12, "−", f"One neuron less in {where}", {field: fewer}  # noqa: RUF001
        ),
        Text(middle, 22, f"{size}", align="center"),
        *_button(f"more {layer}", middle + 10, 12, "+", f"One neuron more in {where}", {field: more}),
    ]  # fmt: skip


_WIDTHS = (0.6, 1.6, 3.0, 5.0)  # of a link, for growing weights
_SIDES = (5.0, 7.0, 9.0, 11.0)  # of a bias's square
_BOUNDS = (0.25, 0.75, 1.75)


def _links(run: Training) -> list[Mark]:
    """One mark for all links of a sign and width: three hundred single ones would be slow."""
    setup = run.setup
    groups: dict[tuple[bool, int], list[Any]] = {}
    rows = list(FEATURES)
    starts = [(60.0 + _SIZE, _middle(rows.index(name))) for name in setup.features]
    for layer, weights in enumerate(run.weights(), start=1):
        if layer <= len(setup.hidden):
            left = _column(setup, layer)
            ends = [(left, _middle(row)) for row in range(setup.hidden[layer - 1])]
            next_starts = [(left + _SIZE, y) for _, y in ends]
        else:
            ends = next_starts = [(568.0, 173.0)]
        widths = np.searchsorted(_BOUNDS, np.abs(weights))
        for n, end in enumerate(ends):
            for m, start in enumerate(starts):
                key = (bool(weights[n, m] >= 0), int(widths[n, m]))
                groups.setdefault(key, []).extend((start, end, (np.nan, np.nan)))
        starts = next_starts
    return [
        Line(
            points,
            "C0" if positive else "C1",
            width=_WIDTHS[width],
            dash="solid" if positive else "dashed",
            opacity=0.65,
        )
        for (positive, width), points in groups.items()
    ]


def _biases(run: Training, corners: list[tuple[float, float]]) -> list[Mark]:
    """A small square at each hidden neuron's corner, wider for a larger bias, hollow for a negative one."""
    groups: dict[tuple[bool, int], list[tuple[float, float]]] = {}
    hidden = [value for layer in run.biases()[:-1] for value in layer]
    for bias, (left, top) in zip(hidden, corners, strict=True):
        key = (bool(bias >= 0), int(np.searchsorted(_BOUNDS, abs(bias))))
        groups.setdefault(key, []).append((left, top + _SIZE))
    return [
        Points(points, "C0" if positive else "C1", "s", _SIDES[size], hollow=not positive)
        for (positive, size), points in groups.items()
    ]


def chosen(run: Training, shown: str) -> tuple[int, int]:
    """Layer and neuron (both from 0) of what is drawn large; the output where that is gone."""
    layer, _, neuron = shown.partition(".")
    hidden = run.setup.hidden
    if neuron and int(layer) <= len(hidden) and int(neuron) <= hidden[int(layer) - 1]:
        return int(layer) - 1, int(neuron) - 1
    return len(hidden), 0


def _output(run: Training, layers: list[Array], look: Look, points: list[Mark]) -> Panel:
    layer, neuron = chosen(run, look.shown)
    values = layers[layer][:, neuron]
    if look.sharp:
        values = np.where(values >= 0, 1.0, -1.0)
    hidden = layer < len(run.setup.hidden)
    title = f"Layer {layer + 1}, neuron {neuron + 1}" if hidden else "What the network answers"
    marks: list[Mark] = [
        # Paler than the points, which must stand out on their own side too.
        HeatMap(
            values.reshape(_CELLS, _CELLS),
            -1,
            1,
            "diverging",
            smooth=not look.sharp,
            opacity=0.6,
        ),
        *points,
    ]
    return Panel(
        (-SIDE, SIDE), (-SIDE, SIDE), marks, title=title, xlabel="x1 across, x2 up", place=_OUT
    )


def _dots(points: Array, targets: Array, *, hollow: bool) -> list[Mark]:
    """The points: circles towards +1, squares towards -1, and between them small triangles."""
    kinds: tuple[tuple[Any, str, Any, float], ...] = (
        (targets > 1 / 3, "C0", "o", 6.5),
        (targets < -1 / 3, "C1", "s", 6.0),
        (np.abs(targets) <= 1 / 3, "quiet", "^", 5.0),
    )
    return [
        Points(points[rows], color, marker, size, hollow=hollow)
        for rows, color, marker, size in kinds
        if rows.any()
    ]
