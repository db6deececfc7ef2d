"""The smallest directly drawn explorer and the smallest live one, as an author writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.widgets import DirectExplorer, LiveExplorer, LiveRun, Table, choice, slider
from course.widgets.scene import (
    Area,
    Handle,
    HeatMap,
    Line,
    Panel,
    Points,
    Scene,
    Spot,
    Text,
    box,
)

DOTS = np.array([(-1.5, -1.0), (0.0, 0.4), (1.5, 1.2)])
WHERE = np.linspace(-2, 2, 9)


@dataclass(frozen=True)
class Fit:
    slope: float = slider(0.5, -2.0, 2.0, label="Slope")
    height: float = slider(0.0, -2.0, 2.0, label="Height", hidden=True)
    power: str = choice("two", {"one": "Absolute", "two": "Squared"}, label="Loss", hidden=True)


def simulate(p: Fit) -> tuple[Fit, float]:
    if p.slope == 2.0:
        raise RuntimeError("a slope of two is too much")
    gaps = np.abs(p.slope * DOTS[:, 0] + p.height - DOTS[:, 1])
    return p, float(np.mean(gaps if p.power == "one" else gaps**2))


def scene(result: tuple[Fit, float]) -> Scene:
    p, loss = result
    ends = [(x, p.slope * x + p.height) for x in (-2, 2)]
    line = Panel(
        x=(-2, 2),
        y=(-3, 3),
        xlabel="x",
        ylabel="y",
        title="A line over points",
        grid=True,
        marks=[
            Points(DOTS, "C1", label="data"),
            Line(ends, "C0", label="model", dash="dashed"),
            box(-0.5, -3, 1.0, loss, color="C2"),
            Handle("end", 2, ends[1][1], label="Right end of the line", axis="y"),
        ],
    )
    surface = HeatMap(np.add.outer(WHERE**2, WHERE**2), 0, 8, smooth=True)
    space = Panel(
        x=(-2, 2),
        y=(-2, 2),
        click="dot",
        marks=[
            surface,
            Handle("dot", p.slope, p.height, label="Model", x_sets="slope", y_sets="height"),
            Spot(
                "one", -2, 1.5, 1, 0.5, "Absolute", sets={"power": "one"}, pressed=p.power == "one"
            ),
            Spot("two", 0, 1.5, 1, 0.5, "Squared", {"power": "two"}, p.power == "two", hover=True),
            Text(-1.9, -1.8, f"loss {loss:.2f}", color="C4"),
        ],
    )
    return Scene(line, space)


def table(result: tuple[Fit, float]) -> Table:
    p, loss = result
    return Table("Fit", ("Slope", "Height", "Loss"), [(p.slope, p.height, loss)])


def describe(result: tuple[Fit, float]) -> str:
    return f"The line rises {result[0].slope:.3g} a unit; the loss is {result[1]:.3g}."


def act(p: Fit, name: str, x: float, y: float) -> dict[str, Any]:
    return {"slope": (y - p.height) / 2} if name == "end" else {}


def direct(**initial: Any) -> DirectExplorer:
    return DirectExplorer(
        Fit(**initial),
        title="Fit",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        act=act,
        opener="direct",
    )


@dataclass(frozen=True)
class Slide:
    rate: float = slider(0.01, 0.001, 1.5, label="Learning rate", log=True)
    start: float = slider(2.0, -2.0, 2.0, label="Start")


class Descent(LiveRun):
    """Down x² until the gradient is small; a new rate goes on, a new start begins again."""

    def __init__(self) -> None:
        curve = np.linspace(-2, 2, 41)
        self.hill = Line(np.column_stack((curve, curve**2)), "ink")
        self.marked = [
            Area([(0, 1e-12), (500, 1e-12), (500, 1e-11)], "C2"),
            Points([(4.0, 1e-6), (8.0, 1e-3)], "C4", "s"),
        ]
        self.foot = Points([(0.0, 0.0), (-1.5, 2.25), (1.5, 2.25)], "C3", "^", 9.0, opacity=0.6)

    def reset(self, parameters: Slide) -> None:
        self.parameters, self.x = parameters, parameters.start
        self.losses = [self.x**2]

    def change(self, parameters: Slide) -> bool:
        if parameters.start != self.parameters.start:
            return False
        self.parameters = parameters
        return True

    @property
    def done(self) -> bool:
        return self.losses[-1] < 1e-12

    def step(self) -> None:
        if self.parameters.rate > 1.2:
            raise FloatingPointError("the loss is no longer a number")
        self.x -= self.parameters.rate * 2 * self.x
        self.losses.append(self.x**2)

    def scene(self) -> Scene:
        hill = [self.hill, self.foot, Points([(self.x, self.x**2)], "C1")]
        shown = np.maximum(self.losses[-500:], 1e-12)
        line = Line(np.column_stack((np.arange(len(shown)), shown)), "C0", label="loss")
        right = 10 + len(shown)  # the axes move on, and with them the marks that stay
        return Scene(
            Panel(x=(-2, 2), y=(0, 4), xlabel="x", ylabel="loss", marks=hill),
            Panel(x=(0, right), y=(1e-12, 10), y_log=True, marks=[line, *self.marked]),
        )

    def table(self) -> Table:
        return Table("Descent", ("Updates", "x"), [(self.steps, self.x)])

    def describe(self) -> str:
        return f"After {self.steps} updates x is {self.x:.3g}."


def live(pace: float = 0.0, **initial: Any) -> LiveExplorer:
    return LiveExplorer(
        Slide(**initial), Descent(), title="Descent", opener="live", preview=20, pace=pace
    )
