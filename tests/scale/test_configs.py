"""Configs of every kind, counted by formula and by the library that builds the models."""

from __future__ import annotations

import json
import os

import pytest

from course.scale import config, families, published
from course.scale.fields import ConfigError
from course.scale.parameters import active_parameters, parameters

os.environ.setdefault("HF_HUB_OFFLINE", "1")

SMALL = {
    "hidden_size": 96,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "intermediate_size": 200,
    "vocab_size": 301,
    "max_position_embeddings": 64,
}
EXPERTS = {"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 40}
DEEPSEEK = {
    "num_key_value_heads": 6,
    "n_routed_experts": 8,
    "n_shared_experts": 2,
    "num_experts_per_tok": 3,
    "moe_intermediate_size": 40,
    "first_k_dense_replace": 2,
    "q_lora_rank": 24,
    "kv_lora_rank": 16,
    "qk_nope_head_dim": 12,
    "qk_rope_head_dim": 8,
    "v_head_dim": 10,
    "n_group": 1,
    "topk_group": 1,
    "topk_method": "greedy",
}
CASES: list[tuple[str, dict]] = [
    ("llama", {}),
    (
        "llama",
        {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True, "head_dim": 24},
    ),
    ("granite", {}),
    ("mistral", {"head_dim": 32}),
    ("phi3", {"pad_token_id": 0}),
    ("mixtral", {"num_local_experts": 5, "num_experts_per_tok": 2}),
    ("gemma", {"head_dim": 40}),
    ("gemma2", {"head_dim": 40}),
    ("gemma3_text", {"head_dim": 40}),
    ("qwen2", {}),
    ("qwen3", {"head_dim": 24, "tie_word_embeddings": True}),
    ("qwen2_moe", {**EXPERTS, "shared_expert_intermediate_size": 72}),
    ("qwen3_moe", {**EXPERTS, "head_dim": 24, "mlp_only_layers": [1]}),
    ("olmo2", {}),
    ("smollm3", {"pad_token_id": 0}),
    ("phi", {}),
    ("starcoder2", {}),
    ("cohere", {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}),
    ("gpt_neox", {}),
    ("gpt_neox", {"attention_bias": False, "tie_word_embeddings": True}),
    ("gpt2", {"n_embd": 96, "n_layer": 5, "n_head": 6, "n_positions": 64}),
    (
        "gpt2",
        {"n_embd": 96, "n_layer": 2, "n_head": 6, "n_inner": 100, "tie_word_embeddings": False},
    ),
    ("bloom", {"n_layer": 5, "n_head": 6}),
    ("opt", {"ffn_dim": 200}),
    ("opt", {"ffn_dim": 200, "word_embed_proj_dim": 32, "do_layer_norm_before": False}),
    ("falcon", {"multi_query": True}),
    ("falcon", {"new_decoder_architecture": True, "num_kv_heads": 2}),
    ("falcon", {"multi_query": False, "parallel_attn": False, "bias": True}),
    ("deepseek_v2", {**DEEPSEEK, "q_lora_rank": None}),
    ("deepseek_v3", {**DEEPSEEK, "topk_method": "noaux_tc"}),
]


def small(kind: str, changes: dict) -> dict:
    base = {} if kind == "gpt2" else {k: v for k, v in SMALL.items()}
    if kind == "gpt2":
        base = {"vocab_size": 301}
    if kind == "bloom":
        base = {"hidden_size": 96, "vocab_size": 301}
    if kind in ("opt", "falcon", "gpt_neox"):
        del base["num_key_value_heads"]
    return {"model_type": kind, **base, **changes}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "changes"), CASES, ids=[f"{n}-{kind}" for n, (kind, _) in enumerate(CASES)]
)
def test_the_library_builds_as_many_parameters(kind: str, changes: dict) -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    given = small(kind, changes)
    made = transformers.AutoConfig.for_model(**given)
    with torch.device("meta"):
        built = transformers.AutoModelForCausalLM.from_config(made)
    shape = config.architecture(json.dumps(given))
    extra = sum(
        buffer.numel() for name, buffer in built.named_buffers() if "correction_bias" in name
    )
    count = built.num_parameters() + extra
    print(f"{kind:12} {parameters(shape):>9,} by formula, {count:>9,} built")
    assert parameters(shape) == count
    # What the library writes itself is read to the same shape.
    written = json.loads(made.to_json_string(use_diff=False))
    reading = config.read_config(json.dumps(written))
    assert parameters(reading.shape) == count and reading.unread == ()


def test_a_path_a_folder_and_a_nested_config(tmp_path) -> None:
    given = small("llama", {})
    (tmp_path / "config.json").write_text(json.dumps(given), encoding="utf-8")
    by_text = config.architecture(json.dumps(given))
    assert config.architecture(tmp_path / "config.json") == by_text
    assert config.architecture(str(tmp_path)) == by_text
    images = {"model_type": "gemma3", "text_config": small("gemma3_text", {"head_dim": 40})}
    alone = config.architecture(json.dumps(small("gemma3_text", {"head_dim": 40})))
    assert parameters(config.architecture(json.dumps(images))) == parameters(alone)


