"""Explorer: the same electricity on other grids, all published; no hour of the day in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.energy.explorers.words import energy, mass
from course.energy.grids import Grid, grid, grids
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text

_OPTIONS = {one.key: one.label for one in sorted(grids(), key=lambda one: (one.kind, one.name))}

# Named in the picture, so that the dots can be read: far apart, and known to many.
_LANDMARKS = (
    "FRA",
    "GBR",
    "USA",
    "CHN",
    "europe-west9",
    "us-west2",
    "us-central1",
    "europe-central2",
)


@dataclass(frozen=True)
class WhereParameters:
    """What the reader sets."""

    here: str = choice("POL", _OPTIONS, label="One grid")
    there: str = choice("NOR", _OPTIONS, label="Another grid")
    mwh: float = slider(433.0, 0.001, 1e5, label="Electricity", unit="MWh", log=True)


@dataclass(frozen=True)
class Where:
    """Two grids, and the electricity that is used on either."""

    here: Grid
    there: Grid
    kwh: float

    def kg(self, one: Grid) -> float:
        """What the electricity emits on a grid."""
        return self.kwh * one.g_per_kwh / 1000


def simulate(p: WhereParameters) -> Where:
    """The two grids by name, and kilowatt-hours."""
    return Where(grid(p.here), grid(p.there), 1000 * p.mwh)


def scene(w: Where) -> Scene:
    """All countries and all cloud regions, each sorted, with the two chosen grids marked."""
    return Scene(_strip(w, "country", 0), _strip(w, "region", 420), height=390)


def _strip(w: Where, kind: str, left: float) -> Panel:
    listed = [one for one in grids() if one.kind == kind]
    places = np.arange(len(listed))
    grams = np.array([one.g_per_kwh for one in listed])
    marks: list[Any] = [Points(np.column_stack([grams, places]), "quiet", "o", 5)]
    taken = [listed.index(one) for one in (w.here, w.there) if one.kind == kind]
    for key in _LANDMARKS:
        one = grid(key)
        if one.kind == kind and all(abs(listed.index(one) - at) > 3 for at in taken):
            # A little below its dot: the next dots lie above, to the right.
            marks.append(Text(one.g_per_kwh + 14, listed.index(one) - 1.7, one.name, "quiet", 11))
    chosen: Any = ((w.here, "C1", "s"), (w.there, "C0", "D"))
    for one, colour, marker in chosen:
        if one.kind == kind:
            place = listed.index(one)
            right = one.g_per_kwh > 380
            said = f"{one.name}: {mass(w.kg(one))}"
            marks.append(Line([(0, place), (one.g_per_kwh, place)], colour, 1.2, "dotted"))
            marks.append(Points([(one.g_per_kwh, place)], colour, marker, 12))
            shift = -22 if right else 22
            align: Any = "right" if right else "left"
            marks.append(
                Text(one.g_per_kwh + shift, place + (1.4 if right else 0), said, "ink", 12, align)
            )
    count = len(listed)
    what = f"{count} countries, life cycle" if kind == "country" else f"{count} cloud regions"
    return Panel(
        (0, 850),
        (-1.5, count + 0.5),
        marks,
        f"{what}, cleanest at the bottom",
        "grams of CO2e a kWh, yearly mean",
        "rank",
        grid=True,
        place=(left, 0, 420, 390),
    )


def table(w: Where) -> Table:
    """Every grid with its year, what the electricity emits there, and its source."""
    rows = []
    for one in grids():
        chosen = {w.here.key: "one grid", w.there.key: "another grid"}.get(one.key, "")
        rows.append((one.label, one.kind, one.g_per_kwh, mass(w.kg(one)), chosen, one.cite))
    columns = ("Grid", "Kind", "g CO2e a kWh", f"CO2e of {energy(w.kwh)}", "Chosen", "Source, date")
    return Table("The same electricity on every published grid", columns, rows)


def describe(w: Where) -> str:
    """Both amounts and their ratio, with the warning where the tables count differently."""
    a, b = w.kg(w.here), w.kg(w.there)
    said = (
        f"{energy(w.kwh)} emits {mass(a)} of CO2e on the grid {w.here.label} and {mass(b)} on "
        f"{w.there.label}"
    )
    if w.here.key == w.there.key or a == b:
        said += ", which is the same."
    elif min(a, b) > 0:
        said += (
            f": {max(a, b) / min(a, b):.3g} times as much on the first."
            if a > b
            else (f": {b / a:.3g} times as much on the second.")
        )
    else:
        said += "."
    if w.here.kind != w.there.kind:
        said += (
            " Country and cloud region come from two tables that need not count the same: compare "
            "within one."
        )
    return said


def where(**initial: Any) -> DirectExplorer:
    """The same electricity on any two of the published grids.

    ``initial`` sets any of here, there (an ISO code or a cloud region), mwh; raises ValueError or
    TypeError for a value or a name that is not one of them.
    """
    return DirectExplorer(
        WhereParameters(**initial),
        title="Where: the same electricity on another grid",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="where",
    )
