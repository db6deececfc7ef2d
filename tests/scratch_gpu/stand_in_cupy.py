"""A strict stand-in for CuPy, on the CPU, where there is no GPU to run the engine's GPU path on.

Its array holds a NumPy array that nobody else can reach, and answers only what CuPy 14 answers: the
functions of FUNCTIONS, with CuPy's parameters, and the ufuncs of UFUNCS. As CuPy, it refuses to
become a NumPy array and to meet one, has arrays without dimensions where NumPy has numbers, and has
no flag `writeable`. Stricter than CuPy, it refuses lists and NumPy arrays as indices.
What it cannot show: speed, CUDA's rounding, and the order in which threads write.
"""

from __future__ import annotations

import inspect
import math
from types import SimpleNamespace
from typing import Any

import numpy as np

__version__ = "14.2.0"
_LIKE = "dtype=None, order='K', subok=None, shape=None"
# Read off CuPy 14.2; test_the_stand_in_is_as_strict_as_cupy holds them against CuPy where it is.
FUNCTIONS = {
    "all": "a, axis=None, out=None, keepdims=False",
    "allclose": "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
    "any": "a, axis=None, out=None, keepdims=False",
    "arange": "start, stop=None, step=1, dtype=None",
    "argmax": "a, axis=None, dtype=None, out=None, keepdims=False",
    "argmin": "a, axis=None, dtype=None, out=None, keepdims=False",
    "argsort": "a, axis=-1, kind=None",
    "argwhere": "a",
    "array": "obj, dtype=None, copy=True, order='K', subok=False, ndmin=0, *, blocking=False",
    "array_equal": "a1, a2, equal_nan=False",
    "asarray": "a, dtype=None, order=None, *, copy=None, blocking=False",
    "atleast_1d": "*arys",
    "broadcast_to": "array, shape",
    "clip": "a, a_min, a_max, out=None",
    "concatenate": "tup, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "einsum": "*operands, **kwargs",
    "empty": "shape, dtype=float, order='C'",
    "empty_like": f"prototype, {_LIKE}",
    "expand_dims": "a, axis",
    "eye": "N, M=None, k=0, dtype=float, order='C'",
    "flip": "a, axis=None",
    "full": "shape, fill_value, dtype=None, order='C'",
    "full_like": f"a, fill_value, {_LIKE}",
    "isclose": "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
    "max": "a, axis=None, out=None, keepdims=False",
    "min": "a, axis=None, out=None, keepdims=False",
    "moveaxis": "a, source, destination",
    "ones": "shape, dtype=float, order='C'",
    "ones_like": f"a, {_LIKE}",
    "pad": "array, pad_width, mode='constant', **kwargs",
    "put_along_axis": "arr, indices, values, axis",
    "round": "a, decimals=0, out=None",
    "shares_memory": "a, b, max_work=None",
    "split": "ary, indices_or_sections, axis=0",
    "squeeze": "a, axis=None",
    "stack": "tup, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "take_along_axis": "a, indices, axis",
    "tile": "A, reps",
    "tril": "m, k=0",
    "triu": "m, k=0",
    "where": "condition, x=None, y=None",
    "zeros": "shape, dtype=float, order='C'",
    "zeros_like": f"a, {_LIKE}",
}
METHODS = {
    "all": "axis=None, out=None, keepdims=False",
    "any": "axis=None, out=None, keepdims=False",
    "argsort": "axis=-1, kind=None",
    "astype": "dtype, order='K', casting=None, subok=None, copy=True",
    "clip": "min=None, max=None, out=None",
    "copy": "order='C'",
    "cumprod": "axis=None, dtype=None, out=None",
    "cumsum": "axis=None, dtype=None, out=None",
    "max": "axis=None, out=None, keepdims=False",
    "mean": "axis=None, dtype=None, out=None, keepdims=False",
    "min": "axis=None, out=None, keepdims=False",
    "prod": "axis=None, dtype=None, out=None, keepdims=False",
    "ravel": "order='C'",
    "reshape": "*shape, order='C'",
    "sum": "axis=None, dtype=None, out=None, keepdims=False",
    "swapaxes": "axis1, axis2",
    "tobytes": "order='C'",
    "tolist": "",
    "transpose": "*axes",
}
UFUNCS = {
    "absolute",
    "add",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "ceil",
    "cos",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "invert",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logical_and",
    "logical_not",
    "logical_or",
    "matmul",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "power",
    "reciprocal",
    "remainder",
    "sign",
    "sin",
    "sqrt",
    "square",
    "subtract",
    "tanh",
    "trunc",
}
NUMBERS = (bool, int, float, np.generic)


def _signature(words: str) -> inspect.Signature:
    scope: dict[str, Any] = {}
    exec(f"def f({words}): pass", scope)
    return inspect.signature(scope["f"])


_CALLS = {name: _signature(words) for name, words in FUNCTIONS.items()}
_METHODS = {name: _signature(words) for name, words in METHODS.items()}


def _held(value: Any, index: bool = False) -> Any:
    """What NumPy is given for an argument: the array that a stand-in holds; never an array as it is."""
    if isinstance(value, ndarray):
        return value._held
    if isinstance(value, np.ndarray) or (index and isinstance(value, list)):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, tuple | list):
        return type(value)(_held(v, index) for v in value)
    return value


