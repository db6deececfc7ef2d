"""First values for parameters, in place: such that signals keep their size through layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import random
from ..leftout import left_out as _left_out
from ..tensors import Tensor


def _draw(tensor: Tensor, method: str, scale: float, shift: float) -> Tensor:
    kind: Any = np.float64 if tensor.dtype == np.float64 else np.float32
    tensor._array[...] = random.draw(method, tensor.shape, kind, like=tensor._array) * kind(
        scale
    ) + kind(shift)
    return tensor


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Numbers drawn evenly from [a, b)."""
    return _draw(tensor, "random", b - a, a)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Numbers drawn from a normal distribution."""
    return _draw(tensor, "standard_normal", std, mean)


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> Tensor:
    """Numbers from a normal distribution, drawn again until they lie between `a` and `b`."""
    array = normal_(tensor, mean, std)._array
    while (outside := (array < a) | (array > b)).any():
        array[outside] = random.draw("normal", mean, std, int(outside.sum()), like=array)
    return tensor


def constant_(tensor: Tensor, val: float) -> Tensor:
    """`val` everywhere."""
    tensor._array[...] = val
    return tensor


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros everywhere."""
    return constant_(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """Ones everywhere."""
    return constant_(tensor, 1)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights before this nonlinearity should be larger."""
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "selu": 0.75,
        "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope**2)),
    }  # fmt: skip
    if nonlinearity not in gains:
        raise ValueError(f"calculate_gain: {nonlinearity!r} is not one of {', '.join(gains)}")
    return gains[nonlinearity]


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs feed an output of this weight, and how many outputs an input feeds."""
    if tensor.ndim < 2:
        raise ValueError(f"a fan needs at least 2 dimensions, got shape {tuple(tensor.shape)}")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Even, with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""
    bound = gain * math.sqrt(6 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Normal, with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)."""
    return normal_(tensor, 0, gain * math.sqrt(2 / sum(_fans(tensor))))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(_fans(tensor)[mode == "fan_out"])


def kaiming_uniform_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Tensor:
    """Even, with variance gain**2 / fan (He et al., 2015)."""
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(
    tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Tensor:
    """Normal, with variance gain**2 / fan (He et al., 2015)."""
    return normal_(tensor, 0, _kaiming_std(tensor, a, mode, nonlinearity))


__getattr__ = _left_out("course.scratch.nn.init")
