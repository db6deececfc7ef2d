"""Attributions: complete to 1e-6, the same in both engines, equal to Captum's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course import scratch
from course.trust import attributions as a
from course.trust import engines, readers, what_if


def twins(sizes=(6, 8, 4), activation="Tanh", seed=0):
    """The same small network in both engines, in 64-bit numbers."""
    import torch

    from course.compare import copy_weights

    torch.manual_seed(seed)
    built = [
        nn.Sequential(nn.Linear(*sizes[:2]), getattr(nn, activation)(), nn.Linear(*sizes[1:]))
        for nn in (torch.nn, scratch.nn)
    ]
    theirs, mine = built[0].to(torch.float64), built[1].to(scratch.float64)
    copy_weights(theirs, mine)
    return mine, theirs


def some(rows=5, columns=6, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


TARGET = np.array([0, 3, 1, 2, 2])


@pytest.mark.parametrize("activation", ["Tanh", "ReLU", "GELU"])
def test_both_engines_give_the_same_and_captum_too(activation):
    import torch
    from captum.attr import InputXGradient, IntegratedGradients, Saliency

    mine, theirs = twins(activation=activation)
    x, base = some(), some(seed=1)
    tx, target = torch.tensor(x, requires_grad=True), torch.tensor(TARGET)
    expected = {
        a.saliency: Saliency(theirs).attribute(tx, target=target),
        a.gradient_x_input: InputXGradient(theirs).attribute(tx, target=target),
        a.integrated_gradients: IntegratedGradients(theirs).attribute(
            tx, torch.tensor(base), target=target, n_steps=40, method="riemann_middle"
        ),
    }
    for method, captum in expected.items():
        options = {"baseline": base, "steps": 40} if "integrated" in method.__name__ else {}
        for model in (mine, theirs):
            found = method(model, x, TARGET, **options)
            # Captum keeps the places on the way as 32-bit numbers.
            atol = 1e-8 if options else 1e-12
            np.testing.assert_allclose(found, captum.detach().numpy(), rtol=0, atol=atol)


def test_smooth_grad_is_captums_with_the_same_noise(monkeypatch):
    import torch
    from captum.attr import NoiseTunnel, Saliency

    mine, theirs = twins()
    x, samples, noise = some(), 7, 0.3
    rng = np.random.default_rng(0)
    drawn = np.stack([noise * rng.normal(size=x.shape) for _ in range(samples)])
    spread = np.swapaxes(drawn, 0, 1).reshape(-1, 6)  # Captum repeats each example in a row
    monkeypatch.setattr(torch, "normal", lambda mean, std: torch.tensor(spread))
    tunnel = NoiseTunnel(Saliency(theirs))
    captum = tunnel.attribute(
        torch.tensor(x),
        nt_type="smoothgrad",
        nt_samples=samples,
        stdevs=noise,
        target=torch.tensor(TARGET),
        abs=False,
    )
    for model in (mine, theirs):
        found = a.smooth_grad(model, x, TARGET, noise=noise, samples=samples)
        np.testing.assert_allclose(found, captum.detach().numpy(), atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["Tanh", "ReLU", "GELU"]))
def test_complete_to_a_millionth_from_any_baseline(seed, activation):
    mine, _ = twins(activation=activation, seed=seed)
    x, base = 3 * some(1, seed=seed), some(1, seed=seed + 1)
    found = a.complete_gradients(mine, x, 2, baseline=base)
    assert abs(a.completeness(mine, x, 2, found, baseline=base)).max() < 1e-6


def test_complete_on_the_digits_where_an_even_grid_is_not():
    model, x = readers.trained(), readers.digits().held_out_images[:1]
    grid = a.integrated_gradients(model, x, 4, steps=64)
    assert abs(a.completeness(model, x, 4, grid)).max() > 1e-4
    exact = a.complete_gradients(model, x, 4)
    assert abs(a.completeness(model, x, 4, exact)).max() < 1e-6
    np.testing.assert_allclose(grid, exact, atol=0.05)


def test_of_a_linear_model_every_method_says_weight_times_input():
    model = scratch.nn.Sequential(scratch.nn.Linear(3, 2)).to(scratch.float64)
    weights = next(iter(model.parameters())).detach().numpy()
    x = some(2, 3)
    want = x * weights[1]
    np.testing.assert_allclose(a.gradient_x_input(model, x, 1), want, atol=1e-12)
    np.testing.assert_allclose(a.integrated_gradients(model, x, 1, steps=1), want, atol=1e-12)
    np.testing.assert_allclose(a.smooth_grad(model, x, 1) * x, want, atol=1e-12)


def test_the_models_own_gradients_are_left_alone():
    for model in twins():
        a.gradient(model, some(), TARGET)
        a.integrated_gradients(model, some(), TARGET)
        assert all(p.grad is None for p in model.parameters())


def test_deletion_starts_whole_and_ends_empty():
    model, x = readers.trained(), readers.digits().held_out_images[:1].astype(float)
    curve = a.deletion(model, x, 4, a.gradient_x_input(model, x, 4))
    assert curve.shape == (65,)
    np.testing.assert_allclose(curve[0], a.scores(model, x, 4)[0], atol=1e-12)
    np.testing.assert_allclose(curve[-1], a.scores(model, 0 * x, 4)[0], atol=1e-12)


@pytest.mark.parametrize(
    ("x", "target", "options", "said"),
    [
        (np.zeros(6), 0, {}, r"x\[None\]"),
        (np.zeros((0, 6)), 0, {}, "at least one example"),
        (np.full((1, 6), np.nan), 0, {}, "NaN"),
        (np.zeros((2, 6)), 9, {}, "no class 9: the model has 4"),
        (np.zeros((2, 6)), -1, {}, "no class"),
        (np.zeros((2, 6)), [0, 1, 2], {}, "class number"),
        (np.zeros((2, 6)), 0.5, {}, "class number"),
        (np.zeros((2, 6)), 0, {"steps": 0}, "steps"),
        (np.zeros((2, 6)), 0, {"baseline": np.zeros(5)}, "baseline"),
    ],
)
def test_what_cannot_be_explained_is_named(x, target, options, said):
    with pytest.raises(ValueError, match=said):
        a.integrated_gradients(twins()[0], x, target, **options)


def test_bad_options_of_the_others_are_named():
    model = twins()[0]
    with pytest.raises(ValueError, match="samples"):
        a.smooth_grad(model, some(), TARGET, samples=0)
    with pytest.raises(ValueError, match="one example"):
        a.complete_gradients(model, some(), TARGET)
    with pytest.raises(ValueError, match="must be 1 to"):
        engines.explained_in_both(0)


def test_the_lessons_comparison_of_engines():
    found = engines.explained_in_both(3)
    assert found.difference < 1e-12 and len(found.rows) == 4
    assert "integrated gradients" in str(found) and "<table>" in found._repr_html_()


def test_permutation_importance_agrees_with_scikit_learn():
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LinearRegression

    X = some(200, 4)
    y = X @ np.array([3.0, 1.0, 0.0, -2.0])
    model = LinearRegression().fit(X, y)
    theirs = permutation_importance(model, X, y, n_repeats=40, random_state=0)
    mine = what_if.permutation_importance(lambda x: model.score(x, y), X, repeats=40, seed=1)
    for n in range(4):
        print(n, mine[n].mean(), theirs.importances_mean[n])
    spread = theirs.importances_std / np.sqrt(40) + mine.std(axis=1) / np.sqrt(40)
    assert (abs(mine.mean(axis=1) - theirs.importances_mean) < 5 * spread + 1e-12).all()
    with pytest.raises(ValueError, match="2 rows or more"):
        what_if.permutation_importance(lambda x: 0.0, X[:1])


def linear():
    model = scratch.nn.Linear(3, 2).to(scratch.float64)
    return model, model.weight.detach().numpy(), model.bias.detach().numpy()


def test_the_counterfactual_of_a_linear_model_is_the_nearest_there_is():
    model, w, b = linear()
    x = np.array([0.5, -1.0, 2.0])
    out = w @ x + b
    wanted = int(out.argmin())
    found = what_if.counterfactual(model, x, wanted, margin=0.0)
    slope = w[wanted] - w[1 - wanted]
    want = abs(out[0] - out[1]) / np.linalg.norm(slope)
    assert found.distance == pytest.approx(want, rel=1e-6)
    held = what_if.counterfactual(model, x, wanted, mutable=[True, False, True])
    assert held.change[1] == 0 and (w @ held.after + b).argmax() == wanted


def test_a_change_that_cannot_be_is_said():
    model, w, b = linear()
    x = np.array([0.5, -1.0, 2.0])
    wanted = int((w @ x + b).argmin())
    with pytest.raises(RuntimeError, match="nothing within reach"):
        what_if.counterfactual(model, x, wanted, low=x - 1e-9, high=x + 1e-9)
    with pytest.raises(RuntimeError, match="nothing within reach"):
        what_if.counterfactual(model, x, wanted, mutable=[False] * 3)
    with pytest.raises(ValueError, match="one case"):
        what_if.counterfactual(model, x[None], wanted)
    with pytest.raises(ValueError, match="scale must be above 0"):
        what_if.counterfactual(model, x, wanted, scale=0.0)
