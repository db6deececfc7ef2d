"""Explorer: training once against serving every day, and when serving has used more energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.energy.explorers.words import amount, days, energy, tokens
from course.energy.serving import RUNS, Serving, serve
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Area, Line, Panel, Points, Scene, Text

SPAN = (0.5, 20_000.0)  # days of the picture


@dataclass(frozen=True)
class ServingParameters:
    """What the reader sets."""

    model: str = choice("Llama-3.1-405B", {name: name for name in RUNS}, label="Published training")
    billions: float = slider(
        20.0, 0.1, 10_000.0, label="Served", unit="billion tokens a day", log=True
    )
    percent: int = slider(10, 1, 50, label="Utilisation when serving", unit="% of peak")


def simulate(p: ServingParameters) -> Serving:
    """The published run, served as the parameters say."""
    return serve(p.model, p.percent / 100, 1e9 * p.billions)


def scene(s: Serving) -> Scene:
    """Energy against days: training a level line, serving a rising one, their crossing marked."""
    time = np.geomspace(*SPAN, 120)
    used = time * s.tokens_a_day * s.kwh_per_token
    unit = 1e6
    low = min(used[0], s.train_kwh) / unit / 3
    high = max(used[-1], s.train_kwh) / unit * 60  # room for the legend
    marks: list[Any] = [
        Line(
            np.column_stack([time, np.full(time.shape, s.train_kwh / unit)]),
            "C0",
            2.2,
            "dashed",
            "training, once",
        ),
        Line(np.column_stack([time, used / unit]), "C1", 2.2, label="serving so far"),
    ]
    # The same with twice and half the utilisation: what is least known.
    band = np.concatenate(
        [np.column_stack([time, used / unit / 2]), np.column_stack([time, used / unit * 2])[::-1]]
    )
    marks.insert(0, Area(band, "C1", 0.15))
    even = s.even_days
    if SPAN[0] <= even <= SPAN[1]:
        marks.append(Points([(even, s.train_kwh / unit)], "ink", "D", 11, label="equal"))
        left = even > 100
        align: Any = "right" if left else "left"
        marks.append(
            Text(
                even / 1.15 if left else even * 1.15,
                1.7 * s.train_kwh / unit,
                days(even),
                "ink",
                13,
                align,
                True,
            )
        )
    return Scene(
        Panel(
            SPAN,
            (low, high),
            marks,
            f"{s.model} on {s.chip}; shaded: half and twice the serving energy",
            "days of serving",
            "GWh of the chips at TDP",
            x_log=True,
            y_log=True,
            grid=True,
        ),
        height=370,
    )


def table(s: Serving) -> Table:
    """What is published, what is assumed, and what follows."""
    rows = [
        ("parameters", f"{amount(s.parameters / 1e9)} billion", "published"),
        ("trained on", tokens(s.trained_tokens), "published"),
        ("training", energy(s.train_kwh), "published hours times TDP"),
        (
            "utilisation in training",
            f"{100 * s.utilisation:.1f} %",
            "6 operations a parameter and token, over the hours",
        ),
        ("utilisation when serving", f"{100 * s.serving:.0f} %", "assumed: the slider"),
        ("served a day", tokens(s.tokens_a_day), "assumed: the slider"),
        (
            "a thousand tokens served",
            energy(1000 * s.kwh_per_token),
            "2 operations a parameter and token",
        ),
        ("serving, a day", energy(s.tokens_a_day * s.kwh_per_token), "calculated"),
        ("equal after", tokens(s.even_tokens), "calculated"),
        ("equal after", days(s.even_days), "calculated"),
    ]
    rows += [
        (f"serving after {n} days", energy(n * s.tokens_a_day * s.kwh_per_token), "calculated")
        for n in (1, 30, 365, 1000)
    ]
    return Table("Training against serving", ("Quantity", "Value", "Where it is from"), rows)


def describe(s: Serving) -> str:
    """When serving overtakes training, in days and in tokens against those trained on."""
    return (
        f"{s.model} took {energy(s.train_kwh)} to train; served {tokens(s.tokens_a_day)} a day "
        f"at {100 * s.serving:.0f} % of the chip's peak, serving has used as much after "
        f"{days(s.even_days)}, when {tokens(s.even_tokens)} have been served, "
        f"{s.even_tokens / s.trained_tokens:.2g} times those it was trained on."
    )


def training_and_serving(**initial: Any) -> DirectExplorer:
    """When the energy of serving a model overtakes that of training it.

    ``initial`` sets any of model, billions, percent; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return DirectExplorer(
        ServingParameters(**initial),
        title="Training against serving",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="training_and_serving",
    )
