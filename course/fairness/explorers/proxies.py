"""Explorer: take race out of a model, then the columns that tell it, and see which gap stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course import records
from course.fairness.intervals import Interval
from course.fairness.proxies import Proxies, strength, without
from course.widgets import Explorer, Table, choice, slider, style, switch

_TABLES = {"mortgages": "Boston mortgages, 1990", "arrests": "Toronto arrests, 1997-2002"}
_SHOWN = 12


@dataclass(frozen=True)
class ProxyParameters:
    """What the reader sets."""

    table: str = choice("mortgages", _TABLES, label="Table")
    seen: bool = switch(False, label="The model is shown race")
    dropped: int = slider(0, 0, _SHOWN, label="Take away the most telling columns", unit="columns")


@dataclass(frozen=True)
class Dropped:
    """The model that was asked for; the one with all columns; how telling each column is."""

    now: Proxies
    whole: Proxies
    columns: tuple[tuple[str, float], ...]
    labels: dict[str, str]


def simulate(p: ProxyParameters) -> Dropped:
    """Fit the model; a table always keeps one column."""
    columns = strength(p.table)
    now = without(p.table, min(p.dropped, len(columns) - 1), p.seen)
    return Dropped(now, without(p.table, 0, p.seen), columns, records.load(p.table).labels)


def figure(found: Dropped, fig: Figure) -> None:
    """The gap by decisions and models, beside how well each column tells race."""
    left, right = fig.subplots(1, 2, width_ratios=(1, 1.05))
    fig.subplots_adjust(left=0.125, right=0.965, top=0.89, bottom=0.15, wspace=0.98)
    rows: list[tuple[str, Interval]] = [
        ("this model", found.now.gap),
        ("a model with\nall columns", found.whole.gap),
        ("the decisions\nas made", found.now.decided),
    ]
    for y, (_, gap) in enumerate(rows):
        look = {**style.series((1, 2, 0)[y]), "linestyle": "none"}
        left.plot([gap.low, gap.high], [y, y], color=look["color"], linewidth=2)
        left.plot([gap.estimate], [y], **look, markersize=9)
        left.annotate(
            f"{100 * gap.estimate:.1f} points", (gap.estimate, y), xytext=(0, 9),
            textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip
    left.axvline(0, color=style.ink(), linewidth=0.8)
    left.set_yticks(range(3), [name for name, _ in rows])
    left.set(xlim=(-0.1, 0.9 if found.now.seen else 0.4), ylim=(-0.5, 2.6))
    left.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=""))
    left.set_xlabel(f"yes for White less {found.now.other} (points)")
    left.set_title("The gap, with 95 % intervals")
    left.grid(True, axis="x", linewidth=0.6)
    shown = found.columns[:_SHOWN][::-1]
    gone = set(found.now.dropped)
    for y, (name, auc) in enumerate(shown):
        taken = name in gone
        right.barh(
            y, auc - 0.5, left=0.5, height=0.7, color="none" if taken else "C0",
            edgecolor=style.ink(), linestyle="--" if taken else "-", linewidth=0.8,
        )  # fmt: skip
    right.set_yticks(
        range(len(shown)),
        [f"{_short(found.labels[n])}{' (taken)' if n in gone else ''}" for n, _ in shown],
        fontsize=8,
    )
    right.set(xlim=(0.5, 0.7), ylim=(-0.6, len(shown) - 0.4))
    right.set_xlabel("AUC of a column alone")
    right.set_title(f"Telling race; all left together {found.now.auc:.2f}")
    right.grid(True, axis="x", linewidth=0.6)


def _short(label: str) -> str:
    """A label without its unit, cut to what the picture has room for."""
    text = label.split(" (")[0]
    return text if len(text) <= 31 else text[:30].rstrip() + "…"


def table(found: Dropped) -> Table:
    """Every number of the picture."""
    now = found.now
    rows: list[tuple[Any, ...]] = [
        (
            "gap of the decisions as made",
            now.decided.points,
            f"White less {now.other}, 95 % interval",
        ),
        (
            "gap of a model with all columns",
            found.whole.gap.points,
            f"White less {now.other}, 95 % interval",
        ),
        ("gap of this model", now.gap.points, f"White less {now.other}, 95 % interval"),
        *(
            (f"yes for {name}", str(rate), "this model, 95 % interval")
            for name, rate in now.selected.items()
        ),
        ("model and decision agree", f"{now.agreement:.1%}", "of people"),
        ("race told from the columns left", now.auc, "AUC; 0.5 is guessing"),
    ]
    rows += [
        (found.labels[name], auc, "taken away" if name in now.dropped else "left, AUC alone")
        for name, auc in found.columns
    ]
    caption = f"Measured on {_TABLES[now.table]}; race {'is' if now.seen else 'is not'} a column of the model"
    return Table(caption, ("What", "Value", "Meaning"), rows)


def describe(found: Dropped) -> str:
    """What the columns tell, and what becomes of gap and agreement."""
    now = found.now
    lead = "The model is shown race" if now.seen else "The model is not shown race"
    if now.dropped:
        lead += f" and lacks the {len(now.dropped)} most telling columns"
    told = (
        "no better than guessing"
        if now.auc < 0.53
        else f"with an AUC of {now.auc:.2f} (guessing has 0.5)"
    )
    return (
        f"{lead}; the {len(now.used)} {'column' if len(now.used) == 1 else 'columns'} left tell race {told}. "
        f"Its gap is {100 * now.gap.estimate:.1f} points ({100 * now.gap.low:.1f} to {100 * now.gap.high:.1f}), "
        f"the decisions' {100 * now.decided.estimate:.1f}; it decides {now.agreement:.1%} of people as they were decided."
    )


def dropped_attribute(**initial: Any) -> Explorer:
    """Drop the attribute, then its proxies: what becomes of the gap.

    ``initial`` sets any of table, seen, dropped; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        ProxyParameters(**initial),
        title="Drop the attribute",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="dropped_attribute",
        size=(8.4, 4.0),
    )
