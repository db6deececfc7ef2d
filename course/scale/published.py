"""The published models of `course.facts` as shapes, found by name."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from course.facts.language_models import LanguageModel, language_models, rounded_models
from course.facts.training_memory import recomputation
from course.scale.shapes import Experts, Latent, Shape


@lru_cache
def models() -> dict[str, Shape]:
    """Every published model by name, in the table's order."""
    return {row.model: _shape(row) for row in language_models()}


def model(name: str) -> Shape:
    """The published model of that name, capitals aside.

    Raises KeyError, which names the nearest, for an unknown one.
    """
    known = {found.lower(): found for found in models()}
    wanted = str(name).strip().lower()
    if wanted in known:
        return models()[known[wanted]]
    parts = [full for low, full in known.items() if wanted and wanted in low]
    near = parts or [known[low] for low in get_close_matches(wanted, known, 3, 0.4)]
    if near:
        hint = f"the nearest: {', '.join(map(repr, near[:4]))}"
    else:
        hint = f"there are {len(known)}, from {next(iter(models()))!r} on: list(published.models())"
    raise KeyError(f"no published model {name!r}; {hint}")


def row_of(name: str) -> LanguageModel:
    """The published row behind a model, with its source and its exact count."""
    found = model(name).name
    return next(row for row in language_models() if row.model == found)


def gpt(name: str, layers: int, hidden: int, heads: int, vocab: int, positions: int) -> Shape:
    """A GPT as GPT-2 to Megatron's are built: learned positions, biases, a tied head, width 4."""
    return Shape(
        name=name,
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=hidden // heads,
        ffn=4 * hidden,
        vocab=vocab,
        gated=False,
        tied=True,
        qkv_bias=True,
        out_bias=True,
        mlp_bias=True,
        norm_vectors=2,
        learned_positions=positions,
        context=positions,
    )


@lru_cache
def gpts() -> dict[str, Shape]:
    """The GPTs whose memory Korthikanti et al. published: 2,048 positions, 51,200 tokens."""
    (third,) = [row for row in rounded_models() if row.model == "GPT-3 175B"]
    large = [(r.model, r.layers, r.hidden, r.heads) for r in recomputation() if r.seconds_full]
    rows = [large[0], ("175B (GPT-3)", third.layers, third.hidden, third.heads), *large[1:]]
    return {
        f"GPT {n}": gpt(f"GPT {n}", int(a), int(b), int(c), 51_200, 2_048) for n, a, b, c in rows
    }


def _shape(row: LanguageModel) -> Shape:
    experts = latent = None
    if row.experts and row.expert_ffn and row.experts_per_token:
        experts = Experts(
            count=int(row.experts),
            per_token=int(row.experts_per_token),
            width=int(row.expert_ffn),
            shared_width=int((row.shared_experts or 0) * row.expert_ffn),
            dense_layers=int(row.dense_layers or 0),
            router_bias=row.router_bias,
        )
    if row.kv_latent and row.rope_dim and row.value_dim:
        latent = Latent(
            kv=int(row.kv_latent),
            query=int(row.query_latent or 0),
            rope=int(row.rope_dim),
            value=int(row.value_dim),
        )
    return Shape(
        name=row.model,
        layers=int(row.layers),
        hidden=int(row.hidden),
        heads=int(row.heads),
        kv_heads=int(row.kv_heads),
        head_dim=int(row.head_dim),
        ffn=int(row.ffn),
        vocab=int(row.vocab),
        gated=row.gated,
        tied=row.tied,
        qkv_bias=row.qkv_bias,
        out_bias=row.attention_out_bias,
        mlp_bias=row.mlp_bias,
        head_bias=row.head_bias,
        norm_vectors=2 if row.layer_norm else 1,
        norms_per_layer=int(row.norms_per_layer),
        outer_norms=int(row.norms_outside_layers),
        qk_norm=row.qk_norm,
        learned_positions=int(row.learned_positions),
        embedding_width=0 if row.embedding_width == row.hidden else int(row.embedding_width),
        context=int(row.context or 0),
        experts=experts,
        latent=latent,
    )
