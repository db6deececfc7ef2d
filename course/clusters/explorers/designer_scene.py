"""The designer's picture: memory and time, each as a stack taken apart, and what can be pressed."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from course.clusters.explorers.cases import CHUNKS, MICRO
from course.clusters.planner.memory import PARTS as MEMORY
from course.clusters.planner.step_time import PARTS as TIME
from course.widgets.scene import Line, Panel, Scene, Spot, Text, box

if TYPE_CHECKING:
    from course.clusters.explorers.designer import Designed

WIDTH, HEIGHT = 840, 440
_ROW, _TOP = 23, 58
_TOGGLES = {
    "micro": ("Sequences at once", tuple((str(n), str(n)) for n in MICRO)),
    "chunks": ("Chunks a stage", tuple((str(n), str(n)) for n in CHUNKS)),
    "zero": ("Sharded (ZeRO)", (("0", "nothing"), ("1", "optimizer"),
                                         ("2", "+ gradients"), ("3", "+ weights"))),
    "recompute": ("Computed again", (("none", "nothing"), ("selective", "cheap parts"),
                                     ("full", "all"))),
}  # fmt: skip


def scene(d: Designed) -> Scene:
    """Everything on one panel whose coordinates are the picture's pixels."""
    marks: list[Any] = _faults(d) if d.faults else [*_memory(d), *_time(d)]
    marks += _buttons(d)
    ground = Panel(
        (0, WIDTH), (HEIGHT, 0), marks, axes=False, place=(0.0, 0.0, float(WIDTH), float(HEIGHT))
    )
    return Scene(ground, width=WIDTH, height=HEIGHT)


def _faults(d: Designed) -> list[Any]:
    marks: list[Any] = [Text(10, 24, "This plan does not divide", "C1", 16, bold=True)]
    lines = [line for fault in d.faults for line in [*textwrap.wrap(fault, 100), ""]]
    for n, line in enumerate(lines[:11]):
        marks.append(Text(10, 54 + 22 * n, line, size=13))
    return marks


def _stack(
    parts: list[tuple[str, float]],
    left: float,
    width: float,
    most: float,
    limit: float = 0.0,
    marked: str = "",
) -> list[Any]:
    """Rows of one stack, each part where it lies in the sum.

    What lies beyond ``limit`` (0 for none), and the part ``marked``, has another colour and an edge.
    """
    marks: list[Any] = []
    level = 0.0
    loud: dict[str, Any] = {"color": "C1", "opacity": 0.85, "edge": "ink"}
    for n, (name, value) in enumerate(parts):
        y = _TOP + _ROW * n
        a, b = left + width * level / most, left + width * (level + value) / most
        edge = min(max(left + width * limit / most, a), b) if limit else b
        marks.append(Text(left - 8, y + 9, name, size=12, align="right", bold=name == marked))
        if edge > a:
            look = loud if name == marked else {"color": "C0", "opacity": 0.85}
            marks.append(box(a, y, max(edge - a, 1.0), 17, **look))
        if b > edge:
            marks.append(box(edge, y, b - edge, 17, **loud))
        if n + 1 < len(parts):
            marks.append(Line([(b, y + 17), (b, y + _ROW)], "quiet", 1))
        level += value
    return marks


