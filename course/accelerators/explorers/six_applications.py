"""Explorer: the six applications of the first TPU's paper under its roof, published beside computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course.accelerators.explorers import roofs
from course.accelerators.first_tpu import CHIP, Landing, land, tpu_roof
from course.accelerators.roofline import Roof
from course.widgets import DirectExplorer, Table, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text, box

_X, _Y = (20.0, 30_000.0), (0.4, 200.0)
# Where a name stands from its point, as factors, so that the four close ones do not touch.
_NAMES = {"MLP1": (1.14, 0.75, "left"), "LSTM0": (0.85, 1.35, "right")}


@dataclass(frozen=True)
class FirstTpuParameters:
    """What the reader sets."""

    bandwidth: float = slider(1.0, 1.0, 10.0, step=0.5, label="Memory, times as fast")
    batch: float = slider(1.0, 0.1, 10.0, label="Batch, times as large", log=True)


@dataclass(frozen=True)
class Landed:
    """The six as built and measured, and as the roof would have them with the reader's changes."""

    parameters: FirstTpuParameters
    published: tuple[Landing, ...]
    changed: tuple[Landing, ...]
    roof: Roof

    @property
    def as_built(self) -> bool:
        """Whether nothing was changed, so that published and computed may be compared."""
        return self.parameters.bandwidth == 1 and self.parameters.batch == 1


def simulate(p: FirstTpuParameters) -> Landed:
    """Place the six under both roofs."""
    built = tpu_roof()
    roof = Roof(built.name, built.peak, p.bandwidth * built.bandwidth)
    return Landed(p, land(), land(p.bandwidth, p.batch), roof)


def scene(s: Landed) -> Scene:
    """The roofline with the six; beside it how much of the roof each reached."""
    return Scene(_picture(s), _shares(s), height=420)


def _picture(s: Landed) -> Panel:
    marks: list[Any] = [roofs.line(tpu_roof(), *_X, "C0", 2.4)]
    if s.parameters.bandwidth != 1:
        marks.append(roofs.line(s.roof, *_X, "C1", 1.6, dash="dashed"))
    for row, new in zip(s.published, s.changed, strict=True):
        x, reached = row.intensity, row.achieved / roofs.TERA
        most = (new.intensity, new.attainable / roofs.TERA)
        marks.append(Line([(x, reached), most], "quiet", 1, "dotted"))
        marks.append(Points([most], "C1", "D", 8, hollow=True))
        marks.append(Points([(x, reached)], "C0", "s", 9))
        right, up, align = _NAMES.get(row.application.name, (1.14, 0.93, "left"))
        marks.append(Text(x * right, reached * up, row.application.name, size=12, align=align, bold=True))  # type: ignore[arg-type]  # fmt: skip
    entries = [
        ("roof of the chip, published", "C0", "solid"),
        ("reached, published", "C0", "s"),
        ("at most, computed", "C1", "open D"),
    ]
    if s.parameters.bandwidth != 1:
        entries.insert(1, ("roof with faster memory, computed", "C1", "dashed"))
    marks += roofs.key(entries, _X, _Y, 0.46)
    return Panel(
        _X,
        _Y,
        marks,
        title=f"{CHIP}, INT8",
        xlabel="intensity (operations for each byte of weights)",
        ylabel="10^12 operations a second",
        x_log=True,
        y_log=True,
        grid=True,
        place=(14.0, 0.0, 530.0, 420.0),
    )


def _shares(s: Landed) -> Panel:
    """A bar for each application: filled as far as it got, of what the roof allows it."""
    words = "Reached, of what the roof allows"
    marks: list[Any] = [Text(0, 22, words, size=13.5, bold=True)]
    if not s.as_built:
        marks.append(Text(0, 42, "(on the chip as it was built)", "quiet", 12))
    for number, row in enumerate(s.published):
        y = 64 + 54 * number
        name = f"{row.application.name}, batch {row.application.batch:.0f}"
        marks.append(Text(0, y, f"{name}: {100 * row.share:.0f} %", size=12.5))
        marks.append(box(0, y + 11, 240, 16, color="quiet", opacity=0.1, edge="quiet"))
        marks.append(box(0, y + 11, 240 * row.share, 16, color="C0", opacity=0.55, edge="C0"))
        cause = "memory" if row.bound == "memory" else "arithmetic"
        marks.append(Text(240, y, cause, "quiet", 12, align="right"))
    place = (572.0, 0.0, 268.0, 420.0)
    return Panel(x=(0, 268), y=(420, 0), marks=marks, axes=False, place=place)


def table(s: Landed) -> Table:
    """Published beside computed, and what the roofline does not explain."""
    rows = []
    for row, new in zip(s.published, s.changed, strict=True):
        rows.append(
            (
                row.application.name,
                f"{row.intensity:,.0f}",
                f"{row.achieved / 1e12:.1f}",
                f"{row.attainable / 1e12:.1f} ({row.bound})",
                f"{new.attainable / 1e12:.1f} ({new.bound})",
                row.explanation,
            )
        )
    columns = (
        "Application",
        "Operations a weight byte (published, times 2)",
        "Reached, 10^12 a second (published)",
        "At most (computed)",
        "At most with your changes (computed)",
        "What the roof explains",
    )
    return Table(s.published[0].application.cite, columns, rows)


def describe(s: Landed) -> str:
    """Who lies under which part of the roof, and how near; with changes, who has moved."""
    slope = [r.application.name for r in s.changed if r.bound == "memory"]
    flat = [r.application.name for r in s.changed if r.bound == "compute"]
    said = f"Bound by memory: {', '.join(slope) or 'none'}; by arithmetic: {', '.join(flat) or 'none'}. "
    far = [f"{r.application.name} ({100 * r.share:.0f} %)" for r in s.published if r.share < 0.8]
    if s.as_built:
        near = [r.application.name for r in s.published if r.share >= 0.8]
        return (
            f"{said}{', '.join(near)} reach 80 % or more of what the roof allows them; {' and '.join(far)} "
            "do not, and the roof does not say why."
        )
    gains = [n.attainable / r.attainable for r, n in zip(s.published, s.changed, strict=True)]
    most = max(zip(gains, s.published, strict=True), key=lambda pair: pair[0])
    least = min(zip(gains, s.published, strict=True), key=lambda pair: pair[0])
    return (
        f"{said}With memory {s.parameters.bandwidth:g} times as fast and batches {s.parameters.batch:.3g} times as large "
        f"the roof allows {most[1].application.name} {most[0]:.3g} times as much and "
        f"{least[1].application.name} {least[0]:.3g} times. Nobody measured that: it is computed."
    )


def first_tpu(**initial: Any) -> DirectExplorer:
    """The first TPU's six applications on its roofline, with other memories and batches.

    ``initial`` sets any of bandwidth, batch; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return DirectExplorer(
        FirstTpuParameters(**initial),
        title="The first TPU",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="first_tpu",
    )
