"""Scenes: pictures as marks on panels, which the script draws on a canvas at every change.

    Scene(Panel(x=(0, 10), y=(-1, 1), xlabel="time (s)", marks=[
        Line(points, "C0", label="loss"),
        Handle("start", x0, y0, label="Starting point", x_sets="start"),
    ]))

All coordinates are the panel's own (data) coordinates; sizes are CSS pixels. Colours are names, so
that both themes and both painters (the script, and `scene_picture` where no widget runs) share
them: "C0" … "C6" of the palette, "ink", "quiet", "grid", "ground". Several panels stand side by
side, or where their `place` says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator

DASHES: dict[str, tuple[float, ...]] = {  # lengths on and off
    "solid": (),
    "dashed": (6, 3),
    "dotted": (1.5, 2.5),
    "dashdot": (6, 2, 1.5, 2),
}
Dash = Literal["solid", "dashed", "dotted", "dashdot"]
Marker = Literal["o", "s", "^", "v", "D", "P", "X", "*"]
Ramp = Literal["sequential", "diverging", "grey"]


@dataclass(frozen=True)
class Line:
    """A line through ``points`` (n, 2); NaN breaks it. ``label`` puts it in the legend."""

    points: Any
    color: str = "C0"
    width: float = 1.8
    dash: Dash = "solid"
    label: str = ""
    arrow: bool = False  # a head at the last point
    opacity: float = 1.0


@dataclass(frozen=True)
class Points:
    """A marker of ``size`` pixels at each of ``points`` (n, 2)."""

    points: Any
    color: str = "C0"
    marker: Marker = "o"
    size: float = 7.0
    hollow: bool = False
    label: str = ""
    opacity: float = 1.0


@dataclass(frozen=True)
class Area:
    """A filled polygon with corners ``points`` (n, 2); ``edge`` is a colour or empty."""

    points: Any
    color: str = "C0"
    opacity: float = 0.25
    edge: str = ""


def box(x: float, y: float, width: float, height: float, **look: Any) -> Area:
    """A rectangle with one corner at (x, y); ``look`` is Area's colour, opacity and edge."""
    right, top = x + width, y + height
    return Area([(x, y), (right, y), (right, top), (x, top)], **look)


@dataclass(frozen=True)
class HeatMap:
    """``values`` (rows, columns) as colours from ``low`` to ``high``; row 0 lies at y0.

    ``extent`` is (x0, x1, y0, y1), the whole panel by default. The ramp "diverging" runs from C1
    over the ground to C0. A uint8 array of shape (rows, columns, 4) is taken as RGBA.
    """

    values: Any
    low: float = 0.0
    high: float = 1.0
    ramp: Ramp = "sequential"
    extent: tuple[float, float, float, float] | None = None
    smooth: bool = False
    opacity: float = 1.0


@dataclass(frozen=True)
class Text:
    """``text`` at (x, y); ``align`` says which side of the text stands there."""

    x: float
    y: float
    text: str
    color: str = "ink"
    size: float = 12.0
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False


@dataclass(frozen=True)
class Handle:
    """Something to drag with the pointer, or to move with the arrow keys once it has the focus.

    Its place goes into the parameters named by ``x_sets`` and ``y_sets`` (kept to their ranges),
    or, under ``name``, to the explorer's ``act``. ``step`` is one press of an arrow key, by
    default a fiftieth of the panel. ``label`` is what a screen reader says.
    """

    name: str
    x: float
    y: float
    label: str
    x_sets: str = ""
    y_sets: str = ""
    color: str = "C0"
    size: float = 16.0
    step: tuple[float, float] | None = None
    axis: Literal["both", "x", "y"] = "both"


