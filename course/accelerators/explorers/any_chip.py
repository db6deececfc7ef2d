"""Explorer: any operation on any chip's roofline: what bounds it, and the least time it can take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.accelerators.explorers import roofs
from course.accelerators.precisions import BYTES
from course.accelerators.roofline import Place, Roof
from course.accelerators.workloads import (
    WORKLOADS,
    Workload,
    named,
    nearest_precision,
    path,
    placeable,
)
from course.accelerators.workloads import roofs as roofs_of
from course.facts.chips import Chip
from course.facts.measured_peaks import MeasuredPeak, measured_peaks
from course.widgets import DirectExplorer, Table, choice, slider, switch
from course.widgets.scene import Line, Panel, Points, Scene, Spot, Text, box

_LOW, _HIGH = 0.03, 3e4  # operations a byte in the picture
_MOST = 65_536  # of the batch
_BATCHES = tuple(2**n for n in range(17))
_WIDTH, _HEIGHT, _HEAD = 840.0, 452.0, 48.0


@dataclass(frozen=True)
class RooflineParameters:
    """What the reader sets; precision and fusion by the buttons in the picture."""

    chip: str = choice("NVIDIA H100 SXM", named(), label="Chip")
    operation: str = choice("matmul", {n: w.label for n, w in WORKLOADS.items()}, label="Operation")
    batch: int = slider(16, 1, _MOST, label="Batch", log=True)
    width: int = slider(4096, 64, 16_384, label="Width", unit="numbers", log=True)
    precision: str = choice("bf16", {p: p.upper() for p in BYTES}, label="Numbers in", hidden=True)
    fused: bool = switch(True, label="Fused", hidden=True)


@dataclass(frozen=True)
class Placed:
    """An operation under a chip's roof, the same with other batches, and what else is known."""

    parameters: RooflineParameters
    chip: Chip
    work: Workload
    precision: str
    roofs: dict[str, Roof]
    place: Place
    path: list[Place]
    measured: MeasuredPeak | None

    @property
    def roof(self) -> Roof:
        """The roof in the precision that is shown."""
        return self.roofs[self.precision]

    @property
    def sparse(self) -> float | None:
        """The peak with structured sparsity, where one is published."""
        return self.chip.sparse_peaks.get(self.precision)


def simulate(p: RooflineParameters) -> Placed:
    """Count the operation and place it; a precision that the chip lacks gives way to the nearest."""
    found, work = placeable(p.chip), WORKLOADS[p.operation]
    precision = nearest_precision(found, p.precision)
    tops = roofs_of(found)
    roof = tops[precision]
    place = roof.place(work.make(p.batch, p.width, precision, p.fused))
    others = path(work, p.width, precision, p.fused, roof, _BATCHES)
    rows = [r for r in measured_peaks() if r.chip == found.name and precision == "bf16"]
    return Placed(p, found, work, precision, tops, place, others, rows[0] if rows else None)


def scene(s: Placed) -> Scene:
    """Buttons above; the roofs with the operation under them; beside them where the time goes."""
    return Scene(_buttons(s), _picture(s), _times(s), width=_WIDTH, height=_HEIGHT)


def _buttons(s: Placed) -> Panel:
    marks: list[Any] = [Text(10, 22, "Numbers in", "quiet", 12)]
    x = 84.0
    for precision in s.roofs:
        marks += _button(x, precision, precision.upper(), {"precision": precision}, precision == s.precision)  # fmt: skip
        x += 62
    if s.work.fuses:
        name = "Fused: on" if s.parameters.fused else "Fused: off"
        x = 730.0
        marks += _button(x, "fused", name, {"fused": not s.parameters.fused}, s.parameters.fused, 100)  # fmt: skip
    ground = (0.0, 0.0, _WIDTH, _HEAD)
    return Panel(x=(0, _WIDTH), y=(_HEAD, 0), marks=marks, axes=False, place=ground)


def _button(
    x: float, name: str, label: str, sets: dict[str, Any], pressed: bool, wide: float = 56
) -> list[Any]:
    look = {"color": "C0", "opacity": 0.3} if pressed else {"color": "quiet", "opacity": 0.1}
    edge = "C0" if pressed else "quiet"
    return [
        box(x, 6, wide, 32, edge=edge, **look),
        Text(x + wide / 2, 22, label, size=12.5, align="center", bold=pressed),
        Spot(name, x, 6, wide, 32, label, sets=sets, pressed=pressed),
    ]


