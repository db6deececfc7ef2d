"""Explorer: a network trained live with gradients in a narrow format, and a loss that is scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.accelerators.formats import FLOATS
from course.accelerators.loss_scaling import BATCH, ScaledTraining
from course.widgets import LiveExplorer, LiveRun, Table, choice, slider, switch
from course.widgets.scene import Area, Line, Panel, Scene, Text, box

_LOW, _HIGH = -60, 20  # powers of two in the histogram
_TOP = 0.8  # of the histogram, as a share
_KEPT = 400  # steps in the picture at first


@dataclass(frozen=True)
class ScalingParameters:
    """What the reader sets."""

    format: str = choice(
        "e5m2", {name: f.label for name, f in FLOATS.items()}, label="Gradients are kept in"
    )
    power: int = slider(0, 0, 30, label="Loss times 2 to the power of")
    examples: int = slider(20, 6, 24, label="Batch: 2 to the power of", unit="examples")
    dynamic: bool = switch(False, label="Let overflows set the scale")


class ScalingRun(LiveRun):
    """The run in the narrow format and, beside it, the same in FP32."""

    def reset(self, parameters: ScalingParameters) -> None:
        """Start both afresh."""
        self.parameters = parameters
        examples = max(2**parameters.examples, BATCH)
        self.mine = ScaledTraining(
            FLOATS[parameters.format],
            2.0**parameters.power,
            mean_over=examples,
            dynamic=parameters.dynamic,
        )
        self.exact = ScaledTraining(FLOATS["fp32"], mean_over=examples)

    def change(self, parameters: ScalingParameters) -> bool:
        """Another scale acts at once; another format or batch starts again."""
        before = self.parameters
        if (parameters.format, parameters.examples) != (before.format, before.examples):
            return False
        if parameters.power != before.power:
            self.mine.scale = 2.0**parameters.power
        self.mine.dynamic = parameters.dynamic
        self.parameters = parameters
        return True

    def step(self) -> None:
        """One batch for both."""
        self.mine.step()
        self.exact.step()

    def scene(self) -> Scene:
        """How large the gradients are, beside what the format can hold; and both losses."""
        return Scene(self._sizes(), self._losses(), height=400)

    def _sizes(self) -> Panel:
        target = self.mine.target
        least, most = np.log2([target.smallest, target.largest])
        low, high = max(least, _LOW), min(most, _HIGH)
        what = f"what {target.label} can hold"
        marks: list[Any] = [
            box(low, 0, high - low, _TOP, color="C2", opacity=0.16),
            Text((low + high) / 2, 0.95 * _TOP, what, "C2", 12, align="center", bold=True),
        ]
        if len(self.mine.sizes):
            powers = np.clip(np.log2(self.mine.sizes), _LOW, _HIGH - 0.01)
            counts, edges = np.histogram(powers, np.arange(_LOW, _HIGH + 1, 2))
            shares = np.minimum(counts / counts.sum(), _TOP)
            tops = np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(shares, 2)])
            filled = np.vstack([(edges[0], 0), tops, (edges[-1], 0)])
            marks.append(Area(filled, "C0", 0.5, edge="C0"))
            lost = f"{100 * self.mine.lost:.0f} % of the gradients become zero"
            marks.append(Text(_LOW + 2, 0.87 * _TOP, lost, size=12.5))
        return Panel(
            (_LOW, _HIGH),
            (0, _TOP),
            marks,
            title="Sizes of the scaled gradients, last step",
            xlabel="size, as a power of two",
            ylabel="share of all gradients",
        )

    def _losses(self) -> Panel:
        last = max(_KEPT, len(self.mine.losses))
        marks: list[Any] = []
        for run, color, dash, label in (
            (self.exact, "ink", "dashed", "in FP32"),
            (self.mine, "C1", "solid", f"in {self.mine.target.label}"),
        ):
            values = _smooth(np.array(run.losses))
            points = np.column_stack([np.arange(len(values)), np.maximum(values, 1e-4)])
            marks.append(Line(points, color, 2, dash, label=label))  # type: ignore[arg-type]
        scale = f"scale 2^{np.log2(self.mine.scale):.0f}, steps skipped: {self.mine.skipped}"
        marks.append(Text(0.03 * last, 1.5e-3, scale, size=12.5))
        return Panel(
            (0, last),
            (1e-3, 10),
            marks,
            title="Loss, mean of 20 batches",
            xlabel="step",
            ylabel="loss",
            y_log=True,
            grid=True,
        )

    def table(self) -> Table:
        """Both runs, as they stand."""
        rows = [
            (
                run.target.label,
                _last(run),
                f"2^{np.log2(run.scale):.0f}",
                _percent(run.lost),
                run.skipped,
            )
            for run in (self.mine, self.exact)
        ]
        columns = ("Gradients in", "Loss", "Scale", "Gradients lost", "Steps skipped")
        return Table(f"After {self.steps} steps", columns, rows)

    def describe(self) -> str:
        """The losses, what is lost, and what overflowed."""
        run = self.mine
        if not run.losses:
            return (
                f"Not trained yet: gradients in {run.target.label}, of a loss that is a mean over "
                f"{2**self.parameters.examples:,} examples, multiplied by 2^{self.parameters.power}."
            )
        said = (
            f"After {self.steps} steps the loss is {_last(run)} with gradients in {run.target.label} "
            f"and {_last(self.exact)} in FP32; {_percent(run.lost)} of the scaled gradients become zero"
        )
        if run.overflowed:
            said += ", others overflow, so that the last step was not taken"
        return f"{said}; {run.skipped} steps were skipped, the scale is {run.scale:,.6g}."


def _smooth(values: Any, width: int = 20) -> Any:
    """The mean of the last ``width`` values, of fewer at the start."""
    if not len(values):
        return values
    sums = np.cumsum(np.concatenate([[0.0], values]))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _last(run: ScaledTraining) -> str:
    return f"{_smooth(np.array(run.losses))[-1]:.3f}" if run.losses else "-"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def loss_scaling(**initial: Any) -> LiveExplorer:
    """A network trained live with gradients in a narrow format, and a loss that is multiplied.

    ``initial`` sets any of format, power, examples, dynamic; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return LiveExplorer(
        ScalingParameters(**initial),
        ScalingRun(),
        title="Loss scaling",
        pace=50,
        preview=100,
        opener="loss_scaling",
    )
