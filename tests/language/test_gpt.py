"""The GPT on both engines, and held to the GPT-2 and the Llama of `transformers`."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from course import scratch
from course.compare import copy_weights
from course.language.gpt import Config, gpt, llama_like, next_token_loss

SMALL: dict[str, Any] = {"context": 12, "layers": 2, "heads": 4, "width": 16}
CONFIGS = {
    "GPT-2's kinds": Config(23, **SMALL),
    "Llama's kinds": llama_like(23, **SMALL, groups=2, hidden=24),
    "one key for all heads": llama_like(23, **SMALL, groups=1, tied=True, bias=True),
    "mixed kinds": Config(23, **SMALL, feedforward="swiglu", norm="rms", tied=False),
}
ENGINES = pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])


def both(config: Config) -> tuple[Any, Any]:
    """The same model with the same weights, in float64, on both engines."""
    torch.manual_seed(0)
    theirs = gpt(torch, config).double()
    with torch.no_grad():
        for weight in theirs.parameters():  # biases, too, and nothing too small to tell
            weight.mul_(1.5).add_(torch.randn_like(weight) * 0.05)
    mine = gpt(scratch, config).double()
    copy_weights(theirs, mine)
    return mine, theirs


def tokens_of(engine: ModuleType, n: int = 3, t: int = 9) -> Any:
    return engine.tensor(np.random.default_rng(1).integers(0, 23, (n, t)).tolist())


@pytest.mark.parametrize("name", CONFIGS)
def test_same_weights_give_the_same_logits(name: str) -> None:
    mine, theirs = both(CONFIGS[name])
    found = mine(tokens_of(scratch)).detach().numpy()
    wanted = theirs(tokens_of(torch)).detach().numpy()
    assert found.shape == (3, 9, 23)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CONFIGS)
def test_fifty_steps_of_training_stay_together(name: str) -> None:
    losses = []
    for engine, model in zip((scratch, torch), both(CONFIGS[name]), strict=True):
        optimizer = engine.optim.AdamW(model.parameters(), lr=1e-3)
        loss, tokens = next_token_loss(engine), tokens_of(engine)
        seen = []
        for _ in range(50):
            optimizer.zero_grad()
            value = loss(model(tokens[:, :-1]), tokens[:, 1:])
            value.backward()
            optimizer.step()
            seen.append(value.item())
        losses.append(seen)
    np.testing.assert_allclose(losses[0], losses[1], rtol=0, atol=1e-9)
    assert losses[0][-1] < losses[0][0] - 0.5


def random_weights(model: Any) -> Any:
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.2)
    return model.eval()


def reference_gpt2() -> tuple[Any, Config, dict[str, Any]]:
    """transformers' GPT-2, our settings for it, and its weights under our names."""
    other = random_weights(
        GPT2LMHeadModel(
            GPT2Config(
                vocab_size=23, n_positions=12, n_layer=2, n_head=4, n_embd=16,
                attn_implementation="eager",
            )
        )
    )  # fmt: skip
    names = {"wte": "tokens", "wpe": "places", "ln_f": "norm"}
    names |= {"h": "blocks", "ln_1": "norm1", "ln_2": "norm2", "attn": "attention"}
    names |= {"c_attn": "qkv", "mlp": "feedforward", "c_fc": "up"}
    weights = {}
    for name, weight in other.transformer.named_parameters():
        parts = [names.get(part, part) for part in name.split(".")]
        if "c_proj" in parts:
            parts[parts.index("c_proj")] = "out" if "attention" in parts else "down"
        # GPT-2's linear layers keep their weight as (inputs, outputs).
        turned = weight.mT if weight.ndim == 2 and "blocks" in parts else weight
        weights[".".join(parts)] = turned.detach()
    return other, CONFIGS["GPT-2's kinds"], weights


