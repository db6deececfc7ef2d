"""The three briefs of the capstone: what a client asks for, and the budget that the model must keep.

A budget has five criteria. Four are the same in kind for everybody (accuracy, latency, size, energy);
the fifth asks who pays for the mistakes, and what that means differs from brief to brief.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape

KEYS = ("accuracy", "latency", "size", "energy", "fifth")


class BriefError(ValueError):
    """There is no such brief, or a limit that no model can have."""


@dataclass(frozen=True)
class Criterion:
    """One line of the budget: a figure, its unit, and the limit that it must keep.

    at_least: the figure must reach the limit; otherwise it must not exceed it. why: what the client
    needs it for.
    """

    key: str
    name: str
    unit: str
    limit: float
    at_least: bool
    why: str

    @property
    def bound(self) -> str:
        """The limit in words."""
        return f"{'at least' if self.at_least else 'at most'} {number(self.limit)}\u00a0{self.unit}"


@dataclass(frozen=True, repr=False)
class Brief:
    """What the client wants, with the budget and the choices that there are.

    features: name of each set of inputs and how it is called. threshold: what the threshold decides.
    fifth_why: why this brief's fifth criterion is the fitting one.
    """

    key: str
    title: str
    client: str
    letter: str
    output: str
    threshold: str
    features: Mapping[str, str]
    criteria: tuple[Criterion, ...]
    fifth_why: str

    def __getitem__(self, key: str) -> Criterion:
        for criterion in self.criteria:
            if criterion.key == key:
                return criterion
        raise BriefError(f"a budget has no criterion {key!r}; it has {', '.join(KEYS)}")

    def rows(self) -> list[tuple[str, str, str]]:
        """The budget: criterion, limit, what it is for."""
        return [(c.name, c.bound, c.why) for c in self.criteria]

    def __str__(self) -> str:
        lines = [f"{self.title}, for {self.client} (brief {self.key!r})", f"  “{self.letter}”"]
        return "\n".join([*lines, *(f"  {a}: {b}. {c}" for a, b, c in self.rows())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{escape(b)}</td><td>{escape(c)}</td></tr>'
            for a, b, c in self.rows()
        )
        head = "".join(
            f'<th scope="col">{h}</th>' for h in ("criterion", "limit", "what it is for")
        )
        return (
            f"<p><strong>{escape(self.title)}</strong>, for {escape(self.client)}: "
            f"“{escape(self.letter)}”</p><table><caption>The budget of {escape(self.key)}</caption>"
            f"<tr>{head}</tr>{body}</table><p>{escape(self.fifth_why)}</p>"
        )

    def with_limits(self, **limits: float) -> Brief:
        """The same brief with other limits, by criterion, each in its unit.

        Raises BriefError for an unknown criterion and for a limit that cannot be.
        """
        for key, limit in limits.items():
            check_limit(self[key], limit)
        return replace(
            self,
            criteria=tuple(replace(c, limit=limits.get(c.key, c.limit)) for c in self.criteria),
        )


def check_limit(criterion: Criterion, limit: float) -> None:
    """Raise BriefError, which says what would do, for a limit that cannot be."""
    percent = criterion.unit in ("%", "points")
    wanted = "a number above 0" + (" and below 100" if percent else "")
    fits = not isinstance(limit, bool | str) and isinstance(limit, int | float)
    if not fits or not math.isfinite(limit) or limit <= 0 or (percent and limit >= 100):
        raise BriefError(
            f"the limit of {criterion.key} ({criterion.name}, {criterion.unit}) must be {wanted}, not "
            f"{limit!r}; the client asks for {criterion.bound}"
        )


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """A figure with three digits that count, in powers of ten where it is very small or large."""
    if value == 0 or not math.isfinite(value) or 1e-4 <= abs(value) < 1e6:
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    digits, power = f"{value:.2e}".split("e")
    return f"{digits}\u00a0\u00d7\u00a010{str(int(power)).translate(_RAISED)}"


_LATENCY = "One answer at a time, 95th percentile of calls on this computer."
LOANS = Brief(
    key="loans",
    title="Loan decisions",
    client="a savings bank",
    letter=(
        "Our loan officers read each mortgage application for an hour. We want a model that reads it "
        "first and recommends approval or a second look. It must find both kinds well, the gap in approvals "
        "between groups must not become wider than it is in our files, about 23 points, and it must run on "
        "the old computers of our branches."
    ),
    output="a recommendation, approve or look again, for one application",
    threshold="approve where the model is at least this sure that the file would be approved",
    features={
        "all": "all 23 columns",
        "finances": "money and credit history only",
        "short": "eight columns that an officer reads first",
    },
    criteria=(
        Criterion(
            "accuracy",
            "balanced accuracy",
            "%",
            76.0,
            True,
            "Most files were approved, so who approves everybody is right most of the time. Here both kinds count half.",
        ),
        Criterion("latency", "time of an answer", "ms", 5.0, False, _LATENCY),
        Criterion("size", "size of the model", "kB", 2.0, False, "It is sent to every branch."),
        Criterion(
            "energy",
            "energy of training",
            "kWh",
            5e-6,
            False,
            "The training run that made this model.",
        ),
        Criterion(
            "fifth",
            "gap in approvals between groups",
            "points",
            23.0,
            False,
            "The largest difference in the share approved between White, Black and Hispanic applicants.",
        ),
    ),
    fifth_why=(
        "The bank decides about people, and the files record their group, so the gap in approvals can be "
        "measured. It says nothing of who would have paid back: that is not in the files."
    ),
)

DIGITS = Brief(
    key="digits",
    title="Digit reader on a small device",
    client="a maker of water meters",
    letter=(
        "A camera chip in our meters takes an image of each digit. The chip has little memory left and no "
        "network. It may say that it cannot read a digit; then a person reads it. It must not be wrong "
        "quietly, and no digit may be read much worse than the others."
    ),
    output="one of ten digits, or no answer",
    threshold="answer only where the model is at least this sure",
    features={
        "all": "all 64 pixels",
        "middle": "the middle 6 x 6 pixels",
        "sparse": "every second pixel of every second row",
    },
    criteria=(
        Criterion(
            "accuracy",
            "right among those answered",
            "%",
            97.0,
            True,
            "A quiet error is a wrong bill.",
        ),
        Criterion("latency", "time of an answer", "ms", 1.0, False, _LATENCY),
        Criterion("size", "size of the model", "kB", 3.0, False, "What is free on the chip."),
        Criterion(
            "energy",
            "energy of training",
            "kWh",
            5e-6,
            False,
            "The training run that made this model.",
        ),
        Criterion(
            "fifth",
            "not read, for the worst digit",
            "%",
            20.0,
            False,
            "Wrong or refused, for the digit that is served worst: its meters are read by hand.",
        ),
    ),
    fifth_why=(
        "Who wrote a digit is not recorded, so no gap between people can be measured here; that goes into "
        "the card. What can be measured is which digit pays: a meter full of eights must not be a bad meter."
    ),
)

HEART = Brief(
    key="heart",
    title="Heart-beat monitor",
    client="a maker of sports watches",
    letter=(
        "Our chest strap shows a pulse. We want a small model that marks each beat while the signal streams. "
        "A mark that comes late is useless for the rhythm sound, a false mark is annoying, a missed beat is "
        "worse. It is no medical device and must not look like one."
    ),
    output="a mark at each heart beat",
    threshold="mark a beat where the model is at least this sure",
    features={
        "all": "48 values, a quarter of a second on each side of the beat",
        "middle": "the middle 24 values, an eighth of a second on each side",
        "sparse": "every second of the 48 values",
    },
    criteria=(
        Criterion("accuracy", "marks that are beats", "%", 85.0, True, "False marks are annoying."),
        Criterion(
            "latency",
            "delay of a mark",
            "ms",
            200.0,
            False,
            "Waiting for the values after the beat, by design, plus the 95th percentile of the computing.",
        ),
        Criterion("size", "size of the model", "kB", 1.0, False, "What is free in the strap."),
        Criterion(
            "energy",
            "energy of training",
            "kWh",
            5e-6,
            False,
            "The training run that made this model.",
        ),
        Criterion("fifth", "beats missed", "%", 3.0, False, "A missed beat is the graver mistake."),
    ),
    fifth_why=(
        "The record holds one person, so no gap between groups can be measured, and the card must say so. The "
        "mistake that falls on the wearer is the missed beat; it is counted apart from the false marks."
    ),
)

BRIEFS: dict[str, Brief] = {b.key: b for b in (LOANS, DIGITS, HEART)}


def brief(name: str | Brief) -> Brief:
    """A brief by name: loans, digits or heart; raises BriefError for another."""
    if isinstance(name, Brief):
        return name
    if name not in BRIEFS:
        raise BriefError(f"there is no brief {name!r}; choose one of {', '.join(BRIEFS)}")
    return BRIEFS[name]
