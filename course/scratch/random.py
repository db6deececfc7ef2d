"""Random tensors, and the streams that they are drawn from.

A seed gives the same numbers every time, but NumPy's: the one thing that is not as in PyTorch.
"""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np

from . import devices, dtypes
from .autograd import Array
from .creation import finish
from .shapes import sizes
from .tensors import Tensor, wrap

# What torch.random has; the rest is offered by course.scratch itself.
__all__ = ["default_generator", "get_rng_state", "initial_seed", "manual_seed", "set_rng_state"]


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
        state = json.dumps(self._stream.bit_generator.state).encode()
        return wrap(np.frombuffer(state, np.uint8).copy())

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


def draw(
    method: str, *args: Any, generator: Generator | None = None, like: Array = None
) -> Array:  # fmt: skip
    """Random numbers by the method of that name of NumPy's generator, on the device of `like`.

    They are drawn on the CPU, so that a seed gives the same numbers on a GPU.
    """
    with _lock:
        stream = (generator or default_generator)._stream
        array = np.asarray(getattr(stream, method)(*args))
    return array if like is None else devices.beside(array, like)


def _real(dtype: Any) -> Any:
    """The float type to draw in: float64 only where asked for (float32 takes half the time)."""
    chosen = np.dtype(dtype or dtypes.get_default_dtype())
    return chosen if chosen in (dtypes.float32, dtypes.float64) else dtypes.float32


def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Numbers drawn evenly from [0, 1)."""
    array = draw("random", sizes(size), _real(dtype), generator=generator)
    return finish(array, dtype, requires_grad, device)


def randn(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Numbers drawn from the normal distribution with mean 0 and standard deviation 1."""
    array = draw("standard_normal", sizes(size), _real(dtype), generator=generator)
    return finish(array, dtype, requires_grad, device)


def rand_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`rand` of the shape and dtype of `input`."""
    return rand(
        input.shape, dtype=dtype or input.dtype, device=input.device, requires_grad=requires_grad
    )


def randn_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """`randn` of the shape and dtype of `input`."""
    return randn(
        input.shape, dtype=dtype or input.dtype, device=input.device, requires_grad=requires_grad
    )


def randint(
    *args: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None,
    **named: Any,
) -> Tensor:  # fmt: skip
    """Whole numbers from `low` to below `high`: randint(high, size), randint(low, high, size)."""
    args += (named.pop("size"),) if "size" in named else ()
    if named or not 2 <= len(args) <= 3:
        raise TypeError("randint: write randint(high, size) or randint(low, high, size)")
    low, high, size = (0, *args) if len(args) == 2 else args
    if low >= high:
        raise RuntimeError(f"randint: there is no whole number from {low} to below {high}")
    array = draw("integers", low, high, tuple(size), generator=generator)
    return finish(array, dtype or dtypes.int64, False, device)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: Any = None, device: Any = None
) -> Tensor:
    """The numbers 0 to n - 1 in random order."""
    return finish(draw("permutation", n, generator=generator), dtype or dtypes.int64, False, device)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False,
    *, generator: Generator | None = None,
) -> Tensor:  # fmt: skip
    """Indices drawn with the weights in `input`: one row of weights, or one a row."""
    rows = np.atleast_2d(devices.put(input._array, "cpu")).astype(np.float64)
    rows = rows / rows.sum(-1, keepdims=True)
    picks = [
        draw("choice", rows.shape[-1], num_samples, replacement, row, generator=generator)
        for row in rows
    ]
    picked = np.array(picks, np.int64).reshape(*input.shape[:-1], num_samples)
    return wrap(devices.beside(picked, input._array))
