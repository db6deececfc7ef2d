"""The residual-risk register: what may still go wrong after the launch, who owns it, until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from course.trust.papers import said_nothing

LEVELS = ("low", "medium", "high")


@dataclass(frozen=True)
class Risk:
    """A risk that is left: to whom, how likely and grave, what lowers it, who owns it, until when.

    ``item`` is the checklist's item that it belongs to. Raises ValueError, in a sentence, for an
    empty field, a level that is none of LEVELS, or a review date that is no date.
    """

    item: str
    harm: str
    to_whom: str
    likelihood: str
    severity: str
    mitigation: str
    owner: str
    review: str

    def __post_init__(self) -> None:
        for field in ("item", "harm", "to_whom", "mitigation", "owner"):
            wrong = said_nothing(getattr(self, field))
            if wrong:
                raise ValueError(
                    f"{field} of a risk: {wrong}. A risk without it is only noted, not owned."
                )
        for field in ("likelihood", "severity"):
            if getattr(self, field) not in LEVELS:
                raise ValueError(f"{field} is low, medium or high; not {getattr(self, field)!r}.")
        try:
            date.fromisoformat(self.review)
        except (TypeError, ValueError):
            raise ValueError(
                f"review is {self.review!r}; write the day on which the risk is looked at again "
                "as YYYY-MM-DD."
            ) from None

    @property
    def rank(self) -> int:
        """Likelihood times severity, 1 to 9: an order to talk in, not a measurement."""
        return (LEVELS.index(self.likelihood) + 1) * (LEVELS.index(self.severity) + 1)


COLUMNS = (
    "Rank",
    "Item",
    "Harm",
    "To whom",
    "Likelihood",
    "Severity",
    "Lowered by",
    "Owner",
    "Review",
)


@dataclass(frozen=True)
class RiskRegister:
    """Residual risks, to be read with the gravest first."""

    risks: tuple[Risk, ...] = ()

    def __len__(self) -> int:
        return len(self.risks)

    def __iter__(self) -> Iterator[Risk]:
        return iter(sorted(self.risks, key=lambda risk: -risk.rank))

    def covers(self, item: str) -> bool:
        """True when a risk of that checklist item is on record."""
        return any(risk.item == item for risk in self.risks)

    def overdue(self, today: str) -> tuple[Risk, ...]:
        """Risks whose review day lies before ``today`` (YYYY-MM-DD)."""
        now = date.fromisoformat(today)
        return tuple(risk for risk in self if date.fromisoformat(risk.review) < now)

    def rows(self) -> list[list[str]]:
        """One row a risk, as text, the gravest first."""
        return [
            [
                str(r.rank),
                r.item,
                r.harm,
                r.to_whom,
                r.likelihood,
                r.severity,
                r.mitigation,
                r.owner,
                r.review,
            ]
            for r in self
        ]

    def __str__(self) -> str:
        if not self.risks:
            return "Residual risks: none on record."
        lines = [
            f"  {r.rank}  {r.harm} (to {r.to_whom}; likelihood {r.likelihood}, severity "
            f"{r.severity}); lowered by {r.mitigation}; owner {r.owner}, review {r.review}"
            for r in self
        ]
        return "\n".join(["Residual risks, the gravest first:", *lines])

    def markdown(self) -> str:
        """The register as a Markdown table."""
        lines = [list(COLUMNS), ["---"] * len(COLUMNS), *self.rows()]
        cells = [[text.replace("|", "\\|") for text in line] for line in lines]
        return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"
