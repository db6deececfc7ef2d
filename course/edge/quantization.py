"""Affine quantization: numbers stored as small whole numbers, with a scale and a zero point.

value ≈ scale · (code - zero). Symmetric quantization keeps the zero point at 0; asymmetric moves it,
so that a range such as 0 to 6 uses every code. One scale may serve a whole tensor, each output
channel (row), or each group of neighbouring weights in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from course.edge.given import count, number

Floats = NDArray[np.floating[Any]]
Per = Literal["tensor", "channel", "group"]
Calibration = Literal["minmax", "percentile", "mse"]
PER: dict[str, str] = {
    "tensor": "one for the whole layer",
    "channel": "one for each channel",
    "group": "one for each group of weights",
}
CALIBRATIONS: dict[str, str] = {
    "minmax": "smallest and largest value",
    "percentile": "a percentile, outliers clipped",
    "mse": "least squared error",
}


@dataclass(frozen=True)
class Quantized:
    """Codes and what they mean.

    codes: int32 of the tensor's shape, within ``low`` to ``high``. scale: float64, zero: int64,
    both (blocks, 1): a block is the tensor, a row, or a group within a row.
    """

    codes: NDArray[np.int32]
    scale: NDArray[np.float64]
    zero: NDArray[np.int64]
    bits: int
    low: int
    high: int

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers that the codes stand for, in the tensor's shape."""
        blocks = self.codes.reshape(len(self.scale), -1)
        return ((blocks - self.zero) * self.scale).reshape(self.codes.shape)

    @property
    def bytes(self) -> int:
        """Bytes on disk: the codes packed, a float32 scale and a one-byte zero point a block."""
        return -(-self.codes.size * self.bits // 8) + 5 * self.scale.size


def code_range(bits: int, symmetric: bool) -> tuple[int, int]:
    """The least and the greatest code of ``bits`` bits.

    Symmetric codes leave the lowest out, so that both signs reach equally far. One bit, symmetric,
    has the codes -1 and 1 alone: it cannot hold 0.
    Raises ValueError unless bits is a whole number from 1 to 16.
    """
    if isinstance(bits, bool) or not isinstance(bits, int | np.integer) or not 1 <= bits <= 16:
        raise ValueError(f"bits must be a whole number from 1 to 16, not {bits!r}")
    if symmetric:
        most = max(2 ** (int(bits) - 1) - 1, 1)
        return -most, most
    return -(2 ** (int(bits) - 1)), 2 ** (int(bits) - 1) - 1


def quantize(
    values: Any,
    bits: int = 8,
    *,
    symmetric: bool = True,
    per: Per = "tensor",
    group: int = 16,
    calibration: Calibration = "minmax",
    percentile: float = 99.9,
) -> Quantized:
    """Quantize an array; rows (the first axis) are the output channels.

    group: weights that share a scale, where ``per`` is "group"; it must divide a row's length.
    percentile: how much of each block must fit into the range, in percent of its values.
    Rounding is to the nearest, ties to even, as in PyTorch.
    Raises ValueError for NaN or infinity, an empty array, and options that do not fit.
    """
    array = finite(values, "the values to quantize")
    blocks = _blocks(array, per, group)
    low, high = code_range(bits, symmetric)
    if calibration not in CALIBRATIONS:
        raise ValueError(f"calibration is one of {', '.join(CALIBRATIONS)}, not {calibration!r}")
    number(percentile, "percentile", "lie above 0 and at most at 100", lambda v: 0 < v <= 100)
    if calibration == "percentile":
        least, most = _percentiles(blocks, symmetric, percentile)
    else:
        least = blocks.min(axis=1, keepdims=True)
        most = blocks.max(axis=1, keepdims=True)
    scale, zero = scale_and_zero(least, most, bits, symmetric)
    if calibration == "mse":
        scale, zero = _least_error(blocks, least, most, bits, symmetric)
    codes = _encode(blocks, scale, zero, bits, symmetric).reshape(array.shape)
    return Quantized(codes.astype(np.int32), scale, zero, int(bits), low, high)


def scale_and_zero(
    least: Any, most: Any, bits: int, symmetric: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scale and zero point for values from ``least`` to ``most`` (arrays of one shape).

    The range is widened to hold 0, which must have a code of its own: padding and ReLU produce it
    all the time. A range of nothing but 0 gets the scale 1.
    """
    low, high = code_range(bits, symmetric)
    least, most = np.minimum(least, 0.0), np.maximum(most, 0.0)
    scale = np.maximum(-least, most) / high if symmetric else (most - least) / (high - low)
    scale = np.where(scale > 0, scale, 1.0)
    zero = np.zeros(scale.shape) if symmetric else np.clip(np.rint(low - least / scale), low, high)
    return scale.astype(np.float64), zero.astype(np.int64)


def finite(values: Any, what: str) -> NDArray[np.float64]:
    """``values`` as float64; raises ValueError, which counts them, for NaN, infinity, or nothing."""
    try:
        array = np.asarray([] if values is None else values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{what} must be an array of numbers, not {type(values).__name__}"
        ) from None
    if not array.size:
        raise ValueError(f"{what} are empty: there is no range to find")
    bad = int((~np.isfinite(array)).sum())
    if bad:
        raise ValueError(
            f"{what} hold {bad:,} that are NaN or infinite, of {array.size:,}: what is made from them "
            "would be NaN. Find where they come from, or leave those rows out"
        )
    return array


def error(values: Any, quantized: Quantized) -> float:
    """Root of the mean squared difference between values and codes' values, in the values' unit."""
    return float(np.sqrt(np.mean((np.asarray(values) - quantized.values) ** 2)))


def _blocks(array: NDArray[np.float64], per: str, group: int) -> NDArray[np.float64]:
    if per == "tensor":
        return array.reshape(1, -1)
    if per not in PER:
        raise ValueError(f"per is one of {', '.join(PER)}, not {per!r}")
    if array.ndim < 2:
        raise ValueError(
            f"per {per!r} needs rows, and the shape is {array.shape}; use per='tensor'"
        )
    rows = array.reshape(len(array), -1)
    if per == "channel":
        return rows
    count(group, "group")
    if rows.shape[1] % group:
        raise ValueError(
            f"a group of {group} does not divide a row of {rows.shape[1]} weights; "
            f"choose one of {', '.join(str(n) for n in _divisors(rows.shape[1]))}"
        )
    return rows.reshape(-1, group)


def _divisors(size: int) -> list[int]:
    return [n for n in range(1, size + 1) if size % n == 0]


def _percentiles(blocks: Any, symmetric: bool, percentile: float) -> tuple[Any, Any]:
    if symmetric:
        most = np.percentile(np.abs(blocks), percentile, axis=1, keepdims=True)
        return -most, most
    tail = (100 - percentile) / 2
    least, most = np.percentile(blocks, [tail, 100 - tail], axis=1, keepdims=True)
    return least, most


def _encode(blocks: Any, scale: Any, zero: Any, bits: int, symmetric: bool) -> Any:
    low, high = code_range(bits, symmetric)
    if bits == 1 and symmetric:
        return np.where(blocks >= 0, 1, -1)
    return np.clip(np.rint(blocks / scale) + zero, low, high)


def _least_error(
    blocks: Any, least: Any, most: Any, bits: int, symmetric: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The best of 50 shrunken ranges, for each block by itself."""
    best = np.full(len(blocks), np.inf)
    scale, zero = scale_and_zero(least, most, bits, symmetric)
    scale, zero = scale.copy(), zero.copy()
    for part in np.linspace(1.0, 0.02, 50):
        s, z = scale_and_zero(least * part, most * part, bits, symmetric)
        wrong = ((_encode(blocks, s, z, bits, symmetric) - z) * s - blocks) ** 2
        cost = wrong.mean(axis=1)
        better = cost < best
        best = np.where(better, cost, best)
        scale[better], zero[better] = s[better], z[better]
    return scale, zero
