"""Padding and resizing as modules, and distances between vectors."""

from __future__ import annotations

from typing import Any

from ...tensors import Tensor
from .. import functional as F
from .module import Module


class _Pad(Module):
    _sides = 4
    _mode = "constant"
    _value: float | None = None

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__()
        each = (padding,) * self._sides if isinstance(padding, int) else tuple(padding)
        if len(each) != self._sides:
            raise ValueError(
                f"{type(self).__name__}: padding is one number or {self._sides}, got {padding}"
            )
        self.padding = each

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self._mode, self._value)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad1d(_Pad):
    """Zeros before and after sequences (n, c, length)."""

    _sides = 2


class ZeroPad2d(_Pad):
    """A border of zeros round images (n, c, h, w)."""


class ConstantPad1d(_Pad):
    """`value` before and after sequences (n, c, length)."""

    _sides = 2

    def __init__(self, padding: int | tuple[int, int], value: float) -> None:
        super().__init__(padding)
        self.value = self._value = value


class ConstantPad2d(_Pad):
    """A border of `value` round images (n, c, h, w)."""

    def __init__(self, padding: int | tuple[int, int, int, int], value: float) -> None:
        super().__init__(padding)
        self.value = self._value = value


class ReflectionPad1d(_Pad):
    """Sequences mirrored at their ends."""

    _sides = 2
    _mode = "reflect"


class ReflectionPad2d(_Pad):
    """Images mirrored at their borders."""

    _mode = "reflect"


class ReplicationPad1d(_Pad):
    """Sequences whose ends are repeated."""

    _sides = 2
    _mode = "replicate"


class ReplicationPad2d(_Pad):
    """Images whose borders are repeated."""

    _mode = "replicate"


class Upsample(Module):
    """Images or sequences in another size, by the nearest element; see `functional.interpolate`."""

    def __init__(self, size: Any = None, scale_factor: Any = None, mode: str = "nearest") -> None:
        super().__init__()
        self.size, self.scale_factor, self.mode = size, scale_factor, mode

    def forward(self, input: Tensor) -> Tensor:
        return F.interpolate(input, self.size, self.scale_factor, self.mode)


class CosineSimilarity(Module):
    """The cosine of the angle between two tensors along `dim`."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The distance between the vectors of two tensors, pair by pair."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
