"""The language models whose shape a dozen numbers tell, out of the table of all language models."""

from __future__ import annotations

from functools import lru_cache

from course.facts.language_models import LanguageModel, language_models


@lru_cache
def architectures() -> tuple[LanguageModel, ...]:
    """The plain ones, with a published count of parameters, in the order of the table.

    Plain: everywhere biases and LayerNorms or neither, two norms a layer and one after the last,
    heads that together are as wide as the model; no shared experts, layers of another kind, latent
    attention or norms within the attention.
    """
    return tuple(model for model in language_models() if model.parameters and _is_plain(model))


def architecture(model: str) -> LanguageModel:
    """The plain model of that name; raises KeyError, which lists the names, for an unknown one."""
    for found in architectures():
        if found.model == model:
            return found
    raise KeyError(f"no architecture {model!r}; there are {[a.model for a in architectures()]}")


def _is_plain(m: LanguageModel) -> bool:
    return (
        m.qkv_bias == m.attention_out_bias == m.mlp_bias == m.layer_norm
        and (m.norms_per_layer, m.norms_outside_layers) == (2, 1)
        and m.heads * m.head_dim == m.hidden == m.embedding_width
        and m.expert_ffn in (None, m.ffn)
        and m.context is not None
        and not any((m.head_bias, m.router_bias, m.qk_norm, m.shared_experts, m.dense_layers))
        and m.kv_latent is None
    )
