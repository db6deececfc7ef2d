"""Noise, the accountant and DP-SGD, held to Opacus and to the definition itself."""

import math
import warnings

import numpy as np
import pytest

from course import scratch
from course.trust import accountant, membership, noise
from course.trust import private_training as pt


def opacus_epsilon(sigma, rate, steps, delta):
    from opacus.accountants import RDPAccountant
    from opacus.accountants.analysis import rdp

    orders = RDPAccountant.DEFAULT_ALPHAS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the best order lying at an end
        spent = rdp.compute_rdp(q=rate, noise_multiplier=sigma, steps=steps, orders=orders)
        return rdp.get_privacy_spent(orders=orders, rdp=spent, delta=delta)[0]


@pytest.mark.parametrize(
    ("sigma", "rate", "steps", "delta"),
    [
        (1.0, 0.01, 1000, 1e-5),
        (0.5, 0.05, 100, 1e-4),
        (4.0, 0.02, 5000, 1e-5),
        (1.1, 1.0, 10, 1e-5),
        (0.3, 0.0445, 100, 1e-4),
        (16.0, 0.0445, 100, 1e-4),
        (1.5, 0.004, 15000, 1e-6),
        (8.0, 0.5, 1, 1e-3),
        (0.8, 0.9, 30, 1e-5),
    ],
)
def test_epsilon_is_opacus_to_a_thousandth(sigma, rate, steps, delta):
    mine, theirs = (
        accountant.epsilon(sigma, rate, steps, delta),
        opacus_epsilon(sigma, rate, steps, delta),
    )
    print(f"noise {sigma}, rate {rate}, {steps} steps: {mine:.9f} against {theirs:.9f}")
    assert mine == pytest.approx(max(theirs, 0), abs=1e-3)


def test_more_noise_fewer_steps_and_smaller_batches_cost_less():
    base = accountant.epsilon(1.0, 0.05, 100, 1e-5)
    assert accountant.epsilon(1.2, 0.05, 100, 1e-5) < base
    assert accountant.epsilon(1.0, 0.04, 100, 1e-5) < base
    assert accountant.epsilon(1.0, 0.05, 90, 1e-5) < base
    assert accountant.epsilon(1.0, 0.05, 100, 1e-4) < base
    assert accountant.epsilon(0.0, 0.05, 100, 1e-5) == math.inf


@pytest.mark.parametrize("sigma", [1e-6, 0.019, 0.021, 0.1, 1e3])
def test_hardly_any_and_very_much_noise_are_counted_too(sigma):
    spent = accountant.epsilon(sigma, 0.05, 10, 1e-5)
    assert 0 <= spent < math.inf
    if sigma >= accountant.LEAST_NOISE:
        assert spent == pytest.approx(max(opacus_epsilon(sigma, 0.05, 10, 1e-5), 0), rel=1e-6)


def test_the_noise_for_an_epsilon_gives_it():
    found = accountant.noise_for(2.0, 0.05, 200, 1e-5)
    spent = accountant.epsilon(found, 0.05, 200, 1e-5)
    assert 1.98 < spent <= 2.0
    with pytest.raises(ValueError, match="out of reach"):
        accountant.noise_for(1e-3, 1.0, 10**9, 1e-5)


@pytest.mark.parametrize("bad", [0, -1, math.inf, math.nan, True])
def test_epsilon_must_be_above_0(bad):
    calls = [
        lambda: noise.laplace_scale(1.0, bad),
        lambda: noise.gaussian_sigma(1.0, bad, 1e-5),
        lambda: noise.private_count(3, bad, np.random.default_rng(0)),
        lambda: noise.private_mean([1.0], 0, 1, bad, np.random.default_rng(0)),
        lambda: accountant.noise_for(bad, 0.1, 10, 1e-5),
        lambda: membership.bound(0.1, bad, 1e-5),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"epsilon must be above 0 .*private"):
            call()


@pytest.mark.parametrize("bad", [0, 1, -0.1, 2, math.nan])
def test_delta_lies_between_0_and_1(bad):
    for call in (
        lambda: noise.gaussian_sigma(1.0, 1.0, bad),
        lambda: accountant.epsilon(1.0, 0.1, 10, bad),
        lambda: membership.bound(0.1, 1.0, bad),
    ):
        with pytest.raises(ValueError, match=r"delta must lie between 0 and 1.*number of people"):
            call()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((1.0, 0.0, 10), "rate"),
        ((1.0, 1.1, 10), "rate"),
        ((-1.0, 0.1, 10), "noise"),
        ((1.0, 0.1, 0), "steps"),
    ],
)
def test_the_accountant_names_what_it_cannot_count(args, said):
    with pytest.raises(ValueError, match=said):
        accountant.epsilon(*args, 1e-5)


