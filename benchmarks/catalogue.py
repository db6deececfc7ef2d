"""What is measured: the engines, the workloads by name, and why an engine has no such workload.

Nothing heavy is imported here: the parent process stays small, because a child's peak memory starts
from its parent's.
"""

from __future__ import annotations

from typing import NamedTuple

REFERENCE = "torch"  # every engine is checked against it and divided by it

TITLES = {
    "a": "MLP 2-16-16-1, 100 points, SGD",
    "b": "MLP 784-256-128-10, batch 128, Adam",
    "c": "CNN 1x28x28, batch 64, SGD",
    "d": "char-GPT, 4 layers, width 128, AdamW",
}


class Engine(NamedTuple):
    """An engine: its label, its distribution on PyPI, what to import, and what it is asked to run."""

    label: str
    package: str
    imports: str
    workloads: str = "abcd"
    lacks: str = ""  # why the other workloads are absent


ENGINES = {
    "scratch": Engine("course.scratch", "train-by-hand", "course.scratch"),
    "torch": Engine("PyTorch eager", "torch", "torch"),
    "torch-fused": Engine("PyTorch eager, fused optimizer", "torch", "torch"),
    "torch-compile": Engine("PyTorch compile", "torch", "torch"),
    "autograd": Engine(
        "autograd", "autograd", "autograd.numpy", "ab", "it has no convolution layer"
    ),
    "mygrad": Engine("MyGrad", "mygrad", "mygrad", "abc", "it has no attention or embedding layer"),
    "jax": Engine("JAX, jit", "jax", "jax.numpy"),
    "tinygrad": Engine("tinygrad, TinyJit", "tinygrad", "tinygrad", "abc", "not written for it"),
}
