"""Explorer: a scaling law fitted to runs made here, asked about a run that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.scale import little_runs
from course.scale.fitting import Fitted, fit_with_draws
from course.scale.little_runs import LittleRun
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Area, Line, Panel, Points, Scene, Text

_TEXTS = {str(count): f"{count:,} bytes" for count in little_runs.TOKENS}
_MARKERS = ("o", "s", "^", "D")
_FARTHEST = 1e7


@dataclass(frozen=True)
class LawParameters:
    """What the reader sets."""

    sizes: int = slider(5, 3, 6, label="Sizes fitted to, from the smallest")
    tokens: str = choice(str(little_runs.TOKENS[-1]), _TEXTS, label="Show runs on")
    draws: int = slider(60, 20, 200, step=20, label="Samples of the runs")


@dataclass(frozen=True)
class OwnLaw:
    """All runs, those fitted to, and the law."""

    settings: LawParameters
    runs: tuple[LittleRun, ...]
    fitted: Fitted

    @property
    def known(self) -> int:
        """Parameters of the largest model fitted to."""
        return little_runs.sizes()[self.settings.sizes - 1]

    def shown(self, unseen: bool) -> list[LittleRun]:
        """The runs on the amount of text chosen that the fit has seen, or has not."""
        count = int(self.settings.tokens)
        return [r for r in self.runs if r.tokens == count and (r.parameters > self.known) == unseen]


@lru_cache
def _fitted(sizes: int, draws: int) -> Fitted:
    widths = little_runs.WIDTHS[:sizes]
    runs = [run for run in little_runs.runs() if run.width in widths]
    columns = zip(*[(run.parameters, run.tokens, run.loss) for run in runs], strict=True)
    n, d, loss = columns
    return fit_with_draws(n, d, loss, draws)


def simulate(p: LawParameters) -> OwnLaw:
    """Fit the law; the runs are trained once, when they are first asked for."""
    return OwnLaw(p, little_runs.runs(), _fitted(p.sizes, p.draws))


def scene(o: OwnLaw) -> Scene:
    """Loss over parameters with the law and its band; where the constants may lie."""
    count = int(o.settings.tokens)
    sizes = np.geomspace(1000, _FARTHEST, 80)
    low, high = o.fitted.band(sizes, count)
    band = np.concatenate([np.column_stack([sizes, high]), np.column_stack([sizes, low])[::-1]])
    band[:, 1] = np.clip(band[:, 1], 0.5, 4.0)
    law = np.column_stack([sizes, np.clip(o.fitted.law.loss(sizes, count), 0.5, 4.0)])
    marks: list[Any] = [
        Area(band, "C0", 0.18),
        Line(law, "C0", 2, label="the law"),
        Points([(r.parameters, r.loss) for r in o.shown(False)], "C0", "o", 8, label="fitted to"),
    ]
    unseen = [(r.parameters, r.loss) for r in o.shown(True)]
    if unseen:
        marks.append(Points(unseen, "C1", "D", 9, label="measured, not fitted to"))
    marks.append(Text(1.2e5, 0.62, "band: 9 in 10 samples", "quiet", 11.5))
    return Scene(
        Panel(
            (1000, _FARTHEST),
            (0.5, 4.0),
            marks,
            title=f"Held-out loss, trained on {count:,} bytes",
            xlabel="parameters",
            ylabel="loss (nats a byte)",
            x_log=True,
            grid=True,
            place=(0, 0, 480, 400),
        ),
        Panel(
            (0, 2.0),
            (0, 1.0),
            _constants(o),
            title="The constants of each sample",
            xlabel="E: loss that remains (nats a byte)",
            ylabel="power of the budget for the best size",
            grid=True,
            place=(490, 0, 350, 400),
        ),
        height=410,
    )


def _constants(o: OwnLaw) -> list[Any]:
    points = [(min(f.E, 2.0), f.parameter_exponent) for f in o.fitted.drawn]
    law = o.fitted.law
    return [
        Points(points, "C0", "o", 5, opacity=0.5, label="a sample"),
        Points([(min(law.E, 2.0), law.parameter_exponent)], "C1", "D", 11, label="all runs"),
    ]


def table(o: OwnLaw) -> Table:
    """Every run on the amount of text chosen, measured and by the law."""
    rows = []
    for run in (*o.shown(False), *o.shown(True)):
        low, high = o.fitted.band(run.parameters, run.tokens)
        said = o.fitted.law.loss(run.parameters, run.tokens)
        seen = "yes" if run.parameters <= o.known else "no"
        rows.append((f"{run.parameters:,}", seen, run.loss, said, f"{low:.3f} to {high:.3f}"))
    columns = ("Parameters", "Fitted to", "Measured here", "By the law", "9 in 10 samples")
    return Table(f"Loss (nats a byte) on {int(o.settings.tokens):,} bytes", columns, rows)


def describe(o: OwnLaw) -> str:
    """What the law foretold of the largest run, and how well the runs pin E down."""
    fitted = o.fitted
    low, high = fitted.interval("E")
    a, b = fitted.interval("parameter_exponent")
    rest = (
        f"E lies between {low:.2f} and {high:.2f} nats in 9 of 10 samples, and the best size grows with the "
        f"budget to the power {fitted.law.parameter_exponent:.2f} ({a:.2f} to {b:.2f})."
    )
    count = len([r for r in o.runs if r.parameters <= o.known])
    unseen = o.shown(True)
    if not unseen:
        return f"Fitted to all {count} runs; {rest}"
    last = unseen[-1]
    said = fitted.law.loss(last.parameters, last.tokens)
    least, most = fitted.band(last.parameters, last.tokens)
    where = "inside" if least <= last.loss <= most else "outside"
    return (
        f"Fitted to {count} runs of up to {o.known:,} parameters, the law says {said:.2f} for {last.parameters:,} "
        f"parameters on {last.tokens:,} bytes ({least:.2f} to {most:.2f}); measured here: {last.loss:.2f}, {where} "
        f"the band. {rest}"
    )


def own_law(**initial: Any) -> DirectExplorer:
    """A scaling law of small models trained here; the first call trains them, some seconds long.

    ``initial`` sets any of sizes, tokens, draws; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return DirectExplorer(
        LawParameters(**initial),
        title="A scaling law of your own",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="own_law",
    )
