"""The hand-built models learn to read: what the course promises, measured on held-out images."""

import pytest

from course import datasets
from course.recipes import recipe
from course.training import fit, loaders

PROMISED = {("mlp", "mnist"): 0.93, ("cnn", "mnist"): 0.96}


@pytest.mark.slow
@pytest.mark.parametrize(("model", "data"), PROMISED)
def test_a_recipe_keeps_its_promise(engine, model, data):
    chosen = recipe(model, data)
    images = datasets.load(data)
    train, held_out = loaders(engine, images, batch_size=chosen.batch_size)
    built = chosen.build(engine.nn)
    history = fit(
        built,
        train,
        loss=engine.nn.CrossEntropyLoss(),
        optimizer=chosen.optimizer(engine.optim, built),
        epochs=chosen.epochs,
        validation=held_out,
        progress=False,
    )
    assert history.validation_accuracy[-1] > PROMISED[model, data]
