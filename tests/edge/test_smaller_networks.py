"""Pruning, distillation, low rank, and a last layer that learns its user."""

import numpy as np
import pytest

from course.edge import distillation, low_rank, networks, personal, pruning

RNG = np.random.default_rng(1)


def small(hidden=9):
    sizes = [(hidden, 5), (hidden, hidden), (3, hidden)]
    return networks.Layers(
        tuple(RNG.normal(size=s).astype(np.float32) for s in sizes),
        tuple(RNG.normal(size=s[0]).astype(np.float32) for s in sizes),
    )


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.95])
def test_magnitude_masks_are_pytorchs(share):
    import torch
    from torch.nn.utils import prune

    layer = torch.nn.Linear(20, 10)
    weight = layer.weight.detach().numpy().copy()
    prune.l1_unstructured(layer, "weight", amount=int(share * 200))
    np.testing.assert_array_equal(
        pruning.magnitude_mask(weight, share), layer.weight_mask.numpy().astype(bool)
    )


def test_dead_neurons_are_dropped_without_changing_an_answer():
    network = small()
    for layer in (0, 1):
        network.weights[layer][[2, 5, 7]] = 0
        network.biases[layer][[2, 5, 7]] = 0
    x = RNG.normal(size=(8, 5)).astype(np.float32)
    less = pruning.prune_neurons(network, 3 / 9)
    assert [w.shape for w in less.weights] == [(6, 5), (6, 6), (3, 6)]
    np.testing.assert_allclose(less(x), network(x), atol=1e-4)
    assert less.macs < network.macs and less.parameters < network.parameters


def test_scaling_a_neuron_up_before_and_down_after_does_not_save_it():
    network = small()
    kept = pruning.prune_neurons(network, 0.5)
    network.weights[0][:] *= 100
    network.biases[0][:] *= 100
    network.weights[1][:] /= 100
    again = pruning.prune_neurons(network, 0.5)
    np.testing.assert_allclose(again.weights[0], 100 * kept.weights[0], rtol=1e-5)


def test_zeros_stay_zero_while_it_trains_on():
    thin = pruning.prune_magnitude(networks.reference(), 0.7)
    trained = pruning.retrain(thin, epochs=1)
    for before, after in zip(thin.weights, trained.weights, strict=True):
        assert (after[before == 0] == 0).all()
        assert (after != before).any()


def test_training_on_repairs_what_pruning_broke():
    run = pruning.pruned(0.7)
    assert run.magnitude_retrained > run.magnitude + 0.2
    assert run.neurons_retrained > run.neurons + 0.2
    assert run.magnitude_weights == pytest.approx(0.3 * 6464, abs=3)
    assert run.speedup_in_theory == pytest.approx(1 / 0.3)


def test_times_are_measured_for_every_share():
    times = pruning.layer_times(64, 2, 3)
    assert all(
        len(getattr(times, k)) == len(pruning.SHARES) for k in ("dense", "sparse", "smaller")
    )
    assert min(times.dense + times.sparse + times.smaller) > 0
    assert times.speedup("dense")[0] == 1


@pytest.mark.parametrize("temperature", [0.5, 1.0, 8.0])
def test_softened_answers_are_pytorchs(temperature):
    import torch

    scores = RNG.normal(size=(4, 10)) * 20
    theirs = torch.softmax(torch.from_numpy(scores) / temperature, 1).numpy()
    np.testing.assert_allclose(distillation.soften(scores, temperature), theirs, atol=1e-12)


def test_a_higher_temperature_doubts_more():
    score = np.array([5.0, 1.0, 0.0])
    chances = [distillation.soften(score, t)[0] for t in (0.5, 1, 4, 100)]
    assert chances == sorted(chances, reverse=True)
    assert chances[-1] == pytest.approx(1 / 3, abs=0.02)


def test_students_learn_more_from_more_images():
    found = distillation.students(8, 50)
    assert found.more.mean() > found.labelled.mean() + 0.05
    assert found.teacher > found.more.max()
    assert found.same.shape == found.more.shape == (5, distillation.SEEDS)
    assert found.best in distillation.TEMPERATURES


