"""Explorer: threads that compute and wait, cycle by cycle, and how many keep a processor busy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.accelerators.latency import COMPUTE, READY, WAIT, Machine, Trace, few_fast, run
from course.widgets import DirectExplorer, Table, slider
from course.widgets.scene import HeatMap, Line, Panel, Points, Scene, Text, box

SHOWN = 600  # cycles in the picture
MOST = 128
_FAST = (4, 8)  # threads of the processor beside it, and how much faster each is


@dataclass(frozen=True)
class LatencyParameters:
    """What the reader sets."""

    threads: int = slider(8, 1, MOST, label="Threads")
    latency: int = slider(200, 0, 400, step=10, label="Memory answers after", unit="cycles")
    work: int = slider(8, 1, 40, label="Instructions per request")
    interval: int = slider(1, 1, 20, label="Cycles between two requests, at least")


@dataclass(frozen=True)
class Hidden:
    """The first cycles of a run, its means over whole rounds, and other numbers of threads."""

    trace: Trace
    settled: Trace
    counts: tuple[int, ...]
    measured: tuple[float, ...]

    @property
    def machine(self) -> Machine:
        """The machine that ran."""
        return self.trace.machine


def simulate(p: LatencyParameters) -> Hidden:
    """Run the machine, and the same with other numbers of threads."""
    machine = Machine(p.threads, p.work, p.latency, p.interval)
    counts = (1, 2, 4, 8, 16, 32, 64, 128)
    others = [Machine(n, p.work, p.latency, p.interval) for n in counts]
    measured = tuple(_settled(other).issued for other in others)
    return Hidden(run(machine, SHOWN), _settled(machine), counts, measured)


def _settled(machine: Machine) -> Trace:
    """Whole rounds, after some rounds to settle."""
    longest = machine.threads * max(machine.work, machine.interval)
    period = max(machine.work + machine.latency, longest)
    return run(machine, 3 * period, 2 * period)


def scene(h: Hidden) -> Scene:
    """Each thread's time as a strip; below it when the processor issues; beside it the law."""
    return Scene(_strips(h), _issues(h), _law(h), height=430)


def _strips(h: Hidden) -> Panel:
    states = h.trace.states
    # Light for waiting, strong for computing, nothing for a thread that waits for its turn.
    shade = np.select([states == COMPUTE, states == WAIT], [1.0, 0.25], 0.0)
    threads = h.machine.threads
    return Panel(
        (0, SHOWN),
        (threads + 0.5, 0.5),
        [HeatMap(_colours(shade), extent=(0, SHOWN, 0.5, threads + 0.5))],
        title="Blue: computes; pale: waits for memory",
        xlabel="cycle",
        ylabel="thread",
        place=(0.0, 0.0, 500.0, 330.0),
    )


def _colours(shade: Any) -> Any:
    """Shades as transparent blue, readable on either ground."""
    rgba = np.zeros((*shade.shape, 4), np.uint8)
    rgba[..., :3] = (0x1E, 0x88, 0xC8)
    rgba[..., 3] = (255 * shade).astype(np.uint8)
    return rgba


def _issues(h: Hidden) -> Panel:
    busy = (h.trace.states == COMPUTE).any(axis=0)
    # As wide as the strips above it, whose labels take the rest.
    return Panel(
        (0, SHOWN),
        (0, 1),
        [
            HeatMap(_colours(busy[None, :].astype(float))),
            box(0, 0, SHOWN, 1, opacity=0, edge="quiet"),
        ],
        title=f"The processor: busy in {100 * h.settled.issued:.0f} % of the cycles",
        axes=False,
        place=(58.0, 340.0, 428.0, 60.0),
    )


def _law(h: Hidden) -> Panel:
    m = h.machine
    counts = np.geomspace(1, MOST, 120)
    law = np.minimum(counts * m.work / (m.work + m.latency), m.limit * m.work)
    fast = few_fast(m, *_FAST) * m.limit * m.work
    marks: list[Any] = [
        Line(np.column_stack([counts, 100 * law]), "ink", 1.5, "dashed", label="Little's law"),
        Points(np.column_stack([h.counts, 100 * np.array(h.measured)]), "C0", label="simulated"),
        Points([(m.threads, 100 * h.settled.issued)], "C1", "D", 11, label="here"),
        Points([(_FAST[0], 100 * fast)], "C2", "^", 11, label="4 threads, each 8 times as fast"),
        Text(1.1, 106, f"{m.enough} threads are enough", "quiet", 12),
    ]
    return Panel(
        (1, 1.25 * MOST),
        (0, 190),
        marks,
        title="Work done, of the most",
        xlabel="threads",
        ylabel="% of one instruction a cycle",
        x_log=True,
        grid=True,
        place=(500.0, 0.0, 340.0, 430.0),
    )


def table(h: Hidden) -> Table:
    """Threads, what is simulated, and what Little's law says."""
    m = h.machine
    rows: list[tuple[Any, ...]] = []
    for count, measured in zip(h.counts, h.measured, strict=True):
        law = Machine(count, m.work, m.latency, m.interval).busy
        rows.append((str(count), f"{100 * measured:.1f} %", f"{100 * law:.1f} %"))
    rows.append((f"{m.threads} (here)", f"{100 * h.settled.issued:.1f} %", f"{100 * m.busy:.1f} %"))
    fast = few_fast(m, *_FAST) * m.limit * m.work
    rows.append(("4, each 8 times as fast", "-", f"{100 * fast:.1f} %"))
    states = h.trace.states[0]
    parts = [np.mean(states == state) for state in (COMPUTE, WAIT, READY)]
    caption = (
        f"In the first {SHOWN} cycles thread 1 computes in {100 * parts[0]:.0f} %, waits for memory "
        f"in {100 * parts[1]:.0f} % and for its turn in {100 * parts[2]:.0f} %"
    )
    columns = ("Threads", "Cycles with an instruction, simulated", "By Little's law")
    return Table(caption, columns, rows)


def describe(h: Hidden) -> str:
    """How busy the processor is, how many threads would be enough, and Little's law in numbers."""
    m, s = h.machine, h.settled
    many = f"{m.threads} thread{'' if m.threads == 1 else 's'}"
    said = (
        f"With {many} the processor carries out an instruction in {100 * s.issued:.0f} % of the cycles; "
        f"{m.enough} are enough for the most that it and its memory can do. "
    )
    if np.isfinite(s.wait):
        said += (
            f"On their way are {s.outstanding:.2f} requests on average: {s.throughput:.4f} a cycle "
            f"times {s.wait:.0f} cycles each."
        )
    return said


def latency_hiding(**initial: Any) -> DirectExplorer:
    """How many threads keep a processor busy while each of them waits for memory.

    ``initial`` sets any of threads, latency, work, interval; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        LatencyParameters(**initial),
        title="Many slow threads",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="latency_hiding",
    )
