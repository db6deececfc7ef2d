"""Explorer: a pipeline's schedule as a chart: who works when, who waits, what must be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.clusters import pipeline
from course.clusters.pipeline import Timeline
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text, box

CHUNKS = 2  # of a stage, where interleaved
_WAYS = {"gpipe": "GPipe", "1f1b": "1F1B", "interleaved": "interleaved 1F1B"}
_WIDTH, _HEIGHT = 840.0, 500.0
_MOST = 32  # micro-batches


@dataclass(frozen=True)
class PipelineParameters:
    """What the reader sets."""

    schedule: str = choice("gpipe", _WAYS, label="Schedule")
    stages: int = slider(4, 2, 8, label="Stages (p)")
    micro_batches: int = slider(8, 1, _MOST, label="Micro-batches (m)")


@dataclass(frozen=True)
class Scheduled:
    """A simulated step; interleaving rounds the micro-batches up to what the stages divide."""

    parameters: PipelineParameters
    timeline: Timeline

    @property
    def formula(self) -> float:
        """Waiting over work, by formula."""
        t = self.timeline
        return pipeline.bubble(t.stages, t.micro_batches, t.chunks)

    @property
    def rounded(self) -> bool:
        """True where more micro-batches run than were asked for."""
        return self.timeline.micro_batches != self.parameters.micro_batches


def simulate(p: PipelineParameters) -> Scheduled:
    """Run the schedule; a backward pass takes twice as long as a forward pass."""
    chunks = CHUNKS if p.schedule == "interleaved" else 1
    micro_batches = p.micro_batches
    if chunks > 1:
        micro_batches = -(-micro_batches // p.stages) * p.stages
    return Scheduled(p, pipeline.simulate(p.schedule, p.stages, micro_batches, chunks))


def scene(s: Scheduled) -> Scene:
    """The chart above; activations kept, and the bubble over micro-batches, below."""
    return Scene(_chart(s), _kept(s), _bubble(s), width=_WIDTH, height=_HEIGHT)


def _chart(s: Scheduled) -> Panel:
    t = s.timeline
    per_pixel = t.length / (_WIDTH - 72)
    marks: list[Any] = []
    for slot in t.slots:
        w, long = slot.work, slot.end - slot.start
        later = w.chunk > 0
        # Forward passes are low and light, backward passes full and strong: not by colour alone.
        height = 0.5 if w.forward else 0.84
        y = w.stage - (0.08 if w.forward else 0.42)
        color = ("C0" if w.forward else "C1") if not later else ("C6" if w.forward else "C5")
        edge = "ground" if long / per_pixel > 5 else ""
        opacity = 0.55 if w.forward else 0.75
        marks.append(box(slot.start, y, long, height, color=color, opacity=opacity, edge=edge))
        if long / per_pixel > (15 if w.micro_batch > 8 else 9):
            number = f"{w.micro_batch + 1}"
            middle = (slot.start + long / 2, w.stage + (0.17 if w.forward else 0))
            marks.append(Text(*middle, number, "ink", 11, align="center"))
    for stage in range(t.stages):
        marks.append(Text(-6 * per_pixel, stage, f"stage {stage + 1}", size=12, align="right"))
    low = t.stages - 0.5
    marks.append(Line([(0, low), (t.length, low)], "quiet", 1.2, arrow=True))
    said = "low: forward, tall: backward, numbers: micro-batch, empty: waiting"
    if t.chunks > 1:
        said += ", other colours: the second chunk"
    marks.append(Text(t.length / 2, low + 0.28, f"time →   ({said})", "quiet", 11.5, "center"))
    title = f"{_WAYS[s.parameters.schedule]}: one step of {t.micro_batches} micro-batches"
    return Panel(
        (-58 * per_pixel, t.length + 14 * per_pixel),
        (t.stages - 0.05, -0.5),
        marks,
        title=title,
        axes=False,
        place=(0.0, 0.0, _WIDTH, 290.0),
    )


def _kept(s: Scheduled) -> Panel:
    t = s.timeline
    held = [t.in_flight(stage) for stage in range(t.stages)]
    high = 1.2 * max(max(held), 1)
    marks: list[Any] = []
    for stage, count in enumerate(held, start=1):
        marks.append(box(stage - 0.36, 0, 0.72, count, color="C3", opacity=0.6))
        marks.append(Text(stage, count + 0.06 * high, f"{count:g}", size=12, align="center"))
    return Panel(
        (0.4, t.stages + 0.6),
        (0, high),
        marks,
        title="Activations kept, at most",
        xlabel="stage",
        ylabel="micro-batches",
        place=(0.0, 296.0, 370.0, 204.0),
    )


def _bubble(s: Scheduled) -> Panel:
    t = s.timeline
    counts = np.arange(1, _MOST + 1)
    marks: list[Any] = []
    for chunks, dash, label in ((1, "solid", "(p - 1)/m"), (CHUNKS, "dashed", "(p - 1)/(2 m)")):
        shares = 100 * (t.stages - 1) / (chunks * counts)
        color = "C0" if chunks == 1 else "C4"
        marks.append(Line(np.column_stack([counts, shares]), color, 2, dash, label=label))  # type: ignore[arg-type]
    here = (t.micro_batches, 100 * t.bubble)
    marks.append(Points([here], "C1", "D", 10, label="simulated"))
    return Panel(
        (0, _MOST + 1),
        (0, max(110.0, 1.15 * here[1])),
        marks,
        title="Waiting, as a share of the work",
        xlabel="micro-batches (m)",
        ylabel="%",
        grid=True,
        place=(390.0, 296.0, 450.0, 204.0),
    )


def table(s: Scheduled) -> Table:
    """What every stage keeps and how long it waits, and the bubble by formula."""
    t = s.timeline
    rows: list[tuple[Any, ...]] = [
        (f"stage {stage + 1}", f"{t.in_flight(stage):g}", f"{100 * t.idle:.1f} %")
        for stage in range(t.stages)
    ]
    caption = (
        f"{_WAYS[s.parameters.schedule]}, {t.micro_batches} micro-batches: waiting is "
        f"{100 * t.bubble:.1f} % of the work when simulated, {100 * s.formula:.1f} % by formula"
    )
    columns = ("Stage", "Micro-batches kept at most", "Waits, of the whole time")
    return Table(caption, columns, rows)


def describe(s: Scheduled) -> str:
    """The bubble, simulated and by formula, and what the stages keep."""
    t = s.timeline
    name, over = ("(p - 1)/m", "") if t.chunks == 1 else ("(p - 1)/(2 m)", " in two chunks each")
    said = (
        f"{_WAYS[s.parameters.schedule]} with {t.stages} stages{over} and {t.micro_batches} "
        f"micro-batches: simulated, a stage waits {100 * t.bubble:.1f} % of its working time; "
        f"{name} is {100 * s.formula:.1f} %. That is {100 * t.idle:.1f} % of the whole time. The "
        f"first stage keeps the activations of up to {t.in_flight(0):g} micro-batches, the last "
        f"of {t.in_flight(t.stages - 1):g}."
    )
    if s.rounded:
        said += (
            f" This interleaving needs a number of micro-batches that the stages divide: "
            f"{t.micro_batches}, not {s.parameters.micro_batches}."
        )
    return said


def pipeline_schedule(**initial: Any) -> DirectExplorer:
    """One training step of a pipeline: GPipe, 1F1B or interleaved, simulated.

    ``initial`` sets any of schedule, stages, micro_batches; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        PipelineParameters(**initial),
        title="Pipeline schedules",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="pipeline_schedule",
    )
