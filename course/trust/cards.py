"""Model cards and datasheets as data: what each must say, and a refusal where it is not said.

Sections after Mitchell et al. (2019), Model Cards for Model Reporting, and Gebru et al. (2021),
Datasheets for Datasets, shortened. `course.trust.hub` writes a card for the Hugging Face Hub.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from course import datasets
from course.trust.papers import Paper, Problem, section, text_of


@dataclass(frozen=True)
class Metric:
    """One measured result: ``value``, of whom, on how many, and how sure (``low`` to ``high``).

    ``name`` is the metric ("accuracy"), ``data`` on what it was measured, ``group`` of whom ("all"
    or a group's name), ``count`` the number of examples. Raises ValueError for a value that is no
    finite number, a count below 1, or an interval that does not hold the value.
    """

    name: str
    value: float
    data: str
    group: str = "all"
    count: int | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        for what, number in numbers.items():
            if number is not None and not _finite(number):
                raise ValueError(
                    f"The metric {self.name!r} has {what} {number!r}; give a finite number, or "
                    "leave out what was not measured."
                )
        if self.count is not None and self.count < 1:
            raise ValueError(
                f"The metric {self.name!r} is said to be of {self.count} examples; at least 1."
            )
        if (self.low is None) != (self.high is None):
            raise ValueError(f"The metric {self.name!r} has half an interval: give low and high.")
        if self.low is not None and not self.low <= self.value <= (self.high or 0.0):
            raise ValueError(
                f"The metric {self.name!r} is {self.value}, outside its own interval "
                f"{self.low} to {self.high}. Were value and ends exchanged?"
            )

    @property
    def text(self) -> str:
        """The value with its unit and interval."""
        unit = f" {self.unit}" if self.unit else ""
        between = "" if self.low is None else f" ({self.low:.4g} to {self.high:.4g})"
        return f"{self.value:.4g}{between}{unit}"


def _finite(number: Any) -> bool:
    # NumPy's numbers are welcome, a text that looks like one is not.
    return not isinstance(number, str | bool) and math.isfinite(number)


@dataclass(frozen=True, kw_only=True)
class ModelCard(Paper):
    """What a model is, for whom, how well it does for whom, and where it fails.

    Nothing is refused while you write; :meth:`problems` says what is missing, and publishing
    (``markdown()``, ``html()``, ``hub.readme``) raises UnfinishedPaper until nothing is.
    """

    kind: ClassVar[str] = "model card"

    description: str = section("What it is", "What goes in, what comes out, what kind of model.")
    intended_use: str | Sequence[str] = section(
        "Intended use", "Which decision, by whom, about whom."
    )
    not_for: str | Sequence[str] = section(
        "Not to be used for", "Uses that come to mind and that it was not made or tested for."
    )
    training_data: str | Sequence[str] = section(
        "Training data", "Source, years, size, who is in it and who is not."
    )
    evaluation: str | Sequence[str] = section(
        "How it was evaluated", "On which held-out data, split how; for which groups."
    )
    limitations: str | Sequence[str] = section(
        "Limitations",
        "Where does it fail, or where was it never tried? Every model has some: an empty "
        "list means that nobody looked.",
    )
    people_affected: str | Sequence[str] = section(
        "People affected", "Who is judged by it, whose work changes, whom can they ask."
    )
    risks: str | Sequence[str] = section(
        "Risks and what was done", "Harm that could come of it; what lowers it; what is left."
    )
    contact: str = section(
        "Responsible", "A role or address that answers when something goes wrong."
    )
    privacy: str | Sequence[str] = section(
        "Privacy",
        "Whose data; what an attacker could learn; epsilon and delta if trained so.",
        required=False,
    )
    energy: str | Sequence[str] = section(
        "Energy", "kWh and kg CO2e of training, with the method.", required=False
    )
    explanations: str | Sequence[str] = section(
        "Explanations",
        "What is offered to those affected, and how it was checked.",
        required=False,
    )
    metrics: Sequence[Metric] = field(default=(), kw_only=True)
    licence: str = field(default="", kw_only=True)
    language: str = field(default="en", kw_only=True)
    task: str = field(default="", kw_only=True)
    tags: Sequence[str] = field(default=(), kw_only=True)
    datasets: Sequence[str] = field(default=(), kw_only=True)
    library: str = field(default="", kw_only=True)

    def problems(self) -> tuple[Problem, ...]:
        """What must be written first; a card without a measured result is not finished either."""
        found = list(super().problems())
        if not self.metrics:
            found.append(Problem("metrics", "there is none", "At least one Metric, measured."))
        lone = [m.name for m in self.metrics if m.group != "all" and m.low is None]
        if lone:
            wanted = "A group's figure needs its interval: give low and high."
            found.append(Problem("metrics", f"{lone[0]} of a group stands alone", wanted))
        if not text_of(self.licence):
            found.append(Problem("licence", "it is empty", "Under which terms may it be used?"))
        return tuple(found)

    def tables(self) -> list[tuple[str, list[str], list[list[str]]]]:
        """The measured results."""
        columns = ["Metric", "Group", "Value", "Measured on", "Examples"]
        rows = [
            [m.name, m.group, m.text, m.data, "not said" if m.count is None else f"{m.count:,}"]
            for m in self.metrics
        ]
        results = [("Measured results", columns, rows)] if rows else []
        licence = text_of(self.licence)
        return [*results, *([("Licence", ["Terms"], [[licence]])] if licence else [])]


@dataclass(frozen=True, kw_only=True)
class Datasheet(Paper):
    """Where a data set comes from, who is in it, what was done to it, what it must not be used for."""

    kind: ClassVar[str] = "datasheet"

    motivation: str | Sequence[str] = section("Motivation", "Who made it, for what, paid by whom.")
    composition: str | Sequence[str] = section(
        "Composition", "What a row is, how many, who is in it and who is missing."
    )
    collection: str | Sequence[str] = section(
        "Collection", "How and when; did the people know and agree?"
    )
    preprocessing: str | Sequence[str] = section(
        "Preprocessing and labels", "What was changed or dropped; who gave the labels."
    )
    uses: str | Sequence[str] = section("Uses", "What it is fit for.")
    not_for: str | Sequence[str] = section("Not to be used for", "What it is not fit for.")
    limitations: str | Sequence[str] = section(
        "Limitations", "Known errors, gaps and biases. Every data set has some."
    )
    licence: str = section("Licence", "What may be done with it.")
    maintenance: str | Sequence[str] = section(
        "Maintenance", "Who corrects it, how a person gets their row removed."
    )
    citation: str = section("Cite as", "How to cite it.", required=False)


def build_card(name: str, **fields: Any) -> ModelCard:
    """A ModelCard from named fields, finished or not.

    Raises TypeError, which lists the fields that there are, for one that a card does not have.
    """
    known = ModelCard.__dataclass_fields__
    unknown = [key for key in fields if key not in known]
    if unknown:
        raise TypeError(
            f"A model card has no field {unknown[0]!r}. Its fields: {', '.join(known)}."
        )
    return ModelCard(name=name, **fields)


def datasheet_of(name: str) -> Datasheet:
    """A draft of a data set's datasheet, with what `course.datasets` knows of it; see problems().

    Raises course.datasets.DatasetError for an unknown name or where its package is missing.
    """
    known = datasets.load(name).datasheet
    return Datasheet(
        name=known.title,
        composition=known.size,
        collection=known.source,
        limitations=known.known_problems,
        licence=known.licence,
        citation=known.citation,
    )
