"""What a person judges in a report, where no check can: four criteria, and what earns each mark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A criterion of the rubric; earns: what is seen at 0, 1, 2 and 3 marks."""

    name: str
    question: str
    earns: tuple[str, str, str, str]


RUBRIC = (
    Mark(
        "The decision is defended",
        "Does the reason follow from the figures, with their intervals?",
        (
            "A decision without a reason, or against the figures.",
            "A reason that names a figure.",
            "Figures, their intervals, and the strongest argument against the decision.",
            "All this, and what observation would change the decision.",
        ),
    ),
    Mark(
        "Limits are said plainly",
        "Would the client be surprised by a failure after reading this?",
        (
            "Limits are missing, or hold for every model.",
            "At least one limit of this data or this model.",
            "Where it fails, for whom, and what was not tried.",
            "All this in words that the client's own staff understand.",
        ),
    ),
    Mark(
        "People are in view",
        "Who bears the mistakes, who was asked, whom can they ask?",
        (
            "Nobody is named.",
            "Those judged are named.",
            "Also those whose work changes, and a way to object to a person.",
            "Also who would disagree with the choice of the fifth criterion, and why that is reasonable.",
        ),
    ),
    Mark(
        "It can be handed over",
        "Could a stranger run, check and switch it off with this folder?",
        (
            "Something is missing that a check names.",
            "All checks hold.",
            "Each residual risk has an owner, a day and a line at which the model is switched off.",
            "All this, and the report reads well from its first line to its last.",
        ),
    ),
)
MOST = 3 * len(RUBRIC)


def rows() -> list[tuple[str, ...]]:
    """The rubric as rows: criterion with its question, then 0 to 3."""
    return [(f"{m.name}. {m.question}", *m.earns) for m in RUBRIC]


COLUMNS = ("Judged by a person", "0", "1", "2", "3")


def table() -> str:
    """The rubric as text."""
    lines = ["The rubric, for a person to judge (each 0 to 3):"]
    for mark in RUBRIC:
        lines.append(f"\n{mark.name}. {mark.question}")
        lines += [f"  {n}  {text}" for n, text in enumerate(mark.earns)]
    return "\n".join(lines)
