"""Language models with every detail that their parameter counts need; and sizes printed rounded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class LanguageModel(Sourced):
    """A decoder-only transformer; None where a thing does not exist or the source is silent.

    ffn: width between the matrices of a dense feed-forward part, three of them where ``gated``,
    else two. experts: routed ones, of width expert_ffn; the first dense_layers layers have none;
    router_bias: one number an expert balances their load.
    qk_norm: "head" (one weight for each number of a head), "width" (of the whole width) or empty.
    query_latent, kv_latent, rope_dim, value_dim: multi-head latent attention; head_dim is then the
    part of a head without rotary positions. embedding_width: of the table of tokens, where it is
    not ``hidden``, two matrices go between. parameters: the exact published count.
    """

    model: str
    family: str
    layers: float
    hidden: float
    heads: float
    kv_heads: float
    head_dim: float
    ffn: float
    gated: bool
    experts: float | None
    experts_per_token: float | None
    shared_experts: float | None
    expert_ffn: float | None
    dense_layers: float | None
    router_bias: bool
    vocab: float
    tied: bool
    qkv_bias: bool
    attention_out_bias: bool
    mlp_bias: bool
    head_bias: bool
    layer_norm: bool
    norms_per_layer: float
    norms_outside_layers: float
    qk_norm: str
    query_latent: float | None
    kv_latent: float | None
    rope_dim: float | None
    value_dim: float | None
    learned_positions: float
    embedding_width: float
    context: float | None
    parameters: float | None
    nonembedding_parameters: float | None
    active_parameters: float | None


@dataclass(frozen=True, kw_only=True)
class RoundedModel(Sourced):
    """A model whose paper prints its parameters rounded; the feed-forward part is 4 times as wide."""

    model: str
    parameters: float
    layers: float
    hidden: float
    heads: float
    kv_heads: float
    head_dim: float
    gated: bool
    batch_tokens: float | None
    learning_rate: float | None


@lru_cache
def language_models() -> tuple[LanguageModel, ...]:
    """Every model of the table, in its order."""
    return rows(LanguageModel, "language_models")


@lru_cache
def rounded_models() -> tuple[RoundedModel, ...]:
    """The sizes of GPT-3, Chinchilla and PaLM as their papers print them."""
    return rows(RoundedModel, "rounded_models")
