"""Devices from a microcontroller to a car's computer, and what fits into their memory, time and power.

The peaks are published (course.facts); how much of a peak a model reaches is an assumption that the
reader sets. So every latency here is simulated: a bound by arithmetic or by memory, whichever is later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.edge.given import number
from course.facts.chips import chip
from course.facts.small_models import image_models, microcontrollers, quantized_models, tiny_models

# Assumed, and said so wherever they are shown: no published figure of the tables covers them.
MACS_PER_CYCLE = {
    "fp32": 0.5,
    "int8": 2.0,
}  # a Cortex-M4: one float MAC in two cycles, or two int16
MCU_WATTS = 0.05
PHONE_BATTERY_WH = 15.0
CAR_KMH = 100.0


@dataclass(frozen=True)
class Device:
    """What a model finds there.

    peaks: operations a second by precision (a multiply-accumulate is two). bandwidth: bytes a second
    of main memory, None where unknown. memory: bytes for the weights, None where unknown. watts: at
    full load, None where unknown. basis: where the figures come from and which are assumed.
    """

    name: str
    peaks: dict[str, float]
    bandwidth: float | None
    memory: float | None
    watts: float | None
    basis: str


@dataclass(frozen=True)
class Answer:
    """One inference: time in ms, what bounds it, and the energy in mJ (None: power unknown)."""

    ms: float
    bound: str
    millijoules: float | None


def run_on(
    device: Device, macs: float, weight_bytes: float, precision: str, reached: float
) -> Answer:
    """Time and energy of one inference at batch 1, reaching a share of the device's peak.

    Every weight is read once from memory. A device without the precision computes in the best that
    it has; memory traffic stays that of the stored weights.
    Raises ValueError unless 0 < reached <= 1 and the work is above 0.
    """
    number(reached, "reached", "be a share of the peak above 0 and up to 1", lambda v: 0 < v <= 1)
    number(macs, "macs", "be above 0", lambda v: v > 0)
    number(weight_bytes, "weight_bytes", "be 0 or more", lambda v: v >= 0)
    compute = 2 * macs / (usable_peak(device, precision) * reached)
    memory = weight_bytes / device.bandwidth if device.bandwidth else 0.0
    seconds = max(compute, memory)
    energy = None if device.watts is None else 1000 * seconds * device.watts
    return Answer(1000 * seconds, "memory" if memory > compute else "arithmetic", energy)


def usable_peak(device: Device, precision: str) -> float:
    """The peak for numbers of that precision; int8 may be computed in floats, not the other way.

    Raises ValueError for a device that cannot compute in it.
    """
    order = {"int8": ("int8", "fp16", "fp32"), "fp32": ("fp32", "fp16")}
    if precision not in order:
        raise ValueError(f"precision is fp32 or int8, not {precision!r}")
    for name in order[precision]:
        if name in device.peaks:
            return device.peaks[name]
    raise ValueError(
        f"{device.name} has no arithmetic for {precision}; it has {', '.join(device.peaks)}"
    )


def can(device: Device, precision: str) -> bool:
    """Whether the device computes in that precision at all."""
    try:
        return usable_peak(device, precision) > 0
    except ValueError:
        return False


def _from_chip(name: str, label: str, watts: float | None = None, note: str = "") -> Device:
    c = chip(name)
    peaks = dict(c.peaks)
    # A sparse peak is halved: ordinary weights have no pattern of zeros.
    if "int8" not in peaks and "int8" in c.sparse_peaks:
        peaks["int8"] = c.sparse_peaks["int8"] / 2
        note = "int8 peak: half of the published sparse one" + (f"; {note}" if note else "")
    known = {k: v for k, v in peaks.items() if k in ("fp32", "fp16", "int8")}
    memory = 1e9 * c.memory_gb if c.memory_gb else None
    basis = "; ".join(part for part in (c.cite, note) if part)
    return Device(
        label, known, c.bandwidth_gb_s and 1e9 * c.bandwidth_gb_s, memory, watts or c.tdp_w, basis
    )


@lru_cache
def devices() -> dict[str, Device]:
    """The devices of the lesson, by a short name, the smallest first."""
    found = {}
    for key, mcu in zip(("mcu", "mcu_small"), microcontrollers(), strict=True):
        peaks = {p: 2 * n * 1e6 * mcu.clock_mhz for p, n in MACS_PER_CYCLE.items()}
        found[key] = Device(
            f"microcontroller {mcu.name.split(' ')[0]}",
            peaks,
            None,
            1024 * mcu.flash_kib,
            MCU_WATTS,
            f"{mcu.cite}; assumed: {MACS_PER_CYCLE['int8']:g} int8 products a cycle, {MCU_WATTS} W",
        )
    found["pi5"] = _from_chip(
        "Raspberry Pi 5 (4x Cortex-A76 2.4 GHz)",
        "Raspberry Pi 5",
        8.0,
        "assumed: 8 W; peak derived",
    )
    found["coral"] = _from_chip("Google Coral Edge TPU", "Coral Edge TPU", note="int8 only")
    found["phone"] = _from_chip(
        "Qualcomm Hexagon (Snapdragon X Elite)",
        "laptop or phone NPU (Hexagon)",
        5.0,
        "a laptop's chip, standing for a phone's too; only int8 is tried; assumed: 5 W",
    )
    found["orin_nano"] = _from_chip(
        "NVIDIA Jetson Orin Nano 8GB", "robot: Jetson Orin Nano", note="only int8 is tried"
    )
    found["car"] = _from_chip(
        "NVIDIA Jetson AGX Orin 64GB", "car: Jetson AGX Orin", note="only int8 is tried"
    )
    return {
        key: found[key] for key in ("mcu_small", "mcu", "pi5", "coral", "phone", "orin_nano", "car")
    }


def metres(ms: float, kmh: float = CAR_KMH) -> float:
    """How far a vehicle moves in that time: km/h over 3.6 are metres a second."""
    return number(kmh, "kmh", "be a number") / 3.6 * number(ms, "ms", "be a number") / 1000


def answers_per_charge(millijoules: float, battery_wh: float = PHONE_BATTERY_WH) -> float:
    """Inferences until a battery of that size is empty, were nothing else running."""
    number(millijoules, "the energy of an inference", "be above 0 mJ", lambda v: v > 0)
    number(battery_wh, "the battery", "be above 0 Wh", lambda v: v > 0)
    return battery_wh * 3600 * 1000 / millijoules


_TINY_TASKS = {
    "KWS": "hearing a keyword",
    "VWW": "seeing a person",
    "IC": "naming a picture",
    "AD": "hearing a faulty machine",
    "IC2": "naming a picture",
}


@dataclass(frozen=True)
class TinyFit:
    """A published model for microcontrollers on one: does its int8 file fit into the flash?"""

    model: str
    task: str
    int8_bytes: float
    fits: dict[str, bool]

    def __str__(self) -> str:
        where = ", ".join(
            f"{name}: {'fits' if yes else 'too large'}" for name, yes in self.fits.items()
        )
        task = _TINY_TASKS.get(self.task, self.task)
        return f"{task} ({self.model}), {self.int8_bytes / 1024:.0f} KiB: {where}"


def tiny_fits(share: float = 0.8) -> tuple[TinyFit, ...]:
    """MLPerf Tiny's models against the two microcontrollers' flash, of which a share is free for them.

    Raises ValueError unless 0 < share <= 1.
    """
    number(share, "share", "lie above 0 and be at most 1", lambda v: 0 < v <= 1)
    return tuple(
        TinyFit(
            m.model,
            m.task.removeprefix("MLPerf Tiny "),
            m.int8_file_bytes,
            {
                c.name.split(" ")[0]: m.int8_file_bytes <= share * 1024 * c.flash_kib
                for c in microcontrollers()
            },
        )
        for m in tiny_models()
        if m.int8_file_bytes and m.verified
    )


@dataclass(frozen=True)
class Candidate:
    """A published model: its accuracy (% top-1), file (bytes) and products for one image."""

    name: str
    precision: str
    top1: float
    file_bytes: float
    macs: float


@lru_cache
def candidates() -> tuple[Candidate, ...]:
    """Every set of weights of the published tables, in float and, where there is one, in int8."""
    floats = [
        Candidate(m.name, "fp32", m.top1, 2**20 * m.file_mib, 1e9 * m.gmacs) for m in image_models()
    ]
    for q in quantized_models():
        macs = 1e9 * q.gmacs
        floats.append(Candidate(q.name, "fp32", q.fp32_top1, 2**20 * q.fp32_file_mib, macs))
        floats.append(Candidate(q.name, "int8", q.int8_top1, 2**20 * q.int8_file_mib, macs))
    return tuple(dict.fromkeys(floats))


@dataclass(frozen=True)
class Placed:
    """A candidate on a device: fits is False where memory, precision or deadline say no."""

    candidate: Candidate
    answer: Answer | None  # None: the device cannot compute in its precision
    fits_memory: bool
    in_time: bool
    on_front: bool

    @property
    def fits(self) -> bool:
        """Whether it could be shipped."""
        return self.answer is not None and self.fits_memory and self.in_time


def place(device: Device, deadline_ms: float, reached: float) -> tuple[Placed, ...]:
    """Every candidate on the device; on_front marks those that no other beats in both.

    A model is on the Pareto front if no model that the device can hold is at least as accurate and
    faster, or as fast and more accurate.
    """
    number(deadline_ms, "the deadline", "be above 0 ms", lambda v: v > 0)
    rows = []
    for c in candidates():
        answer = None
        if can(device, c.precision):
            answer = run_on(device, c.macs, c.file_bytes, c.precision, reached)
        fits = device.memory is None or c.file_bytes <= device.memory
        rows.append((c, answer, fits))
    running = [(a.ms, c.top1) for c, a, fits in rows if a is not None and fits]
    front = pareto(running)
    chosen = {running[n] for n in front}
    return tuple(
        Placed(
            c,
            a,
            fits,
            a is not None and a.ms <= deadline_ms,
            a is not None and fits and (a.ms, c.top1) in chosen,
        )
        for c, a, fits in rows
    )


def pareto(points: list[tuple[float, float]]) -> list[int]:
    """Indices of the points (cost, worth) that no other dominates, by rising cost."""
    order = sorted(range(len(points)), key=lambda n: (points[n][0], -points[n][1]))
    front: list[int] = []
    best = float("-inf")
    for n in order:
        if points[n][1] > best:
            front.append(n)
            best = points[n][1]
    return front
