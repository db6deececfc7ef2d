"""Adapting large models as published: trainable parameters, accuracy and memory of LoRA and QLoRA."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class LoraCount(Sourced):
    """One way of adapting GPT-3 175B: parameters trained, and scores in percent.

    layers, width: GPT-3's own, so that each of its attention matrices is width x width. matrices: of
    each layer's attention, how many got LoRA; rank: LoRA's. None where there is none.
    """

    method: str
    layers: float
    width: float
    matrices: float | None
    rank: float | None
    trainable: float
    wikisql_pct: float
    mnli_pct: float
    rouge_1: float | None
    rouge_2: float | None
    rouge_l: float | None


@dataclass(frozen=True, kw_only=True)
class AdaptationMemory(Sourced):
    """Memory of a model, or of training it, in ``unit``; ``bound`` says where it is only a limit."""

    what: str
    model: str
    billion_parameters: float | None
    method: str
    bits: float
    value: float
    bound: str
    unit: str


@lru_cache
def lora_counts() -> tuple[LoraCount, ...]:
    """LoRA's Tables 4 and 5."""
    return rows(LoraCount, "lora_counts")


@lru_cache
def adaptation_memory() -> tuple[AdaptationMemory, ...]:
    """LoRA's section 4.2; QLoRA's introduction, section 3, Tables 1 and 6."""
    return rows(AdaptationMemory, "adaptation_memory")
