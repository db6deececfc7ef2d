"""The membership attack: exact on small cases, at home on an over-fitted model, bounded by epsilon."""

import math

import numpy as np
import pytest

from course import scratch
from course.trust import membership, readers
from course.trust import private_training as pt


def test_the_attack_is_scikit_learns_curve():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    members, others = rng.normal(0, 1, 60).round(1), rng.normal(0.7, 1, 90).round(1)
    found = membership.attack(members, others)
    truth = np.r_[np.ones(60), np.zeros(90)]
    assert found.auc == pytest.approx(roc_auc_score(truth, -np.r_[members, others]), abs=1e-12)
    assert found.true_rate[-1] == found.false_rate[-1] == 1


def test_counted_by_hand():
    found = membership.attack([0.0, 0.1, 0.5], [0.05, 1.0, 2.0, 3.0])
    assert found.threshold == pytest.approx(0.2)
    assert found.advantage == pytest.approx(2 / 3 - 1 / 4)
    assert found.error == pytest.approx(math.sqrt(2 / 9 / 3 + 3 / 16 / 4))
    assert found.at_one_percent == pytest.approx(1 / 3)


def test_the_over_fitted_model_leaks_and_more_data_leaks_less():
    small, large = membership.leak(50, 100), membership.leak(400, 100)
    assert small.member_accuracy == 1 and small.other_accuracy < 0.9
    assert small.attack.auc > 0.75 > 0.6 > large.attack.auc
    assert small.attack.advantage > 4 * small.attack.error
    assert small.epsilon == math.inf


def test_training_with_noise_lowers_the_attack_and_states_its_price():
    plain, private = membership.leak(50, 100), membership.leak(50, 100, 20.0)
    assert private.attack.auc < plain.attack.auc and 1 < private.epsilon < 3


def test_the_private_step_in_closed_form_is_the_engines():
    data = readers.digits()
    x, y = data.train_images[:12], data.train_labels[:12]
    model = readers.fresh()
    grads = pt.per_sample_gradients(model, scratch.nn.functional.cross_entropy, x, y)
    want = pt.private_gradients(grads, 1.0, 0.0, 12, np.random.default_rng(0))
    after = membership._privately_trained(x, y, 1, 0.0)
    for old, new, step in zip(model.parameters(), after.parameters(), want, strict=True):
        moved = new.detach().numpy() - old.detach().numpy()
        np.testing.assert_allclose(moved, -0.5 * step, atol=1e-12)


def test_no_gaussian_attack_beats_the_bound():
    """The best attack on one noisy count: the exact trade-off of two normals lies below it."""
    from statistics import NormalDist

    from course.trust.noise import gaussian_sigma

    normal = NormalDist()
    for epsilon, delta in ((0.5, 1e-3), (2.0, 1e-5)):
        sigma = gaussian_sigma(1.0, epsilon, delta)
        false = np.linspace(0.001, 0.999, 200)
        true = np.array([normal.cdf(normal.inv_cdf(f) + 1 / sigma) for f in false])
        bound = membership.bound(false, epsilon, delta)
        assert (true <= bound + 1e-12).all() and (bound - true).min() < 0.01
    assert membership.bound(0.3, 1e-9, 1e-12) == pytest.approx(0.3)
    assert membership.bound(0.5, 700.0, 1e-5) == 1


@pytest.mark.parametrize(("mine", "theirs"), [([], [1.0]), ([1.0], []), ([np.nan], [1.0])])
def test_losses_that_are_none_are_named(mine, theirs):
    with pytest.raises(ValueError, match="at least one member"):
        membership.attack(mine, theirs)


@pytest.mark.parametrize("args", [(0, 10), (10**6, 10), (50, 0), (50, 10, -1.0)])
def test_a_training_that_cannot_be_is_named(args):
    with pytest.raises(ValueError, match="images must be 1 to"):
        membership.leak(*args)
