"""New tensors: from Python numbers and arrays, filled, and counted. (Random ones: random.py.)"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import devices, dtypes
from .shapes import sizes
from .tensors import Tensor, wrap


def finish(array: Any, dtype: Any, requires_grad: bool, where: Any = None) -> Tensor:
    if where is not None:
        devices.device(where)
    out = wrap(array if dtype is None else array.astype(dtypes.check_dtype(dtype), copy=False))
    return out.requires_grad_() if requires_grad else out


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A new tensor with a copy of `data`: numbers, nested lists, or an array.

    Python floats become the default dtype (float32), integers int64, booleans bool; arrays keep
    theirs.
    """
    if isinstance(data, Tensor):
        array = data._array.copy()
    elif isinstance(data, np.ndarray | np.generic):
        array = np.array(data)
    else:
        if isinstance(data, list | tuple):
            data = _plain(data)
        try:
            array = np.array(data)
        except ValueError as error:
            raise ValueError(
                f"tensor: the nested lists are not all of one length: {error}"
            ) from None
        if array.dtype == np.float64 or (array.size == 0 and array.dtype.kind == "f"):
            array = np.array(data, dtypes.get_default_dtype() if dtype is None else dtype)
    if array.dtype.kind not in "biuf" or (
        array.dtype.kind != "O" and array.dtype not in dtypes._SUPPORTED
    ):
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
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and dtype in (None, data.dtype):
        return from_numpy(data)
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


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of zeros."""
    return finish(
        np.zeros(sizes(size), dtype or dtypes.get_default_dtype()), dtype, requires_grad, device
    )


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones."""
    return finish(
        np.ones(sizes(size), dtype or dtypes.get_default_dtype()), dtype, requires_grad, device
    )


def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor whose elements are whatever was in memory."""
    return finish(
        np.empty(sizes(size), dtype or dtypes.get_default_dtype()), dtype, requires_grad, device
    )


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


def empty_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of the shape and dtype of `input` with whatever was in memory."""
    return finish(np.empty_like(input._array, dtype), dtype, requires_grad)


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
    return finish(
        np.eye(n, m, dtype=dtype or dtypes.get_default_dtype()), dtype, requires_grad, device
    )


def arange(
    *bounds: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, **named: Any
) -> Tensor:
    """The numbers from `start` up to but not including `end`: arange(end), arange(0, end, 1)."""
    start, end, step = _bounds(bounds, named)
    if dtype is not None and np.dtype(dtype).kind in "iu":
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise RuntimeError(f"arange: from {start} to {end} cannot be reached by steps of {step}")
    whole = all(isinstance(b, int | np.integer) for b in (start, end, step))
    array = start + np.arange(int(np.ceil((end - start) / step))) * step
    return finish(
        array,
        dtype or (dtypes.int64 if whole else dtypes.get_default_dtype()),
        requires_grad,
        device,
    )


def _bounds(bounds: tuple, named: dict) -> tuple[Any, Any, Any]:
    if unknown := set(named) - {"start", "end", "step"}:
        raise TypeError(f"arange: takes start, end and step, got {', '.join(sorted(unknown))}")
    if len(bounds) == 1 and "start" not in named and "end" not in named:
        bounds = (0, bounds[0])
    given = {**dict(zip(("start", "end", "step"), bounds, strict=False)), **named}
    if "end" not in given:
        raise TypeError("arange: needs an end")
    return given.get("start", 0), given["end"], given.get("step", 1)


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` evenly spaced numbers from `start` to `end`, both included."""
    if dtype is not None and np.dtype(dtype).kind in "iu":
        start, end = int(start), int(end)
    return finish(
        np.linspace(float(start), float(end), steps),
        dtype or dtypes.get_default_dtype(),
        requires_grad,
        device,
    )


def logspace(
    start: float,
    end: float,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from `base**start` to `base**end`, evenly spaced on a logarithmic scale."""
    if dtype is not None and np.dtype(dtype).kind in "iu":
        start, end = int(start), int(end)
    return finish(
        np.logspace(float(start), float(end), steps, base=base),
        dtype or dtypes.get_default_dtype(),
        requires_grad,
    )


def tril_indices(row: int, col: int, offset: int = 0) -> Tensor:
    """The places of the lower triangle of a (row, col) matrix: rows and columns, (2, n)."""
    return wrap(np.array(np.tril_indices(row, offset, col), np.int64))


def triu_indices(row: int, col: int, offset: int = 0) -> Tensor:
    """The places of the upper triangle of a (row, col) matrix: rows and columns, (2, n)."""
    return wrap(np.array(np.triu_indices(row, offset, col), np.int64))
