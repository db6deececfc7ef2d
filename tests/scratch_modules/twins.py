"""The same module in both engines, with the same weights, and comparisons between them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course import scratch

CLOSE = {"float64": 1e-10, "float32": 1e-5}


def both(build: Callable[[Any], Any], dtype: str) -> tuple[Any, Any]:
    """`build(nn)` in scratch and in torch, with torch's weights; names must be equal."""
    mine, theirs = build(scratch.nn), build(torch.nn)
    mine.to(getattr(scratch, dtype))
    theirs.to(getattr(torch, dtype))
    assert list(mine.state_dict()) == list(theirs.state_dict())
    mine.load_state_dict(theirs.state_dict())
    back = {n: torch.from_numpy(t.numpy().copy()) for n, t in mine.state_dict().items()}
    theirs.load_state_dict(back)
    return mine, theirs


def numbers(value: Any) -> list[np.ndarray]:
    """Every tensor in a nested result as an array."""
    if value is None:
        return []
    if isinstance(value, tuple | list):
        return [array for v in value for array in numbers(v)]
    return [np.asarray(value.detach().numpy())]


def close(mine: Any, theirs: Any, tolerance: float) -> None:
    """Assert that two nested results agree in number, shape, dtype and, nearly, in value."""
    ours, others = numbers(mine), numbers(theirs)
    assert len(ours) == len(others)
    for a, b in zip(ours, others, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        scale = max(1.0, float(np.abs(b[np.isfinite(b)]).max(initial=0)))
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale)


def tensors(engine: Any, arrays: Any, dtype: str, requires_grad: bool = False) -> Any:
    """Nested arrays as tensors of an engine; floating ones get `dtype`."""
    if arrays is None or isinstance(arrays, bool | int | float | str):
        return arrays
    if isinstance(arrays, tuple | list):
        return type(arrays)(tensors(engine, a, dtype, requires_grad) for a in arrays)
    kind = arrays.dtype if arrays.dtype.kind != "f" else np.dtype(dtype)
    made = engine.from_numpy(arrays.astype(kind))
    return made.requires_grad_(requires_grad and kind.kind == "f")


def weighted(value: Any, seed: int = 3) -> Any:
    """One number from all tensors of a result, each element with a weight of its own."""
    rng = np.random.default_rng(seed)
    parts = value if isinstance(value, tuple | list) else [value]
    total: Any = 0.0
    for part in parts:
        if part is None:
            continue
        if isinstance(part, tuple | list):
            total = total + weighted(part, seed + 1)
            continue
        engine = torch if isinstance(part, torch.Tensor) else scratch
        weight = rng.standard_normal(tuple(part.shape)).astype(part.detach().numpy().dtype)
        total = total + (part * engine.from_numpy(weight)).sum()
    return total


def agree(
    build: Callable[[Any], Any], arrays: tuple, dtype: str = "float64", train: bool = True,
    tolerance: float | None = None, **named: Any,
) -> None:  # fmt: skip
    """Outputs and all gradients of both engines' modules agree on the same inputs."""
    mine, theirs = both(build, dtype)
    mine.train(train)
    theirs.train(train)
    results, inputs = [], []
    for engine, module in ((scratch, mine), (torch, theirs)):
        given = tensors(engine, copy.deepcopy(arrays), dtype, requires_grad=True)
        options = {k: tensors(engine, v, dtype) for k, v in named.items()}
        out = module(*given, **options)
        weighted(out).backward()
        results.append(out)
        inputs.append(given)
    tolerance = tolerance or CLOSE[dtype]
    close(results[0], results[1], tolerance)
    for (name, p), q in zip(mine.named_parameters(), theirs.parameters(), strict=True):
        assert (p.grad is None) == (q.grad is None), name
        if p.grad is not None:
            close(p.grad, q.grad, tolerance)
    close(_grads(inputs[0]), _grads(inputs[1]), tolerance)


def _grads(value: Any) -> list:
    if isinstance(value, tuple | list):
        return [g for v in value for g in _grads(v)]
    grad = getattr(value, "grad", None)
    return [] if grad is None else [grad]
