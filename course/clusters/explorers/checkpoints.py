"""Explorer: how often to save a run that fails; Young's and Daly's interval, and runs lived through."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.clusters import failures
from course.clusters.failures import Replay
from course.facts.interruptions import interruptions
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text, box

_DAYS = 54.0  # as long as the published run was watched
_RUNS, _SAVES = 6, 800  # lived through at a setting, each with so many saves at most
# Colour, height and name of each kind of stretch.
_LOOKS = {
    "work": ("C0", 0.8, "progress that is kept"),
    "save": ("C2", 1.0, "saving"),
    "lost": ("C1", 0.5, "lost"),
    "restart": ("quiet", 0.25, "restarting"),
}


@dataclass(frozen=True)
class CheckpointParameters:
    """What the reader sets."""

    interval: float = slider(60.0, 1.0, 600.0, label="Save after", unit="minutes", log=True)
    save: float = slider(60.0, 1.0, 900.0, label="Saving takes", unit="seconds", log=True)
    chips: float = slider(16384.0, 1000.0, 100000.0, label="Chips", log=True)
    restart: str = choice(
        "10", {"1": "1 minute", "10": "10 minutes", "60": "1 hour"}, label="Restarting takes"
    )


@dataclass(frozen=True)
class Kept:
    """What is kept of a run's time; all times in seconds."""

    parameters: CheckpointParameters
    mtbf: float
    young: float
    daly: float
    best: float
    expected: float  # goodput of the chosen interval, by formula
    run: Replay | None  # one run lived through; None where it would hardly ever get on
    seen: tuple[float, ...]  # goodputs of several

    @property
    def interval(self) -> float:
        """Between two saves."""
        return 60 * self.parameters.interval

    @property
    def restart(self) -> float:
        """After a failure."""
        return 60.0 * int(self.parameters.restart)


def published_mtbf(chips: float) -> float:
    """Seconds between failures of ``chips`` chips, each as reliable as in the published run."""
    rows = interruptions()
    count = sum(row.count for row in rows)
    one = failures.mean_of_one(rows[0].days, int(rows[0].accelerators), count)
    return 86400 * one / chips


def simulate(p: CheckpointParameters) -> Kept:
    """The formulas, and runs lived through with the chosen interval."""
    mtbf, restart, interval = published_mtbf(p.chips), 60.0 * int(p.restart), 60 * p.interval
    expected = float(failures.goodput(interval, p.save, restart, mtbf))
    run: Replay | None = None
    seen: tuple[float, ...] = ()
    # Where almost nothing is kept, living through it would take for ever, as it would in truth.
    if expected > 0.02:
        seed = zlib.crc32(f"{p.interval:g} {p.save:g} {p.chips:g} {p.restart}".encode()) % 10**6
        length = min(_DAYS * 86400, 40 * mtbf, _SAVES * (interval + p.save))
        work = max(expected * length, 10 * interval)
        run = failures.replay(work, interval, p.save, restart, mtbf, seed)
        seen = tuple(failures.replays(_RUNS, work, interval, p.save, restart, mtbf, seed + 1))
    return Kept(
        p,
        mtbf,
        failures.young(p.save, mtbf),
        failures.daly(p.save, mtbf),
        failures.best_interval(p.save, restart, mtbf),
        expected,
        run,
        seen,
    )


def scene(k: Kept) -> Scene:
    """Goodput over the interval, and the first hours of one run."""
    return Scene(_curve(k), _key(k), _strip(k), height=456)


def _key(k: Kept) -> Panel:
    """What the curve's marks mean, beside it: on it they would hide a part of it."""
    marks: list[Any] = []
    entries: list[tuple[str, str, str]] = [
        ("expected, by formula", "C0", "solid"),
        (f"Young: {_long(k.young)}", "C3", "dashed"),
        (f"Daly: {_long(k.daly)}", "ink", "dotted"),
        ("here", "C0", "o"),
    ]
    if k.seen:
        entries.append(("simulated runs", "C1", "D"))
    for number, (words, color, look) in enumerate(entries):
        y = 40.0 + 24 * number
        if look in ("o", "D"):
            marks.append(Points([(14, y)], color, look, 9, hollow=look == "D"))  # type: ignore[arg-type]
        else:
            marks.append(Line([(2, y), (26, y)], color, 2, look))  # type: ignore[arg-type]
        marks.append(Text(34, y, words, size=12))
    return Panel((0, 170), (300, 0), marks, axes=False, place=(670.0, 0.0, 170.0, 300.0))


def _curve(k: Kept) -> Panel:
    minutes: NDArray[np.float64] = np.geomspace(1, 600, 160)
    kept = failures.goodput(60 * minutes, k.parameters.save, k.restart, k.mtbf)
    marks: list[Any] = [Line(np.column_stack([minutes, 100 * kept]), "C0", 2)]
    for value, dash, color in ((k.young, "dashed", "C3"), (k.daly, "dotted", "ink")):
        at = min(max(value / 60, 1), 600)
        marks.append(Line([(at, 0), (at, 100)], color, 1.6, dash))  # type: ignore[arg-type]
    here = k.parameters.interval
    if k.seen:
        dots = [(here, 100 * value) for value in k.seen]
        marks.append(Points(dots, "C1", "D", 8, hollow=True))
    marks.append(Points([(here, 100 * k.expected)], "C0", "o", 10))
    return Panel(
        (1, 600),
        (0, 100),
        marks,
        title="Share of the time that is progress and is kept",
        xlabel="minutes of work between two saves",
        ylabel="% of the time",
        x_log=True,
        grid=True,
        place=(0.0, 0.0, 660.0, 300.0),
    )


