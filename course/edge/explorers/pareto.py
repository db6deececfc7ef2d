"""Explorer: published models on a device, against its memory and a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course.edge.devices import (
    CAR_KMH,
    PHONE_BATTERY_WH,
    Device,
    Placed,
    answers_per_charge,
    devices,
    metres,
    place,
)
from course.widgets import Explorer, Table, choice, slider, style


@dataclass(frozen=True)
class ParetoParameters:
    """What the reader sets."""

    device: str = choice("pi5", {k: d.name for k, d in devices().items()}, label="Device")
    deadline: float = slider(33.0, 0.1, 10_000.0, label="Deadline", unit="ms", log=True)
    reached: int = slider(20, 1, 100, label="Share of its peak that it reaches", unit="%, assumed")


@dataclass(frozen=True)
class Front:
    """Every model on the device."""

    device: Device
    deadline: float
    reached: int
    placed: tuple[Placed, ...]

    @property
    def fitting(self) -> list[Placed]:
        """What could be shipped, the most accurate first."""
        found = [p for p in self.placed if p.fits]
        return sorted(found, key=lambda p: -p.candidate.top1)


def simulate(p: ParetoParameters) -> Front:
    """Place every published model on the device."""
    device = devices()[p.device]
    return Front(device, p.deadline, p.reached, place(device, p.deadline, p.reached / 100))


def figure(f: Front, fig: Figure) -> None:
    """Time against accuracy; the deadline; the front; the size of a marker is the file's."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.075, right=0.985, top=0.88, bottom=0.15)
    running = [p for p in f.placed if p.answer is not None]
    if not running:
        axes.text(0.5, 0.5, "It cannot compute any of them.", ha="center", transform=axes.transAxes)
    for precision, color, marker in (("fp32", "C0", "o"), ("int8", "C1", "s")):
        for fits in (True, False):
            some = [p for p in running if p.candidate.precision == precision and p.fits is fits]
            if not some:
                continue
            sizes = [12 + 60 * np.sqrt(p.candidate.file_bytes / 1e8) for p in some]
            axes.scatter(
                [p.answer.ms for p in some if p.answer],
                [p.candidate.top1 for p in some],
                sizes,
                marker=marker,
                facecolors=color if fits else "none",
                edgecolors=color,
                label=f"{precision}, {'fits' if fits else 'does not'}",
            )
    front = sorted((p.answer.ms, p.candidate.top1) for p in running if p.on_front and p.answer)
    if front:
        axes.step(*zip(*front, strict=True), where="post", color=style.ink(), linewidth=1)
    axes.axvline(f.deadline, color=style.ink(), linestyle="--", linewidth=1.2)
    axes.set(
        xscale="log",
        xlabel="time of one answer (ms, simulated)",
        ylabel="accuracy (% top-1, published)",
    )
    times = [p.answer.ms for p in running if p.answer] + [f.deadline]
    axes.set_xlim(min(times) / 2, max(times) * 2)
    axes.set_ylim(56, 87)
    axes.grid(True, linewidth=0.6)
    if running:
        axes.legend(fontsize=8, frameon=False, loc="lower right")
    axes.set_title(
        f"{f.device.name}; dashed: the deadline; line: the Pareto front; larger marker: larger file"
    )


def table(f: Front) -> Table:
    """The models on the front and those that fit, the most accurate first."""
    wanted = sorted(
        (p for p in f.placed if p.answer is not None and (p.on_front or p.fits)),
        key=lambda p: -p.candidate.top1,
    )
    rows = [
        (
            p.candidate.name,
            p.candidate.precision,
            f"{p.candidate.top1:.2f}",
            f"{p.candidate.file_bytes / 1e6:.1f}",
            f"{p.answer.ms:.3g}",
            p.answer.bound,
            "unknown" if p.answer.millijoules is None else f"{p.answer.millijoules:.3g}",
            "yes" if p.on_front else "no",
            "yes" if p.fits else "no",
        )
        for p in wanted
        if p.answer is not None
    ]
    columns = (
        "Model",
        "Numbers",
        "Top-1 (%, published)",
        "File (MB, published)",
        "Time (ms, simulated)",
        "Bound by",
        "Energy (mJ, simulated)",
        "On the front",
        "Fits",
    )
    rows = rows or [("none", "", "", "", "", "", "", "", "")]
    caption = f"{f.device.name}, {f.reached} % of its peak (assumed). {f.device.basis}"
    if "int8" not in f.device.peaks:
        caption += "; no int8 peak is published, so int8 is timed as if computed in floats"
    if f.device.bandwidth is None:
        caption += "; its memory's speed is not known here, so that only arithmetic bounds the time"
    return Table(caption, columns, rows)


def describe(f: Front) -> str:
    """The best that fits, and what its time means."""
    fitting = f.fitting
    total = len(f.placed)
    if not fitting:
        why = (
            "memory"
            if not any(p.fits_memory for p in f.placed)
            else "the deadline or the arithmetic"
        )
        return (
            f"None of the {total} models fits {f.device.name} within {f.deadline:.3g} ms ({why} forbids it): "
            "a smaller model, a lower resolution or another device is needed."
        )
    best = fitting[0]
    assert best.answer is not None
    text = (
        f"{len(fitting)} of {total} models fit {f.device.name} within {f.deadline:.3g} ms. The most accurate is "
        f"{best.candidate.name} in {best.candidate.precision}, {best.candidate.top1:.2f} %, at "
        f"{best.answer.ms:.3g} ms: a car at {CAR_KMH:g} km/h moves {100 * metres(best.answer.ms):.3g} cm meanwhile"
    )
    if best.answer.millijoules:
        many = answers_per_charge(best.answer.millijoules)
        text += (
            f"; at {best.answer.millijoules:.3g} mJ an answer, a battery of {PHONE_BATTERY_WH:g} Wh (assumed) "
            f"would give {many:.2g} of them"
        )
    return text + "."


def pareto_front(**initial: Any) -> Explorer:
    """Published models on a device, with its memory and a deadline.

    ``initial`` sets any of device, deadline, reached; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        ParetoParameters(**initial),
        title="What fits the device?",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="pareto_front",
    )
