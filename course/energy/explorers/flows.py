"""Explorer: chip-hours, power, PUE and grid to kilowatt-hours and CO2, as a flow and with its fan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from course.energy.explorers.words import amount, energy, mass
from course.energy.grids import Grid, grid
from course.energy.inputs import LABELS, spans
from course.energy.uncertainty import Span, Spread, spread
from course.widgets import DirectExplorer, Table, choice, slider, switch
from course.widgets.scene import Area, Line, Panel, Points, Scene, Text, box

GRIDS = ("NOR", "FRA", "BRA", "GBR", "USA", "DEU", "JPN", "CHN", "POL", "IND")
_COLOURS = {
    "chips that compute": "C0",
    "hardware that waits": "C2",
    "cooling and power supply": "C3",
    "making the hardware": "C1",
}
_GAP = 0.06  # between two parts of the flow


@dataclass(frozen=True)
class FlowParameters:
    """What the reader sets."""

    thousand_hours: float = slider(
        1000.0, 0.001, 1e5, label="Chips times hours", unit="thousand", log=True
    )
    tdp: int = slider(400, 10, 1200, step=10, label="Power of a chip (TDP)", unit="W")
    pue: float = slider(1.2, 1.0, 2.0, step=0.02, label="PUE")
    grid: str = choice("FRA", {key: grid(key).name for key in GRIDS}, label="Grid")
    whole: bool = switch(True, label="With waiting and making, at BLOOM's rates")


@dataclass(frozen=True)
class Flow:
    """The account, its spread, the inputs' ranges and the grid."""

    spread: Spread
    spans: dict[str, Span]
    grid: Grid

    @property
    def parts(self) -> dict[str, tuple[float, float]]:
        """Kilowatt-hours and kilograms of each part that is not empty."""
        return {n: (a, b) for n, (a, b) in self.spread.middle.parts().items() if b > 0}


def simulate(p: FlowParameters) -> Flow:
    """The account of the parameters, with the ranges of ``course.energy.inputs``."""
    place = grid(p.grid)
    given = spans(
        1000 * p.thousand_hours, p.tdp, p.pue, place.g_per_kwh, grid=place.label, whole=p.whole
    )
    return Flow(spread(given), given, place)


def scene(f: Flow) -> Scene:
    """Electricity splits into parts, parts become CO2; beside it how sure the sum is."""
    return Scene(_flow(f), _fan(f), _swings(f), height=470)


def _ribbon(start: float, *spans: tuple[float, float]) -> Any:
    """A band through spans of heights, each one further to the right, as a polygon."""
    t = np.linspace(0, 1, 24)
    ease = t * t * (3 - 2 * t)
    pieces = list(pairwise(spans))
    x = np.concatenate([start + n + t for n in range(len(pieces))])
    low, high = (
        np.concatenate([a[side] + (b[side] - a[side]) * ease for a, b in pieces]) for side in (0, 1)
    )
    return np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]])


def _flow(f: Flow) -> Panel:
    middle, parts = f.spread.middle, f.parts
    shares = {name: kg / middle.kg for name, (_, kg) in parts.items()}
    electric = sum(share for name, share in shares.items() if name != "making the hardware")
    marks: list[Any] = []
    # Heights from the top: the sources on the left, the parts with gaps, the sum on the right.
    left = right = 1.0
    top = 1.0 + _GAP * (len(parts) - 1) / 2
    for name, share in shares.items():
        colour = _COLOURS[name]
        drop = _GAP * 2 if name == "making the hardware" else 0.0
        a, b, c = (left - share - drop, left - drop), (top - share, top), (right - share, right)
        look: dict[str, Any] = {"color": colour, "opacity": 0.45, "edge": colour}
        marks.append(Area(_ribbon(0.0, a, b, c), **look))
        middle_y = (b[0] + b[1]) / 2
        marks.append(Text(0.56, middle_y, f"{name}: {mass(parts[name][1])}", "ink", 12))
        left, top, right = left - share, top - share - _GAP, right - share
    bar: dict[str, Any] = {"color": "ink", "opacity": 0.85}
    marks.append(box(-0.06, 1 - electric, 0.06, electric, **bar))
    marks.append(box(2.0, 0.0, 0.06, 1.0, **bar))
    marks.append(Text(-0.06, 1.1, f"electricity: {energy(middle.kwh)}", "ink", 13, bold=True))
    marks.append(Text(2.06, 1.1, mass(middle.kg) + " CO2e", "ink", 13, "right", bold=True))
    if "making the hardware" in parts:
        marks.append(Text(-0.06, -2 * _GAP - 0.09, "from factories", "quiet", 12))
    title = (
        f"Where it comes from: heights are CO2e; grid {f.grid.label}, {f.grid.g_per_kwh:.0f} g/kWh"
    )
    return Panel((-0.1, 2.1), (-0.25, 1.22), marks, title, axes=False, place=(8, 0, 824, 250))


def _unit(most: float) -> tuple[float, str]:
    """Kilograms in the unit that suits ``most``, and its name."""
    if most >= 1000:
        return 1000.0, "t CO2e"
    return (1.0, "kg CO2e") if most >= 1 else (0.001, "g CO2e")


