"""New tensors: from Python numbers and arrays, filled, and counted. (Random ones: random.py.)"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import devices, dtypes
from .shapes import sizes
from .tensors import Tensor, wrap


def finish(array: Any, dtype: Any, requires_grad: bool, where: Any = None) -> Tensor:
    """The tensor of `array`, with what all these functions take besides."""
    if where is not None:
        array = devices.put(array, where)
    out = wrap(array if dtype is None else array.astype(dtypes.check_dtype(dtype), copy=False))
    return out.requires_grad_() if requires_grad else out


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new tensor with a copy of `data`: numbers, nested lists, or an array.

    Python floats become the default dtype (float32), integers int64, booleans bool; arrays keep
    theirs.
    """
    if isinstance(data, Tensor | np.ndarray | np.generic):
        array: Any = getattr(data, "_array", data)
        array = np.array(array) if devices.on_cpu(array) else array.copy()
    else:
        data = _plain(data)
        try:
            array = np.array(data)
        except ValueError as error:
            raise ValueError(
                f"tensor: the nested lists are not all of one length: {error}"
            ) from None
        if array.dtype == np.float64:
            array = array.astype(dtypes.check_dtype(dtype or dtypes.get_default_dtype()))
    if array.dtype not in dtypes.SUPPORTED:
        raise TypeError(
            f"tensor: cannot hold {array.dtype} data; give numbers, nested lists of them, or an "
            "array"
        )
    return finish(array, dtype, requires_grad, device)


def _plain(data: Any) -> Any:
    """Nested lists in which every tensor has become a number or a list."""
    if isinstance(data, list | tuple):
        return [_plain(d) for d in data]
    return data.tolist() if isinstance(data, Tensor) else data


def as_tensor(data: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor, sharing the memory of an array of that dtype."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    if isinstance(data, np.ndarray) and dtype in (None, data.dtype):
        return from_numpy(data).to(device=device)
    return tensor(data, dtype=dtype, device=device)


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares the memory of `ndarray`."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: expected a NumPy array, got {type(ndarray).__name__}")
    dtypes.check_dtype(ndarray.dtype)
    return wrap(ndarray)


def is_tensor(obj: Any) -> bool:
    """Whether `obj` is a tensor of this engine."""
    return isinstance(obj, Tensor)


def _filled(make: Callable, doc: str) -> Callable[..., Tensor]:
    def filled(
        *size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        array = make(sizes(size), dtypes.check_dtype(dtype or dtypes.get_default_dtype()))
        return finish(array, dtype, requires_grad, device)

    filled.__name__ = filled.__qualname__ = make.__name__
    filled.__doc__ = doc
    return filled


zeros = _filled(np.zeros, "A tensor of zeros.")
ones = _filled(np.ones, "A tensor of ones.")
empty = _filled(np.empty, "A tensor whose elements are whatever was in memory.")


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor with `fill_value` everywhere; its dtype follows the value."""
    kind = dtypes.get_default_dtype() if isinstance(fill_value, float) else None
    return finish(np.full(size, fill_value, dtype or kind), dtype, requires_grad, device)


def zeros_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of the shape and dtype of `input`."""
    return finish(np.zeros_like(input._array, dtype), dtype, requires_grad)


def ones_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of the shape and dtype of `input`."""
    return finish(np.ones_like(input._array, dtype), dtype, requires_grad)


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`fill_value` everywhere, in the shape and dtype of `input`."""
    return finish(np.full_like(input._array, fill_value, dtype), dtype, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The identity matrix: ones on the diagonal of n rows and m (else n) columns."""
    array = np.eye(n, m, dtype=dtypes.check_dtype(dtype or dtypes.get_default_dtype()))
    return finish(array, dtype, requires_grad, device)


def arange(
    *bounds: Any, step: Any = 1, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """The numbers from `start` up to but not including `end`: arange(end), arange(0, end, 1)."""
    if not 1 <= len(bounds) <= 3:
        raise TypeError(f"arange: takes an end, or start, end and step, got {len(bounds)} numbers")
    start, end, step = (*((0, *bounds) if len(bounds) == 1 else bounds), step)[:3]
    if dtype is not None and np.dtype(dtype).kind in "iu":
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: from {start} to {end} cannot be reached by steps of {step}")
    whole = all(isinstance(b, int | np.integer) for b in (start, end, step))
    kind = dtypes.int64 if whole else dtypes.get_default_dtype()
    array = start + np.arange(int(np.ceil((end - start) / step))) * step
    return finish(array, dtype or kind, requires_grad, device)


def linspace(
    start: float, end: float, steps: int,
    *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """`steps` evenly spaced numbers from `start` to `end`, both included."""
    if dtype is not None and np.dtype(dtype).kind in "iu":
        start, end = int(start), int(end)
    array = np.linspace(float(start), float(end), steps)
    return finish(
        array, dtypes.check_dtype(dtype or dtypes.get_default_dtype()), requires_grad, device
    )
