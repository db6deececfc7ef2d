"""Calibration by hand, held to scikit-learn's curve, SciPy's optimum and PyTorch's loss."""

import numpy as np
import pytest

from course.trust import calibration as c
from course.trust import readers


def drawn(rows=400, classes=5, seed=0):
    rng = np.random.default_rng(seed)
    scores = 3 * rng.normal(size=(rows, classes))
    return scores, rng.integers(0, classes, rows)


def test_the_bins_are_scikit_learns():
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(0)
    p = rng.random(500)
    y = (rng.random(500) < p**2).astype(int)
    mine = c.reliability(p, y, bins=7)
    shares, means = calibration_curve(y, p, n_bins=7)
    used = mine.count > 0
    np.testing.assert_allclose(mine.accuracy[used], shares, atol=1e-12)
    np.testing.assert_allclose(mine.confidence[used], means, atol=1e-12)


@pytest.mark.parametrize("bins", [1, 2, 10, 15])
def test_the_expected_calibration_error_counted_one_by_one(bins):
    scores, labels = drawn()
    p = c.softmax(scores)
    total = 0.0
    for n in range(bins):
        rows = [
            i
            for i in range(len(p))
            if n / bins < p[i].max() <= (n + 1) / bins or (n == 0 and p[i].max() == 0)
        ]
        if rows:
            right = np.mean([p[i].argmax() == labels[i] for i in rows])
            total += len(rows) / len(p) * abs(right - np.mean([p[i].max() for i in rows]))
    assert c.reliability(p, labels, bins).ece == pytest.approx(total, abs=1e-12)


def test_who_is_always_right_and_sure_has_no_error():
    p, labels = np.eye(3)[[0, 1, 2, 1]], np.array([0, 1, 2, 1])
    found = c.reliability(p, labels)
    assert found.ece == 0 and found.count[-1] == 4 and np.isnan(found.accuracy[0])


def test_the_best_temperature_is_scipys_and_changes_no_answer():
    from scipy.optimize import minimize_scalar

    scores, _ = drawn()
    labels = np.array(
        [np.random.default_rng(i).choice(5, p=q) for i, q in enumerate(c.softmax(scores / 2))]
    )
    want = minimize_scalar(
        lambda t: c.log_loss(scores, labels, t), bounds=(0.1, 10), method="bounded"
    )
    mine = c.best_temperature(scores, labels)
    assert mine == pytest.approx(want.x, rel=1e-3) and mine == pytest.approx(2, rel=0.2)
    assert (c.softmax(scores, mine).argmax(axis=1) == scores.argmax(axis=1)).all()


def test_the_log_loss_is_pytorchs():
    import torch

    scores, labels = drawn()
    want = torch.nn.functional.cross_entropy(torch.tensor(scores / 1.7), torch.tensor(labels))
    assert c.log_loss(scores, labels, 1.7) == pytest.approx(float(want), rel=1e-12)


def test_wilsons_ends_solve_its_equation():
    """The interval's ends are where the share is 1.96 standard errors of the end away."""
    for share, count in ((0.9, 30), (0.0, 5), (1.0, 12), (0.5, 1000)):
        for end in c.wilson(share, count):
            error = np.sqrt(max(end * (1 - end), 0) / count)
            assert abs(share - end) == pytest.approx(1.959963984540054 * error, abs=1e-9)


def test_the_over_fitted_reader_is_too_sure_and_a_temperature_mends_it():
    model = readers.overconfident(200)
    before = c.reliability(c.softmax(model.scores), model.labels)
    t = c.best_temperature(model.fit_scores, model.fit_labels)
    after = c.reliability(c.softmax(model.scores, t), model.labels)
    assert model.training_accuracy == 1 and before.mean_confidence > before.mean_accuracy + 0.05
    assert t > 1.5 and after.ece < before.ece / 2
    assert round(100 * before.mean_accuracy) == 78  # as the lesson says


@pytest.mark.parametrize(
    ("p", "y", "said"),
    [
        ([[0.5, 0.6]], [0], "sum to 1.1"),
        ([[1.5, -0.5]], [0], r"1.5 at \(0, 0\) lies outside 0 to 1"),
        ([0.2, np.nan], [0, 1], r"at \(1,\) lies outside"),
        ([0.2, 0.3], [0], "shape"),
        ([], [], "at least 1"),
        ([[0.5, 0.5]], [2], "from 0 to 1"),
        ([0.5], [0.5], "whole numbers"),
    ],
)
def test_what_is_no_probability_is_named(p, y, said):
    with pytest.raises(ValueError, match=said):
        c.reliability(np.array(p), np.array(y))


@pytest.mark.parametrize("t", [0, -1, np.nan, np.inf])
def test_a_temperature_must_be_above_0(t):
    with pytest.raises(ValueError, match="above 0"):
        c.softmax([[1.0, 2.0]], t)
    with pytest.raises(ValueError, match="bins"):
        c.reliability([0.5], [1], bins=0)