def _memory(d: Designed) -> list[Any]:
    memory = d.memory
    assert memory is not None
    parts = [(name, float(memory.parts[name]) / 1e9) for name in MEMORY]
    total, limit = float(memory.total) / 1e9, memory.limit / 1e9
    left, width, most = 128.0, 200.0, max(1.06 * limit, total)
    marks: list[Any] = [Text(10, 16, "Memory of the fullest chip", size=14, bold=True)]
    verdict = f"fits: {total:.1f} of {limit:.0f} GB"
    if not memory.fits:
        verdict = f"OUT OF MEMORY: {total:,.0f} of {limit:.0f} GB"
    marks.append(Text(10, 38, verdict, "ink" if memory.fits else "C1", 13, bold=not memory.fits))
    marks += _stack(parts, left, width, most, limit)
    level = 0.0
    for n, (_, value) in enumerate(parts):
        level += value
        marks.append(Text(left + width + 8, _TOP + _ROW * n + 9, f"{value:,.1f} GB", size=12))
    x, bottom = left + width * limit / most, _TOP + _ROW * len(parts)
    marks.append(Line([(x, _TOP - 6), (x, bottom + 8)], "ink", 1.5, "dashed"))
    marks.append(Text(x, bottom + 18, f"chip: {limit:.0f} GB", size=12, align="right"))
    lines = [
        f"{d.plan.chips:,} of {d.case.cluster.chips:,} chips at work:",
        f"{d.plan.tensor} tensor x {d.plan.pipeline} pipeline x {d.plan.data} data"
        + (f" x {d.plan.context} context" if d.plan.context > 1 else ""),
        f"{d.plan.micro_batches} micro-batches pass through each replica",
    ]
    marks += [Text(10, bottom + 44 + 19 * n, line, "quiet", 12) for n, line in enumerate(lines)]
    return marks


def _time(d: Designed) -> list[Any]:
    step = d.step
    assert step is not None
    parts = [(name, float(step.parts[name])) for name in TIME]
    total = sum(value for _, value in parts)
    references = [
        ("published", d.case.published_seconds, "dashed"),
        ("best plan", d.best, "dotted"),
    ]
    most = 1.02 * max([total, *(s for _, s, _ in references if s)])
    left, width = 588.0, 190.0
    title = f"One step: {d.seconds} (MFU {100 * d.mfu:.1f} %)"
    marks: list[Any] = [Text(428, 16, title, size=14, bold=True)]
    marks.append(Text(428, 38, d.verdict, "C1" if d.waits else "ink", 13, bold=d.waits))
    marks += _stack(parts, left, width, most, marked=d.worst)
    for n, (_, value) in enumerate(parts):
        y = _TOP + _ROW * n + 9
        marks.append(Text(left + width + 8, y, f"{100 * value / total:.1f} %", size=12))
    bottom = _TOP + _ROW * len(parts)
    for n, (name, seconds, dash) in enumerate(references):
        if seconds:
            x = left + width * seconds / most
            marks.append(Line([(x, _TOP - 6), (x, bottom + 4)], "ink", 1.5, dash))  # type: ignore[arg-type]
            said = f"{name}: {seconds:.3g} s ({dash} line)"
            marks.append(Text(428, bottom + 16 + 18 * n, said, "quiet", 12))
    return marks


def _buttons(d: Designed) -> list[Any]:
    p = d.parameters
    now = {"micro": p.micro_batch, "chunks": p.chunks, "zero": p.zero, "recompute": p.recompute}
    field = {"micro": "micro_batch"}
    marks: list[Any] = []
    for row, (name, (label, options)) in enumerate(_TOGGLES.items()):
        x0, y = (10.0, 368.0) if row < 2 else (428.0, 368.0)
        y += 36 * (row % 2)
        marks.append(Text(x0, y + 14, label, size=12))
        wide = 42.0 if row < 2 else 74.0 if name == "zero" else 99.0
        for n, (value, text) in enumerate(options):
            x = x0 + (132 if row < 2 else 108) + (wide + 2) * n
            chosen = now[name] == value
            marks.append(box(x, y, wide, 28, color="C0" if chosen else "quiet",
                             opacity=0.35 if chosen else 0.1,
                             edge="ink" if chosen else "quiet"))  # fmt: skip
            marks.append(Text(x + wide / 2, y + 14, text, size=10.5, align="center", bold=chosen))
            sets = {field.get(name, name): value}
            spot = Spot(f"{name} {value}", x, y, wide, 28, f"{label}: {text}", sets, chosen)
            marks.append(spot)
    for n, (name, label) in enumerate((("best", "Find the best plan"), ("published", _known(d)))):
        x = 428.0 + 176 * n
        marks.append(box(x, 316, 168, 32, color="quiet", opacity=0.15, edge="quiet"))
        marks.append(Text(x + 84, 332, label, size=13, align="center"))
        marks.append(Spot(name, x, 316, 168, 32, label))
    return marks


def _known(d: Designed) -> str:
    return "Load the published plan" if d.case.run else "Load the first plan"
