"""The six explorers of lesson 13: what they compute, and what they say of it."""

import numpy as np
import pytest

from course.trust import explorers
from course.trust.explorers import calibrating, cards, launching, maps, members, spending
from course.widgets.parameters import controls_of

OPENERS = {name: getattr(explorers, name) for name in explorers.__all__}


@pytest.mark.parametrize("name", OPENERS)
def test_every_control_at_its_least_default_and_greatest_in_both_themes(name):
    widget = OPENERS[name]()
    controls = controls_of(type(widget.parameters))
    assert 1 <= len(controls) <= 3
    for field, control in controls.items():
        for value in control.extremes():
            widget.handle({"kind": "reset"})
            change = {"text": control.text(value)} if control.kind == "slider" else {"value": value}
            if control.kind == "choices":
                change = {"value": list(value)}
            widget.handle({"kind": "set", "changes": {field: change}})
            assert (widget.wrong, widget.error) == ({}, "")
            assert getattr(widget.parameters, field) == value
            assert widget.sentence.endswith((".", "?")) and "nan" not in widget.sentence
    for theme in ("dark", "light"):
        widget.handle({"kind": "look", "theme": theme, "scale": 1})
        assert widget.error == "" and widget.picture[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", OPENERS)
def test_a_value_that_does_not_fit_is_refused(name):
    with pytest.raises((ValueError, TypeError)):
        OPENERS[name](nonsense=1)


def said(module, kind, **settings):
    return module.describe(module.simulate(kind(**settings)))


def test_calibration_says_too_sure_and_too_unsure():
    kind = calibrating.CalibrationParameters
    assert "too sure of itself by 10 points" in said(calibrating, kind)
    assert "too unsure" in said(calibrating, kind, passes=20)
    best = calibrating.simulate(kind()).best
    assert "about as sure as it is right" in said(calibrating, kind, temperature=best)
    counted = calibrating.table(calibrating.simulate(kind())).rows
    assert sum(row[1] for row in counted) == len(calibrating.readers.overconfident(200).labels)


def test_the_budget_says_what_it_costs():
    kind = spending.BudgetParameters
    assert "no promise" in said(spending, kind, noise=0.3, steps=160)
    assert "points fewer than" in said(spending, kind, noise=16.0)
    result = spending.simulate(kind(noise=2.0))
    assert result.epsilon == pytest.approx(result.runs.epsilons[3])
    assert abs(result.accuracy - result.runs.accuracy[3].mean()) < 0.05


def test_membership_says_whether_anything_is_bounded():
    kind = members.MembershipParameters
    assert "nothing bounds" in said(members, kind)
    assert "no attack can gain more than" in said(members, kind, defence="more")


def test_a_map_adds_up_only_where_it_should():
    kind = maps.MapParameters
    assert "add up to it" in said(maps, kind)
    assert "instead" in said(maps, kind, method="input")
    assert "their sum means nothing" in said(maps, kind, method="saliency")
    for image in range(8):
        m = maps.simulate(kind(image=image))
        assert m.deletion[8] < m.at_random[8]
        assert m.found.sum() == pytest.approx(m.rise, abs=1e-6)


def test_the_card_is_refused_until_it_says_something():
    kind = cards.CardParameters
    assert said(cards, kind).startswith("Refused. limitations: it is empty")
    assert "says nothing" in said(cards, kind, limitations="nothing")
    good = {"limitations": "specific", "people": "specific"}
    assert "for whom it does worse" in said(cards, kind, **good)
    assert "stands alone" in said(cards, kind, **good, results="alone")
    assert said(cards, kind, **good, results="groups").startswith("Finished")
    general = {**good, "limitations": "general", "results": "groups"}
    assert "a person has to refuse it" in said(cards, kind, **general)


def test_the_launch_is_stopped_held_and_let_go():
    kind = launching.LaunchParameters
    assert "Stop: owner, people, watch" in said(launching, kind)
    assert "the use itself is banned" in said(launching, kind, area="banned")
    stops = ("purpose", "owner", "data", "people", "watch")
    assert "Hold: performance" in said(launching, kind, settled=stops)
    assert "Launch, with 5 residual risks" in said(launching, kind, settled=stops, signed="yes")
    rows = launching.table(launching.simulate(kind())).rows
    assert len(rows) == 10 and any("not verified" in row[4] for row in rows)
    assert np.isin([row[2] for row in rows], ["yes", "no"]).all()
