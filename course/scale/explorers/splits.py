"""Explorer: how to split a budget between size and text, and what serving changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.scale.laws import FITS, Law, Served, approaches, law, served
from course.scale.past_runs import past_runs
from course.scale.words import big, digits
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text

_DASHES = ("solid", "dashed", "dotted", "dashdot")
_RANGE = (1e19, 2e27)


@dataclass(frozen=True)
class FrontierParameters:
    """What the reader sets."""

    budget: float = slider(5.8e23, 1e19, 1e27, label="Budget", unit="operations", log=True)
    fit: str = choice("epoch-corrected", FITS, label="Law")
    served: float = slider(
        1.0, 0.01, 100_000.0, label="Tokens served later", unit="trillion", log=True
    )


@dataclass(frozen=True)
class Frontier:
    """A law at a budget, and what sizes reach the same loss once they are served."""

    settings: FrontierParameters
    law: Law
    sizes: Served

    @property
    def best(self) -> tuple[float, float]:
        """The best size and its tokens for the budget."""
        return self.law.optimum(self.settings.budget)


def simulate(p: FrontierParameters) -> Frontier:
    """The law, its best split, and the sizes that reach its loss."""
    found = law(p.fit)
    return Frontier(p, found, served(found, p.budget, 1e12 * p.served))


def scene(f: Frontier) -> Scene:
    """Loss along the budget; operations with serving; the best sizes by every approach."""
    return Scene(_split(f), _serving(f), _approaches(f), width=840, height=400)


def _split(f: Frontier) -> Panel:
    n, _ = f.best
    sizes = n * np.geomspace(1 / 30, 30, 81)
    losses = f.law.loss(sizes, f.settings.budget / (6 * sizes))
    least = float(losses.min())
    top = least + 1.15 * float(losses.max() - least)
    marks: list[Any] = [
        Line(np.column_stack([sizes, losses]), "C0", 2),
        Points([(n, least)], "C1", "D", 10),
        Text(n, least - 0.05 * (top - least), f"{big(n)}", "ink", 11.5, "center"),
    ]
    return Panel(
        (float(sizes[0]), float(sizes[-1])),
        (least - 0.1 * (top - least), top),
        marks,
        title="One budget, many splits",
        xlabel="parameters",
        ylabel="loss (nats a token)",
        x_log=True,
        grid=True,
    )


def _serving(f: Frontier) -> Panel:
    s = f.sizes
    both = s.training + s.serving
    x, low = s.parameters, float(both.min())
    floor, top = min(low, float(s.training.min())) / 8, 40 * low

    def line(values: Any) -> Any:
        shown = np.where((values >= floor) & (values <= top), values, np.nan)
        return np.column_stack([x, shown])

    marks: list[Any] = [
        Line(line(s.training), "C0", 2, label="training"),
        Line(line(s.serving), "C2", 2, "dotted", label="serving"),
        Line(line(both), "C1", 2, "dashed", label="both"),
        Points([(float(x[s.best]), low)], "C1", "D", 10),
    ]
    return Panel(
        (float(x[0]), float(x[-1])),
        (floor, top),
        marks,
        title="Sizes of equal loss",
        xlabel="parameters",
        ylabel="operations",
        x_log=True,
        y_log=True,
        grid=True,
    )


def _approaches(f: Frontier) -> Panel:
    budgets = np.array(_RANGE)
    marks: list[Any] = []
    for number, found in enumerate(approaches()):
        line = np.column_stack([budgets, np.clip(found.parameters(budgets), 1e7, 1e15)])
        label = f"approach {found.name[0]}" if found.name[0].isdigit() else "Kaplan et al."
        marks.append(Line(line, f"C{number}", 1.8, _DASHES[number], label=label))  # type: ignore[arg-type]
    runs = [(r.flops, r.parameters) for r in past_runs()]
    marks.append(Points(runs, "quiet", "o", 5, label="a published run"))
    n, _ = f.best
    marks.append(
        Points([(f.settings.budget, min(max(n, 1e7), 1e13))], "C4", "D", 10, label="the law chosen")
    )
    return Panel(
        _RANGE,
        (1e7, 1e18),  # room for the legend
        marks,
        title="The best size",
        xlabel="budget (operations)",
        ylabel="parameters",
        x_log=True,
        y_log=True,
        grid=True,
    )


def table(f: Frontier) -> Table:
    """The best size for the budget by each approach and law, with tokens a parameter."""
    budget = f.settings.budget
    rows: list[tuple[Any, ...]] = []
    for found in approaches():
        n = float(found.parameters(budget))
        between = f"{found.low:g} to {found.high:g}" if found.low is not None else ""
        kind = f"approach {found.name}" if found.name[0].isdigit() else found.name
        rows.append(
            (kind, found.exponent, between, big(n), big(budget / 6 / n), digits(budget / 6 / n / n))
        )
    for fit, words in FITS.items():
        one = law(fit)
        n, d = one.optimum(budget)
        rows.append((words, one.parameter_exponent, "", big(n), big(d), digits(d / n)))
    columns = (
        "By",
        "Power of the budget",
        "Published interval",
        "Parameters",
        "Tokens",
        "Tokens a parameter",
    )
    return Table(f"The best split of {budget:.3g} operations", columns, rows)


def describe(f: Frontier) -> str:
    """The best split, and how much smaller and longer trained a served model is."""
    n, d = f.best
    s = f.sizes
    small, more = float(s.parameters[s.best]), float(s.tokens[s.best])
    both = s.training + s.serving
    at = int(np.argmin(np.abs(np.log(s.parameters / n))))
    saved = 1 - both[s.best] / both[at]
    return (
        f"By the law chosen, {f.settings.budget:.2g} operations are best spent on {big(n)} parameters and "
        f"{big(d)} tokens ({digits(d / n)} a parameter). If {big(1e12 * f.settings.served)} tokens are served later, "
        f"{big(small)} parameters on {big(more)} tokens reach the same loss and save "
        f"{100 * saved:.0f} % of the operations in all."
    )


def frontier(**initial: Any) -> DirectExplorer:
    """The best size and amount of text for a budget, by published laws; and with serving.

    ``initial`` sets any of budget, fit, served; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return DirectExplorer(
        FrontierParameters(**initial),
        title="The best split of a budget",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="frontier",
    )
