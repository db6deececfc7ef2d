"""One workload on one engine, as the benchmark drives it, and the check that it computes the same."""

from __future__ import annotations

import importlib
import shutil
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from workloads import WORKLOADS, Arrays, Training, first_weights

STEPS = 3  # training steps of the check, so that a wrong optimizer shows
TOLERANCE = 1e-4  # of the largest gradient of a parameter; float32 rounding stays well under it


class Program(Protocol):
    """A workload on an engine, at its first weights."""

    def step(self) -> Any:
        """One training step; it may still be running when this returns."""

    def wait(self) -> None:
        """Return when every step begun has ended."""

    def reset(self) -> None:
        """Put the first weights back, so that every block of steps does the same work."""

    def loss_and_gradients(self) -> tuple[float, Arrays]:
        """Loss at the present weights, and its gradients by PyTorch's parameter names."""


class Absent(Exception):
    """This engine cannot be measured here; the message says why, in a word or two."""


class Modules:
    """A program of an engine with PyTorch's names."""

    def __init__(self, engine: Any, training: Training, workload: str) -> None:
        self._training = training
        first = first_weights(workload)
        self._first = {name: engine.from_numpy(array) for name, array in first.items()}
        self.step = training.step

    def wait(self) -> None:
        pass  # on a CPU these engines have ended when they return

    def reset(self) -> None:
        self._training.model.load_state_dict(self._first)

    def loss_and_gradients(self) -> tuple[float, Arrays]:
        self._training.optimizer.zero_grad()
        loss = self._training.loss()
        loss.backward()
        parameters = self._training.model.named_parameters()
        return float(loss.item()), {name: p.grad.numpy().copy() for name, p in parameters}


def build(engine: str, workload: str) -> Program:
    """The program of a workload on an engine of the catalogue; raises Absent where there is none."""
    if engine == "scratch":
        from course import scratch

        return Modules(scratch, WORKLOADS[workload](scratch), workload)
    try:
        if not engine.startswith("torch"):
            return importlib.import_module(f"rivals.{engine}").program(workload)
        import torch
    except ModuleNotFoundError as missing:
        raise Absent(f"{str(missing.name).partition('.')[0]} is not installed") from missing
    training = WORKLOADS[workload](torch, **({"fused": True} if engine == "torch-fused" else {}))
    if engine == "torch-compile":
        if not any(map(shutil.which, ("g++", "clang++", "cl"))):
            raise Absent("no C++ compiler")
        training = replace(training, loss=torch.compile(training.loss))
    return Modules(torch, training, workload)


class Answers(NamedTuple):
    """What a program computed: loss and gradients at the first weights, loss after `STEPS` steps."""

    loss: float
    gradients: Arrays
    later: float


def answers(program: Program) -> Answers:
    """Run a fresh program far enough to compare it; leaves it at the first weights."""
    loss, gradients = program.loss_and_gradients()
    for _ in range(STEPS):
        program.step()
    later, _ = program.loss_and_gradients()
    program.reset()
    return Answers(loss, gradients, later)


def disagreement(mine: Answers, reference: Answers) -> str:
    """What differs by more than float32 rounding from the reference, in words; empty for nothing."""
    for name, a, b in (
        ("loss", mine.loss, reference.loss),
        (f"loss after {STEPS} steps", mine.later, reference.later),
    ):
        if not abs(a - b) <= TOLERANCE * abs(b):  # said so that NaN disagrees
            return f"{name} is {a:.7g}, not {b:.7g}"
    if missing := reference.gradients.keys() ^ mine.gradients.keys():
        return f"gradients of {', '.join(sorted(missing))} on one side only"
    largest = max(float(np.abs(g).max()) for g in reference.gradients.values())
    for name, right in reference.gradients.items():
        found = mine.gradients[name]
        if found.shape != right.shape:
            return f"gradient of {name} has shape {found.shape}, not {right.shape}"
        # A gradient that is zero but for rounding (the bias of attention's keys) has no scale of
        # its own.
        scale = max(float(np.abs(right).max()), 1e-3 * largest)
        off = float(np.abs(found - right).max())
        if not off <= TOLERANCE * scale:
            return f"gradient of {name} differs by {off / scale:.1e} of its largest value"
    return ""