def _fan(f: Flow) -> Panel:
    s = f.spread
    unit, name = _unit(s.greatest.kg)
    time = np.array([0.0, 100.0])

    def wedge(low: float, high: float) -> Any:
        return np.array([(0, 0), (100, high / unit), (100, low / unit)])

    wide, narrow = s.kg(0.9), s.kg(0.5)
    marks: list[Any] = [
        Area(wedge(*wide), "C0", 0.2),
        Area(wedge(*narrow), "C0", 0.35),
        Line(
            np.column_stack([time, time * s.greatest.kg / unit / 100]),
            "C1",
            1.5,
            "dashed",
            "all inputs at an end",
        ),
        Line(np.column_stack([time, time * s.least.kg / unit / 100]), "C1", 1.5, "dashed"),
        Line(np.column_stack([time, time * s.middle.kg / unit / 100]), "ink", 2.2, label="as set"),
    ]
    return Panel(
        (0, 100),
        (0, 1.8 * s.greatest.kg / unit),  # room for the legend
        marks,
        "Fan: middle half and 90 % of 4,000 draws",
        "time of the run (%)",
        name,
        grid=True,
        place=(0, 252, 420, 218),
    )


def _swings(f: Flow) -> Panel:
    s = f.spread
    unit, name = _unit(s.greatest.kg)
    ordered = sorted(s.swings.items(), key=lambda item: item[1][1] - item[1][0], reverse=True)
    low = min(a for _, (a, _) in ordered) / unit
    high = max(b for _, (_, b) in ordered) / unit
    width = (high - low) or 1.0
    marks: list[Any] = []
    for place, (key, (a, b)) in enumerate(ordered):
        ends = np.array([(a / unit, -place), (b / unit, -place)])
        marks += [Line(ends, "C0", 5.0), Points(ends, "C0", "s", 8)]
        sides: Any = ((a, -0.04, "right"), (b, 0.04, "left"))
        for end, side, align in sides:
            spot = (end / unit + side * width, -place)
            marks.append(Text(*spot, amount(end / unit), "quiet", 11, align))
        marks.append(Text(low - 1.3 * width, -place, LABELS[key], "ink", 12))
    marks.append(
        Line(
            [(s.middle.kg / unit, 0.5), (s.middle.kg / unit, -len(ordered) + 0.5)],
            "ink",
            1.2,
            "dotted",
        )
    )
    return Panel(
        (low - 1.35 * width, high + 0.3 * width),
        (0.7 - max(len(ordered), 1), 0.7),
        marks,
        f"What matters: {name}, one input at a time",
        axes=False,
        place=(436, 252, 396, 218),
    )


def table(f: Flow) -> Table:
    """The parts, the sum with both intervals, and every input with its range and origin."""
    s = f.spread
    rows: list[tuple[Any, ...]] = [
        (name, energy(kwh) if kwh else "-", mass(kg), f"{100 * kg / s.middle.kg:.1f} % of the CO2e")
        for name, (kwh, kg) in f.parts.items()
    ]
    rows.append(("together", energy(s.middle.kwh), mass(s.middle.kg), "as set"))
    for what, (a, b), (c, d), how in (
        ("middle 90 % of draws", s.kwh(), s.kg(), "triangular, independent inputs; seed 0"),
        (
            "all inputs at one end",
            (s.least.kwh, s.greatest.kwh),
            (s.least.kg, s.greatest.kg),
            "interval arithmetic",
        ),
    ):
        rows.append((what, f"{energy(a)} to {energy(b)}", f"{mass(c)} to {mass(d)}", how))
    for key, span in f.spans.items():
        if key == "chips":
            continue
        between = "exact" if span.known else f"{amount(span.low)} to {amount(span.high)}"
        rows.append((LABELS[key], amount(span.value), between, span.origin))
    columns = (
        "Part or input",
        "Electricity, or value",
        "CO2e, or range",
        "Share, or where it is from",
    )
    return Table("A run's account (calculated; the grid is published)", columns, rows)


def describe(f: Flow) -> str:
    """Energy and carbon, the interval, and the input that matters most."""
    s = f.spread
    low, high = s.kg()
    most = max(s.swings, key=lambda key: s.swings[key][1] - s.swings[key][0])
    largest = max(f.parts, key=lambda name: f.parts[name][1])
    share = f.parts[largest][1] / s.middle.kg
    return (
        f"{energy(s.middle.kwh)} of electricity and {mass(s.middle.kg)} of CO2e, of which "
        f"{100 * share:.0f} % for {largest}; 90 % of the draws lie between {mass(low)} and "
        f"{mass(high)}, and no inputs within their ranges lead below {mass(s.least.kg)} or above "
        f"{mass(s.greatest.kg)}. What matters most: {LABELS[most]}."
    )


def flow(**initial: Any) -> DirectExplorer:
    """Power, hours, PUE and grid to kilowatt-hours and CO2, part by part, with the uncertainty.

    ``initial`` sets any of thousand_hours, tdp, pue, grid, whole; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        FlowParameters(**initial),
        title="From chip-hours to CO2",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="flow",
    )
