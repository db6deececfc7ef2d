"""One worked hand-over for the loan brief: choices, the words of its papers, risks, and a decision.

The lesson uses it where the learner's own work is not there yet; it is an example, not the answer.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from course.capstone.handover import Handover
from course.capstone.workshop import Workshop

CHOICES: dict[str, Any] = {
    "brief": "loans",
    "features": "finances",
    "width": 0,
    "epochs": 20,
    "weight_decay": 0.01,
    "threshold": 0.85,
    "bits": 32,
}
# Where many begin: every column, a wide network, long training, the threshold left alone.
FIRST_TRY: dict[str, Any] = {
    **CHOICES,
    "features": "all",
    "width": 64,
    "epochs": 60,
    "threshold": 0.5,
}


def card() -> dict[str, Any]:
    """The words of the example's model card."""
    return {
        "description": "Fifteen numbers of a mortgage file go in, money and credit history only; out comes how sure "
        "a linear model is that officers of 1990 would have approved the file.",
        "intended_use": "To sort files for an officer: above the threshold it recommends approval, below it a second "
        "look. An officer decides every file.",
        "not_for": [
            "Refusing a loan without a person.",
            "Setting interest rates or amounts.",
            "Any applicant of today: the files are from 1990.",
        ],
        "training_data": "Boston, 1990: applications with the decision that lenders made. Whether a loan was paid back "
        "is not in it, nor who never applied.",
        "evaluation": "On files kept aside until the end, for White, Black and Hispanic applicants apart, with "
        "intervals. Sex, and race and sex together, were not looked at.",
        "limitations": [
            "It learns from decisions, not from repayments: what was unjust then, it repeats.",
            "There are few Black and Hispanic applicants among the held-out files, so their rates are known only roughly.",
            "One city, one year, lenders who took part by choice.",
            "Leaving race out does not hide it: income, debts and history carry part of it.",
        ],
        "people_affected": "Applicants, who can ask for an officer's reading without giving a reason; officers, whose "
        "work becomes more of the doubtful files.",
        "risks": "Officers may come to trust the recommendation: one file in twenty is shown to them without it, and "
        "the answers are compared each month.",
        "contact": "Head of lending; the model can be switched off in the branch at any time.",
        "privacy": "The weights are of a linear model with 15 inputs; no membership attack was tried.",
        "licence": "MIT for the code; the data are those of a textbook, for teaching.",
    }  # fmt: skip


def risks(today: date | None = None) -> list[dict[str, str]]:
    """The example's residual risks, to be reviewed 30 and 90 days from ``today``."""
    first = today or date.today()
    soon, later = (first + timedelta(days=n) for n in (30, 90))
    return [
        {
            "item": "groups",
            "harm": "good files of Black and Hispanic applicants wait longer, for a second look",
            "to_whom": "these applicants",
            "likelihood": "high",
            "severity": "medium",
            "mitigation": "second looks within two days; gap counted each month, switched off above 23 points",
            "owner": "head of lending",
            "review": soon.isoformat(),
        },
        {
            "item": "workers",
            "harm": "officers follow the recommendation without reading",
            "to_whom": "all applicants, and the officers",
            "likelihood": "medium",
            "severity": "high",
            "mitigation": "one file in twenty is read without the recommendation",
            "owner": "head of training",
            "review": later.isoformat(),
        },
    ]


REASON = (
    "All five limits are kept on files that the model never saw, but the interval of the gap reaches beyond 23 "
    "points, so we cannot promise it. The strongest argument against: the model repeats decisions of 1990, and "
    "nobody knows who would have paid back. So only as a sorter, with an officer for each file, for three months in "
    "one branch; a monthly gap above 23 points, or officers who overrule fewer than one file in fifty, ends it."
)


def good(today: date | None = None) -> dict[str, Any]:
    """What `Workshop.hand_over` needs beside the run, in the example's words."""
    return {
        "card": card(),
        "risks": risks(today),
        "decision": "conditions",
        "reason": REASON,
        "today": today,
    }


def hand_over(folder: str | Path, today: date | None = None) -> Handover:
    """Do the whole capstone with the example's choices: a first try, a better one, the papers."""
    workshop = Workshop("loans", folder)
    workshop.train(FIRST_TRY)
    return workshop.hand_over(workshop.train(CHOICES), **good(today))
