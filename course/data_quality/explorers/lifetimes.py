"""Explorer: amounts of training text, counted in lifetimes of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from course.data_quality.lifetimes import Lifetimes, lifetimes
from course.facts.reading import reading_fact
from course.widgets import Explorer, Table, slider, style


@dataclass(frozen=True)
class LifetimeParameters:
    """What the reader sets."""

    hours: float = slider(1.0, 0.25, 16.0, step=0.25, label="Reading", unit="hours a day")
    years: int = slider(70, 5, 90, step=5, label="For", unit="years")


def simulate(p: LifetimeParameters) -> Lifetimes:
    """Hold the reader that the parameters describe against published amounts of text."""
    return lifetimes(p.hours, p.years)


def figure(found: Lifetimes, fig: Figure) -> None:
    """Tokens on a logarithmic scale, one bar an amount of text."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.29, right=0.86, top=0.9, bottom=0.15)
    texts = (found.reader, *found.texts)
    for place, text in enumerate(reversed(texts)):
        mine = text is found.reader
        axes.barh(place, text.tokens, color="C1" if mine else "C0", hatch="//" if mine else None)
        lives = "1" if mine else amount(found.of(text))
        axes.annotate(
            f"{lives} lifetime{'' if lives == '1' else 's'}",
            (text.tokens, place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=style.ink(),
        )
    axes.set_yticks(range(len(texts)), [text.name for text in reversed(texts)])
    axes.set(
        xscale="log", xlim=(1e6, 1e14), xlabel="tokens (each line is ten times the one before)"
    )
    axes.grid(True, axis="x", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title("Published amounts of text; the hatched bar is calculated")


def amount(value: float) -> str:
    """A number of lifetimes in two significant digits, with commas."""
    if value < 10:
        return f"{value:.2g}"
    digits = len(f"{value:.0f}")
    return f"{round(value, 2 - digits):,.0f}"


def table(found: Lifetimes) -> Table:
    """Every amount, in tokens and in lifetimes, with its source."""
    speed = reading_fact("silent reading")
    reader = (
        found.reader.name,
        found.reader.tokens,
        "1",
        f"calculated: {speed.value:g} {speed.unit} ({speed.cite}), {found.hours:g} hours a day, "
        f"{found.years:g} years, {reading_fact('words in a token').value:g} words a token",
    )
    rows = [reader] + [
        (text.name, text.tokens, amount(found.of(text)), text.source) for text in found.texts
    ]
    return Table(
        "Text to train on, and text one person reads",
        ("Text", "Tokens", "Lifetimes of reading", "Source and date"),
        rows,
    )


def describe(found: Lifetimes) -> str:
    """What one person reads, and how many such lives the largest amounts are."""
    words = found.reader.tokens * reading_fact("words in a token").value
    largest = found.texts[-1]
    return (
        f"Whoever reads {found.hours:g} hour{'' if found.hours == 1 else 's'} a day for "
        f"{found.years:g} years reads about {words / 1e6:,.0f} million words, or "
        f"{found.reader.tokens / 1e6:,.0f} million tokens; {largest.name}, "
        f"{largest.tokens / 1e12:.3g} trillion tokens, is about {amount(found.of(largest))} such "
        "lifetimes."
    )


def lifetimes_of_reading(**initial: Any) -> Explorer:
    """How many lifetimes of reading a language model's training text is.

    ``initial`` sets any of hours, years; raises ValueError or TypeError for a value or a name that
    is not one of them.
    """
    return Explorer(
        LifetimeParameters(**initial),
        title="Lifetimes of reading",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="lifetimes_of_reading",
    )
