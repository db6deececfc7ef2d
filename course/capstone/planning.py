"""The action plan: a few answers become dated next steps for a learner, a team or a small firm.

Each step names what to do, what shows that it is done, and the lesson that it comes from. Dates are
counted from the day on which the questionnaire is filled in, by the hours a week that there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from pathlib import Path

WHO = {"learner": "one learner", "team": "a team that builds models", "firm": "a small firm"}
STAGE = {
    "idea": "there is an idea, no data yet",
    "data": "there is data, no model yet",
    "model": "there is a model, not in use",
    "live": "a model is in use",
}
PEOPLE = {"yes": "it judges people", "no": "it does not judge people"}
LEAST_HOURS, MOST_HOURS = 1.0, 40.0


class PlanError(ValueError):
    """An answer that no plan can be made from."""


@dataclass(frozen=True)
class Answers:
    """The questionnaire. who, stage, people: keys of WHO, STAGE and PEOPLE.

    hours: a week that there really are. goal: what is to be built, in a few words. start: the day on
    which it is filled in, today by default. Raises PlanError, which names the field.
    """

    who: str
    stage: str = "idea"
    people: str = "yes"
    hours: float = 4.0
    goal: str = ""
    start: date = field(default_factory=date.today)

    def __post_init__(self) -> None:
        for name, options in (("who", WHO), ("stage", STAGE), ("people", PEOPLE)):
            value = getattr(self, name)
            if value not in options:
                raise PlanError(f"{name} is one of {', '.join(options)}, not {value!r}")
        number = isinstance(self.hours, int | float) and not isinstance(self.hours, bool)
        if not number or not LEAST_HOURS <= self.hours <= MOST_HOURS:
            raise PlanError(
                f"hours a week must be a number from {LEAST_HOURS:g} to {MOST_HOURS:g}, not {self.hours!r}; "
                "less than an hour a week is no plan, and more than 40 is none that lasts"
            )
        if not isinstance(self.start, date):
            raise PlanError(f"start is a date, for example date.today(), not {self.start!r}")
        if not isinstance(self.goal, str):
            raise PlanError(f"goal is a few words, not {type(self.goal).__name__}")


@dataclass(frozen=True)
class Step:
    """What to do, by when, what shows that it is done, and where the course teaches it."""

    what: str
    shows: str
    lesson: str
    hours: float
    by: date


# (who may do it, from which stages on it is still to do, only if people are judged, hours, what,
# what shows it, lesson). A step belongs to every plan whose stage has not passed it.
_ALL = ("learner", "team", "firm")
_ORDER = tuple(STAGE)
_STEPS: tuple[tuple[tuple[str, ...], str, bool, float, str, str, str], ...] = (
    (_ALL, "idea", False, 2, "Write down the decision that the model would make, who makes it now, and what a mistake costs", "one page, read by somebody who makes that decision", "13"),
    (("team", "firm"), "idea", False, 2, "Try without a model: a rule, a form, one more person; note how well it does", "a figure that a model must beat", "10"),
    (("firm",), "idea", False, 3, "Compare an open model, a service and your own training for this task and budget", "a table with cost, break-even and what leaves the house", "10"),
    (_ALL, "idea", False, 4, "Find data, and write its datasheet: source, licence, who is missing", "a datasheet without an empty field", "04"),
    (("firm",), "idea", True, 3, "Ask who is accountable, and whether law or regulation puts this use into a risk class; ask a lawyer, not a model", "a name, and a written answer with its date", "13"),
    (_ALL, "data", False, 3, "Split the data once, by person or by time, and lock the held-out part away", "a note of the split, with the data's hash", "04"),
    (_ALL, "data", False, 5, "Train the smallest model that could work, by hand, and write each run into an audit log", "a log that verifies, and a baseline beside it", "03"),
    (("learner",), "data", False, 4, "Run the same model in PyTorch and explain every difference", "two curves that lie on one another", "03"),
    (("team", "firm"), "data", False, 3, "State the budget before tuning: accuracy, latency, size, kWh and who bears the mistakes", "five limits, agreed with those who will use it", "14"),
    (_ALL, "model", True, 4, "Measure every group with its interval, and decide with those concerned which gap counts", "a table with intervals, and a reason for the criterion", "12"),
    (_ALL, "model", False, 3, "Shrink it, time it on the device that it will run on, and measure its energy", "p95 in ms, kB and kWh, each with its method", "11"),
    (_ALL, "model", False, 3, "Write the model card, limitations first; give it to somebody who wants to find fault", "a card without an empty field, and one fault found", "13"),
    (("team", "firm"), "model", False, 4, "Run beside the present process for two weeks, without acting on it", "disagreements read one by one, with who was right", "13"),
    (("team", "firm"), "model", False, 2, "Fill in the launch checklist, and give every residual risk an owner and a day", "a register in which nothing is ownerless", "13"),
    (("team", "firm"), "live", False, 2, "Agree on the figure at which it is switched off, and try the switch", "the switch was used once, on purpose", "13"),
    (("team", "firm"), "live", True, 3, "Give those judged a way to a person, and count how often it is used", "a first monthly count", "12"),
    (("team", "firm"), "live", False, 3, "Measure again on new examples, and write the energy of serving beside that of training", "a dated line in the audit log", "09"),
    (("learner",), "live", False, 4, "Publish the model with its card, or say in writing why not", "a link, or a page", "13"),
    (("learner",), "live", False, 6, "Teach one lesson of this course to somebody else, from their questions", "their solved exercise", "01"),
    (("team",), "live", False, 4, "Change one input of your process (a seed, a split, a group) and see whether the decision stands", "a paragraph in the card", "04"),
    (_ALL, "live", False, 1, "Read this plan again: strike what was wrong, add what is missing, date the next", "a new plan", "14"),
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Dated steps; shows itself as a table, and can be written as Markdown."""

    answers: Answers
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        """Whose plan it is, and for what."""
        goal = " ".join(self.answers.goal.split())
        return f"Action plan for {WHO[self.answers.who]}" + (f": {goal}" if goal else "")

    @property
    def sentence(self) -> str:
        """How much there is to do, from when to when."""
        a, total = self.answers, sum(step.hours for step in self.steps)
        return (
            f"{len(self.steps)} steps of {total:g} hours together; from {a.start.isoformat()}, at {a.hours:g} "
            f"hours a week, the last is due on {self.steps[-1].by.isoformat()}."
        )

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Due day with its weekday, step, what shows it, hours, lesson."""
        return [
            (f"{s.by.isoformat()} ({s.by:%a})", s.what, s.shows, f"{s.hours:g}", s.lesson)
            for s in self.steps
        ]

    head = ("by", "do", "it is done when there is", "hours", "lesson")

    def markdown(self) -> str:
        """The plan as Markdown, with a box to tick for each step."""
        a = self.answers
        lines = [
            f"# {self.title}",
            "",
            f"Made on {a.start.isoformat()}. {STAGE[a.stage].capitalize()}; {PEOPLE[a.people]}.",
            "",
            self.sentence,
            "",
        ]
        for step in self.steps:
            lines += [
                f"- [ ] **{step.by.isoformat()}** {step.what} ({step.hours:g} h, lesson {step.lesson})  ",
                f"  Done when there is {step.shows}.",
            ]
        return "\n".join(lines).replace("<", "&lt;") + "\n"

    def save(self, path: str | Path = "action-plan.md") -> Path:
        """Write the Markdown; raises OSError where that is not possible."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.markdown(), encoding="utf-8")
        return target

    def __str__(self) -> str:
        lines = [self.title, self.sentence]
        return "\n".join(
            [*lines, *(f"  {r[0]}  {r[1]} ({r[3]} h, lesson {r[4]})" for r in self.rows())]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in self.head)
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th>'
            + "".join(f"<td>{escape(c)}</td>" for c in rest)
            + "</tr>"
            for a, *rest in self.rows()
        )
        caption = f"<caption>{escape(self.title)}. {escape(self.sentence)}</caption>"
        return f"<table>{caption}<tr>{head}</tr>{body}</table>"


def plan(answers: Answers) -> Plan:
    """The steps that these answers call for, one after the other, each with its day.

    A step ends after its hours at the hours a week there are; a day that falls on a weekend moves to
    Monday for a team or a firm.
    """
    first = _ORDER.index(answers.stage)
    steps, done = [], 0.0
    for who, stage, judged, hours, what, shows, lesson in _STEPS:
        if answers.who not in who or _ORDER.index(stage) < first:
            continue
        if judged and answers.people == "no":
            continue
        done += hours
        by = answers.start + timedelta(days=math.ceil(7 * done / answers.hours))
        if answers.who != "learner" and by.weekday() >= 5:
            by += timedelta(days=7 - by.weekday())
        steps.append(Step(what, shows, lesson, hours, by))
    return Plan(answers, tuple(steps))
