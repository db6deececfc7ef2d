"""The texts, and windows of them in batches."""

from importlib import metadata
from types import ModuleType

import numpy as np
import pytest
import torch

from course import scratch, training
from course.datasets import DatasetError
from course.language import batches, texts, tokenizer
from course.language.gpt import Config, gpt, next_token_loss

ENGINES = pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])


def test_the_names_are_the_census_lists() -> None:
    names = texts.names().text.splitlines()
    assert len(names) == len(set(names)) == 5163
    assert {"mary", "john", "patricia"} <= set(names)
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)
    assert names != sorted(names)
    assert "5,163 different names" in texts.names().datasheet.size


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(DatasetError, match="pip install names"):
        texts.names.__wrapped__()


def test_the_manual_is_that_of_this_python() -> None:
    text = texts.manual().text
    assert 400_000 < len(text) < 1_000_000
    assert 'The "if" statement is used for conditional execution' in text


@ENGINES
def test_windows_move_on_by_one_and_are_the_same_for_both_engines(engine: ModuleType) -> None:
    tokens = list(range(100))
    train, judged = batches.loaders(engine, tokens, context=8, batch_size=4, steps=5, seed=3)
    starts = np.random.default_rng(3).integers(0, 82, 20)
    seen = []
    for given, wanted in train:
        assert given.shape == wanted.shape == (4, 8)
        np.testing.assert_array_equal(given.numpy() + 1, wanted.numpy())
        seen += given.numpy()[:, 0].tolist()
    assert seen == starts.tolist()
    assert [given.numpy()[:, 0].tolist() for given, _ in judged] == [[90]]


def test_nothing_held_out_is_trained_on() -> None:
    train, judged = batches.loaders(scratch, range(1000), context=8, batch_size=50, steps=100)
    most = max(int(wanted.max().item()) for _, wanted in train)
    assert most == 899
    assert min(int(given.min().item()) for given, _ in judged) == 900


@pytest.mark.parametrize(("length", "words"), [(8, "to train on"), (60, r"held out \(10%\)")])
def test_a_text_shorter_than_the_context_is_refused_in_words(length: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        batches.loaders(scratch, range(length), context=8, batch_size=4, steps=5)


@pytest.mark.slow
@ENGINES
def test_a_few_hundred_steps_learn_what_names_look_like(engine: ModuleType) -> None:
    tokens = tokenizer.train("", 256).encode(texts.names().text)
    engine.manual_seed(0)
    model = gpt(engine, Config(256, context=16, layers=2, heads=4, width=32))
    train, judged = batches.loaders(engine, tokens, context=16, batch_size=32, steps=250)
    optimizer = engine.optim.AdamW(model.parameters(), lr=3e-3)
    loss = next_token_loss(engine)
    training.fit(model, train, loss=loss, optimizer=optimizer, epochs=1, progress=False)
    # Letters drawn by how common they are, without looking at those before, cost as much as this:
    share = np.bincount(tokens) / len(tokens)
    without_context = -(share[share > 0] * np.log(share[share > 0])).sum()
    assert training.evaluate(model, judged, loss)["loss"] < without_context - 0.3
