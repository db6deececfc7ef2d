"""Published training runs of language models: size, tokens, machines, hours, cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class TrainingRun(Sourced):
    """One run; None where the source is silent.

    billion_...: times 1e9. accelerator_hours: hours times accelerators. days: of wall-clock time.
    n_accelerators: how many ran at once. published_flops: floating-point operations in all.
    tflops_per_gpu: achieved, in 1e12 operations a second. mfu_pct: model FLOPs utilisation, percent.
    cost_usd: United States dollars.
    """

    model: str
    org: str
    billion_parameters: float | None
    billion_active_parameters: float | None
    billion_tokens: float | None
    accelerator: str
    n_accelerators: float | None
    accelerator_hours: float | None
    days: float | None
    published_flops: float | None
    tflops_per_gpu: float | None
    mfu_pct: float | None
    cost_usd: float | None


@lru_cache
def training_runs() -> tuple[TrainingRun, ...]:
    """Every run of the table, in its order."""
    return rows(TrainingRun, "training_runs")


def training_run(model: str) -> TrainingRun:
    """The run of that name; raises KeyError, which lists the names, for an unknown one."""
    for run in training_runs():
        if run.model == model:
            return run
    raise KeyError(f"no training run {model!r}; there are {[run.model for run in training_runs()]}")