@dataclass(frozen=True)
class Spot:
    """A rectangle (x, y, width, height) that can be pressed, by pointer or keyboard.

    A press gives the parameters in ``sets`` their values, or calls the explorer's ``act`` with
    ``name`` and the middle of the rectangle. ``pressed`` says that it is the chosen one (None:
    it is no toggle). With ``hover`` it is enough to point at it, or to move the focus there.
    """

    name: str
    x: float
    y: float
    width: float
    height: float
    label: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    pressed: bool | None = None
    hover: bool = False


Mark = Line | Points | Area | HeatMap | Text | Handle | Spot


@dataclass(frozen=True)
class Panel:
    """Axes from ``x`` to ``y`` (either may be reversed) and the marks on them, drawn in order.

    ``place`` is (left, top, width, height) in the scene's pixels, labels included. Without
    ``axes`` there are no ticks and nothing is clipped. ``click`` names a Handle that jumps to where
    the panel is clicked.
    """

    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    marks: Sequence[Mark] = ()
    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    x_log: bool = False
    y_log: bool = False
    axes: bool = True
    grid: bool = False
    place: tuple[float, float, float, float] | None = None
    click: str = ""

    def __post_init__(self) -> None:
        for name, (low, high), log in (("x", self.x, self.x_log), ("y", self.y, self.y_log)):
            finite = math.isfinite(low) and math.isfinite(high)
            if not finite or low == high or (log and min(low, high) <= 0):
                raise ValueError(f"panel {self.title!r}: {name} cannot run from {low} to {high}")


