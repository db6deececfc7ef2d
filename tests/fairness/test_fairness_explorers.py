"""The five explorers as the reader has them: what they compute, and what they say in words."""

from __future__ import annotations

import numpy as np
import pytest

from course.fairness import words
from course.fairness.explorers import association, deciding, proxies, rates, together
from course.fairness.intervals import SMALL


def test_small_groups_are_always_shown_with_their_interval_and_called_small():
    for percent in (2, 10, 100):
        found = rates.simulate(rates.RateParameters(by="race and sex", percent=percent))
        for name, (_, n), interval in zip(found.names, found.parts, found.intervals, strict=True):
            assert (
                n == 0 or interval.low < interval.estimate < interval.high or interval.width > 0.05
            )
            row = next(r for r in rates.table(found).rows if r[0] == name)
            assert ("small" in row[4]) == (n < SMALL)
            assert n == 0 or " to " in row[3]
    said = rates.describe(rates.simulate(rates.RateParameters(by="race and sex")))
    assert "fewer than 30 people" in said and "nan" not in said


def test_one_group_left_is_not_compared():
    part = rates.GroupRates("approved", "race", 2, ("White",), ((2, 2),), (rates.wilson(2, 2),))
    assert "nothing can be compared" in rates.describe(part)


def test_chance_is_called_chance():
    found = rates.simulate(rates.RateParameters(by="sex"))
    assert "chance alone could make" in rates.describe(found)


def test_dragging_the_second_threshold_takes_it_off_the_rule():
    p = deciding.ThresholdParameters(rule="selection")
    assert deciding.act(p, "second", 0.333, 0) == {"second": 0.33, "rule": "free"}
    assert deciding.act(p, "first", 0.2, 0) == {"first": 0.2}
    widget = deciding.two_thresholds(rule="opportunity")
    widget.handle({"kind": "set", "acts": [{"name": "second", "x": 0.4, "y": 0.1}]})
    assert widget.parameters.rule == "free" and widget.parameters.second == pytest.approx(0.4)


def test_the_thresholds_sentence_names_what_the_truth_is():
    for table in ("arrests", "mortgages"):
        found = deciding.simulate(deciding.ThresholdParameters(table=table))
        assert "a decision, not what would have come of it" in deciding.describe(found)
    low = deciding.simulate(deciding.ThresholdParameters(first=0.99, table="arrests"))
    assert "nan" not in deciding.describe(low)


def test_the_outline_holds_everybody():
    found = deciding.simulate(deciding.ThresholdParameters())
    for which in (0, 1):
        assert deciding._heights(found.scored, which).sum() == pytest.approx(1)


def test_equal_base_rates_let_all_hold():
    p = together.ImpossibleParameters(base_a=40, base_b=40)
    found = together.simulate(p)
    assert found.gap == 0 and "all hold together" in together.describe(found)
    apart = together.simulate(together.ImpossibleParameters())
    assert "no model can avoid" in together.describe(apart) and apart.gap > 0.1
    never = together.simulate(together.ImpossibleParameters(base_a=95))
    assert "no prediction exists for group A" in together.describe(never)
    assert "not possible" in str(together.table(never))
    low = together.simulate(together.ImpossibleParameters(keep="score", base_a=70))
    assert "would lie below the base rate" in together.describe(low)


def test_proxies_keep_one_column_and_say_what_is_left():
    found = proxies.simulate(proxies.ProxyParameters(table="arrests", dropped=12))
    assert len(found.now.used) == 1 and "1 column left" in proxies.describe(found)
    whole = proxies.simulate(proxies.ProxyParameters())
    assert whole.now == whole.whole and "AUC of 0.74" in proxies.describe(whole)


def test_a_missing_encoder_is_said_and_replaced(monkeypatch):
    monkeypatch.setattr(association, "available", lambda: False)
    shown = association.simulate(association.AssociationParameters(test="math"))
    said = association.describe(shown)
    assert shown.source == "made" and "not installed" in said and "only tell of occupations" in said


def test_no_pattern_is_called_chance():
    shown = association.simulate(association.AssociationParameters(source="made", percent=50))
    assert "not differ more than chance" in association.describe(shown)
    turned = association.simulate(association.AssociationParameters(source="made", percent=0))
    assert "technical jobs stand nearer to female" in association.describe(turned)
    scores = [s for part in shown.association.scores for s in part.values()]
    assert np.isfinite(scores).all() and len(scores) == 2 * len(words.listed("technical jobs"))
