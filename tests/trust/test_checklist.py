"""The launch checklist stops what must be stopped, and ends in risks with an owner and a date."""

import pytest

from course.facts.frameworks import provision, provisions
from course.trust.checklist import AREAS, ITEMS, Answer, judge, risk_class
from course.trust.register import Risk, RiskRegister

DONE = {item.key: Answer("yes", "folder 7") for item in ITEMS}
RISK = {
    "item": "privacy",
    "harm": "A member is recognised",
    "to_whom": "applicants",
    "likelihood": "low",
    "severity": "high",
    "mitigation": "stopping early",
    "owner": "head of credit",
    "review": "2027-01-15",
}


def test_every_provision_is_sourced_dated_and_graded():
    for row in provisions():
        assert len(row.source) > 8 and row.date and row.evidence
        assert ("not verified" in row.cite) == (not row.verified)
    assert {p.framework for p in provisions()} == {"NIST AI RMF", "EU AI Act", "ISO/IEC 42001"}
    with pytest.raises(KeyError, match="EU AI Act/credit"):
        provision("EU AI Act", "loans")


def test_every_item_names_frameworks_and_doubt():
    for item in ITEMS:
        assert item.provisions
        assert ("not verified" in item.cited) == any(not p.verified for p in item.provisions)


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ({"prohibited": True, "area": "employment"}, "Prohibited"),
        ({"prohibited": False, "area": "essential"}, "High-risk"),
        ({"prohibited": False, "area": "none", "in_product": True}, "High-risk"),
        ({"prohibited": False, "area": "none", "talks_to_people": True}, "Transparency"),
        ({"prohibited": False, "area": "none"}, "The rest"),
    ],
)
def test_the_tree(answers, name):
    verdict = risk_class(**answers)
    assert (
        verdict.name == name and verdict.provisions and verdict.provisions[0].date in str(verdict)
    )


def test_credit_is_named_and_talking_adds_a_duty():
    verdict = risk_class(prohibited=False, area="essential", talks_to_people=True)
    keys = [p.key for p in verdict.provisions]
    assert {"credit", "transparency"} <= set(keys) and "Tell people" in verdict.todo


def test_an_unknown_area_is_named():
    with pytest.raises(ValueError, match=next(iter(AREAS))):
        risk_class(prohibited=False, area="banking")


def test_nothing_is_launched_without_an_owner():
    judged = judge("loans", {**DONE, "owner": "no"})
    assert judged.decision.startswith("Stop: owner")


def test_a_yes_without_evidence_settles_nothing():
    judged = judge("loans", {**DONE, "data": "yes", "people": Answer("yes", "tbd")})
    assert [i.key for i in judged.stopping] == ["data", "people"]
    assert "yes, no evidence" in str(judged)


def test_an_open_item_needs_a_risk_with_an_owner():
    answers = {**DONE, "privacy": Answer("partly", "attack of 3 May")}
    assert judge("loans", answers).decision.startswith("Hold: privacy")
    assert judge("loans", answers, [Risk(**RISK)]).decision.startswith("Launch, with 1 residual")


def test_a_launch_without_any_risk_is_asked_who_looked():
    assert "who looked" in judge("loans", DONE).decision


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"owner": ""}, "owner"),
        ({"mitigation": "tbd"}, "mitigation"),
        ({"severity": "huge"}, "severity is low, medium or high"),
        ({"review": "soon"}, "YYYY-MM-DD"),
        ({"review": "2027-13-01"}, "YYYY-MM-DD"),
    ],
)
def test_a_risk_that_nobody_owns_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        Risk(**{**RISK, **changes})


def test_the_register_is_read_gravest_first_and_knows_what_is_overdue():
    low, high = Risk(**{**RISK, "severity": "low"}), Risk(**{**RISK, "likelihood": "high"})
    register = RiskRegister((low, high))
    assert [r.rank for r in register] == [9, 1]
    assert register.overdue("2027-02-01") and not register.overdue("2026-12-01")
    assert register.markdown().count("\n") == 4


@pytest.mark.parametrize(
    ("system", "answers", "said"),
    [
        ("", {}, "Name the system"),
        ("x", {"fun": "yes"}, "the items are"),
        ("x", {"data": "maybe"}, "yes, partly or no"),
    ],
)
def test_bad_answers_are_named(system, answers, said):
    with pytest.raises(ValueError, match=said):
        judge(system, answers)
