"""Explorer: a model card, section by section, and why it is refused or published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from course.trust import readers
from course.trust.calibration import wilson
from course.trust.cards import Metric, ModelCard, build_card
from course.trust.papers import Problem, lines_of
from course.widgets import Explorer, Table, choice, style

_LIMITATIONS = {
    "empty": "(left empty)",
    "nothing": "“None known.”",
    "general": "“May contain errors.”",
    "specific": "three, each with its reason",
}
_LIMITS: dict[str, Any] = {
    "empty": "",
    "nothing": "None known.",
    "general": "May contain errors.",
    "specific": (
        "Thirteen people wrote these digits, and some wrote both training and test images: "
        "expect less of new writers.",
        "Never tried on pencil, on other scanners, or on digits that touch.",
        "It always names a digit, also for a smudge: there is no answer “unreadable”.",
    ),
}
_RESULTS = {
    "none": "(left empty)",
    "all": "accuracy of all images, with interval",
    "alone": "also of each digit, without interval",
    "groups": "also of each digit, with interval",
}
_PEOPLE = {
    "empty": "(left empty)",
    "tbd": "“TBD”",
    "specific": "who is misread, and whom they can ask",
}
_PERSONS: dict[str, Any] = {
    "empty": "",
    "tbd": "TBD",
    "specific": (
        "People whose form is misread wait longer; the form carries a telephone number of a person "
        "who reads it again.",
        "Clerks who typed the numbers now check the doubtful ones.",
    ),
}
_FIXED: dict[str, Any] = {
    "description": "Reads one digit of 8 by 8 pixels: a network of 64, 32 and 10 units.",
    "intended_use": "Sorting paper forms by their form number, doubtful ones by hand.",
    "not_for": "Cheques, medicine, or anything that is not looked at again when it is doubtful.",
    "training_data": "1,438 digits of scikit-learn (UCI), 13 writers, before 1998.",
    "evaluation": "359 digits held out at random, each class in the same share.",
    "risks": "A wrong form number sends a form astray; the clerk who opens it sends it back.",
    "contact": "The head of the post room",
    "licence": "MIT",
    "task": "image-classification",
}


@dataclass(frozen=True)
class CardParameters:
    """What the reader sets."""

    limitations: str = choice("empty", _LIMITATIONS, label="Limitations")
    results: str = choice("all", _RESULTS, label="Measured results")
    people: str = choice("empty", _PEOPLE, label="People affected")


@dataclass(frozen=True)
class Built:
    """The card as chosen, and what is wrong with it."""

    p: CardParameters
    card: ModelCard
    problems: tuple[Problem, ...]


def simulate(p: CardParameters) -> Built:
    """Build the card of the digit reader, with results measured now, and check it."""
    card = build_card(
        "Form-number reader",
        **_FIXED,
        limitations=_LIMITS[p.limitations],
        people_affected=_PERSONS[p.people],
        metrics=tuple(_metrics(p.results)),
    )
    return Built(p, card, card.problems())


def _metrics(which: str) -> list[Metric]:
    if which == "none":
        return []
    data = readers.digits()
    right = (
        readers.scores(readers.trained(), data.held_out_images).argmax(axis=1)
        == data.held_out_labels
    )
    groups = [("all", right)]
    if which in ("alone", "groups"):
        groups += [(f"digit {d}", right[data.held_out_labels == d]) for d in range(10)]
    metrics = []
    for name, hits in groups:
        low, high = wilson(hits.mean(), len(hits))
        alone = which == "alone" and name != "all"
        ends = (None, None) if alone else (float(low), float(high))
        metrics.append(
            Metric("accuracy", float(hits.mean()), "digits, held out", name, len(hits), *ends)
        )
    return metrics


def figure(built: Built, fig: Figure) -> None:
    """Every section with what stands in it, or what is missing."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.01, right=0.99, top=0.9, bottom=0.02)
    axes.set_axis_off()
    lines = _lines(built)
    axes.set(xlim=(0, 1), ylim=(len(lines), -0.3))
    for place, (heading, problem, text) in enumerate(lines, start=0):
        colour = "C1" if problem else style.ink()
        axes.text(0.0, place + 0.35, "MISSING" if problem else "written", color=colour, fontsize=9)
        weight = "bold" if problem else "normal"
        axes.text(0.1, place + 0.35, heading, color=colour, fontsize=9.5, weight=weight)
        axes.text(0.34, place + 0.35, _short(problem or text), color=colour, fontsize=9)
    verdict = "REFUSED" if built.problems else "Finished: may be published"
    axes.set_title(f"Model card: {built.card.name} · {verdict}")


def _lines(built: Built) -> list[tuple[str, str, str]]:
    """(heading, what is wrong or "", text) of each section that is required, then the results."""
    wrong = {p.field: p.wrong for p in built.problems}
    rows = [
        (spec.heading, wrong.get(field, ""), "; ".join(lines_of(getattr(built.card, field))))
        for field, spec in ModelCard.sections().items()
        if spec.required
    ]
    results = "; ".join(f"{m.name} of {m.group} {m.text}" for m in built.card.metrics)
    return [*rows, ("Measured results", wrong.get("metrics", ""), results)]


def _short(text: str) -> str:
    return text if len(text) <= 76 else f"{text[:74]}…"


def table(built: Built) -> Table:
    """Each section, its state and its text."""
    rows = [
        (heading, "missing" if problem else "written", problem or text)
        for heading, problem, text in _lines(built)
    ]
    return Table(f"Model card: {built.card.name}", ("Section", "State", "Text or problem"), rows)


def describe(built: Built) -> str:
    """Refused for what, or what a finished card still does not prove."""
    if built.problems:
        first = built.problems[0]
        also = len(built.problems) - 1
        more = f" And {also} more to write." if also else ""
        return f"Refused. {first.field}: {first.wrong}. {first.wanted}{more}"
    if built.p.limitations == "general":
        return (
            "Accepted by the machine, and worthless to a reader: “may contain errors” is true of "
            "every model, so a person has to refuse it."
        )
    alike = built.p.results == "all"
    tail = " It does not say for whom it does worse." if alike else ""
    return f"Finished: nothing that must be there is missing.{tail} Whether it is true, no check can see."


def model_card(**initial: Any) -> Explorer:
    """Build a model card; an empty limitation is refused.

    ``initial`` sets any of limitations, results, people; raises ValueError or TypeError for a value
    or a name that is not one of them.
    """
    return Explorer(
        CardParameters(**initial),
        title="A model card",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="model_card",
    )
