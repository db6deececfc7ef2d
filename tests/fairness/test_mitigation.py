"""Thresholds, reweighing, penalty, adversary, proxies: what they promise and what they refuse."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score

from course import records, scratch
from course.fairness import (
    beside,
    engines,
    impossibility,
    logistic,
    mitigation,
    proxies,
    thresholds,
)
from course.fairness.inputs import InputError
from course.fairness.training import Aim, train


def some(n=400, seed=0):
    rng = np.random.default_rng(seed)
    group = (rng.random(n) < 0.4).astype(int)
    X = rng.normal(size=(n, 4)) + 0.8 * group[:, None] * np.array([1, 0, 0, 0])
    y = (rng.random(n) < logistic.sigmoid(X @ np.array([1.0, 0.5, 0, -0.3]))).astype(int)
    return X, y, group


def test_the_logistic_regression_is_scikit_learns():
    X, y, _ = some()
    weights = np.random.default_rng(1).random(len(y)) + 0.5
    mine = logistic.fit(X, y, weights, ridge=2.0)
    other = LogisticRegression(C=0.5, tol=1e-10, max_iter=2000).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(mine[:-1], other.coef_[0], atol=1e-5)
    assert mine[-1] == pytest.approx(other.intercept_[0], abs=1e-5)
    score = np.round(logistic.predict(mine, X), 2)  # with ties
    assert logistic.auc(score, y) == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    beta, _ = logistic.linear_probability(y, X)
    np.testing.assert_allclose(beta[:-1], LinearRegression().fit(X, y).coef_, atol=1e-12)


def test_nobody_is_scored_by_a_model_that_saw_them():
    X, y, _ = some(60)
    before = logistic.out_of_fold(X, y)
    changed = y.copy()
    changed[7] = 1 - changed[7]
    assert logistic.out_of_fold(X, changed)[7] == before[7]


def test_reweighing_makes_group_and_outcome_independent():
    _, y, group = some()
    w = mitigation.reweighing(y, group)
    shares = [np.average(y[group == g], weights=w[group == g]) for g in (0, 1)]
    assert shares[0] == pytest.approx(shares[1]) == pytest.approx(y.mean())
    assert w.sum() == pytest.approx(len(y))
    with pytest.raises(InputError, match="nobody of '1' has outcome 0"):
        mitigation.reweighing([1, 0, 1, 1], [0, 0, 1, 1])


@pytest.mark.parametrize("rule, rate", list(thresholds._RATE.items()))
def test_a_rule_makes_its_rate_equal(rule, rate):
    people = thresholds.made_up()
    for first in (0.2, 0.5, 0.8):
        second = thresholds.matched(people, rule, first)
        audit = people.audit((first, second))
        assert audit.gap(rate) < 0.002
        # no other cut comes nearer (tried one by one)
        target = getattr(people.counts(0, first), rate)
        cuts = np.linspace(0, 1, 801)
        best = min(abs(getattr(people.counts(1, c), rate) - target) for c in cuts)
        assert abs(getattr(people.counts(1, second), rate) - target) <= best + 1e-12


def test_made_up_scores_are_calibrated_in_both_groups():
    people = thresholds.made_up()
    for scores, truths in zip(people.scores, people.truths, strict=True):
        for low in np.arange(0, 1, 0.2):
            here = (scores >= low) & (scores < low + 0.2)
            if here.sum() > 100:
                assert truths[here].mean() == pytest.approx(scores[here].mean(), abs=0.06)


def test_thresholds_know_only_the_groups_they_were_fitted_on():
    _, y, group = some()
    scores = np.random.default_rng(0).random(len(y))
    found = thresholds.fit_thresholds(y, scores, group, "selection", 0.6)
    decided = found.decide(scores, group)
    assert decided.mean() == pytest.approx(0.6, abs=0.01)
    assert abs(decided[group == 0].mean() - decided[group == 1].mean()) < 0.02
    with pytest.raises(InputError, match="'2' was not among those fitted"):
        found.decide([0.5], [2])
    with pytest.raises(InputError, match="person 0 has 7"):
        found.decide([7.0, 0.1], [0, 1])
    assert found.decide([0.99], [1]).tolist() == [1]  # one person of one group can be decided
    for rule, share in (("luck", 0.5), ("selection", 1.5)):
        with pytest.raises(InputError):
            thresholds.fit_thresholds(y, scores, group, rule, share)
    with pytest.raises(InputError, match="rule must be"):
        thresholds.matched(thresholds.made_up(), "luck", 0.5)


def test_the_penalty_and_the_adversary_close_the_gap_in_training():
    X, y, group = some(600)
    plain = train(X, y, group, steps=120)
    for aim in (Aim(penalty=20.0), Aim(adversary=1.5)):
        fairer = train(X, y, group, aim, steps=120)
        print(f"{aim}: gap {plain.gaps[-1]:.3f} -> {fairer.gaps[-1]:.3f}")
        assert abs(fairer.gaps[-1]) < 0.6 * abs(plain.gaps[-1])
        assert fairer.losses[-1] > plain.losses[-1]  # it has its price
    again = train(X, y, group, Aim(), steps=120, weights=np.full(len(y), 3.0))
    np.testing.assert_allclose(again.losses, plain.losses)


@pytest.mark.parametrize("penalty, adversary", [(30.0, 0.0), (0.0, 1.0)])
def test_both_engines_do_the_same(penalty, adversary):
    found = engines.penalty_in_both(penalty, adversary, steps=40)
    assert len(found.mine) == 40 and found.difference < 1e-10
    assert "largest of 40 steps" in str(found) and "<table>" in found._repr_html_()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"y": [0.5, 1, 0, 1]}, "y must be 0 or 1"),
        ({"group": [1, 1, 1, 1]}, "people in both groups"),
        ({"steps": 0}, "steps must be 1"),
        ({"weights": np.array([1.0, -1, 0, 0])}, "weights must be 4 numbers"),
    ],
)
def test_a_training_that_cannot_be_is_refused(change, says):
    given = {"y": [0, 1, 0, 1], "group": [0, 0, 1, 1], "steps": 1, **change}
    y, group = np.array(given.pop("y")), np.array(given.pop("group"))
    with pytest.raises(InputError, match=says):
        train(np.zeros((4, 2)), y, group, engine=scratch, **given)


def test_a_negative_strength_is_refused():
    with pytest.raises(InputError, match="penalty must be 0 or more"):
        Aim(penalty=-1)


def test_every_way_is_judged_with_its_interval():
    found = mitigation.compare()
    print(found)
    assert [m.way for m in found.ways] == list(mitigation.WAYS)
    by = {m.way: m for m in found.ways}
    assert abs(by["thresholds"].gap.estimate) < by["plain"].gap.estimate / 3
    assert by["thresholds"].needs_race and not by["penalty"].needs_race
    assert all(row[2].count("to") == 1 for row in found.rows())
    assert "93 of them Black or Hispanic" in found.caption and "<table>" in found._repr_html_()
    # Paired: the change of a way to itself is nothing, and its interval is narrower than the gaps'.
    assert by["plain"].change(by["plain"]).width == 0
    change = by["opportunity"].change(by["plain"])
    assert change.high < 0 and change.width < by["opportunity"].gap.width
    for way in ("reweighing", "penalty", "adversary"):  # what the lesson says of them
        change = by[way].change(by["plain"])
        assert change.low < 0 < change.high
    with pytest.raises(InputError, match="a way is one of"):
        mitigation.mend("prayer")


def test_dropping_race_leaves_most_of_the_gap():
    found = proxies.without("mortgages", 0, False)
    print(f"decided {found.decided}, model {found.gap}, AUC of race {found.auc:.3f}")
    assert found.auc > 0.7 and found.gap.low > 0.1
    assert found.gap.estimate > 0.75 * found.decided.estimate
    bare = proxies.without("mortgages", 22, False)
    assert bare.auc < 0.55 and abs(bare.gap.estimate) < 0.05 and bare.agreement < found.agreement
    with pytest.raises(InputError, match="between 0 and 22"):
        proxies.without("mortgages", 23, False)


def test_fairlearn_stands_beside_the_hand_built_metrics():
    table = records.load("mortgages")
    for decision in (table.outcome, (table.scaled(["obrat"])[:, 0] < 0.5).astype(int)):
        found = beside.fairlearn_beside(table.outcome, decision, table.attribute("race"))
        assert found.difference <= 1e-12 and len(found.rows) == 15
    assert "largest difference" in str(found) and "<table>" in found._repr_html_()


def test_without_fairlearn_the_sentence_says_what_to_do(monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "fairlearn":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match="Fairlearn is not installed"):
        beside.fairlearn_beside([0, 1, 0, 1], [0, 1, 1, 0], list("aabb"))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: impossibility.forced("fpr", 0.0, 0.5, 0.5), "strictly between"),
        (lambda: impossibility.forced("fpr", 0.5, 1.5, 0.5), "between 0 and 1"),
        (lambda: impossibility.forced("luck", 0.5, 0.5, 0.5), "give up one of"),
        (lambda: impossibility.negatives_mean(0.5, 2), "between 0 and 1"),
        (lambda: impossibility.class_means([(3, 4)]), "cannot hold 4 yes among 3"),
        (lambda: impossibility.class_means([(3, 0), (2, 0)]), "both classes"),
    ],
)
def test_impossible_questions_about_the_impossible(ask, says):
    with pytest.raises(InputError, match=says):
        ask()


def test_equal_bases_or_perfection_are_the_only_ways_out():
    a, b = (impossibility.forced("fpr", p, 0.6, 0.35) for p in (0.5, 0.3))
    assert a != b and impossibility.forced("fpr", 0.3, 0.6, 0.35) == b
    for p in (0.2, 0.5, 0.7):
        assert impossibility.forced("fpr", p, 1.0, 0.0) == 0.0
        assert impossibility.negatives_mean(p, 1.0) == 0.0
    assert np.isnan(impossibility.forced("fpr", 0.95, 0.5, 0.1))
