"""Explorer: loss against parameters: five GPTs, really trained while one looks on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.language.sizes import MOST, Contest, line_through
from course.widgets import LiveExplorer, LiveRun, Table, slider
from course.widgets.scene import Dash, Line, Marker, Panel, Points, Scene, Text

_LOOKS: tuple[tuple[str, Dash, Marker], ...] = (
    ("C0", "solid", "o"),
    ("C1", "dashed", "s"),
    ("C2", "dashdot", "^"),
    ("C3", "dotted", "D"),
    ("C4", "solid", "v"),
)


@dataclass(frozen=True)
class SizingParameters:
    """What the reader sets."""

    updates: int = slider(300, 20, MOST, step=20, label="Updates of each model")
    layers: int = slider(2, 1, 3, label="Layers of each model")
    seed: int = slider(0, 0, 9, label="Seed")


class SizingRun(LiveRun):
    """Five models that take turns."""

    def __init__(self) -> None:
        self.parameters = SizingParameters()
        self.contest: Contest | None = None

    def reset(self, parameters: SizingParameters) -> None:
        """New models."""
        self.parameters = parameters
        self.contest = Contest(parameters.updates, parameters.layers, parameters.seed)

    @property
    def _now(self) -> Contest:
        assert self.contest is not None, "reset comes first"
        return self.contest

    @property
    def done(self) -> bool:
        """True once every model has had its updates."""
        return self._now.updates >= self.parameters.updates

    def step(self) -> None:
        """One update of one model."""
        self._now.step()

    @property
    def parameter_counts(self) -> np.ndarray:
        """How many numbers each model learns."""
        return np.array([runner.parameters for runner in self._now.runners])

    @property
    def held_out(self) -> np.ndarray:
        """The latest held-out loss of each model."""
        return np.array([runner.judged[-1][1] for runner in self._now.runners])

    @property
    def slope(self) -> float:
        """How much the held-out loss changes with ten times the parameters, on a straight line."""
        return line_through(self.parameter_counts, self.held_out)[0]

    def scene(self) -> Scene:
        """Held-out loss against updates, and against parameters with the line through the points."""
        counts, losses = self.parameter_counts, self.held_out
        curves: list[Any] = []
        dots: list[Any] = []
        for runner, look, count, loss in zip(
            self._now.runners, _LOOKS, counts, losses, strict=True
        ):
            color, dash, marker = look
            label = f"{count:,} parameters"
            curves.append(Line(runner.judged, color, 1.8, dash, label=label))
            curves.append(Points([runner.judged[-1]], color, marker, 8))
            dots.append(Points([(count, loss)], color, marker, 10))
            dots.append(Text(count, loss + 0.09, f"{loss:.2f}", size=12, align="center"))
        slope, offset = line_through(counts, losses)
        ends = np.array([counts[0] * 0.6, counts[-1] * 1.7])
        fitted = np.column_stack([ends, offset + slope * np.log10(ends)])
        low, high = 2.0, 3.7
        across = max(self.parameters.updates, self._now.updates)
        left = Panel(
            (0, across),
            (low, high),
            curves,
            xlabel="updates",
            ylabel="held-out loss (nats a token)",
            title="While they are trained",
            grid=True,
        )
        right = Panel(
            (float(ends[0]), float(ends[1])),
            (low, high),
            [Line(fitted, "quiet", 1.2, "dashed"), *dots],
            x_log=True,
            xlabel="parameters",
            ylabel="held-out loss (nats a token)",
            title=f"Straight line: {slope:+.2f} for ten times the parameters",
            grid=True,
        )
        return Scene(left, right)

    def table(self) -> Table:
        """Each model's width, parameters, updates and losses."""
        rows = [
            (
                runner.config.width,
                f"{runner.parameters:,}",
                len(runner.losses),
                float(np.mean(runner.losses[-20:])) if runner.losses else "none yet",
                runner.judged[-1][1],
                float(np.exp(runner.judged[-1][1])),
            )
            for runner in self._now.runners
        ]
        columns = (
            "Width",
            "Parameters",
            "Updates",
            "Loss, last 20 batches",
            "Held-out loss",
            "Held-out perplexity",
        )
        return Table(f"{self.parameters.layers} layers, letters of names", columns, rows)

    def describe(self) -> str:
        """How far they are, smallest and largest, and what ten times the parameters bring."""
        counts, losses = self.parameter_counts, self.held_out
        return (
            f"After {self._now.updates} of {self.parameters.updates} updates of each model, the "
            f"held-out loss goes from {losses[0]:.2f} with {counts[0]:,} parameters to "
            f"{losses[-1]:.2f} with {counts[-1]:,}; on a straight line, ten times the parameters "
            f"change it by {self.slope:+.2f}."
        )


def loss_against_parameters(**initial: Any) -> LiveExplorer:
    """Five GPTs of growing size trained side by side on names: press Play.

    ``initial`` sets any of updates, layers, seed; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return LiveExplorer(
        SizingParameters(**initial),
        SizingRun(),
        title="Loss against parameters",
        opener="loss_against_parameters",
    )
