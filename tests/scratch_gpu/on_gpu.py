"""The engine's tests on a GPU: the engine with its tensors there, and where "there" is."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sidebyside
import stand_in_cupy

from course import scratch

PLACES = ["stand-in", "GPU"]
_on_cpu = sidebyside.run


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A GPU with CuPy, or the stand-in for it."""
    if request.param == "GPU":
        if importlib.util.find_spec("cupy") is None or not scratch.cuda.is_available():
            pytest.skip("no GPU with CuPy here")
        return "GPU"
    monkeypatch.setitem(sys.modules, "cupy", stand_in_cupy)
    for name in ("cupyx", "cupyx.scipy", "cupyx.scipy.special"):
        monkeypatch.setitem(sys.modules, name, stand_in_cupy)
    return "stand-in"


class OnGPU:
    """The engine as a program sees it that was written for the CPU: what it makes is on the GPU."""

    def __getattr__(self, name: str) -> Any:
        return getattr(scratch, name)

    def from_numpy(self, array: np.ndarray) -> scratch.Tensor:
        return scratch.from_numpy(array).cuda()

    def ones(self, *size: Any, **named: Any) -> scratch.Tensor:
        return scratch.ones(*size, **named, device="cuda")


def home(value: Any) -> Any:
    """Nested results as they would be on the CPU; what is there must come from the GPU."""
    if isinstance(value, scratch.Tensor):
        return value.detach().cpu().numpy()
    return value


def run(
    engine: ModuleType, function: Callable, arrays: list[np.ndarray], wanted: Sequence[bool]
) -> Any:
    """`sidebyside.run`, but the engine's tensors are on the GPU."""
    if engine is not scratch:
        return _on_cpu(engine, function, arrays, wanted)
    leaves = [scratch.from_numpy(sidebyside.keep_layout(a)).cuda() for a in arrays]
    for leaf, grad in zip(leaves, wanted, strict=True):
        leaf.requires_grad_(grad)
    try:
        results = list(sidebyside.flat(function(scratch, *leaves)))
        tensors = [r for r in results if isinstance(r, scratch.Tensor)]
        if arrays and not all(a.size == 0 for a in arrays):
            assert all(r.is_cuda for r in tensors), "a result left the GPU"
        ends = [r for r in tensors if r.requires_grad]
        rng = np.random.default_rng(1)
        weights = [rng.standard_normal(tuple(r.shape)) for r in ends]
        upstream = [
            scratch.from_numpy(np.asarray(w).astype(r.dtype)).cuda()
            for w, r in zip(weights, ends, strict=True)
        ]
        if ends:
            scratch.autograd.backward(ends, upstream)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        return error
    assert all(leaf.grad is None or leaf.grad.is_cuda for leaf in leaves)
    return [home(r) for r in results], [None if x.grad is None else home(x.grad) for x in leaves]
