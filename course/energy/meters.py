"""Measuring the energy of what runs here, with the method beside every figure.

Three roads, in this order: the processor's own counter (RAPL, where Linux lets us read it), NVIDIA's
counter for what runs on a GPU, and, where there is neither, a model: processor seconds times stated
watts. The first two are *measured*, the last is *modelled*; a reading says which, and what it leaves out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from course.energy.nvidia import NvidiaCounter, NvidiaMissing

JOULES_A_KWH = 3.6e6
MEASURED, MODELLED = "measured", "modelled"
# What a busy core is taken to draw where nothing can be measured: an assumption, not a measurement.
WATTS_A_CORE, LEAST_WATTS, MOST_WATTS = 6.0, 2.0, 20.0
POWERCAP = Path("/sys/class/powercap")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Reading:
    """Energy of one stretch of work.

    label: "measured" or "modelled". method: how, in words. scope: what is counted, and what is not.
    low and high: joules, by the range of the assumed watts where it is modelled; otherwise equal.
    """

    joules: float
    low: float
    high: float
    seconds: float
    cpu_seconds: float
    label: str
    method: str
    scope: str

    @property
    def kwh(self) -> float:
        """The same in kilowatt-hours."""
        return self.joules / JOULES_A_KWH

    @property
    def watts(self) -> float:
        """Mean power over the time by the clock."""
        return self.joules / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        between = f" ({self.low:.3g} to {self.high:.3g})" if self.low < self.high else ""
        return (
            f"{self.joules:.3g} J{between}, {self.label}: {self.method}\n"
            f"  {self.seconds:.3g} s by the clock, {self.cpu_seconds:.3g} s of processor time\n"
            f"  counted: {self.scope}"
        )

    __repr__ = __str__


class Counter(Protocol):
    """A running total of joules that the hardware keeps."""

    method: str
    scope: str

    def joules(self) -> float:
        """The total since some moment; only differences mean anything."""


class RaplMissing(RuntimeError):
    """This machine's processor has no energy counter that we may read; the message says why."""


class RaplCounter:
    """RAPL: what the processor itself counts, read from Linux's powercap files.

    Raises RaplMissing, with the reason, where there are none, or none that may be read.
    """

    method = "RAPL, the processor's own energy counter"
    scope = (
        "whole processor packages, all programs on them included; not mainboard, disks, screen or "
        "losses of the power supply"
    )

    def __init__(self, root: Path = POWERCAP) -> None:
        packages = sorted(
            folder
            for folder in (root.glob("*-rapl:*") if root.is_dir() else ())
            if (folder / "energy_uj").exists() and _is_package(folder)
        )
        if not packages:
            raise RaplMissing("this machine shows no RAPL counter (a virtual machine seldom does)")
        self._files = [folder / "energy_uj" for folder in packages]
        try:
            self._wrap = [
                int((folder / "max_energy_range_uj").read_text()) + 1 for folder in packages
            ]
            self._last = [self._read(file) for file in self._files]
        except PermissionError:
            raise RaplMissing(
                "the RAPL counter is there, but only an administrator may read it"
            ) from None
        except (OSError, ValueError) as error:
            raise RaplMissing(f"the RAPL counter cannot be read: {error}") from None
        self._total = 0

    @staticmethod
    def _read(file: Path) -> int:
        return int(file.read_text())

    def joules(self) -> float:
        """The total since this counter was made; a counter that began again at 0 is made up for."""
        for n, file in enumerate(self._files):
            now = self._read(file)
            self._total += (now - self._last[n]) % self._wrap[n]
            self._last[n] = now
        return self._total / 1e6


def _is_package(folder: Path) -> bool:
    """A whole package: its cores and memory are counted again below it, and "psys" counts it too."""
    try:
        return (folder / "name").read_text().startswith("package")
    except OSError:
        return False


class Meter:
    """Adds up the energy of the stretches of work that are run under it.

    device: "cpu" or "cuda". watts: what a busy core is taken to draw where nothing is measured.
    Raises ValueError for another device, watts that are not above 0, and a GPU that is not there.
    """

    def __init__(self, device: str = "cpu", watts: float = WATTS_A_CORE) -> None:
        if device not in ("cpu", "cuda"):
            raise ValueError(f"device must be 'cpu' or 'cuda', not {device!r}")
        if isinstance(watts, bool | str) or not 0 < watts < float("inf"):
            raise ValueError(f"watts must be a number above 0, not {watts!r}")
        self.watts = float(watts)
        self.missing = ""
        self._counter: Counter | None = None
        self._joules = self._seconds = self._cpu = 0.0
        try:
            self._counter = RaplCounter() if device == "cpu" else NvidiaCounter()
        except RaplMissing as reason:
            self.missing = str(reason)
        except NvidiaMissing as reason:
            raise ValueError(f"no energy of a GPU can be measured here: {reason}") from None

    @property
    def label(self) -> str:
        """ "measured" or "modelled"."""
        return MODELLED if self._counter is None else MEASURED

    def run(self, work: Callable[[], Result]) -> Result:
        """Do ``work`` and add its energy; what it returns is returned."""
        before = self._counter.joules() if self._counter else 0.0
        began, cpu = time.perf_counter(), time.process_time()
        try:
            return work()
        finally:
            self._cpu += time.process_time() - cpu
            self._seconds += time.perf_counter() - began
            if self._counter:
                self._joules += self._counter.joules() - before

    def reading(self) -> Reading:
        """All stretches so far."""
        if self._counter is not None:
            joules = (self._joules, self._joules, self._joules)
            method, scope = self._counter.method, self._counter.scope
        else:
            joules = _modelled(self._cpu, self.watts)
            method = f"processor seconds times an assumed {self.watts:g} W a busy core"
            scope = f"this program's own processor time; {self.missing}"
        return Reading(*joules, self._seconds, self._cpu, self.label, method, scope)


def _modelled(seconds: float, watts: float) -> tuple[float, float, float]:
    """Joules at the assumed watts, and at the least and the most that are plausible."""
    return seconds * watts, seconds * min(LEAST_WATTS, watts), seconds * max(MOST_WATTS, watts)


def measure(
    work: Callable[[], Any], device: str = "cpu", watts: float = WATTS_A_CORE
) -> tuple[Any, Reading]:
    """Do ``work`` once; what it returned, and the energy that it took, with the method.

    Raises what ``work`` raises, and ValueError as :class:`Meter` does.
    """
    meter = Meter(device, watts)
    result = meter.run(work)
    return result, meter.reading()


def available() -> list[tuple[str, str]]:
    """Each road and whether it is open on this machine, in words."""
    found = []
    roads: tuple[tuple[str, Callable[[], Counter]], ...] = (
        ("RAPL (processor)", RaplCounter),
        ("NVIDIA's counter (GPU)", NvidiaCounter),
    )
    for name, make in roads:
        try:
            make()
            found.append((name, "can be read: measured"))
        except (RaplMissing, NvidiaMissing) as reason:
            found.append((name, f"not here: {reason}"))
    found.append(("processor time x watts", "always: modelled"))
    return found
