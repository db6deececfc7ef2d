"""Energy and carbon of training as published: Patterson, Strubell, BLOOM, and what model cards say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class PattersonRun(Sourced):
    """A row of Patterson et al. 2021, Table 4.

    measured_w: a chip's mean power with its share of the server. gross, net: before and after the
    carbon-free energy that the operator bought. mwh includes PUE.
    """

    model: str
    billion_parameters: float
    pct_active: float
    processor: str
    tdp_w: float
    measured_w: float
    measured_tflops: float
    chips: float
    days: float
    flops: float
    pue: float
    gross_kg_per_kwh: float
    net_kg_per_kwh: float
    mwh: float
    gross_tco2e: float
    net_tco2e: float


@dataclass(frozen=True, kw_only=True)
class StrubellRun(Sourced):
    """A row of Strubell et al. 2019, Table 3; power_w is of all the row's hardware, before PUE."""

    model: str
    hardware: str
    power_w: float
    hours: float
    pue: float
    co2_lbs: float
    cloud_usd_low: float
    cloud_usd_high: float


@dataclass(frozen=True, kw_only=True)
class Life(Sourced):
    """What a person's year was held to emit, in pounds of CO2 equivalent."""

    name: str
    co2_lbs: float


@dataclass(frozen=True, kw_only=True)
class BloomFigure(Sourced):
    """A figure of BLOOM's account, Luccioni et al. 2022: ``value`` in ``unit``."""

    quantity: str
    value: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class BloomRow(Sourced):
    """A row of the comparison in Luccioni et al. 2022, Table 4."""

    model: str
    params: str
    pue: float
    g_per_kwh: float
    mwh: float
    tco2: float
    tco2_with_pue: float


@dataclass(frozen=True, kw_only=True)
class ModelCard(Sourced):
    """What a model's card or paper says of its training; None where it is silent."""

    model: str
    gpu_hours: float | None
    w_per_gpu: float | None
    pue: float | None
    kg_per_kwh: float | None
    mwh: float | None
    tco2e: float | None


@lru_cache
def patterson() -> tuple[PattersonRun, ...]:
    """Patterson et al. 2021, Table 4."""
    return rows(PattersonRun, "patterson_energy")


@lru_cache
def strubell() -> tuple[StrubellRun, ...]:
    """Strubell et al. 2019, Table 3."""
    return rows(StrubellRun, "strubell_energy")


@lru_cache
def lives() -> tuple[Life, ...]:
    """Strubell et al. 2019, Table 1: two of its everyday equivalents."""
    return rows(Life, "strubell_lives")


@lru_cache
def bloom() -> tuple[BloomFigure, ...]:
    """The parts of BLOOM's account."""
    return rows(BloomFigure, "bloom_energy")


@lru_cache
def bloom_comparison() -> tuple[BloomRow, ...]:
    """BLOOM beside three other models."""
    return rows(BloomRow, "bloom_comparison")


@lru_cache
def model_cards() -> tuple[ModelCard, ...]:
    """Every card of the table, in its order."""
    return rows(ModelCard, "model_card_energy")


def bloom_figure(quantity: str) -> BloomFigure:
    """BLOOM's figure of that name; raises KeyError, which lists the names, for an unknown one."""
    for figure in bloom():
        if figure.quantity == quantity:
            return figure
    raise KeyError(f"no figure {quantity!r}; there are {[f.quantity for f in bloom()]}")


def patterson_run(model: str) -> PattersonRun:
    """Patterson's row of that model; raises KeyError, which lists the models, for an unknown one."""
    for run in patterson():
        if run.model == model:
            return run
    raise KeyError(f"no run {model!r}; there are {[run.model for run in patterson()]}")


def strubell_run(model: str) -> StrubellRun:
    """Strubell's row of that model; raises KeyError, which lists the models, for an unknown one."""
    for run in strubell():
        if run.model == model:
            return run
    raise KeyError(f"no run {model!r}; there are {[run.model for run in strubell()]}")
