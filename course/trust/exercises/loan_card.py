"""Exercise: the loan model's card, checked where a machine can check it."""

from __future__ import annotations

from typing import Any

from course.checks import as_exercise, probe, slip
from course.trust.cards import Metric, build_card
from course.trust.exercises.attribution import SOLUTION
from course.trust.loan_model import INVENTED
from course.trust.papers import lines_of


def _report(loan_card: Any) -> Any:
    """The card of invented figures"""
    card = loan_card(INVENTED)
    measured = {m.group: m for m in card.metrics if m.name == "accuracy"}
    told = {g.group: g for g in INVENTED.groups}
    right = [
        group
        for group, metric in measured.items()
        if group in told and abs(metric.value - told[group].accuracy) < 1e-9
    ]
    sure = [
        group
        for group in right
        if (measured[group].low, measured[group].high) == (told[group].low, told[group].high)
        and measured[group].count == told[group].count
    ]
    return {
        "sections still to write": sorted({p.field for p in card.problems()}),
        "groups with their accuracy": sorted(right),
        "groups with count and interval too": sorted(sure),
        "limitations named": "two or more" if len(lines_of(card.limitations)) > 1 else "fewer",
        "uses ruled out": "some" if lines_of(card.not_for) else "none",
    }


@as_exercise(
    cases=[probe(_report)],
    mistakes=[
        slip(
            "The card holds the result of all applications alone. Who is judged worse by it is what "
            "a reader must know: one Metric for each of `facts.groups`.",
            "for g in facts.groups",
            "for g in facts.groups[:1]",
        ),
        slip(
            "The groups' results stand without their interval. Of a small group a share alone says "
            "little: give `low=g.low, high=g.high`.",
            "g.count, g.low, g.high)",
            "g.count)",
        ),
        slip(
            "Limitations: “None known.” counts as nothing. What was this model never tried on?",
            'limitations=[\n            "One city, one year: never tried on other markets or on today\'s rules.",\n'
            '            "Labels are what banks decided in 1990, with whatever bias they had.",\n        ]',
            'limitations="None known."',
        ),
    ],
    hints=[
        "`metrics` is a list: `Metric('accuracy', g.accuracy, 'held-out applications', g.group, g.count, "
        "g.low, g.high)` for each g in `facts.groups`.",
        "`print(build_card('x').problems())` lists every section that a card needs, with what belongs there.",
        "Two limitations at least: where and when do the data come from, and who decided the labels?",
    ],
    points=2,
    solution=SOLUTION,
)
def loan_card(facts: Any) -> Any:
    return build_card(
        "Loan model",
        description="Logistic regression on seven facts of a mortgage application; race is no input.",
        intended_use="Teaching. It must not decide about anybody.",
        not_for="Any real application, in any country.",
        training_data=f"{facts.rows} applications in Boston, 1990.",
        evaluation=f"{facts.held_out} applications held out at random, by group.",
        limitations=[
            "One city, one year: never tried on other markets or on today's rules.",
            "Labels are what banks decided in 1990, with whatever bias they had.",
        ],
        people_affected="Applicants; the clerks who decided before.",
        risks="It repeats past refusals. Left: the rates differ between groups.",
        contact="The course's authors",
        licence="MIT",
        metrics=[
            Metric("accuracy", g.accuracy, "held out", g.group, g.count, g.low, g.high)
            for g in facts.groups
        ],
    )
