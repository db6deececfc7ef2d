"""Group metrics and intervals, held to Fairlearn, SciPy's kin and published counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fairlearn import metrics as theirs
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_score

from course.fairness import metrics
from course.fairness.inputs import InputError
from course.fairness.intervals import bootstrap, newcombe, ratio, wilson

TWELVE = 1e-12


@st.composite
def people(draw):
    n = draw(st.integers(8, 120))
    bits = st.lists(st.integers(0, 1), min_size=n, max_size=n)
    groups = st.lists(st.sampled_from("abc"), min_size=n, max_size=n)
    y, d = np.array(draw(bits)), np.array(draw(bits))
    g = np.array(draw(groups))
    g[:8], y[:8], d[:8] = list("aaaabbbb"), [0, 0, 1, 1] * 2, [0, 1] * 4
    return y, d, g


@settings(max_examples=12)
@given(people())
def test_rates_and_gaps_are_fairlearns(arrays):
    y, d, g = arrays
    mine = metrics.audit(y, d, g)
    frame = theirs.MetricFrame(
        metrics={
            "selection_rate": theirs.selection_rate,
            "true_positive_rate": theirs.true_positive_rate,
            "false_positive_rate": theirs.false_positive_rate,
            "false_negative_rate": theirs.false_negative_rate,
            "accuracy": accuracy_score,
            "precision": lambda t, p: precision_score(t, p, zero_division=np.nan),
        },
        y_true=y, y_pred=d, sensitive_features=g,
    )  # fmt: skip
    for rate in frame.by_group.columns:
        for name, value in mine.rates(rate).items():
            other = frame.by_group.loc[name, rate]
            if math.isnan(value):  # nobody to count: Fairlearn says 0, we say so
                assert other == 0 or math.isnan(other)
            else:
                assert abs(value - other) <= TWELVE
    assert (
        abs(
            mine.demographic_parity_gap
            - theirs.demographic_parity_difference(y, d, sensitive_features=g)
        )
        <= TWELVE
    )
    assert (
        abs(mine.disparate_impact - theirs.demographic_parity_ratio(y, d, sensitive_features=g))
        <= TWELVE
    )
    defined = all(
        not math.isnan(v)
        for r in ("true_positive_rate", "false_positive_rate")
        for v in mine.rates(r).values()
    )
    if defined:
        odds = theirs.equalized_odds_difference(y, d, sensitive_features=g)
        assert abs(mine.equalized_odds_gap - odds) <= TWELVE
        chance = theirs.equal_opportunity_difference(y, d, sensitive_features=g)
        assert abs(mine.equal_opportunity_gap - chance) <= TWELVE


def test_the_fractions_are_the_properties():
    counts = metrics.Counts(5, 3, 2, 7)
    for rate in metrics.RATES:
        part, whole = counts.fraction(rate)
        assert getattr(counts, rate) == part / whole
    with pytest.raises(ValueError, match="no rate 'recall'"):
        counts.fraction("recall")


def test_calibration_is_counted_by_hand():
    y = [0, 1, 1, 0, 1, 1]
    s = [0.1, 0.2, 0.9, 0.1, 0.95, 1.0]
    g = ["a", "a", "a", "b", "b", "b"]
    found = metrics.calibration(y, s, g, bins=2)
    low, high = found["a"]
    assert (low.n, low.yes, low.share) == (2, 1, 0.5)
    assert low.score == pytest.approx(0.15) and high.share == 1
    assert metrics.calibration_error(found["a"]) == pytest.approx((2 * 0.35 + 0.1) / 3)
    assert sum(b.n for bins in found.values() for b in bins) == 6


# From Newcombe (1998), Statistics in Medicine 17: 857-872 and 873-890, rounded as computed twice.
@pytest.mark.parametrize("yes, n", [(81, 263), (15, 148), (0, 20), (1, 29), (29, 29)])
def test_wilson_solves_its_own_equation(yes, n):
    """The bounds are the shares from which the estimate is 1.96 of *their* standard errors away."""
    interval = wilson(yes, n)
    for bound in (interval.low, interval.high):
        if 1e-12 < bound < 1 - 1e-12:
            away = abs(yes / n - bound) / math.sqrt(bound * (1 - bound) / n)
            assert away == pytest.approx(1.959963984540054, abs=1e-9)
    assert interval.low <= interval.estimate <= interval.high


def test_wilson_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    for n, p in ((12, 0.3), (51, 0.6), (400, 0.1)):
        draws = rng.binomial(n, p, 4000)
        hits = np.mean([w.low <= p <= w.high for w in map(lambda k: wilson(int(k), n), draws)])
        print(f"n {n}, share {p}: covered {hits:.1%} of 4,000 draws")
        assert 0.92 < hits < 0.98


def test_newcombe_covers_too():
    rng = np.random.default_rng(1)
    a, b = rng.binomial(51, 0.6, 2000), rng.binomial(300, 0.9, 2000)
    found = [newcombe(int(x), 51, int(y), 300) for x, y in zip(a, b, strict=True)]
    hits = np.mean([f.low <= -0.3 <= f.high for f in found])
    assert 0.92 < hits < 0.98


def test_the_bootstrap_agrees_with_newcombe_where_both_hold():
    y = np.repeat([1, 0, 1, 0], [300, 100, 180, 220])
    g = np.repeat(["a", "b"], 400)
    boot = bootstrap(y, y, g, lambda found: found.demographic_parity_gap, draws=800)
    exact = newcombe(300, 400, 180, 400)
    assert boot.estimate == pytest.approx(exact.estimate)
    assert boot.low == pytest.approx(exact.low, abs=0.015)
    assert boot.high == pytest.approx(exact.high, abs=0.015)


BAD = [
    (lambda: metrics.audit([1, 0], [1, 0], ["a", "a"]), "needs two groups"),
    (lambda: metrics.audit([], [], []), "nobody"),
    (lambda: metrics.audit([1, np.nan], [1, 0], ["a", "b"]), "missing for 1 of 2 people"),
    (lambda: metrics.audit([1, 0], [0.7, 0.2], ["a", "b"]), r"person 0 has .*threshold"),
    (lambda: metrics.audit([1], [1, 0], ["a", "b"]), "one value for each of the 2 people"),
    (lambda: metrics.audit(["yes", "no"], [1, 0], ["a", "b"]), "Turn it into numbers"),
    (lambda: metrics.audit([1, 0], [1, 0], ["a", None]), "group of 1 of 2 people is missing"),
    (lambda: metrics.audit([1, 0], [1, 0], [["a"], ["b"]]), "one name for each person"),
    (lambda: metrics.calibration([1, 0], [1.2, 0], ["a", "b"]), "person 0 has 1.2"),
    (lambda: metrics.calibration([1, 0], [0.2, np.nan], ["a", "b"]), "person 1 has nan"),
    (lambda: metrics.calibration([1, 0], ["x", "y"], ["a", "b"]), "must be numbers"),
    (lambda: metrics.calibration([1, 0], [0.2, 0.3], ["a", "b"], bins=0), "bins must be"),
    (lambda: metrics.calibration([1, 0], [0.2], ["a", "b"]), "one value for each"),
    (lambda: wilson(5, 4), "cannot count 5 of 4"),
    (lambda: wilson(1, 4, level=95), "between 0 and 1"),
    (lambda: ratio(0, 4, 2, 5), "at least one yes"),
    (lambda: bootstrap([1, 0], [1, 0], ["a", "b"], lambda a: 0.0, draws=3), "20 or more"),
]


@pytest.mark.parametrize(("ask", "says"), BAD)
def test_what_cannot_be_measured_is_named(ask, says):
    with pytest.raises(InputError, match=says):
        ask()


def test_a_group_of_one_has_an_interval_as_wide_as_it_deserves():
    found = metrics.audit([1, 0, 1, 1], [1, 0, 1, 0], ["a", "b", "b", "b"])
    one = wilson(*found.groups["a"].fraction("selection_rate"))
    assert one.estimate == 1 and one.low < 0.21
    assert math.isnan(found.rates("false_positive_rate")["a"])
    with pytest.raises(ValueError, match="fewer than two groups"):
        found.gap("false_positive_rate")
    assert str(wilson(0, 0)) == "nobody to count"
