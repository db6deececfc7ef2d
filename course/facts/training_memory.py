"""Memory of training as published: ZeRO's tables, Korthikanti's activations and recomputation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class ZeroMemory(Sourced):
    """ZeRO's Table 1: decimal gigabytes a device for weights, gradients and Adam's state.

    stage: 1 shards the optimizer's state, 2 the gradients too, 3 the weights too, over ``data``.
    """

    billion_parameters: float
    stage: float
    data: float
    gb_per_device: float


@dataclass(frozen=True, kw_only=True)
class ZeroOverview(Sourced):
    """ZeRO's Figure 1: the baseline and the three stages of one model on 64 devices."""

    configuration: str
    billion_parameters: float
    data: float
    formula: str
    gb_per_device: float


@dataclass(frozen=True, kw_only=True)
class ActivationFormula(Sourced):
    """Bytes of a layer's activations by configuration, as the paper writes them.

    s: sequence, b: micro-batch, h: hidden width, a: heads, t: tensor-parallel ranks.
    """

    configuration: str
    bytes_per_layer: str


@dataclass(frozen=True, kw_only=True)
class Recomputation(Sourced):
    """Seconds a step with full recomputation, and with sequence parallelism and a selective one."""

    model: str
    heads: float
    hidden: float
    layers: float
    tensor: float
    pipeline: float
    gpus: float
    batch: float
    micro_batch: float
    seconds_full: float | None
    seconds_selective: float | None
    throughput_increase_pct: float | None
    mfu_pct: float
    hfu_pct: float | None


@dataclass(frozen=True, kw_only=True)
class LayerTime(Sourced):
    """Milliseconds of one layer of the 22B model; overhead in percent of the baseline."""

    experiment: str
    forward_ms: float
    backward_ms: float
    combined_ms: float
    overhead_pct: float


@lru_cache
def zero_memory() -> tuple[ZeroMemory, ...]:
    """ZeRO, Table 1."""
    return rows(ZeroMemory, "zero_memory")


@lru_cache
def zero_overview() -> tuple[ZeroOverview, ...]:
    """ZeRO, Figure 1."""
    return rows(ZeroOverview, "zero_overview")


@lru_cache
def activation_formulas() -> tuple[ActivationFormula, ...]:
    """Korthikanti et al., Table 2 and section 4.1."""
    return rows(ActivationFormula, "activation_formulas")


@lru_cache
def recomputation() -> tuple[Recomputation, ...]:
    """Korthikanti et al., Tables 3 and 5, section 6."""
    return rows(Recomputation, "recomputation")


@lru_cache
def recomputation_layer() -> tuple[LayerTime, ...]:
    """Korthikanti et al., Table 4."""
    return rows(LayerTime, "recomputation_layer")
