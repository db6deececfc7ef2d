"""Sampling: chances by definition and by transformers' filters, and text token by token."""

import math
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from course import scratch
from course.language.gpt import Config, gpt, llama_like
from course.language.sampling import generate, perplexity, probabilities

ENGINES = pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])
scores = st.lists(
    st.floats(-20, 20, width=32), min_size=2, max_size=12, unique=True
)  # equal scores have no agreed order


@given(
    scores,
    st.floats(0.1, 5),
    st.none() | st.integers(1, 15),
    st.sampled_from([1.0, 0.97, 0.5, 0.13, 0.01]),
)
@settings(deadline=None)
def test_chances_equal_transformers(
    logits: list[float], temperature: float, top_k: int | None, top_p: float
) -> None:
    wanted = torch.tensor([logits], dtype=torch.float64)
    filters: list = [TemperatureLogitsWarper(temperature)]
    filters += [] if top_k is None else [TopKLogitsWarper(top_k)]
    filters += [] if top_p == 1 else [TopPLogitsWarper(top_p)]
    for each in filters:
        wanted = each(None, wanted)
    chances = wanted.softmax(-1)[0].numpy()
    near = np.cumsum(np.sort(chances)[::-1])
    if top_p < 1 and np.abs(near - top_p).min() < 1e-9:
        return  # the cut falls between roundings
    np.testing.assert_allclose(
        probabilities(logits, temperature, top_k, top_p), chances, rtol=1e-9, atol=1e-12
    )


def test_temperature_zero_takes_the_likeliest_and_the_first_of_equals() -> None:
    assert probabilities([1.0, 3.0, 3.0], temperature=0).tolist() == [0, 1, 0]


def test_a_token_that_is_ruled_out_stays_out() -> None:
    assert probabilities([0.0, -np.inf, 0.0]).tolist() == [0.5, 0, 0.5]


@pytest.mark.parametrize("logits", [[], [np.nan, 1.0], [-np.inf, -np.inf], [np.inf, 0.0]])
def test_logits_that_leave_no_token_are_refused(logits: list[float]) -> None:
    with pytest.raises(ValueError, match="no token can be drawn"):
        probabilities(logits)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"temperature": -0.1}, "temperature must be 0 or more, got -0.1"),
        ({"temperature": math.nan}, "temperature must be 0 or more, got nan"),
        ({"temperature": "hot"}, "temperature must be 0 or more, got 'hot'"),
        ({"top_p": "most"}, "top_p must be above 0"),
        ({"top_k": "few"}, "top_k must be a whole number from 1"),
        ({"top_k": 1.5}, "top_k must be a whole number from 1"),
        ({"top_k": 0}, "top_k must be a whole number from 1"),
        ({"top_p": 0.0}, "top_p must be above 0"),
        ({"top_p": 1.1}, "top_p must be above 0"),
    ],
)
def test_settings_out_of_range_are_refused_at_once(bad: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        probabilities([0.0, 1.0], **bad)
    with pytest.raises(ValueError, match=words):
        generate(gpt(scratch, Config(8)), [1], 3, **bad)


@ENGINES
@pytest.mark.parametrize("rotary", [False, True])
def test_a_cache_changes_no_token_even_past_the_context(rotary: bool, engine: ModuleType) -> None:
    sizes = {"context": 8, "layers": 2, "heads": 2, "width": 8}
    config = llama_like(11, **sizes) if rotary else Config(11, **sizes)
    engine.manual_seed(0)
    model = gpt(engine, config).double()
    with engine.no_grad():
        for weight in model.parameters():
            weight.mul_(1.5)
    texts = [
        list(generate(model, [1, 2, 3], 20, temperature=1.5, seed=4, use_cache=use))
        for use in (True, False)
    ]
    assert texts[0] == texts[1]
    assert len(set(texts[0])) > 3


@ENGINES
def test_tokens_come_as_often_as_their_chances(engine: ModuleType) -> None:
    engine.manual_seed(0)
    model = gpt(engine, Config(5, context=4, layers=1, heads=1, width=4))
    with engine.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
        logits = model(engine.tensor([[2]]))[0, -1].numpy()
    drawn = [next(generate(model, [2], 1, seed=seed)) for seed in range(800)]
    shares = np.bincount(drawn, minlength=5) / 800
    np.testing.assert_allclose(shares, probabilities(logits), atol=0.06)


def test_no_prompt_and_strange_tokens_are_refused_in_words() -> None:
    model = gpt(scratch, Config(8))
    with pytest.raises(ValueError, match="no token to begin with"):
        generate(model, [], 3)
    with pytest.raises(ValueError, match="Token 8 is not in the model's vocabulary, 0 to 7"):
        generate(model, [8], 3)
    with pytest.raises(ValueError, match="count must be a whole number, 0 or more, got -1"):
        generate(model, [1], -1)


def test_an_even_choice_among_n_has_perplexity_n() -> None:
    assert perplexity(math.log(50)) == pytest.approx(50)
