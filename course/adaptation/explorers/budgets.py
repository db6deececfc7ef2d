"""Explorer: what a budget buys, from training from scratch to an API, and where roads cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from course.adaptation.budget import APIS, Bought, Road, break_even, buy
from course.adaptation.explorers.ranking import short
from course.widgets import Explorer, Table, choice, slider, style

_LEAST, _MOST = 1e3, 1e8  # requests a month
_LOWEST, _HIGHEST = 1.0, 1e6  # USD a month


@dataclass(frozen=True)
class BudgetParameters:
    """What the reader sets."""

    budget: float = slider(500.0, 1.0, 1e6, label="Budget", unit="USD a month", log=True)
    requests: float = slider(1e5, _LEAST, _MOST, label="Requests", unit="a month", log=True)
    api: str = choice(APIS[0], {name: name for name in APIS}, label="API")


@dataclass(frozen=True)
class Choice:
    """What was bought, and the requests a month from which renting with LoRA beats the API."""

    bought: Bought
    api: Road
    lora: Road
    crossing: float | None


def simulate(p: BudgetParameters) -> Choice:
    """Price every road."""
    bought = buy(p.budget, p.requests, p.api)
    lora, api = bought.roads[2], bought.roads[4]
    return Choice(bought, api, lora, break_even(lora, api))


def figure(c: Choice, fig: Figure) -> None:
    """Each road's monthly cost over the requests, the budget, the volume and the crossing."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.1, right=0.66, top=0.9, bottom=0.15)
    counts = np.geomspace(_LEAST, _MOST, 240)
    for number, road in enumerate(c.bought.roads):
        look = style.series(number)
        low, high = road.cost(counts)
        axes.plot(counts, high, color=look["color"], linestyle=look["linestyle"], label=road.name)
        axes.plot(
            counts[12 + 6 * number :: 48],
            high[12 + 6 * number :: 48],
            look["marker"],
            color=look["color"],
            markersize=5,
        )
        axes.fill_between(counts, low, high, color=look["color"], alpha=0.15)
    axes.axhline(c.bought.budget, color=style.ink(), linewidth=1)
    axes.axvline(max(c.bought.requests, _LEAST), color=style.ink(), linewidth=1, linestyle=":")
    below = c.bought.budget > 10 * _LOWEST  # where most roads leave room
    axes.annotate(
        f"budget {short(c.bought.budget)} USD",
        (_LEAST, c.bought.budget),
        xytext=(3, -3 if below else 3),
        textcoords="offset points",
        fontsize=8.5,
        va="top" if below else "bottom",
    )
    if c.crossing is not None and _LEAST <= c.crossing <= _MOST:
        y = float(c.lora.cost(c.crossing)[1, 0])
        axes.plot([c.crossing], [y], "*", color=style.ink(), markersize=14)
    axes.set(xscale="log", yscale="log", xlim=(_LEAST, _MOST), ylim=(_LOWEST, _HIGHEST))
    axes.set(xlabel="requests a month", ylabel="USD a month, what is paid once over 12 months")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=4))
        axis.set_major_formatter(FuncFormatter(lambda v, _: short(v)))
    axes.minorticks_off()
    axes.grid(True, linewidth=0.6)
    axes.set_title("Simulated from dated prices; star: LoRA and API cost the same")
    # Handles with their markers: colour alone would not tell six lines apart.
    handles = [
        axes.plot([], [], color=s["color"], linestyle=s["linestyle"], marker=s["marker"])[0]
        for s in (style.series(n) for n in range(len(c.bought.roads)))
    ]
    names = [_wrapped(road.name) for road in c.bought.roads]
    fig.legend(
        handles, names, loc="center left", bbox_to_anchor=(0.67, 0.53), frameon=False, fontsize=9
    )


def _wrapped(name: str) -> str:
    head, comma, tail = name.partition(", ")
    head = head.replace(" (", "\n(", 1) if len(head) > 34 else head
    return f"{head}{comma}\n{tail}" if comma else head


def table(c: Choice) -> Table:
    """Each road's costs at the volume, and whether the budget pays for it."""
    b = c.bought
    rows = []
    for road, (low, high) in zip(b.roads, b.costs, strict=True):
        most = road.most_requests(b.budget)
        rows.append(
            (
                road.name,
                f"{road.once[0]:,.0f} to {road.once[1]:,.0f}" if road.once[1] else "0",
                f"{low:,.0f}" if f"{low:,.0f}" == f"{high:,.0f}" else f"{low:,.0f} to {high:,.0f}",
                "yes" if high <= b.budget else "no",
                f"{most:,.3g}" if most else "none",
                road.prices,
            )
        )
    columns = (
        "Road",
        "Once (USD)",
        "A month (USD)",
        "Within the budget",
        "Requests that it pays for",
        "Prices of (they perish)",
    )
    caption = f"{b.requests:,.0f} requests a month, {b.budget:,.0f} USD a month"
    return Table(caption, columns, rows)


def describe(c: Choice) -> str:
    """What fits, what is cheapest, and where the crossing lies."""
    b = c.bought
    fits = [road.name for road in b.affordable]
    said = f"For {b.requests:,.0f} requests and {b.budget:,.0f} USD a month "
    said += f"the budget pays for {len(fits)} of {len(b.roads)} roads"
    said += f" ({'; '.join(fits)}). " if fits else ". "
    high = min(high for _, high in b.costs)
    said += f"Cheapest: {b.cheapest.name}, at most {high:,.0f} USD a month. "
    if c.crossing is None:
        return said + "LoRA on a rented GPU never becomes cheaper than the API."
    return said + (
        f"LoRA on a rented GPU becomes cheaper than the API at about {short(c.crossing)} requests a month."
    )


def budget(**initial: Any) -> Explorer:
    """What a monthly budget buys, at dated prices, and where an own model overtakes an API.

    ``initial`` sets any of budget, requests, api; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        BudgetParameters(**initial),
        title="What a budget buys",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="budget",
        size=(8.8, 4.2),
    )