@pytest.mark.parametrize(("epsilon", "delta"), [(0.5, 1e-5), (1.0, 1e-3), (4.0, 1e-6)])
def test_gaussian_noise_by_the_definition(epsilon, delta):
    """The hockey-stick divergence, integrated, is delta; the classical formula asks for more noise."""
    sigma = noise.gaussian_sigma(2.0, epsilon, delta)
    z = np.linspace(-40 * sigma, 40 * sigma, 400_001)
    p = np.exp(-(z**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
    q = np.exp(-((z - 2.0) ** 2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
    found = np.maximum(q - math.exp(epsilon) * p, 0).sum() * (z[1] - z[0])
    assert found == pytest.approx(delta, rel=1e-3)
    if epsilon <= 1:
        assert sigma < 2.0 * math.sqrt(2 * math.log(1.25 / delta)) / epsilon


def test_laplace_noise_by_the_definition():
    """No outcome becomes more than e to the epsilon times as likely."""
    scale = noise.laplace_scale(1.0, 0.7)
    z = np.linspace(-20, 20, 1001)
    ratio = np.exp(-abs(z) / scale) / np.exp(-abs(z - 1) / scale)
    assert ratio.max() == pytest.approx(math.exp(0.7), rel=1e-9)


def test_counts_and_means_are_right_on_average_and_as_noisy_as_said():
    rng = np.random.default_rng(0)
    counts = [noise.private_count(40, 0.5, rng) for _ in range(4000)]
    assert np.mean(counts) == pytest.approx(40, abs=0.3)
    assert np.std(counts) == pytest.approx(math.sqrt(2) / 0.5, rel=0.1)
    values = np.array([10.0, 20.0, 900.0])
    means = [noise.private_mean(values, 0, 30, 1.0, rng) for _ in range(4000)]
    assert np.mean(means) == pytest.approx(20, abs=1)
    assert np.std(means) == pytest.approx(math.sqrt(2) * 10, rel=0.1)


@pytest.mark.parametrize(
    ("values", "low", "high", "said"),
    [
        ([], 0, 1, "at least one"),
        ([np.nan], 0, 1, "NaN"),
        ([1.0], 1, 1, "range"),
        ([1.0], 0, np.inf, "range"),
    ],
)
def test_a_mean_that_cannot_be_private_is_refused(values, low, high, said):
    with pytest.raises(ValueError, match=said):
        noise.private_mean(values, low, high, 1.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="sensitivity"):
        noise.laplace_scale(math.inf, 1.0)
    with pytest.raises(ValueError, match="0 or more"):
        noise.private_count(-1, 1.0, np.random.default_rng(0))


def twin_networks():
    import torch

    from course.compare import copy_weights

    torch.manual_seed(0)
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    mine = scratch.nn.Sequential(
        scratch.nn.Linear(5, 4), scratch.nn.Tanh(), scratch.nn.Linear(4, 3)
    ).to(scratch.float64)
    theirs = theirs.to(torch.float64)
    copy_weights(theirs, mine)
    return mine, theirs


@pytest.mark.filterwarnings("ignore")
def test_per_sample_gradients_are_opacus():
    import torch
    from opacus.grad_sample import GradSampleModule

    mine, theirs = twin_networks()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 5)), rng.integers(0, 3, 6)
    found = pt.per_sample_gradients(mine, scratch.nn.functional.cross_entropy, x, y)
    again = pt.per_sample_gradients(theirs, torch.nn.functional.cross_entropy, x, y)
    wrapped = GradSampleModule(theirs, loss_reduction="mean")
    loss = torch.nn.functional.cross_entropy(wrapped(torch.tensor(x)), torch.tensor(y))
    loss.backward()
    for g, same, parameter in zip(found, again, wrapped.parameters(), strict=True):
        np.testing.assert_allclose(g, parameter.grad_sample.numpy(), atol=1e-12)
        np.testing.assert_allclose(same, g, atol=1e-12)


def test_clipping_bounds_each_example_over_all_parameters():
    rng = np.random.default_rng(0)
    grads = [10 * rng.normal(size=(7, 2, 3)), rng.normal(size=(7, 4))]
    grads[0][0], grads[1][0] = 0.01, 0.01
    found = pt.clipped(grads, 1.5)
    lengths = np.sqrt(sum((g**2).reshape(7, -1).sum(axis=1) for g in found))
    assert lengths.max() <= 1.5 + 1e-12
    np.testing.assert_array_equal(found[0][0], grads[0][0])  # short ones stay
    noisy = pt.private_gradients(grads, 1.5, 2.0, 7, np.random.default_rng(1))
    plain = pt.private_gradients(grads, 1.5, 0.0, 7, np.random.default_rng(1))
    assert np.std(noisy[0] - plain[0]) == pytest.approx(2 * 1.5 / 7, rel=0.6)
    with pytest.raises(ValueError, match="norm"):
        pt.clipped(grads, 0)


def test_the_many_runs_at_once_are_the_step_done_one_by_one():
    """One step without noise: closed form against per-sample gradients of the engine."""
    data = pt._digits()
    weights, share = pt.train(0.8, np.array([1e-12]), 1, 64)
    rows = np.flatnonzero(
        np.random.default_rng(0).random(len(data.train_labels)) < 64 / len(data.train_labels)
    )
    model = scratch.nn.Linear(65, 10, bias=False).to(scratch.float64)
    with scratch.no_grad():
        model.weight.fill_(0.0)
    x = pt._flat(data.train_images)[rows]
    grads = pt.per_sample_gradients(
        model, scratch.nn.functional.cross_entropy, x, data.train_labels[rows]
    )
    step = pt.private_gradients(grads, 0.8, 0.0, 64, np.random.default_rng(0))[0]
    np.testing.assert_allclose(weights[0], -(2.0 / 0.8) * step.T, atol=1e-9)
    assert share > 0.9


def test_accuracy_falls_as_privacy_grows():
    runs = pt.private_runs(1.0, 60)
    assert (np.diff(runs.epsilons) < 0).all() and runs.plain > 0.9
    means = runs.accuracy.mean(axis=1)
    assert means[0] > 0.88 and means[-1] < 0.6
    for bad in ((0.0, 10), (1.0, 0)):
        with pytest.raises(ValueError, match="above 0"):
            pt.private_runs(*bad)
