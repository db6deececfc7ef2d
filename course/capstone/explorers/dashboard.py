"""Live explorer: a model in training, and where it stands in its budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course.capstone import data
from course.capstone.briefs import BRIEFS, DIGITS, brief
from course.capstone.budget import HEAD, MARKERS, MET, MISSED, UNSURE, Standing, standing, used
from course.capstone.choices import BALANCES, BITS, Choices
from course.capstone.measuring import figures
from course.capstone.training import Training
from course.widgets import LiveExplorer, LiveRun, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text, box

CALLS = 40  # single calls timed for a frame; a logged run times more
BATCHES = 4  # a step of the explorer
_COLOURS = {MET: "C0", UNSURE: "C5", MISSED: "C1"}
_MOST = 2.0  # allowances shown
_FEATURES = {name: name for b in BRIEFS.values() for name in b.features}


@dataclass(frozen=True)
class DashboardParameters:
    """What the reader sets; the hidden ones are set where the dashboard is opened."""

    width: int = slider(16, 0, 64, label="Hidden units (0: linear)")
    threshold: float = slider(0.5, 0.0, 0.99, step=0.01, label="Threshold")
    bits: str = choice("32", {str(n): said for n, said in BITS.items()}, label="Weights stored as")
    brief: str = choice(
        "digits", {k: b.title for k, b in BRIEFS.items()}, label="Brief", hidden=True
    )
    features: str = choice("all", _FEATURES, label="Inputs", hidden=True)
    epochs: int = slider(20, 1, 300, label="Epochs", hidden=True)
    weight_decay: float = slider(0.01, 0.0, 10.0, label="Weight decay", hidden=True)
    balance: str = choice("none", BALANCES, label="Weighting", hidden=True)
    seed: int = slider(0, 0, 10_000, label="Seed", hidden=True)


def choices_from(p: DashboardParameters) -> Choices:
    """The parameters as the choices of a run."""
    return Choices(
        brief=p.brief,
        features=p.features,
        width=p.width,
        epochs=p.epochs,
        weight_decay=p.weight_decay,
        balance=p.balance,
        threshold=p.threshold,
        bits=int(p.bits),
        seed=p.seed,
    )


def _fitting(p: DashboardParameters) -> Choices:
    """The same; inputs or weights that this brief lacks give way to what every brief has.

    Only a brief exchanged under an open dashboard can lead here: opening one is checked strictly.
    """
    known = p.features in brief(p.brief).features
    grouped = p.brief == "loans" or p.balance != "groups"
    return choices_from(
        replace(
            p, features=p.features if known else "all", balance=p.balance if grouped else "none"
        )
    )


class Dashboard(LiveRun):
    """A Training, measured on the rows to tune with whenever it is drawn."""

    def __init__(self, parameters: DashboardParameters) -> None:
        self.reset(parameters)

    def reset(self, parameters: DashboardParameters) -> None:
        """Start afresh with these choices."""
        self.choices = _fitting(parameters)
        self.training = Training(data.load(self.choices.brief), self.choices)
        self._seen: tuple[Any, Standing] | None = None

    def change(self, parameters: DashboardParameters) -> bool:
        """Threshold and bits are another use of the same training; all else starts it afresh."""
        new = _fitting(parameters)
        alike = Choices(**{**new.as_dict(), "threshold": 0.5, "bits": 32})
        before = Choices(**{**self.choices.as_dict(), "threshold": 0.5, "bits": 32})
        if alike != before:
            return False
        self.choices = new
        return True

    @property
    def done(self) -> bool:
        """After the chosen epochs."""
        return self.training.done

    def step(self) -> None:
        """A few batches."""
        for _ in range(BATCHES):
            if not self.training.done:
                self.training.step()

    @property
    def where(self) -> Standing:
        """The five criteria now; measured once for picture, table and sentence."""
        key = (self.steps, len(self.training.losses), self.choices)
        if self._seen is None or self._seen[0] != key:
            c, case = self.choices, self.training.case
            model, reading = self.training.model(c.bits), self.training.reading
            found, _ = figures(case, model, c.features, c.threshold, case.tune, reading, CALLS)
            self._seen = key, standing(brief(c.brief), found, "tuning")
        return self._seen[1]

    def scene(self) -> Scene:
        """The allowances used, and the loss."""
        lines = self.where.lines
        marks: list[Any] = []
        for n, line in enumerate(lines):
            y, said = len(lines) - 1 - n, line.verdict
            part = min(max(used(line.criterion, line.figure.value), 0.0), _MOST)
            marks += [
                box(0, y, part, 0.28, color=_COLOURS[said], opacity=0.9),
                Line([(1, y - 0.08), (1, y + 0.36)], "ink", 2.0, "dashed"),
                Points([(0.03, y + 0.62)], _COLOURS[said], MARKERS[said], 10),
                Text(0.08, y + 0.55, f"{line.criterion.name}: {line.measured}", size=13),
                Text(_MOST, y + 0.55, f"{said} ({line.criterion.bound})", size=12, align="right"),
            ]
        marks.append(Text(1, -0.45, "limit", size=12, align="center"))
        height = 370
        budget = Panel(
            (0, _MOST),
            (-0.55, len(lines)),
            marks,
            "Part of each allowance that is used",
            axes=False,
            place=(10, 8, 540, height - 8),
        )
        losses = np.array(self.training.losses)
        curve: list[Any] = []
        if len(losses):
            shown = np.column_stack([np.arange(1, len(losses) + 1), losses])
            curve = [Line(shown, "C0", 2.0), Points(shown[-1:], "C0", "o", 7)]
        top = 1.1 * float(losses.max()) if len(losses) else 1.0
        loss = Panel(
            (0, self.choices.epochs + 1),
            (0, max(top, 1e-6)),
            curve,
            "Loss while training",
            "epochs",
            "cross-entropy",
            grid=True,
            place=(560, 8, 280, height - 8),
        )
        return Scene(budget, loss, height=height)

    def table(self) -> Table:
        """Every criterion with its interval, limit, verdict and method."""
        title = f"{self.where.brief.title}, on the rows to tune with"
        return Table(title, HEAD, [line.row() for line in self.where.lines])

    def describe(self) -> str:
        """Epochs, what is met, and what is not."""
        done = f"After {self.training.epochs} of {self.choices.epochs} epochs: "
        said = self.where.sentence
        return done + said[:1].lower() + said[1:]


def dashboard(brief: str = DIGITS.key, **initial: Any) -> LiveExplorer:
    """Train a brief's model and watch all five criteria of its budget, on the rows to tune with.

    ``initial`` sets any of width, threshold, bits, features, epochs, weight_decay, balance, seed.
    Raises ValueError or TypeError for a value or a name that is not one of them, BriefError for an
    unknown brief, and what `data.load` raises where a package is missing.
    """
    if "bits" in initial:
        initial["bits"] = str(initial["bits"])
    data.load(brief)
    parameters = DashboardParameters(brief=brief, **initial)
    choices_from(parameters)
    return LiveExplorer(
        parameters,
        Dashboard(parameters),
        title=f"Dashboard: {BRIEFS[brief].title}",
        preview=60,
        opener="dashboard",
    )
