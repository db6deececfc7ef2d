"""The smallest explorer: what an author writes, and what the kit's tests are tried on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from course.widgets import Explorer, Table, choice, choices, slider, switch, text


@dataclass(frozen=True)
class Throw:
    speed: float = slider(10.0, 0.1, 100.0, label="Speed", unit="m/s", log=True)
    count: int = slider(5, 1, 20, label="Balls")
    place: str = choice("moon", {"earth": "Earth", "moon": "the Moon"}, label="Place")
    marks: tuple[str, ...] = choices(("top",), {"top": "Top", "end": "End"}, label="Marks")
    air: bool = switch(False, label="Air")
    who: str = text("Ann", label="Thrower", fewest=1, most=12)


def simulate(p: Throw) -> Throw:
    if p.count == 13:
        raise RuntimeError("thirteen balls are too many")
    return p


def figure(result: Throw, fig: Figure) -> None:
    fig.subplots().plot([0, result.speed], [0, result.count])


def table(result: Throw) -> Table:
    return Table("Throws", ("Speed (m/s)", "Balls"), [(result.speed, result.count)])


def describe(result: Throw) -> str:
    return f"{result.count} balls at {result.speed:g} m/s on {result.place}."


def explorer(**initial: Any) -> Explorer:
    return Explorer(
        Throw(**initial),
        title="Throw",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="explorer",
        size=(3, 2),
    )
