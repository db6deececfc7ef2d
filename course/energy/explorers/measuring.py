"""Explorer: a training that runs now, with the energy that it has used and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course import scratch
from course.energy.explorers.flows import GRIDS
from course.energy.explorers.words import amount, mass
from course.energy.grids import grid
from course.energy.meters import LEAST_WATTS, MOST_WATTS, WATTS_A_CORE, Meter, Reading
from course.energy.training import MODELS, SmallTraining
from course.widgets import LiveExplorer, LiveRun, Table, choice, slider
from course.widgets.scene import Area, Line, Panel, Scene

STEPS = 1000  # a run has no more
_SMOOTH = 20  # steps in the mean that is drawn of the loss


@dataclass(frozen=True)
class RunParameters:
    """What the reader sets."""

    model: str = choice("cnn", MODELS, label="Train")
    watts: float = slider(
        WATTS_A_CORE,
        LEAST_WATTS,
        MOST_WATTS,
        step=0.5,
        label="A busy core, if not measured",
        unit="W",
    )
    grid: str = choice("DEU", {key: grid(key).name for key in GRIDS}, label="Grid")


class ThisRun(LiveRun):
    """A SmallTraining under a Meter."""

    def __init__(self) -> None:
        self.reset(RunParameters())

    def reset(self, parameters: RunParameters) -> None:
        """Start afresh: new weights, a meter at zero."""
        self.parameters = parameters
        state = scratch.get_rng_state()
        scratch.manual_seed(0)
        self.training = SmallTraining(scratch, parameters.model)
        scratch.set_rng_state(state)
        self.meter = Meter(watts=parameters.watts)
        self.joules: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)]

    def change(self, parameters: RunParameters) -> bool:
        """Another grid or other watts are only another account of the same run."""
        if parameters.model != self.parameters.model:
            return False
        if parameters.watts != self.parameters.watts:
            before, self.meter.watts = self.meter.watts, parameters.watts
            if self.meter.label == "modelled":
                factor = parameters.watts / before
                self.joules = [(a * factor, b, c) for a, b, c in self.joules]
        self.parameters = parameters
        return True

    @property
    def done(self) -> bool:
        """After STEPS steps."""
        return len(self.training.losses) >= STEPS

    @property
    def reading(self) -> Reading:
        """The meter's, so far."""
        return self.meter.reading()

    def step(self) -> None:
        """One batch, under the meter."""
        self.meter.run(self.training.step)
        reading = self.reading
        self.joules.append((reading.joules, reading.low, reading.high))

    def scene(self) -> Scene:
        """The loss, and the joules so far with their range."""
        losses = np.array(self.training.losses)
        used = np.array(self.joules)
        count = np.arange(len(used))
        marks: list[Any] = []
        if len(losses) > 1:
            width = min(_SMOOTH, len(losses))
            total = np.concatenate([[0.0], np.cumsum(losses)])
            smooth = (total[width:] - total[:-width]) / width
            steps = np.arange(width, len(losses) + 1)
            marks.append(
                Line(np.column_stack([steps, smooth]), "C0", 2.0, label=f"mean of {width}")
            )
        across = (0, 1.02 * STEPS)
        loss = Panel(across, (0, 2.6), marks, "Loss", "steps", "cross-entropy", grid=True)
        reading = self.reading
        top = 1.4 * max(float(used[-1, 2]), 0.05)  # room for the legend
        half = np.unique(np.linspace(0, len(used) - 1, 200).astype(int))
        joules: list[Any] = [
            Line(np.column_stack([count, used[:, 0]])[half], "C1", 2.2, label=reading.label)
        ]
        if reading.low < reading.high:
            ends = [np.column_stack([count, used[:, n]])[half] for n in (1, 2)]
            joules.insert(0, Area(np.concatenate([ends[0], ends[1][::-1]]), "C1", 0.18))
        right = Panel(
            across, (0, top), joules, f"Energy, {reading.label}", "steps", "joules", grid=True
        )
        return Scene(loss, right, height=340)

    def table(self) -> Table:
        """The method row of this run: what, how, how much, and what is left out."""
        r, place = self.reading, grid(self.parameters.grid)
        between = (
            f"{amount(r.low)} to {amount(r.high)} J" if r.low < r.high else "no range: measured"
        )
        rows = [
            (
                "run",
                f"{len(self.training.losses)} steps of {MODELS[self.parameters.model]} on digits",
            ),
            ("energy", f"{amount(r.joules)} J = {r.kwh:.3g} kWh"),
            ("range", between),
            ("label", r.label),
            ("method", r.method),
            ("counted", r.scope),
            ("time by the clock", f"{amount(r.seconds)} s"),
            ("processor time", f"{amount(r.cpu_seconds)} s"),
            ("grid", f"{place.label}, {place.g_per_kwh:.0f} g/kWh, {place.cite}"),
            ("CO2e", mass(r.kwh * place.g_per_kwh / 1000)),
            ("PUE", "1: no data centre is counted"),
            ("manufacture", "not counted"),
        ]
        return Table("The method row of this run", ("What", "Value"), rows)

    def describe(self) -> str:
        """Steps, accuracy, joules with their label, and grams."""
        r, place = self.reading, grid(self.parameters.grid)
        steps = len(self.training.losses)
        if not steps:
            return f"Nothing has been trained yet; the energy will be {r.label}: {r.method}."
        between = f" ({amount(r.low)} to {amount(r.high)})" if r.low < r.high else ""
        return (
            f"{steps} steps read {100 * self.training.accuracy():.0f} % of the held-out digits and "
            f"took {amount(r.joules)} J{between}, {r.label} by {r.method}; that is "
            f"{mass(r.kwh * place.g_per_kwh / 1000)} of CO2e on the grid {place.label}."
        )


def this_run(**initial: Any) -> LiveExplorer:
    """Train something small now, and see its energy with the method by which it is known.

    ``initial`` sets any of model, watts, grid; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return LiveExplorer(
        RunParameters(**initial),
        ThisRun(),
        title="This run, now",
        preview=300,
        opener="this_run",
    )
