"""The budget held beside what was measured: met, met but not certain, or not met."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from course.capstone.briefs import Brief, Criterion, number
from course.capstone.measuring import Figure

MET, UNSURE, MISSED = "met", "met, not certain", "not met"
SHAPES = {MET: "●", UNSURE: "▲", MISSED: "✕"}  # a shape for each, so that colour is never alone
MARKERS: dict[str, Any] = {MET: "o", UNSURE: "^", MISSED: "X"}


def verdict(criterion: Criterion, figure: Figure) -> str:
    """MET where the figure and its 95 % interval keep the limit, UNSURE where only the figure does.

    Latency is a percentile and energy a model with a range: both are judged by the figure alone.
    """
    if not keeps(criterion, figure.value):
        return MISSED
    if criterion.key in ("accuracy", "fifth"):
        end = figure.low if criterion.at_least else figure.high
        return MET if keeps(criterion, end) else UNSURE
    return MET


def keeps(criterion: Criterion, value: float) -> bool:
    """Whether a value keeps the limit; one that is not a number does not."""
    if not math.isfinite(value):
        return False
    return value >= criterion.limit if criterion.at_least else value <= criterion.limit


def used(criterion: Criterion, value: float) -> float:
    """How much of the allowance is used, 1 at the limit.

    For "at least 97 %" the allowance is the 3 % that may be wrong.
    """
    if criterion.at_least:
        return (100 - value) / (100 - criterion.limit)
    return value / criterion.limit


@dataclass(frozen=True)
class Line:
    """A criterion, its figure, and what came of it."""

    criterion: Criterion
    figure: Figure

    @property
    def verdict(self) -> str:
        """MET, UNSURE or MISSED."""
        return verdict(self.criterion, self.figure)

    @property
    def kept(self) -> bool:
        """Whether the figure keeps the limit."""
        return self.verdict != MISSED

    @property
    def measured(self) -> str:
        """The value with its unit."""
        return f"{number(self.figure.value)}\u00a0{self.criterion.unit}"

    @property
    def between(self) -> str:
        """The interval, in words."""
        f = self.figure
        if f.low == f.high:
            return "exact"
        return f"{number(f.low)} to {number(f.high)}\u00a0{self.criterion.unit}"

    def row(self) -> tuple[str, ...]:
        """Name, measured, interval, limit, verdict with its shape, method with its label."""
        said = self.verdict
        return (
            self.criterion.name,
            self.measured,
            self.between,
            self.criterion.bound,
            f"{SHAPES[said]} {said}",
            f"{self.figure.label}: {self.figure.method}",
        )


HEAD = ("criterion", "figure", "95 % interval or range", "limit", "verdict", "how it is known")


@dataclass(frozen=True)
class Standing:
    """All five criteria of a brief with a model's figures; shows itself as a table."""

    brief: Brief
    lines: tuple[Line, ...]
    rows_name: str

    @property
    def kept(self) -> bool:
        """Whether every figure keeps its limit."""
        return all(line.kept for line in self.lines)

    def __getitem__(self, key: str) -> Line:
        return next(line for line in self.lines if line.criterion.key == key)

    def verdicts(self) -> dict[str, str]:
        """By criterion: "met" or "not met"."""
        return {ln.criterion.key: "met" if ln.kept else "not met" for ln in self.lines}

    @property
    def sentence(self) -> str:
        """How many are kept, and which are not."""
        missed = [ln for ln in self.lines if not ln.kept]
        unsure = [ln.criterion.name for ln in self.lines if ln.verdict == UNSURE]
        kept = len(self.lines) - len(missed)
        said = f"On the {self.rows_name} rows {kept} of {len(self.lines)} criteria are met"
        if missed:
            told = (f"{m.criterion.name} ({m.measured}, {m.criterion.bound})" for m in missed)
            said += f"; not met: {', '.join(told)}"
        if unsure:
            said += f"; met, but not certain at this number of examples: {', '.join(unsure)}"
        return said + "."

    def __str__(self) -> str:
        rows = [HEAD[:5], *(line.row()[:5] for line in self.lines)]
        widths = [max(len(r[n]) for r in rows) for n in range(5)]
        body = [
            "  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows
        ]
        return "\n".join([self.sentence, *body])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in HEAD)
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th>'
            + "".join(f"<td>{escape(c)}</td>" for c in rest)
            + "</tr>"
            for a, *rest in (line.row() for line in self.lines)
        )
        return f"<table><caption>{escape(self.sentence)}</caption><tr>{head}</tr>{body}</table>"


def standing(brief: Brief, figures: Mapping[str, Figure], rows_name: str) -> Standing:
    """The budget of ``brief`` beside ``figures`` (all five), measured on the rows so called."""
    lines = tuple(Line(c, figures[c.key]) for c in brief.criteria)
    return Standing(brief, lines, rows_name)
