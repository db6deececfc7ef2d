"""The playground learns what it should, like PyTorch, and its setup runs as a program."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from course.learning import export, network, toy_data, twin
from course.learning.network import Setup
from course.learning.training import Training, grid

SENSIBLE = {
    "circle": (Setup(data="circle"), 60, 0.05),
    "xor": (Setup(data="xor", hidden=(8,), optimizer="adam"), 60, 0.12),
    "gauss": (Setup(data="gauss"), 20, 0.02),
    "spiral": (
        Setup(
            data="spiral",
            hidden=(8, 8),
            features=tuple(network.FEATURES),
            optimizer="adam",
            learning_rate=0.01,
        ),
        60,
        0.15,
    ),
    "plane": (Setup(data="plane"), 60, 0.01),
    "hills": (Setup(data="hills", hidden=(8, 8), optimizer="adam", learning_rate=0.01), 60, 0.06),
}


@pytest.mark.parametrize("data", toy_data.DATA)
def test_a_sensible_setting_learns_each_data_set(data: str) -> None:
    setup, epochs, good = SENSIBLE[data]
    run = Training(setup)
    for _ in range(epochs):
        run.train_epoch()
    assert run.test_loss < good
    assert run.test_loss < 0.3 * run.curve.test[0]
    assert setup.classification == (run.accuracy() is not None)


def test_a_linear_network_cannot_learn_the_circle_whatever_its_depth() -> None:
    run = Training(Setup(data="circle", hidden=(8, 8), activation="linear"))
    for _ in range(60):
        run.train_epoch()
    assert run.test_loss > 0.8


@pytest.mark.parametrize("penalty", network.PENALTIES)
@pytest.mark.parametrize("optimizer", network.OPTIMIZERS)
def test_the_twin_in_pytorch_has_the_same_losses(optimizer: str, penalty: str) -> None:
    setup = Setup(
        data="xor", optimizer=optimizer, penalty=penalty, penalty_rate=0.003, learning_rate=0.01
    )
    twins = twin.train_both(setup, 120)
    assert len(twins.mine) == len(twins.theirs) == 120
    assert twins.largest_difference <= 1e-10 and twins.agree
    assert "largest difference" in str(twins) and "120 steps" in str(twins)


@pytest.mark.parametrize("activation", network.ACTIVATIONS)
def test_every_activation_is_pytorchs(activation: str) -> None:
    setup = Setup(activation=activation, hidden=(3, 5, 2), features=tuple(network.FEATURES))
    mine, theirs = Training(setup), Training(setup, torch)
    for left, right in zip(mine.layers(grid(6)), theirs.layers(grid(6)), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-14)
    mine.step(), theirs.step()
    np.testing.assert_allclose(mine.gradient_sizes(), theirs.gradient_sizes(), rtol=1e-10)


@pytest.mark.parametrize("engine", ["scratch", "torch"])
@pytest.mark.parametrize(
    "setup",
    [
        Setup(),
        Setup(
            data="spiral",
            features=("x1", "sin_x2", "product"),
            hidden=(5, 3, 2),
            activation="sigmoid",
            optimizer="momentum",
            penalty="l1",
            penalty_rate=0.003,
            noise=0.1,
            seed=4,
        ),
        Setup(data="hills", hidden=(), activation="linear", optimizer="adamw", penalty="l2",
              penalty_rate=0.01, batch_size=7, train_share=0.7),
    ],
    ids=["first", "many settings", "no hidden layer"],
)  # fmt: skip
def test_the_exported_program_gives_the_playgrounds_losses(setup, engine, tmp_path) -> None:
    file = tmp_path / "program.py"
    file.write_text(export.program(setup, epochs=12, engine=engine), encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1].split()
    run = Training(setup)
    for _ in range(12):
        run.train_epoch()
    assert last[:2] == ["epoch", "12"]
    assert float(last[4]) == pytest.approx(run.train_loss, abs=2e-10)
    assert float(last[7]) == pytest.approx(run.test_loss, abs=2e-10)


def test_one_line_of_the_program_decides_the_engine() -> None:
    mine, theirs = (export.program(Setup(), engine=e).splitlines() for e in ("scratch", "torch"))
    differ = [pair for pair in zip(mine, theirs, strict=True) if pair[0] != pair[1]]
    assert len(differ) == 1 and "import torch as engine" in differ[0][1]
    with pytest.raises(ValueError, match="scratch or torch, not 'jax'"):
        export.program(Setup(), engine="jax")
    with pytest.raises(ValueError, match="1 or more, not 0"):
        export.program(Setup(), epochs=0)


def test_equal_setups_give_equal_runs_and_another_seed_another_run() -> None:
    def losses(seed: int) -> list[float]:
        run = Training(Setup(seed=seed))
        run.train_epoch()
        return run.step_losses

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_regularisation_keeps_the_weights_small() -> None:
    sizes = {}
    for penalty in network.PENALTIES:
        run = Training(Setup(penalty=penalty, penalty_rate=0.03))
        for _ in range(30):
            run.train_epoch()
        sizes[penalty] = sum(float(np.abs(w).sum()) for w in run.weights())
    assert sizes["l1"] < sizes["l2"] < sizes["none"]


def test_a_run_that_diverges_stands_still_and_says_so() -> None:
    run = Training(Setup(data="plane", activation="relu", learning_rate=10.0, hidden=(8, 8)))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(10):
            run.train_epoch()
    assert run.diverged
    steps = run.steps
    assert np.isnan(run.step()) and run.steps == steps


def test_every_epoch_sees_each_training_point_once() -> None:
    rows = network.batches(25, 10, seed=3, epoch=0)
    assert [len(batch) for batch in rows] == [10, 10, 5]
    assert sorted(np.concatenate(rows)) == list(range(25))
    again = np.concatenate(network.batches(25, 10, seed=3, epoch=1))
    assert list(again) != list(np.concatenate(rows))


@pytest.mark.parametrize("name", toy_data.DATA)
def test_each_data_set_lies_in_or_near_its_square_and_is_divided(name: str) -> None:
    data = toy_data.make(name, noise=0.0, train_share=0.3, seed=1)
    assert data.points.shape == (toy_data.POINTS, 2) and np.isfinite(data.points).all()
    assert np.abs(data.targets).max() <= 1
    assert len(data.train[0]) == 150 and len(data.test[0]) == 350
    if toy_data.is_classification(name):
        assert set(data.targets) == {-1.0, 1.0}
        assert 0.3 < np.mean(data.targets > 0) < 0.7
    noisy = toy_data.make(name, noise=0.5, seed=1)
    assert not np.array_equal(noisy.points, data.points) or not np.array_equal(
        noisy.targets, data.targets
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"data": "soup"}, "data is one of circle, xor, gauss, spiral, plane, hills, not 'soup'"),
        ({"features": ()}, "not an empty list"),
        ({"features": ("x3",)}, "features are one or more of x1, .*, not 'x3'"),
        ({"hidden": (9,)}, r"at most 6 layers of 1 to 8 neurons, not \(9,\)"),
        ({"hidden": (1,) * 7}, "at most 6 layers"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0 and finite, not 0.0"),
        ({"learning_rate": float("inf")}, "learning_rate must be above 0 and finite, not inf"),
        ({"batch_size": 0}, "batch_size must be above 0"),
        ({"penalty_rate": -1.0}, "penalty_rate must be 0 or more"),
        ({"optimizer": "adagrad"}, "optimizer is one of sgd"),
    ],
)
def test_a_setup_names_what_is_wrong_with_it(given: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Setup(**given)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("soup",), "no data set 'soup'"),
        (("circle", 1.5), "noise is a share between 0 and 1, not 1.5"),
        (("circle", 0.0, 1.0), "both excluded; not 1.0"),
        (("circle", 0.0, 0.5, -1), "seed must be 0 or more, not -1"),
    ],
)
def test_bad_data_settings_are_named(arguments: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        toy_data.make(*arguments)
