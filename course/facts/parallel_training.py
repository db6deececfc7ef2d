"""Training over many chips as published: Megatron-LM, Megatron-Core, Llama 3, MFU, MLPerf's GPT-3."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class MegatronRun(Sourced):
    """A GPT on A100s (2021, Table 1): how it was split, and what each GPU reached.

    tflops_per_gpu: 1e12 operations a second, those of recomputation included; batch: sequences of
    2,048 tokens in all, micro_batch: at once; the vocabulary has 51,200 tokens.
    """

    billion_parameters: float
    heads: float
    hidden: float
    layers: float
    tensor: float
    pipeline: float
    data: float
    gpus: float
    batch: float
    micro_batch: float
    tflops_per_gpu: float
    pct_of_peak: float
    aggregate_pflops: float


@dataclass(frozen=True, kw_only=True)
class MegatronComparison(Sourced):
    """The same paper's Table 2: its own plans (PTD) and ZeRO-3 on two models.

    model_parallel: tensor times pipeline ranks; days: for 300 billion tokens.
    """

    scheme: str
    billion_parameters: float
    model_parallel: float
    batch: float
    gpus: float
    micro_batch: float
    tflops_per_gpu: float
    days_for_300b_tokens: float


@dataclass(frozen=True, kw_only=True)
class MegatronCoreRun(Sourced):
    """A GPT on H100s: sequences of 4,096 tokens, a vocabulary of 131,072."""

    model: str
    heads: float
    hidden: float
    layers: float
    tensor: float
    pipeline: float
    data: float
    gpus: float
    batch: float
    tflops_per_gpu: float
    mfu_pct: float
    aggregate_pflops: float


@dataclass(frozen=True, kw_only=True)
class Llama3Run(Sourced):
    """A stage of Llama 3 405B's training on H100s; context: ranks that share a sequence."""

    gpus: float
    tensor: float
    context: float
    pipeline: float
    data: float
    sequence: float
    batch_per_replica: float
    million_tokens_per_batch: float
    tflops_per_gpu: float
    mfu_pct: float


@dataclass(frozen=True, kw_only=True)
class Utilization(Sourced):
    """Model and hardware FLOPs utilisation in percent of peak; None where the source is silent."""

    model: str
    billion_parameters: float
    accelerator: str
    n_accelerators: float | None
    mfu_pct: float | None
    hfu_pct: float | None
    tflops_per_gpu: float | None
    tokens_per_s: float | None


@dataclass(frozen=True, kw_only=True)
class MlperfEntry(Sourced):
    """An entry of MLPerf Training v3.1, GPT-3 175B: minutes of three runs to the target."""

    submitter: str
    accelerator: str
    n_accelerators: float
    run1_min: float
    run2_min: float
    run3_min: float
    global_batch: float | None

    @property
    def minutes(self) -> float:
        """The mean of the three runs."""
        return (self.run1_min + self.run2_min + self.run3_min) / 3


@dataclass(frozen=True, kw_only=True)
class MlperfPlan(Sourced):
    """How such an entry on H100s was split, and what its log says of its first run."""

    n_accelerators: float
    tensor: float
    pipeline: float
    micro_batch: float
    trained_tokens: float
    tokens_per_s: float


@dataclass(frozen=True, kw_only=True)
class MegatronCoreStrong(Sourced):
    """The same GPT-3 and the same batch on more and more H100s: Megatron-Core's 177B row's model."""

    gpus: float
    batch: float
    mfu_pct: float


@lru_cache
def megatron_scaling() -> tuple[MegatronRun, ...]:
    """Megatron-LM 2021, Table 1, in its order."""
    return rows(MegatronRun, "megatron_scaling")


@lru_cache
def megatron_against_zero3() -> tuple[MegatronComparison, ...]:
    """Megatron-LM 2021, Table 2, in its order."""
    return rows(MegatronComparison, "megatron_against_zero3")


@lru_cache
def megatron_core() -> tuple[MegatronCoreRun, ...]:
    """Megatron-Core's table on H100."""
    return rows(MegatronCoreRun, "megatron_core")


@lru_cache
def llama3_parallelism() -> tuple[Llama3Run, ...]:
    """Llama 3, Table 4."""
    return rows(Llama3Run, "llama3_parallelism")


@lru_cache
def utilization() -> tuple[Utilization, ...]:
    """Published utilisations: PaLM's table, Korthikanti's, BLOOM's and others."""
    return rows(Utilization, "utilization")


@lru_cache
def mlperf_gpt3() -> tuple[MlperfEntry, ...]:
    """MLPerf Training v3.1's entries for GPT-3."""
    return rows(MlperfEntry, "mlperf_gpt3")


@lru_cache
def mlperf_plans() -> tuple[MlperfPlan, ...]:
    """The plans and the speed of MLPerf's entries on H100s, from their configurations and logs."""
    return rows(MlperfPlan, "mlperf_plans")


@lru_cache
def megatron_core_strong() -> tuple[MegatronCoreStrong, ...]:
    """Megatron-Core's strong scaling on H100, its ends."""
    return rows(MegatronCoreStrong, "megatron_core_strong")
