"""Explorer: this machine's own roofline, measured now, with the training step of lesson 03 on it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from course.accelerators import learner_step, measuring
from course.accelerators.explorers import roofs
from course.accelerators.learner_step import SIZES
from course.accelerators.measured import Measured, Reading, said
from course.accelerators.measuring import Session, finished
from course.accelerators.roofline import Place, Roof
from course.widgets import LiveExplorer, LiveRun, Table, choice
from course.widgets.scene import Line, Panel, Points, Scene, Text

BATCH = 32  # of lesson 03
_X = (0.03, 3e3)
_MIB = (0.03, 2e3)
_SECONDS = 0.03  # for a reading
_ONE = 1e9  # operations a second, as the picture has them


@dataclass(frozen=True)
class MachineParameters:
    """What the reader sets; nothing of it needs a new measurement."""

    threads: str = choice("one", {"one": "one", "all": "all there are"}, label="Threads")
    precision: str = choice("fp32", {"fp32": "FP32", "fp64": "FP64"}, label="Numbers in")
    data: str = choice("digits", {n: n for n in SIZES}, label="Training step of lesson 03 on")


class MachineRun(LiveRun):
    """The measurements, one an update."""

    def __init__(self, seconds: float = _SECONDS, largest: int = 0) -> None:
        self._seconds, self._largest = seconds, largest
        self._first = True

    @property
    def done(self) -> bool:
        """True when everything has been measured."""
        return self.session.done >= self.session.total

    @property
    def found(self) -> Measured:
        """What has been measured so far."""
        return self.session.found

    @property
    def threads(self) -> int:
        """The number of threads that is shown."""
        counts = self.session.devices[0].threads
        return min(counts) if self.parameters.threads == "one" else max(counts)

    def reset(self, parameters: MachineParameters) -> None:
        """Begin with what was measured before, in this process; after that, measure afresh."""
        self.parameters = parameters
        before = finished() if self._first else None
        self.session = before or Session(seconds=self._seconds, largest=self._largest)
        self._first = False

    def change(self, parameters: MachineParameters) -> bool:
        """All of it is measured anyway: only what is shown changes."""
        self.parameters = parameters
        return True

    def step(self) -> None:
        """One measurement."""
        self.session.next()

    def steps_shown(self) -> list[tuple[Reading, Place]]:
        """The measured training steps, each with its place under the roof of the memory it fits in."""
        return [
            (r, place)
            for r in self.found.of("step", threads=self.threads, subject=self.parameters.data)
            if (place := placed(self.found, r)) is not None
        ]

    def scene(self) -> Scene:
        """The roof, products and training steps under it; beside it bandwidth by size."""
        return Scene(self._roofline(), self._bandwidth(), height=430)

    def _roofline(self) -> Panel:
        found, p, threads = self.found, self.parameters, self.threads
        products = found.of("product", threads=threads, precision=p.precision)
        top, bottom = 1e3, 0.1
        marks: list[Any] = []
        entries: list[tuple[str, str, str]] = []
        gpu = found.of("product", "gpu", precision=p.precision)
        if products:
            roof = found.roof(threads, p.precision)
            top = 10 ** ceil(log10(1.5 * max([r.rate for r in (*products, *gpu)]) / _ONE))
            least = min([r.rate for r in (*products, *(r for r, _ in self.steps_shown()))]) / _ONE
            bottom = min(top / 1e4, 10 ** floor(log10(0.3 * least)))
            near = max(r.bandwidth for r in found.of("memory", threads=threads))
            cache = Roof("from cache", roof.peak, near)
            marks.append(roofs.line(cache, *_X, "C3", 1.4, _ONE, dash="dashed"))
            marks.append(roofs.line(roof, *_X, "C0", 2.4, _ONE))
            entries += [("from cache", "C3", "dashed"), ("from main memory", "C0", "solid")]
            if gpu:
                marks.append(roofs.line(found.roof(1, p.precision, "gpu"), *_X, "C4", 1.8, _ONE, dash="dotted"))  # fmt: skip
                entries.append(("the GPU", "C4", "dotted"))
            points = [(r.flops / r.bytes, max(r.rate / _ONE, 1.3 * bottom)) for r in products]
            marks.append(Points(points, "C2", "o", 7))
            entries.append(("products of matrices", "C2", "o"))
        steps = self.steps_shown()
        if steps and p.precision == "fp32":
            points = [(pl.operation.intensity, max(r.rate / _ONE, 1.3 * bottom)) for r, pl in steps]
            marks.append(Line(points, "C1", 1.2))
            marks.append(Points(points, "C1", "D", 9))
            for (r, _), (x, y) in zip(steps, points, strict=True):
                marks.append(Text(x * 0.88, y * 1.25, f"{r.size}", "C1", 11.5, align="right"))
            entries.append((f"training step, {p.data}, by batch", "C1", "D"))
        if not products:
            words = "Press Play to measure" if not self.session.done else "Measuring…"
            marks.append(Text(9.5, 10.0, words, size=15, align="center", bold=True))
        marks += roofs.key(entries, _X, (bottom, top), 0.5)
        return Panel(
            _X,
            (bottom, top),
            marks,
            title=f"This machine, {said(threads, 'cpu')}, {p.precision.upper()}: measured",
            xlabel="intensity (operations for each byte that moves)",
            ylabel="10^9 operations a second",
            x_log=True,
            y_log=True,
            grid=True,
            place=(14.0, 0.0, 520.0, 430.0),
        )

    def _bandwidth(self) -> Panel:
        marks: list[Any] = []
        every = self.found.of("memory")
        top = 1.25 * max([r.bandwidth / 1e9 for r in every], default=100.0)
        for level, bytes_ in measuring.caches():
            at = bytes_ / 2**20
            if at > 2 * _MIB[0]:  # the first level ends left of the picture
                marks.append(Line([(at, 0), (at, top)], "quiet", 1, "dotted"))
                marks.append(Text(at * 0.93, 0.04 * top, level, "quiet", 11.5, align="right"))
        counts = self.session.devices[0].threads
        for count, color, dash in ((min(counts), "C0", "solid"), (max(counts), "C1", "dashed")):
            rows = [r for r in every if r.threads == count]
            points = [(r.size / 2**20, r.bandwidth / 1e9) for r in rows]
            if points:
                marks.append(Line(points, color, 1.8, dash, label=said(count, "cpu")))  # type: ignore[arg-type]
                marks.append(Points(points, color, "o", 6))
            if min(counts) == max(counts):
                break
        return Panel(
            _MIB,
            (0, top),
            marks,
            title="Memory, measured: c = a + b",
            xlabel="three arrays together (MiB)",
            ylabel="GB/s",
            x_log=True,
            grid=True,
            place=(546.0, 0.0, 294.0, 430.0),
        )

    def table(self) -> Table:
        """All that was measured, in words."""
        rows = self.found.rows() or [("-", "nothing measured yet", "-")]
        caption = f"Measured here: {self.found.machine}"
        return Table(caption, ("Where", "What", "How fast (best of several tries)"), rows)

    def describe(self) -> str:
        """How far it is; then the roof, and where lesson 03's step stands under it."""
        session, p = self.session, self.parameters
        if not session.done:
            return (
                f"Nothing is measured yet. Play makes {session.total} measurements on this machine "
                f"({self.found.machine}), which take some seconds; one measurement is one update."
            )
        if not self.done:
            return f"{session.done} of {session.total} measurements are made."
        roof = self.found.roof(self.threads, p.precision)
        words = (
            f"With {roof.name.removeprefix('this machine, ')}, this machine reached {roofs.rate(roof.peak)} in a matrix "
            f"product and {roof.bandwidth / 1e9:.3g} GB/s from main memory: its ridge is at {roof.ridge:.3g} operations a byte."
        )
        steps = {r.size: (r, place) for r, place in self.steps_shown()}
        if BATCH in steps:
            reading, place = steps[BATCH]
            one = steps[min(steps)][0]
            words += (
                f" The training step on {p.data} with batch {BATCH} (FP32) takes {roofs.seconds(reading.best)}, and the roof asks for "
                f"{roofs.seconds(place.time)} ({roofs.bound(place)}); with batch {one.size} it still takes {roofs.seconds(one.best)}."
            )
        return " ".join([words, *self.found.notes])


def placed(found: Measured, step: Reading) -> Place | None:
    """A training step under the roof of the memory that holds all its arrays; None before that is measured."""
    sizes = SIZES[step.subject]
    try:
        need = learner_step.footprint(sizes, step.size)
        roof = found.roof(step.threads, step.precision, step.device, need)
    except ValueError:
        return None
    return roof.place(learner_step.counted(sizes, step.size))


def this_machine(**initial: Any) -> LiveExplorer:
    """Measure this machine's memory and arithmetic, and place lesson 03's training step on its roofline.

    ``initial`` sets any of threads, precision, data; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return LiveExplorer(
        MachineParameters(**initial),
        MachineRun(),
        title="This machine",
        opener="this_machine",
    )
