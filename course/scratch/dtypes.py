"""Data types under PyTorch's names, and PyTorch's rule for mixing them.

A dtype here is NumPy's own. The rule differs from NumPy's in two ways: an integer never widens a
float (float32 with int64 stays float32), and a 0-dimensional tensor or a Python number changes the
result only where it belongs to a higher kind (bool < integer < float) than the tensors that have
dimensions.
"""

from functools import lru_cache

import numpy as np

boolean = np.dtype(np.bool_)
uint8 = np.dtype(np.uint8)
int8 = np.dtype(np.int8)
int16 = np.dtype(np.int16)
int32 = np.dtype(np.int32)
int64 = np.dtype(np.int64)
float16 = np.dtype(np.float16)
float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)

_default = float32
SUPPORTED = {boolean, uint8, int8, int16, int32, int64, float16, float32, float64}


def get_default_dtype() -> np.dtype:
    """What Python floats become: float32 unless `set_default_dtype` changed it."""
    return _default


def set_default_dtype(d: np.dtype) -> None:
    """Make `d`, a floating-point dtype, the one that Python floats become."""
    global _default
    if np.dtype(d).kind != "f":
        raise TypeError(f"set_default_dtype takes a floating-point dtype, got {d}")
    _default = np.dtype(d)


def check_dtype(dtype: np.dtype) -> np.dtype:
    """Return `dtype` as a dtype of the engine, or say which ones there are."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found not in SUPPORTED:
        names = ", ".join(sorted(d.name for d in SUPPORTED))
        raise TypeError(f"{dtype!r} is not a dtype of course.scratch; there are: {names}")
    return found


def kind(dtype: np.dtype) -> str:
    """Where `dtype` stands in bool < integer < float: 0, 1 or 2, as a sortable mark."""
    return "0" if dtype.kind == "b" else "2" if dtype.kind == "f" else "1"


@lru_cache(maxsize=1024)
def promote_types(type1: np.dtype, type2: np.dtype) -> np.dtype:
    """The dtype that holds results of mixing `type1` and `type2`, two tensors' dtypes.

    >>> promote_types(int64, float16)
    dtype('float16')
    """
    if kind(type1) == kind(type2):
        return np.promote_types(type1, type2)
    return max(type1, type2, key=kind)


@lru_cache(maxsize=1024)
def mix(dtype1: np.dtype, dimensions1: int, dtype2: np.dtype, dimensions2: int) -> np.dtype:
    """`promote_types` with the rule that 0-dimensional operands only count by their kind."""
    if kind(dtype1) != kind(dtype2) or (dimensions1 > 0) == (dimensions2 > 0):
        return promote_types(dtype1, dtype2)
    return dtype1 if dimensions1 else dtype2
