"""What a tensor tells of itself: its shape and kind, and its elements as Python and NumPy have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import devices
from .methods import Methods

if TYPE_CHECKING:
    from .tensors import Tensor


class Size(tuple):
    """The shape of a tensor: a tuple that can count its elements."""

    def numel(self) -> int:
        return int(np.prod(self))

    def __repr__(self) -> str:
        return f"Size({list(self)})"


class Values(Methods):
    """The part of `Tensor` that only looks at its array."""

    _array: Any
    requires_grad: bool

    __array_priority__ = 1000  # array * tensor is the tensor's affair

    @property
    def shape(self) -> Size:
        return Size(self._array.shape)

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self._array.shape[dim]

    @property
    def ndim(self) -> int:
        return self._array.ndim

    def dim(self) -> int:
        return self._array.ndim

    def numel(self) -> int:
        return self._array.size

    @property
    def dtype(self) -> np.dtype:
        return self._array.dtype

    @property
    def device(self) -> devices.device:
        return devices.home(self._array)

    @property
    def is_cuda(self) -> bool:
        return not devices.on_cpu(self._array)

    def is_floating_point(self) -> bool:
        return self._array.dtype.kind == "f"

    def is_contiguous(self) -> bool:
        return self._array.flags.c_contiguous

    def stride(self, dim: int | None = None) -> Any:
        steps = tuple(s // self._array.itemsize for s in self._array.strides)
        return steps if dim is None else steps[dim]

    def element_size(self) -> int:
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        return self._array.nbytes

    # ------------------------------------------------------------------------------ elements

    def item(self) -> Any:
        """The only element, as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(
                f"item: a tensor of shape {self._array.shape} is not a single number"
            )
        return self._array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        return self._array.tolist()

    def numpy(self) -> np.ndarray:
        """The array itself, shared; RuntimeError where a gradient is wanted: detach first."""
        if self.requires_grad:
            raise RuntimeError("numpy: this tensor requires a gradient; use x.detach().numpy()")
        if not devices.on_cpu(self._array):
            raise TypeError(
                f"numpy: a tensor on {self.device} is not in NumPy's reach; use x.cpu().numpy()"
            )
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array if dtype is None or dtype == array.dtype else array.astype(dtype)

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len: a tensor without dimensions has no length")
        return len(self._array)

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(
                f"a tensor of shape {self._array.shape} is neither true nor false; use .any() or "
                ".all()"
            )
        return bool(self._array)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._array.dtype.kind == "f":
            raise TypeError("only integer tensors of a single element can be used as an index")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return (
            format(self.item(), spec) if spec and not self._array.ndim else format(str(self), spec)
        )

    def __iter__(self) -> Iterator[Tensor]:
        if not self._array.ndim:
            raise TypeError("a tensor without dimensions cannot be iterated over")
        return iter([self[i] for i in range(len(self._array))])

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any())
