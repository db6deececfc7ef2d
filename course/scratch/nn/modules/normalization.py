"""Normalisation layers: functional/normalization.py with weights and running statistics."""

from __future__ import annotations

from collections.abc import Sequence

from ... import creation, dtypes
from ...tensors import Tensor
from .. import functional as F
from ..parameter import Parameter
from .module import Module


class _Normalization(Module):
    weight: Parameter | None
    bias: Parameter | None

    def _add_weights(self, shape: int | Sequence[int], weight: bool, bias: bool) -> tuple[int, ...]:
        """Ones and zeros to begin with, which change nothing. Returns the whole shape."""
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self.register_parameter("weight", Parameter(creation.ones(shape)) if weight else None)
        self.register_parameter("bias", Parameter(creation.zeros(shape)) if bias else None)
        return shape


class _BatchNorm(_Normalization):
    _ranks: tuple[int, ...] = ()

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.track_running_stats = tracked = track_running_stats
        self._add_weights(num_features, affine, affine)
        self.register_buffer("running_mean", creation.zeros(num_features) if tracked else None)
        self.register_buffer("running_var", creation.ones(num_features) if tracked else None)
        count = creation.tensor(0, dtype=dtypes.int64) if tracked else None
        self.register_buffer("num_batches_tracked", count)

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in self._ranks or input.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}: expected {' or '.join(map(str, self._ranks))} dimensions "
                f"with {self.num_features} channels, got shape {tuple(input.shape)}"
            )
        momentum = self.momentum
        if self.training and self.track_running_stats:
            self.num_batches_tracked._array[...] += 1
            if momentum is None:  # a plain mean over all batches
                momentum = 1 / int(self.num_batches_tracked)
        statistics = (self.running_mean, self.running_var)
        batch = self.training or not self.track_running_stats
        return F.batch_norm(
            input, *statistics, self.weight, self.bias, batch, momentum or 0.0, self.eps
        )

    def extra_repr(self) -> str:
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"


class BatchNorm1d(_BatchNorm):
    """Each feature to mean 0 and variance 1 over the batch: (n, c) or (n, c, length)."""

    _ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Each channel to mean 0 and variance 1 over the batch and the image: (n, c, h, w)."""

    _ranks = (4,)


class LayerNorm(_Normalization):
    """Each row (the last dimensions) to mean 0 and variance 1, times `weight` plus `bias`."""

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5,
        elementwise_affine: bool = True, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        affine = elementwise_affine
        self.normalized_shape = self._add_weights(normalized_shape, affine, affine and bias)
        self.eps = eps

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}"


class RMSNorm(_Normalization):
    """Each row divided by the root of its mean square, times `weight`."""

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else normalized_shape
        self.normalized_shape, self.eps = tuple(shape), eps
        weight = Parameter(creation.ones(self.normalized_shape)) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}"


class GroupNorm(_Normalization):
    """Each group of channels to mean 0 and variance 1, image by image."""

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: {num_channels} channels do not divide into {num_groups} groups"
            )
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        self._add_weights(num_channels, affine, affine)

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}"
