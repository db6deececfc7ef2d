"""Random tensors, and the streams that they are drawn from.

A seed gives the same numbers every time, but NumPy's: the one thing that is not as in PyTorch.
"""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np

from . import dtypes
from .creation import finish
from .shapes import sizes
from .tensors import Tensor, wrap

# What torch.random has; the rest is offered by course.scratch itself.
__all__ = [
    "default_generator",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "set_rng_state",
]


class Generator:
    """A reproducible stream of random numbers. Its numbers are NumPy's, not PyTorch's."""

    def __init__(self, device: Any = "cpu") -> None:
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream anew from `seed`."""
        self._seed = seed
        self._stream = np.random.default_rng(abs(seed) * 2 + (seed < 0))
        return self

    def initial_seed(self) -> int:
        """The seed that the stream was started from."""
        return self._seed

    def get_state(self) -> Tensor:
        """Where the stream is, as a tensor of bytes."""
        return wrap(
            np.frombuffer(json.dumps(self._stream.bit_generator.state).encode(), np.uint8).copy()
        )

    def set_state(self, new_state: Tensor) -> Generator:
        """Go on from where `get_state` was called."""
        self._stream.bit_generator.state = json.loads(new_state._array.tobytes())
        return self


default_generator = Generator()
_lock = threading.Lock()  # NumPy's generators must not be used by two threads at once


def manual_seed(seed: int) -> Generator:
    """Seed the stream that all random functions use when they are given no generator."""
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """The seed of the shared stream."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the shared stream is."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Set the shared stream back to where `get_rng_state` was called."""
    default_generator.set_state(new_state)


def draw(method: str, *args: Any, generator: Generator | None = None, **kwargs: Any) -> np.ndarray:
    """Random numbers by the method of that name of NumPy's generator."""
    with _lock:
        return np.asarray(
            getattr((generator or default_generator)._stream, method)(*args, **kwargs)
        )


def _real(dtype: Any) -> Any:
    """The float type to draw in: float64 only where asked for (float32 takes half the time)."""
    chosen = np.dtype(dtype or dtypes.get_default_dtype())
    return chosen if chosen in (dtypes.float32, dtypes.float64) else dtypes.float32


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers drawn evenly from [0, 1)."""
    array = draw("random", sizes(size), _real(dtype), generator=generator)
    return finish(array, dtype, requires_grad, device)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers drawn from the normal distribution with mean 0 and standard deviation 1."""
    array = draw("standard_normal", sizes(size), _real(dtype), generator=generator)
    return finish(array, dtype, requires_grad, device)


def rand_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`rand` of the shape and dtype of `input`."""
    return rand(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randn_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`randn` of the shape and dtype of `input`."""
    return randn(input.shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randint(
    *args: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None,
    **named: Any,
) -> Tensor:  # fmt: skip
    """Whole numbers from `low` to below `high`: randint(high, size), randint(0, high, size)."""
    low, high, size = _range(args, named)
    if low >= high:
        raise RuntimeError(f"randint: there is no whole number from {low} to below {high}")
    array = draw("integers", low, high, tuple(size), generator=generator)
    return finish(array, dtype or dtypes.int64, False, device)


def _range(args: tuple, named: dict) -> tuple[int, int, Any]:
    if unknown := set(named) - {"low", "high", "size"}:
        raise TypeError(f"randint: takes low, high and size, got {', '.join(sorted(unknown))}")
    given = list(args)
    size = given.pop() if "size" not in named and given else named.get("size")
    names = ("low", "high") if len(given) == 2 or "low" in named else ("high",)
    bounds = {**dict(zip(names, given, strict=False)), **named}
    if size is None or "high" not in bounds or len(given) > len(names):
        raise TypeError("randint: write randint(high, size) or randint(low, high, size)")
    return bounds.get("low", 0), bounds["high"], size


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None
) -> Tensor:
    """The numbers 0 to n - 1 in random order."""
    return finish(draw("permutation", n, generator=generator), dtype or dtypes.int64, False, device)


def normal(mean: Any, std: Any, size: Any = None, *, generator: Generator | None = None) -> Tensor:
    """Numbers drawn from normal distributions with these means and standard deviations."""
    if size is None:
        size = (mean + std * 0).shape if isinstance(mean, Tensor) else (std + mean * 0).shape
    return randn(tuple(size), generator=generator) * std + mean


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that the element of `input` gives, else 0."""
    return wrap(
        (draw("random", input.shape, generator=generator) < input._array).astype(input.dtype)
    )


def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Indices drawn with the weights in `input`: one row of weights, or one a row."""
    rows = np.atleast_2d(input._array).astype(np.float64)
    rows = rows / rows.sum(-1, keepdims=True)
    picks = [
        draw("choice", rows.shape[-1], num_samples, replacement, row, generator=generator)
        for row in rows
    ]
    return wrap(np.array(picks, np.int64).reshape(*input.shape[:-1], num_samples))
