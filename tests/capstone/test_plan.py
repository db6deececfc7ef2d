"""The action plan: dated from the day it is filled in, fitting the answers."""

from datetime import date

import pytest

from course.capstone import Answers, plan
from course.capstone.planning import PEOPLE, STAGE, WHO, PlanError

DAY = date(2027, 1, 4)  # a Monday
ALL = [(w, s, p) for w in WHO for s in STAGE for p in PEOPLE]


@pytest.mark.parametrize(("who", "stage", "people"), ALL)
def test_every_answer_gives_a_plan_in_order(who, stage, people):
    made = plan(Answers(who, stage, people, 5, start=DAY))
    days = [step.by for step in made.steps]
    assert len(made.steps) >= 3 and days == sorted(days) and days[0] > DAY
    assert all(step.hours > 0 and step.lesson.isdigit() for step in made.steps)
    if who != "learner":
        assert all(day.weekday() < 5 for day in days)


def test_days_are_hours_over_hours_a_week():
    made = plan(Answers("learner", hours=4, start=DAY))
    assert made.steps[0].hours == 2 and (made.steps[0].by - DAY).days == 4  # 2 of 4 hours: 3.5 days
    total = sum(step.hours for step in made.steps)
    assert (made.steps[-1].by - DAY).days == -(-7 * total // 4)
    twice = plan(Answers("learner", hours=8, start=DAY))
    assert twice.steps[-1].by < made.steps[-1].by


def test_a_model_that_judges_nobody_needs_no_appeal_and_a_later_stage_has_less_to_do():
    with_people, without = (plan(Answers("firm", people=p, start=DAY)) for p in ("yes", "no"))
    assert len(without.steps) < len(with_people.steps)
    counts = [len(plan(Answers("team", stage=s, start=DAY)).steps) for s in STAGE]
    assert counts == sorted(counts, reverse=True) and counts[-1] < counts[0]


def test_it_is_written_as_markdown(tmp_path):
    made = plan(Answers("team", goal="a <b>reader</b>\nof meters", start=DAY))
    path = made.save(tmp_path / "new" / "plan.md")
    text = path.read_text(encoding="utf-8")
    assert text.startswith(
        "# Action plan for a team that builds models: a &lt;b>reader&lt;/b> of meters"
    )
    assert text.count("- [ ] **2027-") == len(made.steps) and "Made on 2027-01-04" in text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"who": "state"}, "who is one of learner, team, firm"),
        ({"stage": "late"}, "stage is one of"),
        ({"people": "maybe"}, "people is one of"),
        ({"hours": 0}, "hours a week must be a number from 1 to 40"),
        ({"hours": float("nan")}, "hours"),
        ({"hours": "four"}, "hours"),
        ({"start": "tomorrow"}, "start is a date"),
        ({"goal": 3}, "goal is a few words"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(wrong, says):
    with pytest.raises(PlanError, match=says):
        Answers(**{"who": "learner", **wrong})
