"""Published figures of models for phones and smaller: size, work, accuracy, in float and in int8."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class ImageModel(Sourced):
    """One set of weights of an ImageNet classifier.

    gmacs: 1e9 multiply-accumulates for one image. top1, top5: accuracy in percent. file_mib: 2**20
    bytes.
    """

    name: str
    weights: str
    params: float
    gmacs: float
    top1: float
    top5: float
    file_mib: float


@dataclass(frozen=True, kw_only=True)
class QuantizedModel(Sourced):
    """An ImageNet classifier in float and, from the same weights, in int8; units as in ImageModel."""

    name: str
    int8_weights: str
    fp32_weights: str
    params: float
    gmacs: float
    fp32_top1: float
    int8_top1: float
    fp32_file_mib: float
    int8_file_mib: float

    @property
    def drop(self) -> float:
        """Points of accuracy that int8 costs: a difference of two published figures."""
        return self.fp32_top1 - self.int8_top1


@dataclass(frozen=True, kw_only=True)
class MobileQuantization(Sourced):
    """Accuracy (percent), time (ms) and size (MB): float, quantized after training, aware of it."""

    name: str
    top1_float: float
    top1_after: float
    top1_aware: float | None
    latency_ms_float: float
    latency_ms_after: float
    latency_ms_aware: float | None
    size_mb_float: float
    size_mb_int8: float


@dataclass(frozen=True, kw_only=True)
class MobilePaper(Sourced):
    """A model as its paper prints it: 1e6 parameters, 1e6 multiply-accumulates, percent, ms."""

    name: str
    params_millions: float
    macs_millions: float | None
    top1: float
    latency_ms: float | None


@dataclass(frozen=True, kw_only=True)
class TinyModel(Sourced):
    """A model for microcontrollers: what it must reach, and its size in bytes."""

    task: str
    model: str
    metric: str
    value: float
    fp32_file_bytes: float | None
    int8_file_bytes: float | None


@dataclass(frozen=True, kw_only=True)
class Microcontroller(Sourced):
    """A microcontroller: clock in MHz, memory for numbers (RAM) and programs (flash) in KiB."""

    name: str
    core: str
    clock_mhz: float
    ram_kib: float
    flash_kib: float


@lru_cache
def image_models() -> tuple[ImageModel, ...]:
    """ImageNet classifiers in torchvision, one row a set of weights."""
    return rows(ImageModel, "image_models")


@lru_cache
def quantized_models() -> tuple[QuantizedModel, ...]:
    """ImageNet classifiers in torchvision that come in int8 too."""
    return rows(QuantizedModel, "quantized_models")


@lru_cache
def mobile_quantization() -> tuple[MobileQuantization, ...]:
    """TensorFlow Lite's table of quantization after and during training."""
    return rows(MobileQuantization, "mobile_quantization")


@lru_cache
def mobile_papers() -> tuple[MobilePaper, ...]:
    """Models for phones, as their papers print them."""
    return rows(MobilePaper, "mobile_papers")


@lru_cache
def tiny_models() -> tuple[TinyModel, ...]:
    """Models for microcontrollers."""
    return rows(TinyModel, "tiny_models")


@lru_cache
def microcontrollers() -> tuple[Microcontroller, ...]:
    """Microcontrollers, by board."""
    return rows(Microcontroller, "microcontrollers")
