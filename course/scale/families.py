"""What the fields of each kind of config mean: one reader a ``model_type``.

Defaults are those of the libraries that write these files, so that a field left out means what it
means there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.scale.fields import ConfigError, Fields
from course.scale.shapes import Experts, Latent, Shape


def _common(f: Fields, tied: bool = False) -> dict[str, Any]:
    """What most configs since Llama call by the same names."""
    hidden, heads = f.whole("hidden_size"), f.whole("num_attention_heads")
    return {
        "name": f.text("_name_or_path", "") or f.text("model_type", "") or "this config",
        "layers": f.whole("num_hidden_layers"),
        "hidden": hidden,
        "heads": heads,
        "kv_heads": f.whole("num_key_value_heads", heads),
        "head_dim": f.head_dim(hidden, heads),
        "ffn": f.whole("intermediate_size"),
        "vocab": f.whole("vocab_size"),
        "tied": f.flag("tie_word_embeddings", tied),
        "context": f.whole("max_position_embeddings", 0),
    }


def _window(f: Fields, shape: dict[str, Any], every: int = 1, on: bool = True) -> dict[str, Any]:
    """The layers that see the last tokens only: by ``layer_types``, else all but every n-th."""
    window, kinds = f.whole("sliding_window", 0), f.items("layer_types")
    every = f.whole("sliding_window_pattern", every)
    if kinds:
        count = sum(kind == "sliding_attention" for kind in kinds)
    else:
        count = shape["layers"] if every == 1 else shape["layers"] - shape["layers"] // every
    first = f.whole("max_window_layers", 0)  # Qwen: the layers from that one on
    count = min(count, max(shape["layers"] - first, 0))
    on = f.flag("use_sliding_window", on)
    return {"window": window, "windowed_layers": count} if window and on and count else {}


def _biases(on: bool) -> dict[str, Any]:
    return {"qkv_bias": on, "out_bias": on, "mlp_bias": on}


def _llama(f: Fields) -> Shape:
    shape, bias = _common(f), f.flag("attention_bias", False)
    mlp = f.flag("mlp_bias", False)
    return Shape(**shape, qkv_bias=bias, out_bias=bias, mlp_bias=mlp)


def _mistral(f: Fields) -> Shape:
    shape = _common(f)
    return Shape(**shape, **_window(f, shape))


def _mixtral(f: Fields) -> Shape:
    shape = _common(f)
    experts = Experts(
        count=f.whole("num_local_experts", 8),
        per_token=f.whole("num_experts_per_tok", 2),
        width=shape["ffn"],
    )
    return Shape(**shape, **_window(f, shape), experts=experts)


def _gemma(f: Fields) -> Shape:
    shape, bias = _common(f, tied=True), f.flag("attention_bias", False)
    return Shape(**shape, qkv_bias=bias, out_bias=bias)


def _gemma2(f: Fields) -> Shape:
    shape, bias = _common(f, tied=True), f.flag("attention_bias", False)
    window = _window(f, shape, every=2)
    return Shape(**shape, **window, qkv_bias=bias, out_bias=bias, norms_per_layer=4)


def _gemma3(f: Fields) -> Shape:
    shape, bias = _common(f, tied=True), f.flag("attention_bias", False)
    window = _window(f, shape, every=6)
    norms: dict[str, Any] = {"norms_per_layer": 4, "qk_norm": "head"}
    return Shape(**shape, **window, **norms, qkv_bias=bias, out_bias=bias)


def _qwen2(f: Fields) -> Shape:
    shape = _common(f)
    return Shape(**shape, **_window(f, shape, on=False), qkv_bias=True)


def _qwen3(f: Fields) -> Shape:
    shape, bias = _common(f), f.flag("attention_bias", False)
    window = _window(f, shape, on=False)
    return Shape(**shape, **window, qkv_bias=bias, out_bias=bias, qk_norm="head")


def _qwen_experts(f: Fields, shape: dict[str, Any], shared: bool) -> Experts:
    step = f.whole("decoder_sparse_step", 1)
    plain = {n for n in f.items("mlp_only_layers") if isinstance(n, int)}
    with_experts = [
        n for n in range(shape["layers"]) if n not in plain and step > 0 and (n + 1) % step == 0
    ]
    return Experts(
        count=f.whole("num_experts", f.whole("num_local_experts", 0)),
        per_token=f.whole("num_experts_per_tok"),
        width=f.whole("moe_intermediate_size"),
        shared_width=f.whole("shared_expert_intermediate_size", 0) if shared else 0,
        shared_gate=shared,
        dense_layers=shape["layers"] - len(with_experts),
    )


def _qwen2_moe(f: Fields) -> Shape:
    shape, bias = _common(f), f.flag("qkv_bias", True)
    window = _window(f, shape, on=False)
    return Shape(**shape, **window, qkv_bias=bias, experts=_qwen_experts(f, shape, shared=True))


def _qwen3_moe(f: Fields) -> Shape:
    shape, bias = _common(f), f.flag("attention_bias", False)
    window = _window(f, shape, on=False)
    experts = _qwen_experts(f, shape, shared=False)
    look: dict[str, Any] = {"qkv_bias": bias, "out_bias": bias, "qk_norm": "head"}
    return Shape(**shape, **window, **look, experts=experts)


def _olmo2(f: Fields) -> Shape:
    shape, bias = _common(f), f.flag("attention_bias", False)
    return Shape(**shape, qkv_bias=bias, out_bias=bias, qk_norm="width")


def _smollm3(f: Fields) -> Shape:
    shape, bias = _common(f, tied=True), f.flag("attention_bias", False)
    mlp = f.flag("mlp_bias", False)
    window = _window(f, shape, on=False)
    return Shape(**shape, **window, qkv_bias=bias, out_bias=bias, mlp_bias=mlp)


def _phi(f: Fields) -> Shape:
    if f.flag("qk_layernorm", False):
        raise ConfigError(
            "A phi config with qk_layernorm is not known here; no released model has it."
        )
    biases = _biases(True)
    return Shape(
        **_common(f), **biases, head_bias=True, gated=False, norm_vectors=2, norms_per_layer=1
    )


def _starcoder2(f: Fields) -> Shape:
    shape, bias = _common(f, tied=True), f.flag("use_bias", True)
    biases = _biases(bias)
    return Shape(**shape, **_window(f, shape), **biases, gated=False, norm_vectors=2)


def _cohere(f: Fields) -> Shape:
    shape, bias = _common(f, tied=True), f.flag("attention_bias", False)
    if f.flag("use_qk_norm", False):
        raise ConfigError(
            "A cohere config with use_qk_norm has a norm for each head, which is not known here."
        )
    return Shape(**shape, qkv_bias=bias, out_bias=bias, norms_per_layer=1)


def _gpt_neox(f: Fields) -> Shape:
    bias = f.flag("attention_bias", True)
    biases = {**_biases(True), "qkv_bias": bias, "out_bias": bias}
    return Shape(**_common(f), **biases, gated=False, norm_vectors=2)


def _gpt2(f: Fields) -> Shape:
    hidden, heads = f.whole("n_embd"), f.whole("n_head")
    positions = f.whole("n_positions", 1024)
    return Shape(
        name=f.text("_name_or_path", "") or "gpt2",
        layers=f.whole("n_layer"),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=f.head_dim(hidden, heads),
        ffn=f.whole("n_inner", 4 * hidden),
        vocab=f.whole("vocab_size"),
        gated=False,
        tied=f.flag("tie_word_embeddings", True),
        **_biases(True),
        norm_vectors=2,
        learned_positions=positions,
        context=positions,
    )


def _bloom(f: Fields) -> Shape:
    hidden = f.whole("hidden_size", f.whole("n_embed", 0))
    heads = f.whole("n_head", f.whole("num_attention_heads", 0))
    layers = f.whole("n_layer", f.whole("num_hidden_layers", 0))
    return Shape(
        name=f.text("_name_or_path", "") or "bloom",
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=f.head_dim(hidden, heads),
        ffn=4 * hidden,
        vocab=f.whole("vocab_size"),
        gated=False,
        tied=f.flag("tie_word_embeddings", True),
        **_biases(True),
        norm_vectors=2,
        outer_norms=2,
        context=f.whole("seq_length", 0),
    )


def _opt(f: Fields) -> Shape:
    hidden, heads = f.whole("hidden_size"), f.whole("num_attention_heads")
    bias = f.flag("enable_bias", True)
    before = f.flag("do_layer_norm_before", True)
    final = before and not f.flag("_remove_final_layer_norm", False)
    width = f.whole("word_embed_proj_dim", hidden)
    context = f.whole("max_position_embeddings")
    f.whole("intermediate_size", 0)  # what the library fills in itself
    return Shape(
        name=f.text("_name_or_path", "") or "opt",
        layers=f.whole("num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=f.head_dim(hidden, heads),
        ffn=f.whole("ffn_dim"),
        vocab=f.whole("vocab_size"),
        gated=False,
        tied=f.flag("tie_word_embeddings", True),
        **_biases(bias),
        norm_vectors=2 if f.flag("layer_norm_elementwise_affine", True) else 0,
        outer_norms=int(final),
        learned_positions=context + 2,
        embedding_width=0 if width == hidden else width,
        context=context,
    )


def _falcon(f: Fields) -> Shape:
    hidden = f.whole("hidden_size")
    heads = f.whole("num_attention_heads", f.whole("n_head", 0))
    new, one = f.flag("new_decoder_architecture", False), f.flag("multi_query", True)
    bias, parallel = f.flag("bias", False), f.flag("parallel_attn", True)
    shared = f.whole("num_kv_heads", heads) if new else (1 if one else heads)
    both = (new and f.whole("num_ln_in_parallel_attn", 2) == 2) or (not new and not parallel)
    f.flag("alibi", False)
    f.whole("intermediate_size", 0)  # what the library fills in itself
    f.whole("num_kv_heads", 0)
    return Shape(
        name=f.text("_name_or_path", "") or "falcon",
        layers=f.whole("num_hidden_layers", f.whole("n_layer", 0)),
        hidden=hidden,
        heads=heads,
        kv_heads=shared,
        head_dim=f.head_dim(hidden, heads),
        ffn=f.whole("ffn_hidden_size", 4 * hidden),
        vocab=f.whole("vocab_size"),
        gated=False,
        tied=f.flag("tie_word_embeddings", True),
        **_biases(bias),
        norm_vectors=2,
        norms_per_layer=2 if both else 1,
        context=f.whole("max_position_embeddings", 2048),
    )


def _deepseek(f: Fields, router_bias: bool) -> Shape:
    hidden, heads = f.whole("hidden_size"), f.whole("num_attention_heads")
    bias, width = f.flag("attention_bias", False), f.whole("moe_intermediate_size")
    layers = f.whole("num_hidden_layers")
    f.whole("num_key_value_heads", heads)  # every head has its own, made from the latent
    f.whole("qk_head_dim", 0)
    f.whole("head_dim", 0)
    if f.whole("moe_layer_freq", 1) != 1:
        raise ConfigError("A DeepSeek config with moe_layer_freq other than 1 is not known here.")
    return Shape(
        name=f.text("_name_or_path", "") or f.text("model_type", "deepseek"),
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=f.whole("qk_nope_head_dim"),
        ffn=f.whole("intermediate_size"),
        vocab=f.whole("vocab_size"),
        tied=f.flag("tie_word_embeddings", False),
        qkv_bias=bias,
        out_bias=bias,
        context=f.whole("max_position_embeddings", 0),
        latent=Latent(
            kv=f.whole("kv_lora_rank"),
            query=f.whole("q_lora_rank", 0),
            rope=f.whole("qk_rope_head_dim"),
            value=f.whole("v_head_dim"),
        ),
        experts=Experts(
            count=f.whole("n_routed_experts"),
            per_token=f.whole("num_experts_per_tok"),
            width=width,
            shared_width=f.whole("n_shared_experts", 0) * width,
            dense_layers=f.whole("first_k_dense_replace", 0),
            router_bias=router_bias,
        ),
    )


def _deepseek_v2(f: Fields) -> Shape:
    return _deepseek(f, router_bias=False)


def _deepseek_v3(f: Fields) -> Shape:
    return _deepseek(f, router_bias=True)


READERS: dict[str, Callable[[Fields], Shape]] = {
    "bloom": _bloom,
    "cohere": _cohere,
    "deepseek_v2": _deepseek_v2,
    "deepseek_v3": _deepseek_v3,
    "falcon": _falcon,
    "gemma": _gemma,
    "gemma2": _gemma2,
    "gemma3_text": _gemma3,
    "gpt2": _gpt2,
    "gpt_neox": _gpt_neox,
    "granite": _llama,
    "llama": _llama,
    "mistral": _mistral,
    "mixtral": _mixtral,
    "olmo2": _olmo2,
    "opt": _opt,
    "phi": _phi,
    "phi3": _mistral,
    "qwen2": _qwen2,
    "qwen2_moe": _qwen2_moe,
    "qwen3": _qwen3,
    "qwen3_moe": _qwen3_moe,
    "smollm3": _smollm3,
    "starcoder2": _starcoder2,
}
