"""The result of a check: a number to nbgrader, a panel to a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from course.markup import marked

PASSED = "passed"
PARTLY = "partly right"
MISSED = "not right yet"
NOT_ATTEMPTED = "not attempted yet"

# Mid-tones that keep a contrast of 3:1 against white and JupyterLab's dark grey. They colour a
# border only: the verdict itself is always a word.
_ACCENT = {PASSED: "#009e73", PARTLY: "#c77700", MISSED: "#d55e00", NOT_ATTEMPTED: "#7a7a7a"}


@dataclass(frozen=True)
class Shown:
    """One case as the panel shows it: what was asked, what was expected, what came."""

    case: str
    expected: str
    got: str


class Score(float):
    """The points a check gave, as a float whose panel says why.

    ``repr(score)`` is the bare number, because nbgrader reads the cell's text as the partial
    credit; ``print(score)`` and a notebook show the panel. ``diagnosis`` is a short stable key
    such as ``"mistake 1"`` or ``"wrong value"``.
    """

    exercise: str
    points: float
    verdict: str
    message: str
    diagnosis: str
    shown: tuple[Shown, ...]
    hints: tuple[str, ...]
    note: str
    link: str
    picture: str  # an `img` element, or nothing

    def __new__(
        cls,
        value: float,
        *,
        exercise: str = "",
        points: float = 1.0,
        verdict: str = MISSED,
        message: str = "",
        diagnosis: str = "",
        shown: Sequence[Shown] = (),
        hints: Sequence[str] = (),
        note: str = "",
        link: str = "",
    ) -> Score:
        self = super().__new__(cls, value)
        self.exercise, self.points = exercise, float(points)
        self.verdict, self.message, self.diagnosis = verdict, message, diagnosis
        self.shown, self.hints, self.note, self.link = tuple(shown), tuple(hints), note, link
        self.picture = ""
        return self

    @property
    def passed(self) -> bool:
        """True when the answer earned all its points."""
        return self.verdict == PASSED

    @property
    def heading(self) -> str:
        """The first line of the panel: the exercise, the verdict and the points."""
        return (
            f"{self.exercise}: {self.verdict} ({round(float(self), 2):g} of {self.points:g} points)"
        )

    def __repr__(self) -> str:
        return float.__repr__(self)

    def __str__(self) -> str:
        lines = [self.heading]
        if self.message:
            lines.append(self.message)
        for row in self.shown:
            lines += [f"  case      {row.case}", f"  expected  {row.expected}"]
            lines.append(f"  got       {row.got}")
        lines += [f"Hint {n}: {hint}" for n, hint in enumerate(self.hints, start=1)]
        lines += [line for line in (self.note, self.link and f"Solution: {self.link}") if line]
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (float(self), dict(self.__dict__)))

    def _repr_html_(self) -> str:
        border = _ACCENT.get(self.verdict, _ACCENT[MISSED])
        parts = [
            f'<div role="group" aria-label="{escape(self.heading)}" style="border-left:4px solid '
            f"{border};padding:0.4em 0.9em;margin:0.3em 0;background:rgba(127,127,127,0.08);"
            f'max-width:60em;line-height:1.5">',
            f"<div><strong>{escape(self.heading)}</strong></div>",
        ]
        if self.message:
            parts.append(f"<div>{marked(self.message)}</div>")
        if self.shown:
            parts.append(_table(self.shown))
        if self.picture:
            parts.append(f"<div>{self.picture}</div>")
        last = len(self.hints)
        for number, hint in enumerate(self.hints, start=1):
            opened = " open" if number == last else ""
            parts.append(
                f"<details{opened}><summary>Hint {number}</summary>{marked(hint)}</details>"
            )
        if self.note:
            parts.append(f"<div>{marked(self.note)}</div>")
        if self.link:
            parts.append(
                f'<div><a href="{escape(self.link)}" target="_blank" rel="noopener">'
                "Open the solution</a></div>"
            )
        return "".join([*parts, "</div>"])


def _rebuild(value: float, fields: dict[str, object]) -> Score:
    score = Score(value)
    score.__dict__.update(fields)
    return score


def _table(rows: Sequence[Shown]) -> str:
    cell = 'style="text-align:left;vertical-align:top;padding:0.15em 1em 0.15em 0"'
    code = "white-space:pre-wrap;font-family:monospace"
    head = "".join(f'<th scope="col" {cell}>{h}</th>' for h in ("Case", "Expected", "Got"))
    body = "".join(
        "<tr>"
        + "".join(
            f'<td {cell}><span style="{code}">{escape(text)}</span></td>'
            for text in (row.case, row.expected, row.got)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse:collapse;margin:0.4em 0">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