class Scene:
    """Panels on a ground of ``width`` by ``height`` CSS pixels, scaled down on narrow pages."""

    def __init__(self, *panels: Panel, width: float = 840, height: float = 380) -> None:
        self.panels, self.width, self.height = panels, width, height
        self.handles = {m.name: m for p in panels for m in p.marks if isinstance(m, Handle)}
        self.spots = {m.name: m for p in panels for m in p.marks if isinstance(m, Spot)}

    def inner(self, number: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of panel ``number`` without its labels."""
        panel = self.panels[number]
        column = self.width / len(self.panels)
        left, top, width, height = panel.place or (number * column, 0, column, self.height)
        if not panel.axes:
            head = 24 if panel.title else 0
            return left, top + head, width, height - head
        a, b = left + (58 if panel.ylabel else 42), top + (28 if panel.title else 10)
        foot = 46 if panel.xlabel else 26
        return a, b, left + width - 14 - a, top + height - foot - b

    def pack(self) -> tuple[dict[str, Any], bytes]:
        """The scene for the script: a description, and all its numbers in one buffer."""
        numbers = _Numbers()
        panels = [self._panel(n, numbers, {}) for n in range(len(self.panels))]
        scene = {"width": self.width, "height": self.height, "panels": panels}
        return scene, b"".join(numbers.chunks)

    def pack_changes(self, base: Scene) -> tuple[dict[str, Any], bytes]:
        """What is new in this scene to a page that has ``base``, and its numbers.

        The description has the panels by number. A panel that is the very object it was in ``base``
        is left out, and in the others such a mark is only named by its number in that panel: keep
        what does not change, and it costs nothing. The two scenes have as many panels and one size.
        """
        numbers = _Numbers()
        panels = {}
        for n, (panel, before) in enumerate(zip(self.panels, base.panels, strict=True)):
            if panel is not before:
                known = {id(mark): number for number, mark in enumerate(before.marks)}
                panels[str(n)] = self._panel(n, numbers, known)
        return panels, b"".join(numbers.chunks)

    def _panel(self, number: int, numbers: _Numbers, known: dict[int, int]) -> dict[str, Any]:
        panel = self.panels[number]
        marks = [
            known[id(mark)] if id(mark) in known else _packed(mark, panel, numbers)
            for mark in panel.marks
        ]
        return {
            "inner": self.inner(number),
            "x": panel.x,
            "y": panel.y,
            "xLog": panel.x_log,
            "yLog": panel.y_log,
            "title": panel.title,
            "xlabel": panel.xlabel,
            "ylabel": panel.ylabel,
            "axes": panel.axes,
            "grid": panel.grid,
            "click": panel.click,
            "xticks": ticks(*panel.x, panel.x_log) if panel.axes else [],
            "yticks": ticks(*panel.y, panel.y_log) if panel.axes else [],
            "marks": marks,
        }


class _Numbers:
    """One growing buffer; every piece starts at a multiple of four bytes."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self._end = 0

    def add(self, array: np.ndarray) -> list[int]:
        """Append ``array``; its start in bytes and its shape."""
        data, start = array.tobytes(), self._end
        data += bytes(-len(data) % 4)
        self.chunks.append(data)
        self._end += len(data)
        return [start, *array.shape]


def points_of(mark: Line | Points | Area) -> np.ndarray:
    """The mark's points as a float32 array (n, 2); raises ValueError for another shape."""
    points = np.ascontiguousarray(mark.points, dtype=np.float32).reshape(-1, 2)
    given = np.shape(mark.points)
    if len(given) != 2 and points.size:
        raise ValueError(f"a {type(mark).__name__} needs points of shape (n, 2), not {given}")
    return points


def shades(mark: HeatMap) -> np.ndarray:
    """The heat map as bytes: 0 for ``low`` (and NaN) to 255 for ``high``, or RGBA as given."""
    values = np.asarray(mark.values)
    if values.ndim == 3 and values.shape[2] == 4 and values.dtype == np.uint8:
        return values
    if values.ndim != 2 or not mark.low < mark.high:
        raise ValueError(
            "a HeatMap needs values of shape (rows, columns) and low < high, "
            f"not {values.shape} from {mark.low} to {mark.high}"
        )
    scaled = (values - mark.low) * (255.0 / (mark.high - mark.low)) + 0.5
    # Of NaN and a number these two take the number.
    return np.fmin(np.fmax(scaled, 0.0), 255.0).astype(np.uint8)


def _packed(mark: Mark, panel: Panel, numbers: _Numbers) -> dict[str, Any]:
    fields = {"kind": type(mark).__name__, **vars(mark)}
    if isinstance(mark, Line | Points | Area):
        fields["points"] = numbers.add(points_of(mark))
    elif isinstance(mark, HeatMap):
        fields["values"] = numbers.add(shades(mark))
        fields["extent"] = mark.extent or (*panel.x, *panel.y)
    elif isinstance(mark, Handle):
        (a, b), (c, d) = panel.x, panel.y
        fields["step"] = mark.step or (abs(b - a) / 50, abs(d - c) / 50)
        fields["text"] = f"x {mark.x:.4g}, y {mark.y:.4g}"
        if mark.axis != "both":
            fields["text"] = f"{mark.x if mark.axis == 'x' else mark.y:.4g}"
    elif isinstance(mark, Spot):
        del fields["sets"]
    if isinstance(mark, Line):
        fields["dash"] = DASHES[mark.dash]
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    """NumPy's scalars as Python's, for JSON."""
    if type(value) in (str, int, float, bool):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@lru_cache(maxsize=256)
def ticks(low: float, high: float, log: bool) -> list[tuple[float, str]]:
    """About five round values between ``low`` and ``high``, each with its text."""
    low, high = min(low, high), max(low, high)
    finder: Any = LogLocator(numticks=6) if log else MaxNLocator(5, steps=[1, 2, 2.5, 5, 10])
    # Of a wide logarithmic range the lowest part is less than any share of the whole.
    below, above = (1e-9 * low, 1e-9 * high) if log else (1e-9 * (high - low),) * 2
    found = [float(v) for v in finder.tick_values(low, high)]
    return [(v, _short(v, log)) for v in found if low - below <= v <= high + above]


def _short(value: float, log: bool) -> str:
    """1e7 and not 1e+07, so that a tick's text leaves room for the label beside it."""
    text = f"{value:.0e}" if log and value >= 1e5 else f"{value:g}"
    return text.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
