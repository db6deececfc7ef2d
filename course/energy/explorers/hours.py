"""Explorer: a run's place in a simulated day, by average and by marginal intensity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.energy.day import HOURS, Day, day, window_means
from course.widgets import DirectExplorer, Table, slider
from course.widgets.scene import Area, Line, Panel, Scene, Text, box

BASE = 0.25  # the steady clean share of the simulated day
_TOP = 1.55  # of the supply panel, in mean demands


@dataclass(frozen=True)
class WhenParameters:
    """What the reader sets."""

    start: int = slider(19, 0, 23, label="Start", unit="o'clock")
    hours: int = slider(6, 1, 24, label="Run", unit="hours")
    solar: int = slider(20, 0, 60, step=5, label="Sun could supply", unit="% of the day's demand")


@dataclass(frozen=True)
class When:
    """A simulated day and a run in it; means over the run from every start."""

    day: Day
    start: int
    hours: int
    average: Any
    marginal: Any

    @property
    def best(self) -> int:
        """The start with the lowest average."""
        return int(np.argmin(self.average))


def simulate(p: WhenParameters) -> When:
    """Simulate the day, and the run from each hour."""
    d = day(p.solar / 100, BASE)
    return When(
        d, p.start, p.hours, window_means(d.average, p.hours), window_means(d.marginal, p.hours)
    )


def scene(w: When) -> Scene:
    """Supply by source over the day; below it both intensities, with the run's hours shaded."""
    return Scene(_supply(w), _intensity(w), height=440)


def _steps(values: Any) -> Any:
    """An hourly series as the corners of its steps."""
    edges = np.arange(HOURS + 1)
    return np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(values, 2)])


def _layer(low: Any, high: Any) -> Any:
    return np.concatenate([_steps(high), _steps(low)[::-1]])


def _shade(w: When, top: float) -> list[Any]:
    """The run's hours, which may go past midnight."""
    end = w.start + w.hours
    pieces = [(w.start, min(end, HOURS))] + ([(0, end - HOURS)] if end > HOURS else [])
    return [box(a, 0, b - a, top, color="ink", opacity=0.1, edge="ink") for a, b in pieces if b > a]


def _supply(w: When) -> Panel:
    d = w.day
    zero, base = np.zeros(HOURS), d.base
    sun, all_ = d.base + d.solar, d.demand
    marks: list[Any] = [
        *_shade(w, _TOP),
        Area(_layer(zero, base), "C2", 0.55, "C2"),
        Area(_layer(base, sun), "C5", 0.55, "C5"),
        Area(_layer(sun, all_), "C4", 0.3, "C4"),
        Line(_steps(d.demand), "ink", 1.8, label="demand"),
    ]
    if d.spilled.sum() > 0.01:
        marks.append(Line(_steps(sun + d.spilled), "C5", 1.5, "dashed", label="sun, unused above"))
    marks.append(Text(0.4, 0.12, "steady base (nuclear)", "ink", 12))
    if d.solar.max() > 0.25:
        marks.append(Text(12, base[12] + 0.12, "sun", "ink", 12, "center"))
    marks.append(Text(0.4, 0.6, "natural gas fills the rest", "ink", 12))
    return Panel(
        (0, 24),
        (0, _TOP),
        marks,
        "Simulated day: who supplies (run's hours shaded)",
        "",
        "of the mean demand",
        grid=True,
        place=(0, 0, 840, 210),
    )


def _intensity(w: When) -> Panel:
    d = w.day
    marks: list[Any] = [
        *_shade(w, 1300),
        Line(_steps(d.average), "C0", 2.2, label="average of the mix"),
        Line(_steps(d.marginal), "C1", 1.8, "dashed", "marginal: of one kWh more"),
        Line([(0, d.mean), (24, d.mean)], "quiet", 1.2, "dotted", "mean of the day"),
    ]
    return Panel(
        (0, 24),
        (0, 1300),
        marks,
        "",
        "hour of the day",
        "g CO2e a kWh",
        grid=True,
        place=(0, 212, 840, 228),
    )


def table(w: When) -> Table:
    """Each hour's supply and intensities, and the run's means if it started there."""
    d = w.day
    rows = [
        (
            f"{hour}:00" + (" (start)" if hour == w.start else ""),
            float(d.demand[hour]),
            float(d.solar[hour]),
            float(d.fossil[hour]),
            float(d.average[hour]),
            float(d.marginal[hour]),
            float(w.average[hour]),
            float(w.marginal[hour]),
        )
        for hour in range(HOURS)
    ]
    columns = (
        "Hour",
        "Demand (of its mean)",
        "Sun",
        "Natural gas",
        "Average (g/kWh)",
        "Marginal (g/kWh)",
        f"Average of a run of {w.hours} h from here",
        "Marginal of that run",
    )
    return Table("A simulated day; only each source's g/kWh is published", columns, rows)


def describe(w: When) -> str:
    """The run's two intensities, the best start, and whether the two accounts agree on moving."""
    a, best = w.average[w.start], w.best
    gain = 1 - w.average[best] / a
    move = 1 - w.marginal[best] / w.marginal[w.start]
    said = (
        f"In this simulated day a run of {w.hours} h from {w.start}:00 has {a:.0f} g/kWh on average, "
        f"the whole day {w.day.mean:.0f}. "
    )
    if gain < 0.005:
        return said + "By the average no other start is better."
    said += f"From {best}:00 it would have {w.average[best]:.0f}, {100 * gain:.0f} % less; "
    if abs(move) < 0.005:
        return said + (
            "by the marginal account moving it saves nothing, for gas would be turned up at either time."
        )
    if move < 0:
        return said + f"by the marginal account that emits {-100 * move:.0f} % more."
    return said + f"by the marginal account {100 * move:.0f} % less."


def when(**initial: Any) -> DirectExplorer:
    """A run's hours in a simulated day: what its electricity emits, by two accounts.

    ``initial`` sets any of start, hours, solar; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return DirectExplorer(
        WhenParameters(**initial),
        title="When: a simulated day",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="when",
    )