def reference_llama() -> tuple[Any, Config, dict[str, Any]]:
    """transformers' Llama, our settings for it, and its weights under our names."""
    other = random_weights(
        LlamaForCausalLM(
            LlamaConfig(
                vocab_size=23, max_position_embeddings=12, num_hidden_layers=2, hidden_size=16,
                num_attention_heads=4, num_key_value_heads=2, intermediate_size=24,
                rms_norm_eps=1e-5, tie_word_embeddings=False, attn_implementation="eager",
            )
        )
    )  # fmt: skip
    state = {name: weight.detach() for name, weight in other.named_parameters()}
    weights = {
        "tokens.weight": state["model.embed_tokens.weight"],
        "norm.weight": state["model.norm.weight"],
        "head.weight": state["lm_head.weight"],
    }
    for layer in range(2):
        old, new = f"model.layers.{layer}", f"blocks.{layer}"
        qkv = [state[f"{old}.self_attn.{part}_proj.weight"] for part in "qkv"]
        weights[f"{new}.attention.qkv.weight"] = torch.cat(qkv)
        weights[f"{new}.attention.out.weight"] = state[f"{old}.self_attn.o_proj.weight"]
        weights[f"{new}.norm1.weight"] = state[f"{old}.input_layernorm.weight"]
        weights[f"{new}.norm2.weight"] = state[f"{old}.post_attention_layernorm.weight"]
        for part in ("up", "down", "gate"):
            weights[f"{new}.feedforward.{part}.weight"] = state[f"{old}.mlp.{part}_proj.weight"]
    return other, CONFIGS["Llama's kinds"], weights


@ENGINES
@pytest.mark.parametrize("reference", [reference_gpt2, reference_llama])
def test_logits_and_attention_equal_transformers(reference: Any, engine: ModuleType) -> None:
    other, config, weights = reference()
    model = gpt(engine, config)
    assert set(weights) == {name for name, _ in model.named_parameters()}
    model.load_state_dict(
        {name: engine.tensor(weight.tolist()) for name, weight in weights.items()}
    )
    wanted = other(tokens_of(torch), output_attentions=True)
    found = model(tokens_of(engine)).detach().numpy()
    np.testing.assert_allclose(found, wanted.logits.detach().numpy(), rtol=0, atol=2e-5)
    maps = model.attention_maps(tokens_of(engine))
    for mine, theirs in zip(maps, wanted.attentions, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.detach().numpy(), rtol=0, atol=1e-5)


@ENGINES
@pytest.mark.parametrize("cut", [[1] * 9, [4, 1, 1, 3], [9]], ids=str)
@pytest.mark.parametrize("name", CONFIGS)
def test_a_cache_gives_what_computing_all_again_gives(
    name: str, cut: list[int], engine: ModuleType
) -> None:
    model = gpt(engine, CONFIGS[name]).double()
    tokens, cache, seen, parts = tokens_of(engine), [], 0, []
    with engine.no_grad():
        for length in cut:
            parts.append(model(tokens[:, seen : seen + length], cache))
            seen += length
        whole = model(tokens)
    assert len(cache) == 2 and cache[0][0].shape[2] == 9
    np.testing.assert_allclose(engine.cat(parts, 1).numpy(), whole.numpy(), rtol=0, atol=1e-12)


@ENGINES
def test_no_place_sees_what_comes_after_it(engine: ModuleType) -> None:
    model = gpt(engine, CONFIGS["Llama's kinds"])
    tokens = tokens_of(engine)
    with engine.no_grad():
        before = model(tokens).numpy().copy()
        tokens[:, 5:] = 0
        after = model(tokens).numpy()
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert not np.array_equal(before[:, 5], after[:, 5])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"heads": 5}, "width 16 does not divide into heads 5; the nearest number that fits is 4"),
        ({"groups": 3}, "heads 4 does not divide into groups 3; the nearest .* is 2"),
        ({"groups": 0}, "heads 4 does not divide into groups 0; the nearest .* is 1"),
        ({"layers": 0}, "layers must be a whole number, 1 or more, got 0"),
        ({"width": 16.0}, "width must be a whole number, 1 or more, got 16.0"),
        ({"hidden": 0}, "hidden must be a whole number, 1 or more, got 0"),
        ({"heads": 16, "positions": "rotary"}, "a head has 1 "),
        ({"norm": "batch"}, "norm must be one of layer or rms, got 'batch'"),
    ],
)
def test_settings_that_contradict_each_other_are_named(settings: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Config(23, **{**SMALL, **settings})


@ENGINES
def test_more_tokens_than_the_context_are_refused_in_words(engine: ModuleType) -> None:
    model = gpt(engine, CONFIGS["GPT-2's kinds"])
    with pytest.raises(ValueError, match="sees 12 tokens at once, got 13"):
        model(tokens_of(engine, 1, 13))
    cache: list = []
    model(tokens_of(engine, 1, 12), cache)
    with pytest.raises(ValueError, match="sees 12 tokens at once, got 13"):
        model(tokens_of(engine, 1, 1), cache)
