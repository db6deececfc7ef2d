"""Explorer: the questionnaire whose answers become a dated action plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from course.capstone.planning import PEOPLE, STAGE, WHO, Answers, Plan, plan
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Points, Scene, Text


@dataclass(frozen=True)
class PlanParameters:
    """The questionnaire's answers; whether people are judged is set where it is opened."""

    who: str = choice("learner", WHO, label="The plan is for")
    stage: str = choice("idea", STAGE, label="Where you stand")
    hours: int = slider(4, 1, 40, label="Time", unit="hours a week")
    people: str = choice("yes", PEOPLE, label="People", hidden=True)


def simulate(p: PlanParameters) -> Plan:
    """The plan from today on."""
    return plan(Answers(p.who, p.stage, p.people, float(p.hours), start=date.today()))


def scene(made: Plan) -> Scene:
    """The steps down the page, each at its day."""
    start = made.answers.start
    days = [(step.by - start).days for step in made.steps]
    last, count = max(days[-1], 1), len(days)
    height = 40 + 24 * count
    marks: list[Any] = [Line([(0, 0), (0, count)], "quiet", 1.2)]
    for n, (step, day) in enumerate(zip(made.steps, days, strict=True)):
        y = count - n - 0.5
        before = days[n - 1] if n else 0
        marks += [
            Line([(before, y), (day, y)], "C0", 5.0),
            Points([(day, y)], "C0", "D", 8),
        ]
        left = day < 0.5 * last
        at = day + 0.02 * last if left else before - 0.015 * last
        words = f"{step.by.isoformat()} {_short(step.what)}"
        marks.append(Text(at, y - 0.2, words, size=12, align="left" if left else "right"))
    marks.append(Text(0, -0.6, f"today, {start.isoformat()}", "quiet", 12))
    return Scene(
        Panel(
            (-0.02 * last, 1.05 * last),
            (-1.0, count),
            marks,
            axes=False,
            place=(10, 6, 820, height - 12),
        ),
        height=height,
    )


def _short(text: str) -> str:
    first = text.split(":")[0].split(";")[0].split(",")[0]
    return first if len(first) <= 52 else first[:50].rsplit(" ", 1)[0] + " …"


def table(made: Plan) -> Table:
    """Every step in full."""
    return Table(made.title, made.head, made.rows())


def describe(made: Plan) -> str:
    """How much, until when, and what comes first."""
    first = made.steps[0]
    return f"{made.sentence} First, by {first.by.isoformat()}: {first.what[:1].lower()}{first.what[1:]}."


def questionnaire(**initial: Any) -> DirectExplorer:
    """Answer a few questions, and get next steps with their days.

    ``initial`` sets any of who, stage, hours, people; raises ValueError or TypeError for a value or a
    name that is not one of them. `course.capstone.plan` (the function) makes the same plan to save.
    """
    return DirectExplorer(
        PlanParameters(**initial),
        title="Action plan",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="questionnaire",
    )