def _strip(k: Kept) -> Panel:
    hours = min(24.0, 8 * k.mtbf / 3600)
    marks: list[Any] = []
    if k.run is None:
        said = "The run fails before it reaches its next save, again and again: nothing is kept."
        marks.append(Text(0.07 * hours, 0.5, said, "C1", 14))
    else:
        hours = min(hours, k.run.length / 3600)
        marks += _stretches(k.run, hours)
    for n, (color, height, label) in enumerate(_LOOKS.values()):
        x = hours * (0.05, 0.26, 0.38, 0.48)[n]
        marks.append(box(x, 1.12, 0.016 * hours, 0.24 * height, color=color, opacity=0.9))
        marks.append(Text(x + 0.021 * hours, 1.24, label, size=12))
    marks.append(Points([(hours * 0.63, 1.24)], "ink", "X", 9))
    marks.append(Text(hours * 0.645, 1.24, "a failure", size=12))
    marks.append(Line([(0, 0), (hours, 0)], "quiet", 1))
    step = next(s for s in (0.1, 0.25, 0.5, 1, 2, 4, 6) if hours / s <= 12)
    for n in range(int(hours / step) + 1):
        marks.append(Line([(n * step, 0), (n * step, -0.06)], "quiet", 1))
        marks.append(Text(n * step, -0.2, f"{n * step:g}", size=12, align="center"))
    marks.append(Text(hours / 2, -0.42, "hours", size=12, align="center"))
    return Panel(
        (-0.07 * hours, 1.02 * hours),
        (-0.5, 1.45),
        marks,
        title="The first hours of a simulated run",
        axes=False,
        place=(0.0, 304.0, 840.0, 150.0),
    )


def _stretches(run: Replay, hours: float) -> list[Any]:
    """Boxes, each kind of its own height; what is shorter than a pixel is a line or is left out."""
    marks: list[Any] = []
    fails = []
    for stretch in run.stretches:
        a, b = stretch.start / 3600, min(stretch.end / 3600, hours)
        if a >= hours:
            break
        color, height, _ = _LOOKS[stretch.kind]
        if stretch.kind == "restart":
            fails.append((a, 0.9))
        if b - a >= hours / 900:
            marks.append(box(a, 0, b - a, height, color=color, opacity=0.9))
        elif stretch.kind != "work" or len(marks) < 400:
            marks.append(Line([(a, 0), (a, height)], color, 1.2))
    if fails:
        marks.append(Points(fails, "ink", "X", 9))
    return marks


def _long(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def table(k: Kept) -> Table:
    """The intervals by name, each with its expected goodput, and the runs lived through."""

    def kept(interval: float) -> str:
        share = failures.goodput(interval, k.parameters.save, k.restart, k.mtbf)
        return f"{100 * float(share):.2f} %"

    rows: list[tuple[str, str, str]] = [
        ("chosen here", _long(k.interval), kept(k.interval)),
        ("Young, sqrt(2 x save x mean time)", _long(k.young), kept(k.young)),
        ("Daly, with the next terms", _long(k.daly), kept(k.daly)),
        ("best, by search", _long(k.best), kept(k.best)),
    ]
    for n, share in enumerate(k.seen, start=1):
        rows.append((f"simulated run {n}", _long(k.interval), f"{100 * share:.2f} %"))
    if k.run is not None:
        for kind, (_, _, label) in _LOOKS.items():
            share = k.run.total(kind) / k.run.length  # type: ignore[arg-type]
            rows.append((f"in the run shown: {label}", "-", f"{100 * share:.2f} %"))
    caption = (
        f"{k.parameters.chips:,.0f} chips fail every {_long(k.mtbf)} on average, each as rarely as "
        f"in {interruptions()[0].source}"
    )
    return Table(caption, ("Interval", "Work between two saves", "Progress that is kept"), rows)


def describe(k: Kept) -> str:
    """How often it fails, what is kept, and what Young and Daly would do."""
    said = (
        f"{k.parameters.chips:,.0f} chips fail every {_long(k.mtbf)} on average. Saving after "
        f"{_long(k.interval)} of work keeps {100 * k.expected:.1f} % of the time as progress "
        "by formula"
    )
    if k.seen:
        said += f", {100 * float(np.mean(k.seen)):.1f} % in the {len(k.seen)} simulated runs"
    best = float(failures.goodput(k.best, k.parameters.save, k.restart, k.mtbf))
    return said + (
        f". Young would save after {_long(k.young)}, Daly after {_long(k.daly)}; no interval keeps "
        f"more than {100 * best:.1f} %."
    )


def checkpoint_interval(**initial: Any) -> DirectExplorer:
    """How often to save the state of a run whose chips fail.

    ``initial`` sets any of interval, save, chips, restart; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        CheckpointParameters(**initial),
        title="Checkpoints and failures",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="checkpoint_interval",
    )
