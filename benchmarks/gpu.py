"""Child process: the four workloads on one device, scratch beside PyTorch, checked and interleaved.

    python benchmarks/gpu.py [--device cuda] [--workloads a b c d] [--rounds N]

Steps are queued on a GPU, so a clock is read only after `synchronize`. Prints one line of JSON: the
device, and a record for each workload and engine; or, where there is no GPU, what is missing.
"""

from __future__ import annotations

import argparse
import json
import time
from statistics import median
from typing import Any

import numpy as np
import torch
from workloads import WORKLOADS, Training

from course import scratch

ENGINES: dict[str, Any] = {"scratch": scratch, "torch": torch}


class Placed:
    """An engine that puts the workloads' batches on a device."""

    def __init__(self, engine: Any, device: str) -> None:
        self._engine, self._device = engine, device

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def from_numpy(self, array: np.ndarray) -> Any:
        return self._engine.from_numpy(array).to(self._device)

    def arange(self, end: int) -> Any:
        return self._engine.arange(end, device=self._device)


def missing(device: str) -> str | None:
    """Why nothing can be measured on `device`, or None."""
    if device == "cpu":
        return None
    try:
        scratch.ones(1, device=device)
    except RuntimeError as error:
        return f"scratch: {error}"
    return None if torch.cuda.is_available() else "torch: this build or machine has no CUDA"


def build(engine: str, workload: str, device: str) -> Training:
    """A workload with its model on the device."""
    training = WORKLOADS[workload](Placed(ENGINES[engine], device))
    training.model.to(device)
    return training


def gradients(training: Training) -> list[np.ndarray]:
    """The gradients of a first step, on the CPU."""
    training.step()
    return [p.grad.cpu().numpy() for p in training.model.parameters()]


def timed(engine: str, training: Training, device: str, steps: int) -> float:
    """Seconds a step."""
    wait = ENGINES[engine].cuda.synchronize if device != "cpu" else lambda: None
    wait()
    began = time.perf_counter()
    for _ in range(steps):
        training.step()
    wait()
    return (time.perf_counter() - began) / steps


def measure(workload: str, device: str, rounds: int) -> list[dict[str, Any]]:
    """A record for each engine: median and all milliseconds a step."""
    programs = {engine: build(engine, workload, device) for engine in ENGINES}
    pairs = zip(*(gradients(program) for program in programs.values()), strict=True)
    worst = max(float(np.abs(mine - its).max()) for mine, its in pairs)
    if not worst < 1e-3:
        raise RuntimeError(f"workload {workload}: gradients differ by {worst} between the engines")
    steps = {}
    for engine, program in programs.items():
        timed(engine, program, device, 3)  # kernels are compiled in the first steps
        steps[engine] = max(2, round(0.2 / timed(engine, program, device, 3)))
    found: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    for number in range(rounds):
        for engine in list(ENGINES)[:: 1 if number % 2 else -1]:
            seconds = timed(engine, programs[engine], device, steps[engine])
            found[engine].append(round(seconds * 1e3, 4))
    return [
        {"workload": workload, "engine": engine, "ms": median(ms), "all_ms": ms}
        for engine, ms in found.items()
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    result: dict[str, Any] = {"device": given.device, "gpu": []}
    if words := missing(given.device):
        result["missing"] = words
    else:
        if given.device == "cuda":
            result["name"] = torch.cuda.get_device_name()
        for workload in given.workloads:
            result["gpu"] += measure(workload, given.device, given.rounds)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
