"""The first Tensor Processing Unit: six applications, latency limits and means, from its paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Application(Sourced):
    """One of the six; ..._pct are percent.

    macs_per_weight_byte: multiplications with their additions for each byte of weights read (the
    paper's "ops" there; two operations here). tops_achieved: 1e12 operations a second, two to each of
    those. array_active, weight_stall, weight_shift, non_matrix: shares of cycles. useful_macs: the
    part of the array's peak. gpu_vs_cpu and the rest: inferences a second as a ratio.
    """

    name: str
    lines_of_code: float
    layers: float
    million_weights: float
    macs_per_weight_byte: float
    batch: float
    deployed_pct: float
    tops_achieved: float
    array_active_pct: float
    useful_macs_pct: float
    weight_stall_pct: float
    weight_shift_pct: float
    non_matrix_pct: float
    host_time_pct: float
    gpu_vs_cpu: float
    tpu_vs_cpu: float
    tpu_vs_gpu: float


@dataclass(frozen=True, kw_only=True)
class Latency(Sourced):
    """MLP0 on a processor at a batch size: the 99th percentile, and what that leaves of the most."""

    processor: str
    batch: float
    p99_latency_ms: float
    inferences_per_s: float
    pct_of_max: float


@dataclass(frozen=True, kw_only=True)
class Mean(Sourced):
    """A mean of the six applications' ratios."""

    quantity: str
    value: float


@lru_cache
def applications() -> tuple[Application, ...]:
    """The six applications, in the paper's order."""
    return rows(Application, "tpu_v1_applications")


@lru_cache
def latencies() -> tuple[Latency, ...]:
    """Six pairs of processor and batch size."""
    return rows(Latency, "tpu_v1_latency")


@lru_cache
def means() -> tuple[Mean, ...]:
    """Geometric and weighted means."""
    return rows(Mean, "tpu_v1_means")
