"""Explorer: what a sum of up to a million terms loses in each number format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.accelerators.formats import FORMATS, IntegerFormat
from course.accelerators.summing import TERMS, WAYS, Sums, sums
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text

_FLOOR = 1e-9  # errors below it, zero among them, are drawn there
_LOOKS = {  # colour and dashes, so that colour is never alone
    "fp32": ("C0", "solid"),
    "tf32": ("C2", "dashed"),
    "bf16": ("C1", "solid"),
    "fp16": ("C3", "dashdot"),
    "e4m3": ("C4", "dashed"),
    "e5m2": ("C5", "dotted"),
    "int8": ("quiet", "solid"),
    "int4": ("quiet", "dotted"),
}


@dataclass(frozen=True)
class SummingParameters:
    """What the reader sets."""

    count: int = slider(1_000_000, 1, 1_000_000, label="Terms", log=True)
    terms: str = choice("ones", TERMS, label="Terms are")
    way: str = choice("running", WAYS, label="Added")


def simulate(p: SummingParameters) -> Sums:
    """Sum in every format."""
    return sums(p.terms, p.count, p.way)


def scene(found: Sums) -> Scene:
    """Totals and relative errors, over the number of terms added."""
    last = float(max(found.counts[-1], 2))
    top = max(10.0, 3 * float(found.exact[-1]))
    totals: list[Any] = [Line(_pairs(found, found.exact), "ink", 1.2, "dashed", opacity=0.8)]
    errors: list[Any] = []
    for name in FORMATS:
        color, dash = _LOOKS[name]
        line = np.clip(found.totals[name], 0.1, None)
        totals.append(Line(_pairs(found, line), color, 2, dash))  # type: ignore[arg-type]
        error = np.clip(found.errors[name], _FLOOR, None)
        if len(found.counts) == 1:
            errors.append(Points(_pairs(found, error), color, label=FORMATS[name].label))
        else:
            label = FORMATS[name].label
            errors.append(Line(_pairs(found, error), color, 2, dash, label=label))  # type: ignore[arg-type]
    errors.append(Text(1.2, 2e5, "at the bottom: no error", "quiet", 11.5))
    totals.append(Text(1.2, top / 2.2, "thin dashes: the exact sum", "quiet", 11.5))
    return Scene(
        Panel(
            (1, 1.5 * last),
            (0.1, top),
            totals,
            title="The total on the way",
            xlabel="terms added",
            ylabel="total",
            x_log=True,
            y_log=True,
            grid=True,
        ),
        Panel(
            (1, 1.5 * last),
            (_FLOOR, 1e6),
            errors,
            title="Error, as a share of the exact sum",
            xlabel="terms added",
            x_log=True,
            y_log=True,
            grid=True,
        ),
        height=420,
    )


def _pairs(found: Sums, values: Any) -> Any:
    finite = np.where(np.isfinite(values), values, np.nan)
    return np.column_stack([found.counts, finite])


def table(found: Sums) -> Table:
    """Each format's total at the end, and what it lost."""
    rows: list[tuple[Any, ...]] = [("exact", total(found.exact[-1]), "")]
    for name, target in FORMATS.items():
        kept, error = found.totals[name][-1], found.errors[name][-1]
        said = total(kept) if np.isfinite(kept) else "overflowed"
        rows.append((target.label, said, f"{100 * error:.3g} %" if np.isfinite(error) else "-"))
    caption = f"{found.counts[-1]:,} terms, {TERMS[found.terms]}, added {WAYS[found.way]}"
    return Table(caption, ("Format of the total", "Total", "Off by"), rows)


def total(value: float) -> str:
    """A sum as a reader would write it."""
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.4g}"


def describe(found: Sums) -> str:
    """The best and the worst float format, and where the totals stand still."""
    count = f"{found.counts[-1]:,}"
    floats = [n for n, f in FORMATS.items() if not isinstance(f, IntegerFormat)]
    lost = [n for n in floats if not np.isfinite(found.errors[n][-1])]
    rest = [n for n in floats if n not in lost]
    worst = max(rest, key=lambda n: found.errors[n][-1])
    best = min(rest, key=lambda n: found.errors[n][-1])
    said = (
        f"Of {count} terms, {TERMS[found.terms]}, whose sum is {total(found.exact[-1])}, "
        f"{FORMATS[worst].label} counts {total(found.totals[worst][-1])} and {FORMATS[best].label} "
        f"{total(found.totals[best][-1])}"
    )
    if lost:
        said += f"; {' and '.join(FORMATS[n].label for n in lost)} overflow"
    return f"{said}."


def long_sum(**initial: Any) -> DirectExplorer:
    """A sum of many terms, its total kept in each number format.

    ``initial`` sets any of count, terms, way; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return DirectExplorer(
        SummingParameters(**initial),
        title="A long sum",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="long_sum",
    )