def test_students_side_by_side_are_students_alone(monkeypatch):
    data = networks.digits()
    targets = np.eye(10)[data.labels[:40]][None]
    monkeypatch.setattr(distillation, "STEPS", 5)
    both = distillation._train(4, data.images[:40], np.repeat(targets, 2, 0), (1.0, 1.0))
    alone = distillation._train(4, data.images[:40], targets, (1.0,))
    for many, one in zip(both, alone, strict=True):
        np.testing.assert_allclose(many.detach().numpy()[0], one.detach().numpy()[0], atol=1e-5)


def test_low_rank_is_the_best_there_is():
    matrix = RNG.normal(size=(12, 7))
    values = np.linalg.svd(matrix, compute_uv=False)
    for rank in (1, 4, 7):
        thin = low_rank.factorize(matrix, rank)
        gap = np.linalg.norm(matrix - thin.product) ** 2
        assert gap == pytest.approx((values[rank:] ** 2).sum(), abs=1e-9)
        assert thin.kept == pytest.approx((values[:rank] ** 2).sum() / (values**2).sum())
        assert thin.size == rank * 19
    assert low_rank.worthwhile_rank(64, 64) == 31
    most = low_rank.worthwhile_rank(12, 7)
    assert low_rank.factorize(matrix, most).size < 84 <= (most + 1) * 19


def test_only_the_last_layer_learns_the_user():
    data, network = networks.digits(), networks.reference()
    learned = personal.train_last_layer(network, data.images[:30], data.labels[:30])
    for before, after in zip(network.weights[:-1], learned.weights[:-1], strict=True):
        np.testing.assert_array_equal(before, after)
    assert (learned.weights[-1] != network.weights[-1]).any()


def test_the_last_layers_gradient_is_pytorchs():
    import torch

    network, data = networks.reference(), networks.digits()
    mine = personal.train_last_layer(
        network, data.images[:20], data.labels[:20], steps=1, rate=0.5, pull=0.0
    )
    hidden = torch.from_numpy(network.hidden(data.images[:20])).double()
    size = (hidden**2).sum(1).mean().sqrt()
    weight = (torch.from_numpy(network.weights[-1]).double() * size).requires_grad_()
    bias = torch.from_numpy(network.biases[-1]).double().requires_grad_()
    scores = (hidden / size) @ weight.T + bias
    torch.nn.functional.cross_entropy(scores, torch.from_numpy(data.labels[:20])).backward()
    wanted = ((weight - 0.5 * weight.grad) / size).detach().numpy()
    np.testing.assert_allclose(mine.weights[-1], wanted, atol=1e-6)
    np.testing.assert_allclose(
        mine.biases[-1], (bias - 0.5 * bias.grad).detach().numpy(), atol=1e-6
    )


def test_a_user_gains_and_others_lose_a_little():
    found = personal.personalize(0.2, 15)
    assert found.own[-1] > found.own[0] + 0.2
    assert found.others[-1] < found.others[0]
    assert found.trained == 330


def test_handwriting_that_changes_nothing_changes_nothing():
    images = networks.digits().images[:5]
    np.testing.assert_allclose(personal.handwriting(images, 0, 0), images, atol=1e-6)
    quarter = personal.handwriting(images, 0, 90).reshape(-1, 8, 8)
    turned = np.rot90(images.reshape(-1, 8, 8), axes=(1, 2))
    other = np.rot90(images.reshape(-1, 8, 8), -1, axes=(1, 2))
    assert np.allclose(quarter, turned, atol=1e-5) or np.allclose(quarter, other, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pruning.magnitude_mask(np.ones(3), 1.0), "share must be"),
        (lambda: pruning.prune_neurons(small(), -0.1), "share must be"),
        (lambda: pruning.layer_times(0, 1), "1 or more"),
        (lambda: distillation.soften([1.0], 0), "temperature must be above 0"),
        (lambda: distillation.students(0, 50), "width must be"),
        (lambda: distillation.students(4, 10**6), "labels must be 10 to"),
        (lambda: low_rank.factorize(np.ones((3, 4)), 4), "rank must be a whole number from 1 to 3"),
        (lambda: low_rank.factorize(np.ones(3), 1), "two sides"),
        (lambda: personal.train_last_layer(small(), np.ones((0, 5)), []), "at least one"),
        (
            lambda: personal.train_last_layer(small(), np.ones((1, 5)), [3]),
            "labels run from 0 to 2",
        ),
        (
            lambda: personal.handwriting(np.ones((1, 64)), np.nan, 0),
            "slant must be a number|turn must be a number",
        ),
    ],
)
def test_nonsense_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
