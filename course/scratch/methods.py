"""Every operation as a method of the tensor: `x.exp()` is `exp(x)`, and `x + y` is `add(x, y)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import arithmetic, autograd, devices, dtypes, shapes
from .foreign import explained
from .leftout import LeftOutMethods

if TYPE_CHECKING:
    from .tensors import Tensor


def _cast(dtype: np.dtype) -> Callable[[Any], Tensor]:
    return lambda self: self.to(dtype)


class Methods(LeftOutMethods):
    """The part of `Tensor` that only names functions: one imported here becomes a method."""

    # mypy does not follow imports in a class: to it these are methods of any kind.
    # isort: off
    from .arithmetic import (  # type: ignore[misc]
        abs, add, allclose, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, ceil, clamp, cos,
        div, eq, equal, erf, exp, expm1, floor, floor_divide, ge, gt, isclose, isfinite, isinf,
        isnan, le, log, log1p, log2, log10, logical_and, logical_not, logical_or, lt, masked_fill,
        maximum, minimum, mul, ne, neg, pow, reciprocal, relu, remainder, round, rsqrt, sigmoid,
        sign, sin, sqrt, square, sub, tanh,
    )  # fmt: skip
    from .indexing import gather, getitem, index_select, nonzero, setitem  # type: ignore[misc]
    from .inplace import (  # type: ignore[misc]
        add_, clamp_, copy_, div_, fill_, masked_fill_, mul_, sub_, zero_,
    )  # fmt: skip
    from .products import addmm, baddbmm, bmm, dot, matmul, mm, mv, outer  # type: ignore[misc]
    from .reductions import (  # type: ignore[misc]
        all, amax, amin, any, argmax, argmin, argsort, cumsum, log_softmax, logsumexp, max, mean,
        min, norm, prod, softmax, sort, std, sum, topk, var,
    )  # fmt: skip
    from .shapes import (  # type: ignore[misc]
        chunk, clone, contiguous, expand, flatten, repeat, repeat_interleave, squeeze, t, transpose,
        tril, triu, unbind, unflatten, unsqueeze, view,
    )  # fmt: skip
    # isort: on

    __add__ = __radd__ = add
    __sub__ = sub
    __mul__ = __rmul__ = mul
    __truediv__ = div
    __floordiv__ = floor_divide
    __mod__ = remainder
    __pow__ = pow
    __matmul__ = matmul
    __neg__ = neg
    __abs__ = abs
    __eq__, __ne__, __lt__, __le__, __gt__, __ge__ = eq, ne, lt, le, gt, ge
    __and__, __or__, __xor__, __invert__ = bitwise_and, bitwise_or, bitwise_xor, bitwise_not
    __rand__, __ror__, __rxor__ = bitwise_and, bitwise_or, bitwise_xor
    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_
    __getitem__, __setitem__ = getitem, setitem
    clip = clamp
    del getitem, setitem

    def __rsub__(self: Any, other: Any) -> Tensor:
        return arithmetic.sub(other, self)

    def __rtruediv__(self: Any, other: Any) -> Tensor:
        return arithmetic.div(other, self)

    def __rpow__(self: Any, other: Any) -> Tensor:
        return arithmetic.pow(other, self)

    def where(self: Any, condition: Tensor, other: Any) -> Tensor:
        return arithmetic.where(condition, self, other)

    # ------------------------------------------------- where a method is called otherwise than its function

    def reshape(self: Any, *shape: Any) -> Tensor:
        return shapes.reshape(self, shapes.sizes(shape))

    def permute(self: Any, *dims: Any) -> Tensor:
        return shapes.permute(self, shapes.sizes(dims))

    def flip(self: Any, *dims: Any) -> Tensor:
        return shapes.flip(self, shapes.sizes(dims))

    def split(self: Any, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
        return shapes.split(self, split_size, dim)

    @property
    def T(self: Any) -> Tensor:  # noqa: N802
        return shapes.permute(self, tuple(range(self._array.ndim))[::-1])

    @property
    def mT(self: Any) -> Tensor:  # noqa: N802
        return shapes.transpose(self, -2, -1)

    # ------------------------------------------------------------------------------ kinds of numbers

    def to(self: Any, *args: Any, dtype: Any = None, device: Any = None) -> Tensor:
        """This tensor with another dtype, or on another device; itself where nothing changes."""
        dtype, device = devices.destination(args, dtype, device)
        if device is not None and (moved := devices.put(self._array, device)) is not self._array:
            home = self.device
            return autograd.record(moved, (self,), lambda g: (devices.put(g, home),)).to(dtype)
        if dtype is None or self._array.dtype == dtype:
            return self
        before = self._array.dtype
        with np.errstate(invalid="ignore", over="ignore"):
            array = self._array.astype(dtypes.check_dtype(dtype))
        parents = (self,) if array.dtype.kind == "f" else ()  # whole numbers have no gradients
        return autograd.record(array, parents, lambda g: (g.astype(before),))

    float, double, half = _cast(dtypes.float32), _cast(dtypes.float64), _cast(dtypes.float16)
    long, int, bool = _cast(dtypes.int64), _cast(dtypes.int32), _cast(dtypes.boolean)

    def cpu(self: Any) -> Tensor:
        return self.to("cpu")

    def cuda(self: Any) -> Tensor:
        return self.to("cuda")


# Other operators take their other operand as `arithmetic.operand` does, which says what does not fit.
for _name in ("matmul", "__matmul__", "mm", "mv", "bmm", "dot", "where", "masked_fill", "gather",
              "index_select", "isclose", "allclose", "equal"):  # fmt: skip
    setattr(Methods, _name, explained(_name.strip("_"), getattr(Methods, _name)))
