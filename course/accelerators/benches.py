"""What is timed to learn a machine's roofline: sums of long arrays and products of matrices, on CPU or GPU.

One class for each library that can hold the arrays. All have the same four methods, so that a CPU, a GPU
through PyTorch and a GPU through CuPy are measured by the same lines.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from course.accelerators.precisions import bytes_of

Call = Callable[[], None]
_NUMPY = {"fp32": "float32", "fp64": "float64", "fp16": "float16", "bf16": "bfloat16"}


class Bench(Protocol):
    """A device: ``label`` as a reader calls it, the precisions and numbers of threads to measure."""

    kind: str
    label: str
    precisions: tuple[str, ...]
    threads: tuple[int, ...]

    def adding(self, size: int, threads: int) -> tuple[Call, int]:
        """A call that does c = a + b on three FP32 arrays of ``size`` bytes together; those bytes."""

    def product(self, side: int, precision: str) -> Call:
        """A call that multiplies two square matrices."""

    def limited(self, threads: int) -> Any:
        """A context in which products use so many threads."""

    def wait(self) -> None:
        """Return when all that was asked for is done."""


class Cpu:
    """NumPy on this machine's cores."""

    kind = "cpu"
    precisions: tuple[str, ...] = ("fp32", "fp64")

    def __init__(self, threads: tuple[int, ...] | None = None) -> None:
        self.label = "CPU"
        self.threads = thread_counts() if threads is None else threads

    def adding(self, size: int, threads: int) -> tuple[Call, int]:
        """NumPy adds in one thread; several of Python's do a part each, for NumPy lets them."""
        count = max(1, size // (12 * threads))
        parts = [tuple(np.ones(count, np.float32) for _ in range(3)) for _ in range(threads)]

        # A small part is added many times for each start of the threads.
        again = max(1, 2_000_000 // count) if threads > 1 else 1

        def add(part: tuple[Any, ...]) -> None:
            a, b, c = part
            for _ in range(again):
                np.add(a, b, out=c)

        if threads == 1:
            return lambda: add(parts[0]), 12 * count
        pool = ThreadPoolExecutor(threads)

        def all_parts() -> None:
            for _ in pool.map(add, parts):
                pass

        return all_parts, 12 * count * threads * again

    def product(self, side: int, precision: str) -> Call:
        """By the BLAS that NumPy was built with."""
        rng = np.random.default_rng(side)
        a, b = (rng.random((side, side)).astype(_NUMPY[precision]) for _ in range(2))
        c = np.empty_like(a)

        def multiply() -> None:
            np.matmul(a, b, out=c)

        return multiply

    @contextmanager
    def limited(self, threads: int) -> Iterator[None]:
        """The BLAS told by threadpoolctl."""
        if not settable():
            yield
            return
        from threadpoolctl import threadpool_limits

        with threadpool_limits(threads, user_api="blas"):
            yield

    def wait(self) -> None:
        """NumPy returns when it is done."""


class TorchGpu:
    """A GPU through PyTorch; ``device`` is PyTorch's name for it."""

    kind = "gpu"
    threads: tuple[int, ...] = (1,)

    def __init__(self, device: str = "cuda") -> None:
        import torch

        self._torch, self._device = torch, torch.device(device)
        self._wait: Call = lambda: None
        self.label = device
        if device.startswith("cuda"):
            self._wait, self.label = torch.cuda.synchronize, torch.cuda.get_device_name(device)
        elif device == "mps":
            self._wait, self.label = torch.mps.synchronize, "Apple GPU"
        # Apple's GPUs know no float64.
        wide = () if device == "mps" else ("fp64",)
        self.precisions = ("fp32", *wide, "fp16", "bf16")

    def adding(self, size: int, threads: int) -> tuple[Call, int]:
        """c = a + b."""
        count = max(1, size // 12)
        a, b, c = (self._torch.ones(count, device=self._device) for _ in range(3))

        def add() -> None:
            self._torch.add(a, b, out=c)

        return add, 12 * count

    def product(self, side: int, precision: str) -> Call:
        """In PyTorch's own setting for TF32, which is off unless it was changed."""
        kind = getattr(self._torch, _NUMPY[precision])
        a, b = (self._torch.rand(side, side, device=self._device).to(kind) for _ in range(2))
        c = self._torch.empty_like(a)

        def multiply() -> None:
            self._torch.matmul(a, b, out=c)

        return multiply

    @contextmanager
    def limited(self, threads: int) -> Iterator[None]:
        """A GPU has no such setting."""
        yield

    def wait(self) -> None:
        """Kernels run on after their call has returned."""
        self._wait()


class CupyGpu:
    """A GPU through CuPy, as `course.scratch` uses it."""

    kind = "gpu"
    precisions: tuple[str, ...] = ("fp32", "fp64", "fp16")
    threads: tuple[int, ...] = (1,)

    def __init__(self, library: Any) -> None:
        self._cupy = library
        self.label = "GPU"
        if hasattr(library, "cuda"):
            name = library.cuda.runtime.getDeviceProperties(0)["name"]
            self.label = name.decode() if isinstance(name, bytes) else str(name)

    def adding(self, size: int, threads: int) -> tuple[Call, int]:
        """c = a + b."""
        count = max(1, size // 12)
        a, b, c = (self._cupy.ones(count, "float32") for _ in range(3))

        def add() -> None:
            self._cupy.add(a, b, out=c)

        return add, 12 * count

    def product(self, side: int, precision: str) -> Call:
        """By cuBLAS."""
        a, b = (self._cupy.ones((side, side), _NUMPY[precision]) for _ in range(2))
        c = self._cupy.empty_like(a)

        def multiply() -> None:
            self._cupy.matmul(a, b, out=c)

        return multiply

    @contextmanager
    def limited(self, threads: int) -> Iterator[None]:
        """A GPU has no such setting."""
        yield

    def wait(self) -> None:
        """Kernels run on after their call has returned."""
        if hasattr(self._cupy, "cuda"):
            self._cupy.cuda.get_current_stream().synchronize()


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def settable() -> bool:
    """Whether the number of threads of NumPy's products can be set here."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return False
    return any(library["user_api"] == "blas" for library in threadpool_info())


def thread_counts(most: int | None = None) -> tuple[int, ...]:
    """The numbers of threads to measure: one, all, and one between; only all where none can be set."""
    many = cores() if most is None else most
    if not settable():
        return (many,)
    between = [round(many**0.5)] if many > 8 else [2] if many > 2 else []
    return tuple(dict.fromkeys([1, *between, many]))


def gpu() -> Bench | None:
    """This machine's GPU, or None; PyTorch is asked only where it is loaded or a driver is seen."""
    driver = os.path.exists("/proc/driver/nvidia/version") or sys.platform == "win32"
    apple = sys.platform == "darwin"
    if "torch" in sys.modules or ((driver or apple) and importlib.util.find_spec("torch")):
        import torch

        if torch.cuda.is_available():
            return TorchGpu("cuda")
        if torch.backends.mps.is_available():
            return TorchGpu("mps")
    if driver and importlib.util.find_spec("cupy"):
        import cupy

        if cupy.is_available():
            return CupyGpu(cupy)
    return None


def itemsize(precision: str) -> int:
    """Bytes of a number."""
    return int(bytes_of(precision))
