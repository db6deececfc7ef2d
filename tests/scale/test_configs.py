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
    ("llama", {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True, "head_dim": 24}),
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
    ("gpt2", {"n_embd": 96, "n_layer": 2, "n_head": 6, "n_inner": 100, "tie_word_embeddings": False}),
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
    assert parameters(reading.shape) == count
