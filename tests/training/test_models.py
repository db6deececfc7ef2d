"""The models are the same model in both engines, and their recipes fit their data."""

import pytest
import torch

from course import datasets, models, recipes, scratch

PAIRS = [(model, data) for model in ("mlp", "cnn") for data in ("digits", "mnist")]


def shapes(model):
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


@pytest.mark.parametrize(("model", "data"), PAIRS)
def test_both_engines_build_the_same_parameters(model, data):
    chosen = recipes.recipe(model, data)
    assert shapes(chosen.build(scratch.nn)) == shapes(chosen.build(torch.nn))


@pytest.mark.parametrize(("model", "data"), PAIRS)
def test_a_recipe_takes_its_data_and_gives_ten_logits(engine, model, data):
    built = recipes.recipe(model, data).build(engine.nn)
    images = engine.from_numpy(datasets.load(data).train_images[:3])
    assert tuple(built(images).shape) == (3, 10)


def test_the_mlp_has_a_linear_layer_between_every_two_sizes(engine):
    assert shapes(models.mlp(engine.nn, (6, 5, 4, 3))) == {
        "1.weight": (5, 6),
        "1.bias": (5,),
        "3.weight": (4, 5),
        "3.bias": (4,),
        "5.weight": (3, 4),
        "5.bias": (3,),
    }


def test_the_mlp_ends_without_a_relu(engine):
    outputs = models.mlp(engine.nn, (4, 8, 50))(engine.ones(1, 4))
    assert outputs.min().item() < 0


def test_two_sizes_make_a_linear_model(engine):
    assert list(shapes(models.mlp(engine.nn, (4, 2)))) == ["1.weight", "1.bias"]


@pytest.mark.parametrize("side", [4, 7, 8, 28, 29])
def test_the_cnn_takes_images_of_any_side_from_4(engine, side):
    model = models.cnn(engine.nn, side=side, channels=(2, 3), classes=5)
    assert tuple(model(engine.zeros(2, 1, side, side)).shape) == (2, 5)


def test_impossible_sizes_are_refused_with_their_value():
    with pytest.raises(ValueError, match=r"got \(784,\)"):
        models.mlp(torch.nn, (784,))
    with pytest.raises(ValueError, match=r"got \(784, 0, 10\)"):
        models.mlp(torch.nn, (784, 0, 10))
    with pytest.raises(ValueError, match=r"at least 4 pixels.*got 3"):
        models.cnn(torch.nn, side=3)


def test_an_unknown_model_or_data_set_lists_the_known_ones():
    with pytest.raises(recipes.RecipeError, match=r"model named 'gpt'\. Choose one of: mlp, cnn"):
        recipes.recipe("gpt", "mnist")
    with pytest.raises(recipes.RecipeError, match=r"'iris'\. Choose one of: digits, mnist"):
        recipes.recipe("mlp", "iris")