def _shown(value: Any, given: tuple) -> Any:
    """The stand-in for a result; a view remembers whose memory it has."""
    if isinstance(value, tuple | list):
        return type(value)(_shown(v, given) for v in value)
    if not isinstance(value, np.ndarray | np.generic):
        return value
    held = np.asarray(value)
    for source in given:
        if isinstance(source, ndarray):
            if held is source._held:
                return source
            if held.size and np.may_share_memory(held, source._held):
                return ndarray(held, source if source.base is None else source.base)
    return ndarray(held)


class ndarray(np.lib.mixins.NDArrayOperatorsMixin):  # noqa: N801
    """An array that is on the "GPU"."""

    def __init__(self, held: np.ndarray, base: ndarray | None = None) -> None:
        self._held, self.base = held, base

    # Only what CuPy's array has too.
    shape = property(lambda self: self._held.shape)
    strides = property(lambda self: self._held.strides)
    ndim = property(lambda self: self._held.ndim)
    size = property(lambda self: self._held.size)
    dtype = property(lambda self: self._held.dtype)
    itemsize = property(lambda self: self._held.itemsize)
    nbytes = property(lambda self: self._held.nbytes)
    T = property(lambda self: self if self.ndim < 2 else self.transpose())

    @property
    def flags(self) -> SimpleNamespace:
        flags = self._held.flags
        return SimpleNamespace(c_contiguous=flags.c_contiguous, f_contiguous=flags.f_contiguous)

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(f"'ndarray' object has no attribute {name!r}")

        def method(*args: Any, **kwargs: Any) -> Any:
            _METHODS[name].bind(*args, **kwargs)
            given = {k: _held(v) for k, v in kwargs.items()}
            if "out" in given:
                getattr(self._held, name)(*args, **given)
                return kwargs["out"]
            return _shown(getattr(self._held, name)(*_held(args), **given), (self,))

        return method

    def get(self) -> np.ndarray:
        return self._held.copy()

    def item(self) -> Any:
        return self._held.item()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __array_function__(self, func: Any, types: Any, args: tuple, kwargs: dict) -> Any:
        name = func.__name__
        if func.__module__ != "numpy" or name not in _CALLS:
            return NotImplemented
        _CALLS[name].bind(*args, **kwargs)
        if name.endswith("_like") and not kwargs.get("shape", True):
            kwargs["shape"] = args[0].shape  # CuPy takes an empty shape for none
        if name == "array":  # with like=: an array that is there, or numbers
            return ndarray(np.array(_held(args[0]), *args[1:], **kwargs))
        out = func(*_held(args), **{k: _held(v) for k, v in kwargs.items()})
        if name in ("array_equal", "allclose"):
            return ndarray(np.asarray(out))
        return _shown(
            out, tuple(a for arg in args for a in (arg if isinstance(arg, list) else [arg]))
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc.__name__ not in UFUNCS or (method, ufunc) not in {
            ("__call__", ufunc),
            ("at", np.add),
        }:
            return NotImplemented
        outs = kwargs.get("out", ())
        for x in (*inputs, *outs):
            if not isinstance(x, (ndarray, *NUMBERS)) and not (method == "at" and x is inputs[1]):
                raise TypeError(f"Unsupported type {type(x)}")
        if set(kwargs) - {"out", "dtype"}:
            raise TypeError(f"Wrong arguments {sorted(kwargs)}")
        if method == "at":
            return np.add.at(self._held, _held(inputs[1], index=True), _held(inputs[2]))
        if outs:
            ufunc(*_held(inputs), **{**kwargs, "out": tuple(_held(o) for o in outs)})
            return outs[0]
        return ndarray(np.asarray(ufunc(*_held(inputs), **kwargs)))

    def __getitem__(self, index: Any) -> ndarray:
        _one_mask(index)
        whole = self._held[_held(index, index=True)]
        if not isinstance(whole, np.ndarray):  # a number in NumPy, a view without dimensions here
            parts = index if isinstance(index, tuple) else (index,)
            whole = self._held[(*_held(parts, index=True), ...)]
        return _shown(whole, (self,))

    def __setitem__(self, index: Any, value: Any) -> None:
        _one_mask(index)
        if not isinstance(value, (ndarray, *NUMBERS)):
            raise TypeError(f"Unsupported type {type(value)}")
        self._held[_held(index, index=True)] = _held(value)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._held)

    def __int__(self) -> int:
        return int(self._held)

    def __float__(self) -> float:
        return float(self._held)

    def __format__(self, spec: str) -> str:
        return format(self._held, spec)

    def __repr__(self) -> str:
        return repr(self._held)


def _one_mask(index: Any) -> None:
    parts = index if isinstance(index, tuple) else (index,)
    masks = [p for p in parts if isinstance(p, ndarray) and p.dtype == bool]
    if len(masks) > 1:
        raise ValueError("CuPy indexes with one boolean array at most")


def asarray(a: Any) -> ndarray:
    """Copies to the GPU; in the order that the memory has, where it is dense."""
    return a if isinstance(a, ndarray) else ndarray(np.array(a, order="K"))


def is_available() -> bool:
    return True


class _Device:
    def synchronize(self) -> None:
        pass


cuda = SimpleNamespace(Device=_Device)


def erf(x: ndarray) -> ndarray:
    """Of cupyx.scipy.special."""
    return ndarray(np.vectorize(math.erf, otypes=[x.dtype])(x._held))