def _picture(s: Placed) -> Panel:
    top = 4 * max(s.roof.peak, s.sparse or 0) / roofs.TERA
    bottom = top * 2e-6
    marks: list[Any] = []
    for precision, other in s.roofs.items():
        if precision != s.precision and other.peak / roofs.TERA < top:
            marks.append(roofs.line(other, _LOW, _HIGH, "quiet", 1.0, opacity=0.5))
    marks.append(roofs.line(s.roof, _LOW, _HIGH, "C0", 2.6))
    entries = [(f"roof in {s.precision.upper()}, published", "C0", "solid")]
    if s.sparse:
        half = Roof("sparse", s.sparse, s.chip.bandwidth)
        marks.append(roofs.line(half, s.roof.ridge, _HIGH, "C3", 1.8, dash="dotted"))
        entries.insert(0, ("sparse peak, published", "C3", "dotted"))
    if s.measured:
        best = 1e12 * s.measured.measured_tflops / roofs.TERA
        marks.append(Line([(s.roof.ridge, best), (_HIGH, best)], "C2", 1.8, "dashed"))
        entries.append(("best product that others measured", "C2", "dashed"))
    ridge = s.roof.ridge
    low = bottom * (top / bottom) ** 0.45  # above the key
    marks.append(Line([(ridge, low), (ridge, s.roof.peak / roofs.TERA)], "quiet", 1, "dotted"))
    if _LOW < ridge < _HIGH:
        near = s.roof.peak / roofs.TERA * 1.7
        marks.append(Text(ridge, near, f"ridge {ridge:.3g}", "quiet", 11.5, align="right"))
    places = np.array([_point(p, bottom) for p in s.path])
    marks.append(Line(places, "C1", 1.2))
    marks.append(Points(places, "C1", "o", 4))
    marks.append(Points([_point(s.place, bottom)], "C1", "D", 12))
    entries += [("batch 1 to 65,536, computed", "C1", "o"), ("here, computed", "C1", "D")]
    if len(s.roofs) > 1:
        entries.append(("roofs in other formats", "quiet", "solid"))
    marks += roofs.key(entries, (_LOW, _HIGH), (bottom, top))
    return Panel(
        (_LOW, _HIGH),
        (bottom, top),
        marks,
        title=f"{s.chip.name}: what it can reach at most",
        xlabel="intensity (operations for each byte that moves)",
        ylabel="10^12 operations a second",
        x_log=True,
        y_log=True,
        grid=True,
        place=(14.0, _HEAD, 550.0, _HEIGHT - _HEAD),
    )


def _point(place: Place, bottom: float) -> tuple[float, float]:
    """Where an operation stands; what computes nothing stands in the corner."""
    x = min(max(place.operation.intensity, _LOW * 1.15), _HIGH / 1.1)
    return x, max(place.attainable / roofs.TERA, bottom * 1.3)


def _times(s: Placed) -> Panel:
    """Bars for arithmetic and memory, and what each array takes of the latter."""
    operation, roof = s.place.operation, s.roof
    computing = operation.flops / roof.peak
    rows = [("arithmetic", computing, "C1"), ("memory", operation.bytes / roof.bandwidth, "C0")]
    parts = sorted(operation.traffic.items(), key=lambda item: -item[1])
    marks: list[Any] = [
        Text(0, 14, f"At least {roofs.seconds(s.place.time)}", size=15, bold=True),
        Text(0, 38, roofs.bound(s.place), size=13),
    ]
    y = 68.0
    for name, time, color in rows:
        long = 236 * time / s.place.time
        marks.append(Text(0, y, f"{name}: {roofs.seconds(time)}", size=12.5))
        marks.append(box(0, y + 10, max(long, 1.5), 15, color=color, opacity=0.55, edge=color))
        y += 48
    marks.append(Text(0, y + 6, "of it, by array:", "quiet", 12))
    for name, size in parts[:5]:
        y += 24
        words = f"{name}: {roofs.count(size, 'B')}"
        marks.append(Text(0, y + 6, words, size=12))
        long = 92 * size / operation.bytes
        marks.append(box(160, y - 1, max(long, 1.0), 12, color="C0", opacity=0.35, edge="C0"))
    place = (580.0, _HEAD + 24, 260.0, _HEIGHT - _HEAD - 24)
    return Panel(x=(0, 260), y=(_HEIGHT - _HEAD - 24, 0), marks=marks, axes=False, place=place)


def table(s: Placed) -> Table:
    """The same in every precision that the chip has."""
    p = s.parameters
    rows = []
    for precision, roof in s.roofs.items():
        place = roof.place(s.work.make(p.batch, p.width, precision, p.fused))
        rows.append(
            (
                precision.upper(),
                f"{roof.peak / 1e12:,.6g}",
                f"{roof.ridge:.4g}",
                f"{place.operation.intensity:.4g}",
                roofs.seconds(place.time),
                roofs.bound(place),
            )
        )
    columns = (
        "Numbers in",
        "Dense peak (10^12 a second, published)",
        "Ridge (operations a byte)",
        "Intensity (operations a byte)",
        "Least time (computed)",
        "Bound",
    )
    caption = f"{s.work.label}, {s.work.shapes(p.batch, p.width)}. {s.chip.name}: {s.chip.cite}"
    return Table(caption, columns, rows)


def describe(s: Placed) -> str:
    """Operations, bytes, the bound and the least time; what was asked for and is not there."""
    p, operation = s.parameters, s.place.operation
    said = (
        f"{s.work.label}, {s.work.shapes(p.batch, p.width)}, in {s.precision.upper()}: "
        f"{roofs.count(operation.flops, '').strip()} operations and {roofs.count(operation.bytes, 'B')} are "
        f"{operation.intensity:.3g} operations a byte. The ridge of the {s.chip.name} is at "
        f"{s.roof.ridge:.3g}: {roofs.bound(s.place)}, at least {roofs.seconds(s.place.time)}, "
        f"{100 * s.place.attainable / s.roof.peak:.2g} % of the peak at most."
    )
    if s.precision != p.precision:
        said += f" (No dense peak for {p.precision.upper()} is published for this chip.)"
    if s.chip.derived:
        said += f" (Calculated, not published as such: {s.chip.derived.replace(' ', ', ')}.)"
    if s.measured:
        said += f" In a matrix product {100 * s.measured.share:.0f} % of the peak was measured by others."
    return said


def roofline(**initial: Any) -> DirectExplorer:
    """An operation on the roofline of a chip of `course.facts.chips`.

    ``initial`` sets any of chip, operation, batch, width, precision, fused. Raises ValueError or
    TypeError for a value or a name that is not one of them; an unknown chip is answered with the
    nearest names.
    """
    if "chip" in initial:
        initial["chip"] = placeable(initial["chip"]).name
    return DirectExplorer(
        RooflineParameters(**initial),
        title="Roofline",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="roofline",
    )
