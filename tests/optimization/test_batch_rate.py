"""The heat map's cells are trainings, and say what a larger batch needs."""

import pytest

from course import datasets, models, recipes, scratch
from course.optimization.batch_rate import BATCH_SIZES, RATES, train_grid
from course.optimization.explorers.rates import describe
from course.optimization.explorers.rates import table as rates_table
from course.scratch.nn.functional import cross_entropy
from course.training import evaluate, fit, loaders


@pytest.fixture(scope="module")
def grid():
    return train_grid()


def test_a_cell_is_what_fit_trains(grid):
    scratch.manual_seed(0)
    train, held_out = loaders(scratch, datasets.load("digits"), batch_size=128, seed=0)
    model = models.mlp(scratch.nn, recipes.recipe("mlp", "digits").sizes)
    optimizer = scratch.optim.SGD(model.parameters(), lr=0.3)
    fit(model, train, loss=cross_entropy, optimizer=optimizer, epochs=2, progress=False)
    cell = next(c for c in grid.cells if (c.batch_size, c.learning_rate) == (128, 0.3))
    found = evaluate(model, held_out, cross_entropy)
    assert cell.steps == 2 * len(train)
    assert cell.loss == pytest.approx(found["loss"], rel=1e-5)
    assert cell.accuracy == pytest.approx(found["accuracy"])


def test_every_pair_is_trained_once_and_too_large_a_rate_learns_nothing(grid):
    pairs = [(c.batch_size, c.learning_rate) for c in grid.cells]
    assert pairs == [(size, rate) for size in BATCH_SIZES for rate in RATES]
    assert all(c.accuracy < 0.3 for c in grid.cells if c.learning_rate == 3.0)
    assert len(rates_table(grid).rows) == len(pairs)


def test_with_the_same_images_the_small_batch_wants_the_smaller_rate(grid):
    assert grid.best_at(8).learning_rate < grid.best_at(512).learning_rate
    assert f"{grid.best.loss:.3g}" in describe(grid)


def test_an_unknown_budget_is_named():
    with pytest.raises(ValueError, match="budget must be one of images, steps; got 'hours'"):
        train_grid("hours")
