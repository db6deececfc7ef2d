"""Run one function on both engines, forward and backward, and compare everything that shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch

from course import scratch

TOLERANCE = {"float64": 1e-9, "float32": 3e-5, "float16": 2e-2}
Function = Callable[..., Any]


def check(function: Function, *inputs: Any, dtypes: tuple[str, ...] = ("float64", "float32"),
          tolerance: float | None = None) -> None:  # fmt: skip
    """Compare `function(engine, *tensors)` on both engines, once in each float dtype.

    An input is a shape (filled with normal numbers) or an array; float ones ask for gradients.
    Where PyTorch raises, the engine must raise too.
    """
    for dtype in dtypes:
        rng = np.random.default_rng(0)
        arrays = [rng.standard_normal(x) if isinstance(x, tuple) else np.asarray(x) for x in inputs]
        arrays = [a.astype(dtype) if a.dtype == np.float64 else a for a in arrays]
        compare(function, arrays, tolerance)


def compare(
    function: Function, arrays: list[np.ndarray], tolerance: float | None = None,
    wanted: Sequence[bool] | None = None,
) -> None:  # fmt: skip
    """`check` on these very arrays, whatever their dtypes and their order in memory.

    `wanted` says which of them ask for gradients: all floats unless given.
    """
    wanted = [a.dtype.kind == "f" for a in arrays] if wanted is None else wanted
    expected = run(torch, function, arrays, wanted)
    found = run(scratch, function, arrays, wanted)
    if isinstance(expected, Exception):
        assert isinstance(found, Exception), f"PyTorch raises {expected!r}; the engine does not"
        assert len(str(found)) > 10, f"no sentence: {found!r}"
        return
    if isinstance(found, Exception):
        raise found
    same(found, expected, tolerance)


def run(
    engine: ModuleType, function: Function, arrays: list[np.ndarray], wanted: Sequence[bool]
) -> Any:
    """The outputs and the input gradients as NumPy arrays, or the exception that was raised."""
    copies = [keep_layout(a) for a in arrays]
    leaves = [engine.from_numpy(c) for c in copies]
    for leaf, grad in zip(leaves, wanted, strict=True):
        leaf.requires_grad_(grad)
    try:
        results = list(flat(function(engine, *leaves)))
        ends = [r for r in results if isinstance(r, engine.Tensor) and r.requires_grad]
        rng = np.random.default_rng(1)
        weights = [rng.standard_normal(tuple(r.shape)) for r in ends]
        upstream = [
            engine.from_numpy(np.asarray(w).astype(array(r).dtype))
            for w, r in zip(weights, ends, strict=True)
        ]
        if ends:
            engine.autograd.backward(ends, upstream)
    except (RuntimeError, TypeError, ValueError, IndexError, AssertionError) as error:
        return error
    gradients = [leaf.grad for leaf in leaves]
    held = [g.numpy() for g in gradients if g is not None]
    for i, g in enumerate(held):
        for other in [*held[:i], *copies]:
            assert not np.shares_memory(g, other), "a gradient shares memory with something else"
    return [array(r) for r in results], [None if g is None else g.numpy() for g in gradients]


def keep_layout(a: np.ndarray) -> np.ndarray:
    """A copy with the same strides, as far as PyTorch can have them too."""
    if a.base is None or a.flags.c_contiguous or any(s <= 0 for s in a.strides):
        return a.copy()
    out = np.lib.stride_tricks.as_strided(
        np.zeros(sum((n - 1) * s for n, s in zip(a.shape, a.strides, strict=True)) + a.itemsize,
                 np.uint8).view(a.dtype), a.shape, a.strides)  # fmt: skip
    out[...] = a
    return out


def flat(value: Any) -> Iterator[Any]:
    """The parts of nested tuples and lists, one after the other."""
    if isinstance(value, tuple | list):
        for v in value:
            yield from flat(v)
    else:
        yield value


def array(value: Any) -> Any:
    """A tensor of either engine as an array, anything else as it is."""
    return value.detach().numpy() if hasattr(value, "detach") else value


def same(found: Any, expected: Any, tolerance: float | None = None) -> None:
    """Hold two results of `run`, or arrays in nested lists, against each other."""
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected), f"{len(found)} parts, PyTorch has {len(expected)}"
        for f, e in zip(found, expected, strict=True):
            same(f, e, tolerance)
    elif isinstance(expected, np.ndarray):
        assert isinstance(found, np.ndarray), f"{found!r}, but PyTorch gives {expected!r}"
        assert found.shape == expected.shape, f"shape {found.shape}, PyTorch {expected.shape}"
        assert found.dtype == expected.dtype, f"dtype {found.dtype}, PyTorch {expected.dtype}"
        if expected.dtype.kind == "f":
            close = TOLERANCE[str(expected.dtype)] if tolerance is None else tolerance
            np.testing.assert_allclose(found, expected, rtol=close, atol=close)
        else:
            np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, float):
        assert isinstance(found, float)
        assert math.isclose(found, expected, rel_tol=1e-6) or (
            found != found and expected != expected
        )
    else:
        assert found == expected
        assert type(found).__name__ == type(expected).__name__