def test_a_published_models_config_gives_its_published_count() -> None:
    given = {
        "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "vocab_size": 129280,
        "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048,
        "num_hidden_layers": 61, "num_attention_heads": 128, "num_key_value_heads": 128,
        "n_shared_experts": 1, "n_routed_experts": 256, "kv_lora_rank": 512, "q_lora_rank": 1536,
        "qk_rope_head_dim": 64, "v_head_dim": 128, "qk_nope_head_dim": 128, "num_experts_per_tok": 8,
        "first_k_dense_replace": 3, "moe_layer_freq": 1, "max_position_embeddings": 163840,
        "tie_word_embeddings": False, "attention_bias": False, "torch_dtype": "bfloat16",
    }  # fmt: skip
    reading = config.read_config(json.dumps(given))
    assert parameters(reading.shape) == published.row_of("DeepSeek-V3").parameters
    assert active_parameters(reading.shape) == active_parameters(published.model("DeepSeek-V3"))
    assert reading.unread == () and reading.warning == ""


def test_a_field_that_is_not_understood_is_named() -> None:
    reading = config.read_config(json.dumps(small("llama", {"extra_towers": 3})))
    assert reading.unread == ("extra_towers",)
    assert "extra_towers" in reading.warning and "too small" in reading.warning
    with pytest.warns(UserWarning, match="extra_towers"):
        config.architecture(json.dumps(small("llama", {"extra_towers": 3})))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Nothing was given"),
        ("nowhere/config.json", "no file 'nowhere/config.json'"),
        ("a line\nand another", "neither a path nor the text"),
        ("{", "This is no JSON: line 1"),
        ("[1, 2]", "fields in braces, not a list"),
        ("[" * 100_000, "nested too deeply|no JSON"),
        ('{"hidden_size": 8}', 'no "model_type"'),
        ('{"model_type": "lama"}', r"'lama' is not known here\. The nearest: llama"),
        ('{"model_type": "zzzz"}', "Known are bloom"),
        (json.dumps(small("llama", {"vocab_size": None})), 'needs "vocab_size"'),
        (json.dumps(small("llama", {"vocab_size": "many"})), "must be a whole number, not 'many'"),
        (json.dumps(small("llama", {"vocab_size": 10.5})), "must be a whole number, not 10.5"),
        (json.dumps(small("llama", {"tie_word_embeddings": 1})), "must be true or false, not 1"),
        (json.dumps(small("qwen3", {"layer_types": "all"})), "must be a list"),
        (json.dumps(small("llama", {"num_attention_heads": 7, "num_key_value_heads": 7})), "7 heads do not divide the hidden width 96"),
        (json.dumps(small("llama", {"num_key_value_heads": 4})), "4 key-value heads do not divide 6"),
        (json.dumps(small("llama", {"num_attention_heads": 0})), "0 heads do not divide"),
        (json.dumps(small("mixtral", {"num_experts_per_tok": 9})), "9 experts of 8"),
        (json.dumps(small("llama", {"num_hidden_layers": -1})), "layers is -1"),
        (json.dumps(small("deepseek_v3", {**DEEPSEEK, "moe_layer_freq": 2})), "moe_layer_freq"),
        (json.dumps(small("phi", {"qk_layernorm": True})), "qk_layernorm"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        config.architecture(text)


def test_a_config_as_it_lies_beside_the_weights() -> None:
    given = """{"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
      "bos_token_id": 128000, "eos_token_id": 128001, "head_dim": 128, "hidden_act": "silu",
      "hidden_size": 3072, "initializer_range": 0.02, "intermediate_size": 8192,
      "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
      "num_attention_heads": 24, "num_hidden_layers": 28, "num_key_value_heads": 8,
      "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": {"factor": 32.0,
      "rope_type": "llama3"}, "rope_theta": 500000.0, "tie_word_embeddings": true,
      "torch_dtype": "bfloat16", "transformers_version": "4.45.0.dev0", "use_cache": true,
      "vocab_size": 128256}"""
    reading = config.read_config(given)
    assert parameters(reading.shape) == published.row_of("Llama-3.2-3B").parameters
    assert reading.unread == ()


def test_windows_of_the_later_layers() -> None:
    changes = {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 3}
    assert config.architecture(json.dumps(small("qwen2", changes))).windowed_layers == 2
    changes["use_sliding_window"] = False
    assert config.architecture(json.dumps(small("qwen2", changes))).windowed_layers == 0


def test_windows_shorten_the_cache() -> None:
    from course.scale import cache

    shape = config.architecture(json.dumps(small("gemma2", {"head_dim": 40, "sliding_window": 16})))
    assert (shape.window, shape.windowed_layers) == (16, 3)
    per_token = 2 * 2 * 40 * 2
    assert cache.kv_bytes(shape, 64) == (2 * 64 + 3 * 16) * per_token


def test_every_kind_has_a_case() -> None:
    assert {kind for kind, _ in CASES} == set(families.READERS)
