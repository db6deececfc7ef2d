"""Layers with weights: linear, embedding, convolution; and those that only reshape or drop."""

from __future__ import annotations

import math
from typing import Any

from ... import creation
from ...tensors import Tensor
from .. import functional as F
from .. import init
from ..functional.activation import refuse
from ..functional.convolution import pair
from ..parameter import Parameter
from .module import Module


class Identity(Module):
    """Hands its input on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        return input


class Flatten(Module):
    """The dimensions from `start_dim` to `end_dim` joined: (n, c, h, w) -> (n, c h w)."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)


class Dropout(Module):
    """In training, zeros each element with probability `p` and scales the rest by 1 / (1 - p)."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability between 0 and 1, got {p}")
        refuse(inplace)
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class _Weighted(Module):
    """A layer with a `weight`, and a `bias` if wanted, first drawn evenly within 1 / sqrt(fan)."""

    def _add_weights(self, shape: tuple[int, ...], bias: bool, fan: int, **kind: Any) -> None:
        self._fan = fan
        self.weight = Parameter(creation.empty(shape, **kind))
        given = Parameter(creation.empty(shape[0], **kind)) if bias else None
        self.register_parameter("bias", given)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new first values."""
        bound = 1 / math.sqrt(self._fan) if self._fan else 0.0
        for parameter in self.parameters(recurse=False):
            init.uniform_(parameter, -bound, bound)


class Linear(_Weighted):
    """`input @ weight.T + bias`: (..., in_features) -> (..., out_features)."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        shape = (out_features, in_features)
        self._add_weights(shape, bias, in_features, device=device, dtype=dtype)

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        sizes = f"in_features={self.in_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


class Bilinear(_Weighted):
    """`input1 @ weight[k] @ input2 + bias[k]` for each output k."""

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True
    ) -> None:
        super().__init__()
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        self._add_weights((out_features, in1_features, in2_features), bias, in1_features)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}"
        return f"{sizes}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """A table of vectors, looked up by integers: (...) -> (..., embedding_dim).

    Row `padding_idx` begins with zeros and gets no gradient.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise AssertionError(
                f"Embedding: padding_idx {padding_idx} is not one of {num_embeddings} rows"
            )
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = Parameter(creation.empty(num_embeddings, embedding_dim))
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.weight._array[self.padding_idx] = 0

    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"


class _Convolution(_Weighted):
    _directions: int
    _function: Any

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1,
        padding: Any = 0, dilation: Any = 1, groups: int = 1, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{type(self).__name__}: {in_channels} and {out_channels} channels must both "
                f"divide by groups={groups}"
            )
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = self._sizes(kernel_size), self._sizes(stride)
        self.padding = padding if isinstance(padding, str) else self._sizes(padding)
        self.dilation = self._sizes(dilation)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self._add_weights(shape, bias, math.prod(shape[1:]))

    def _sizes(self, value: Any) -> tuple[int, ...]:
        return pair(value)[: self._directions]

    def forward(self, input: Tensor) -> Tensor:
        how = (self.stride, self.padding, self.dilation, self.groups)
        return type(self)._function(input, self.weight, self.bias, *how)

    def extra_repr(self) -> str:
        sizes = f"kernel_size={self.kernel_size}, stride={self.stride}"
        return f"{self.in_channels}, {self.out_channels}, {sizes}"


class Conv2d(_Convolution):
    """Filters slid over images: (n, in_channels, h, w) -> (n, out_channels, h', w')."""

    _directions, _function = 2, staticmethod(F.conv2d)


class Conv1d(_Convolution):
    """Filters slid along sequences: (n, in_channels, length) -> (n, out_channels, length')."""

    _directions, _function = 1, staticmethod(F.conv1d)
