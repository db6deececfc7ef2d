"""Explorer: parameters, tokens, chips and MFU to days and dollars, beside published runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course.facts.chips import chip
from course.scale.costs import Range, Run, training_peak
from course.scale.past_runs import PRICED, past_runs, price_range, prices
from course.scale.words import big, digits, span
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text, box

_SPREAD = 0.25  # how far from the MFU chosen it may turn out
# And whether the name stands above the line of equals: neighbours' names must not meet.
_NAMED = {
    "LLaMA-65B": True,
    "Llama-3.1-405B": False,
    "Pythia-160M": False,
    "DeepSeek-V3 pre-training": False,
}


@dataclass(frozen=True)
class RunParameters:
    """What the reader sets."""

    parameters: float = slider(70.0, 0.1, 2000.0, label="Parameters", unit="billion", log=True)
    tokens: float = slider(1400.0, 1.0, 50_000.0, label="Tokens", unit="billion", log=True)
    chips: int = slider(2000, 1, 100_000, label="Chips", log=True)
    mfu: int = slider(40, 5, 70, label="Share of the peak reached (MFU)", unit="%")
    chip: str = choice("NVIDIA H100 SXM", {name: name for name in PRICED}, label="Chip")


@dataclass(frozen=True)
class Planned:
    """A run, and the settings that it was made of."""

    settings: RunParameters
    run: Run


def simulate(p: RunParameters) -> Planned:
    """Calculate the run; its MFU may turn out a quarter lower or higher."""
    share = p.mfu / 100
    run = Run(
        flops=6e18 * p.parameters * p.tokens,
        chips=p.chips,
        peak=training_peak(chip(p.chip)),
        mfu=Range(share, share, share).over(_SPREAD),
        price=price_range(p.chip),
    )
    return Planned(p, run)


def scene(found: Planned) -> Scene:
    """Published chip-hours against calculated ones, and days and dollars as ranges."""
    return Scene(
        Panel(
            (300, 3e9),
            (100, 3e11),  # room for the legend
            _past(found),
            title=f"Chip-hours of published runs, at {found.settings.mfu} % MFU",
            xlabel="published chip-hours",
            ylabel="calculated chip-hours",
            x_log=True,
            y_log=True,
            grid=True,
            place=(0, 0, 450, 420),
        ),
        Panel(
            (0, 1), (0, 1), _ranges(found), title="This run", axes=False, place=(480, 6, 350, 414)
        ),
        height=430,
    )


def _past(found: Planned) -> list[Any]:
    mfu = found.settings.mfu / 100
    runs = past_runs()
    marks: list[Any] = [
        Line([(300, 300), (3e9, 3e9)], "quiet", 1.2, "dashed", label="as published"),
        Points(
            [(r.chip_hours, r.hours_at(mfu)) for r in runs], "C0", size=8, label="a published run"
        ),
    ]
    for run in runs:
        if run.name in _NAMED:
            short = run.name.removesuffix(" pre-training")
            above = _NAMED[run.name]
            x, y = (1 / 1.5, 3.0) if above else (1.5, 0.35)
            place = (x * run.chip_hours, y * run.hours_at(mfu))
            marks.append(Text(*place, short, "ink", 11, align="right" if above else "left"))
    hours = min(max(found.run.chip_hours.middle, 300), 3e9)
    marks.append(Points([(hours, hours)], "C1", "D", 11, label="this run"))
    return marks


def _ranges(found: Planned) -> list[Any]:
    marks: list[Any] = []
    days, dollars = found.run.days, found.run.dollars
    shown = (
        ("Days", days, f"{span(days.low, days.high)} days", 0.92),
        ("Dollars for the chips", dollars, f"{big(dollars.low)} to {big(dollars.high)}", 0.62),
    )
    for name, value, said, top in shown:
        marks.append(Text(0, top, name, size=13, bold=True))
        scale = 1 / value.high
        marks.append(box(0, top - 0.11, value.low * scale, 0.055, color="C0", opacity=0.8))
        wide = (value.high - value.low) * scale
        marks.append(box(value.low * scale, top - 0.11, wide, 0.055, color="C0", opacity=0.3))
        middle = value.middle * scale
        marks.append(Line([(middle, top - 0.12), (middle, top - 0.045)], "ink", 2))
        marks.append(Text(0, top - 0.165, f"{said}; likely {big(value.middle)}", size=12))
    price = found.run.price
    lines = (
        f"{found.run.flops:.3g} operations (6 for each parameter and token)",
        f"MFU {100 * found.run.mfu.low:.0f} to {100 * found.run.mfu.high:.0f} % of {digits(found.run.peak / 1e12)} TFLOP/s",
        f"{price.low:g} to {price.high:g} dollars a chip-hour, prices of 2026",
        "Not in it: staff, failed attempts, experiments",
    )
    for n, line in enumerate(lines):
        marks.append(Text(0, 0.28 - 0.06 * n, line, "quiet", 11.5))
    return marks


def table(found: Planned) -> Table:
    """This run, then every published one with the MFU that it must have had."""
    hours = found.run.chip_hours
    rows: list[tuple[Any, ...]] = [
        (
            "this run (calculated)",
            "",
            digits(hours.middle),
            f"{found.settings.mfu}",
            found.settings.chip,
        )
    ]
    mfu = found.settings.mfu / 100
    for run in past_runs():
        rows.append(
            (
                run.name,
                digits(run.chip_hours),
                digits(run.hours_at(mfu)),
                f"{100 * run.mfu:.1f}",
                f"{run.row.accelerator}; {run.row.cite}",
            )
        )
    columns = (
        "Run",
        "Published chip-hours",
        f"Calculated at {found.settings.mfu} %",
        "MFU (%), implied, of the dense 16-bit peak",
        "Chip and source",
    )
    return Table("Chip-hours, published and calculated from 6 N D", columns, rows)


def describe(found: Planned) -> str:
    """Days and dollars, and how far the same formula is off on published runs."""
    p, run = found.settings, found.run
    ratios = [r.hours_at(p.mfu / 100) / r.chip_hours for r in past_runs()]
    near = sum(0.75 <= ratio <= 4 / 3 for ratio in ratios)
    dated = sorted(row.date for row in prices(p.chip))
    chips = f"{p.chips:,} chip{'' if p.chips == 1 else 's'}"
    return (
        f"{big(1e9 * p.parameters)} parameters on {big(1e9 * p.tokens)} tokens take "
        f"{span(run.days.low, run.days.high)} days on {chips} ({p.chip}) and "
        f"{big(run.dollars.low)} to {big(run.dollars.high)} dollars at prices of {dated[0]} to {dated[-1]}; "
        f"at {p.mfu} % MFU the same formula comes within a third of {near} of {len(ratios)} published runs."
    )


def training_run(**initial: Any) -> DirectExplorer:
    """Days and dollars of a training run, with ranges, beside published runs.

    ``initial`` sets any of parameters, tokens, chips, mfu, chip; raises ValueError or TypeError for
    a value or a name that is not one of them.
    """
    return DirectExplorer(
        RunParameters(**initial),
        title="Days and dollars",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="training_run",
    )
