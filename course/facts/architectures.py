"""Shapes of published language models, with the exact count of their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Architecture(Sourced):
    """A decoder-only transformer; a model without experts has None of them.

    ffn: width between the matrices of the feed-forward part, three of them where ``gated``, else
    two. biased: every linear layer but the head has a bias and the norms are LayerNorms; else
    none has, and they are RMSNorms. learned_positions: rows of the table of positions, 0 for none.
    """

    model: str
    layers: float
    hidden: float
    heads: float
    kv_heads: float
    ffn: float
    gated: bool
    experts: float | None
    experts_per_token: float | None
    vocab: float
    tied: bool
    biased: bool
    learned_positions: float
    context: float
    parameters: float
    active_parameters: float | None


@lru_cache
def architectures() -> tuple[Architecture, ...]:
    """Every model of the table, in its order."""
    return rows(Architecture, "architectures")


def architecture(model: str) -> Architecture:
    """The model of that name; raises KeyError, which lists the names, for an unknown one."""
    for found in architectures():
        if found.model == model:
            return found
    raise KeyError(f"no architecture {model!r}; there are {[a.model for a in architectures()]}")
