"""NVIDIA's energy counter, read from the driver's own library (NVML) without a package of Python's."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_LIBRARIES = ("nvml.dll",) if sys.platform == "win32" else ("libnvidia-ml.so.1",)
_NOT_SUPPORTED = 3  # NVML_ERROR_NOT_SUPPORTED


class NvidiaMissing(RuntimeError):
    """No energy of an NVIDIA GPU can be read here; the message says why."""


class NvidiaCounter:
    """The joules that GPU ``index`` has used, as its driver counts them.

    Raises NvidiaMissing, with the reason, where there is no driver, no such GPU or no counter.
    """

    method = "NVIDIA's energy counter (NVML)"
    scope = "the whole GPU board, all programs on it included; not the processor and not the server"

    def __init__(self, index: int = 0, library: Any = None) -> None:
        self._nvml = library if library is not None else _load()
        if self._nvml.nvmlInit_v2() != 0:
            raise NvidiaMissing("NVIDIA's driver does not answer")
        self._device = ctypes.c_void_p()
        if self._nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(self._device)) != 0:
            raise NvidiaMissing(f"there is no GPU number {index}")
        self.joules()

    def joules(self) -> float:
        """The total since the driver was loaded; only differences mean anything."""
        millijoules = ctypes.c_ulonglong()
        ask = self._nvml.nvmlDeviceGetTotalEnergyConsumption
        status = ask(self._device, ctypes.byref(millijoules))
        if status != 0:
            old = "this GPU keeps no energy counter (Volta and later do)"
            why = old if status == _NOT_SUPPORTED else f"NVML error {status}"
            raise NvidiaMissing(why)
        return millijoules.value / 1000


def _load() -> Any:
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise NvidiaMissing("no NVIDIA driver is installed")
