"""Pooling as modules; each calls the function of the same name."""

from __future__ import annotations

from typing import Any

from ...tensors import Tensor
from .. import functional as F
from .module import Module


class _Pool(Module):
    _function: Any

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input: Tensor) -> Tensor:
        return type(self)._function(input, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool1d(_Pool):
    """The largest element of each window of a sequence."""

    _function = staticmethod(F.max_pool1d)


class MaxPool2d(_Pool):
    """The largest element of each window of an image."""

    _function = staticmethod(F.max_pool2d)


class AvgPool1d(_Pool):
    """The mean of each window of a sequence."""

    _function = staticmethod(F.avg_pool1d)


class AvgPool2d(_Pool):
    """The mean of each window of an image."""

    _function = staticmethod(F.avg_pool2d)


class _Adaptive(Module):
    _function: Any

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        return type(self)._function(input, self.output_size)


class AdaptiveAvgPool1d(_Adaptive):
    """Means of as many windows as `output_size`."""

    _function = staticmethod(F.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_Adaptive):
    """Means of as many windows as `output_size`."""

    _function = staticmethod(F.adaptive_avg_pool2d)


class AdaptiveMaxPool1d(_Adaptive):
    """Largest elements of as many windows as `output_size`."""

    _function = staticmethod(F.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_Adaptive):
    """Largest elements of as many windows as `output_size`."""

    _function = staticmethod(F.adaptive_max_pool2d)
