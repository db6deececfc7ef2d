"""A layer in whole numbers alone: int8 times int8, summed in int32, scaled back at the end.

    sum_k sx (cx - zx) · sw (cw - 0)  =  sx sw · [ sum_k cx cw  -  zx sum_k cw ]

The bracket is integer arithmetic, which a microcontroller without floating point can do; the second
sum is known before any input arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.edge.quantization import Quantized, finite, quantize, scale_and_zero


@dataclass(frozen=True)
class Coding:
    """How a layer's activations are coded, asymmetrically: scale, zero point, bits."""

    scale: float
    zero: int
    bits: int = 8

    def codes(self, values: Any) -> NDArray[np.int32]:
        """Codes of ``values``; what lies outside the calibrated range is clipped to its end."""
        low, high = -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1
        found = np.rint(finite(values, "the activations") / self.scale) + self.zero
        return np.clip(found, low, high).astype(np.int32)

    def values(self, codes: Any) -> NDArray[np.float64]:
        """What the codes stand for."""
        return np.asarray((np.asarray(codes, np.int64) - self.zero) * self.scale, np.float64)


def calibrate(activations: Any, bits: int = 8, percentile: float = 100.0) -> Coding:
    """Choose scale and zero point from activations that a few typical inputs caused.

    percentile: the share of the values that must fit, in percent.
    Raises ValueError for NaN, infinity, or no data.
    """
    array = finite(activations, "the calibration data")
    tail = (100 - percentile) / 2
    least, most = np.percentile(array, [tail, 100 - tail])
    scale, zero = scale_and_zero(np.array([least]), np.array([most]), bits, symmetric=False)
    return Coding(float(scale[0]), int(zero[0]), bits)


def integer_matmul(inputs: Any, weights: Any) -> NDArray[np.int32]:
    """The product of codes (N, K) and (M, K), transposed, in int32: (N, M).

    Raises ValueError for arrays that are not whole numbers of one byte, for shapes that do not fit,
    and for a K beyond which int32 might overflow.
    """
    for what, codes in (("inputs", inputs), ("weights", weights)):
        if not np.issubdtype(np.asarray(codes).dtype, np.integer):
            raise ValueError(f"{what} must be integer codes, not {np.asarray(codes).dtype}")
        if np.asarray(codes).size and np.abs(np.asarray(codes, np.int64)).max() > 255:
            raise ValueError(f"{what} must fit one byte; the largest is {np.abs(codes).max()}")
    a, b = np.asarray(inputs, np.int32), np.asarray(weights, np.int32)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"shapes {a.shape} and {b.shape} do not fit: expected (N, K) and (M, K)")
    if a.shape[1] > (2**31 - 1) // 255**2:
        raise ValueError(f"K = {a.shape[1]} products of two bytes may overflow an int32")
    return np.matmul(a, b.T, dtype=np.int32)


@dataclass(frozen=True)
class IntegerLinear:
    """A linear layer on codes: int8 weights with one scale a channel, int32 bias."""

    weights: Quantized
    bias: NDArray[np.int32]
    incoming: Coding
    outgoing: Coding | None  # None: the result is left in int32 and scaled to floats

    @property
    def _factor(self) -> NDArray[np.float64]:
        return self.incoming.scale * self.weights.scale[:, 0]

    def accumulate(self, codes: Any) -> NDArray[np.int32]:
        """The int32 sums (N, M) for input codes (N, K)."""
        sums = integer_matmul(codes, self.weights.codes)
        correction = self.incoming.zero * self.weights.codes.sum(axis=1, dtype=np.int32)
        return (sums - correction + self.bias).astype(np.int32)

    def __call__(self, codes: Any) -> Any:
        """Output codes where the layer has an outgoing coding, else float scores."""
        sums = self.accumulate(codes)
        if self.outgoing is None:
            return sums * self._factor
        scaled = np.rint(sums * (self._factor / self.outgoing.scale)) + self.outgoing.zero
        return np.clip(scaled, -128, 127).astype(np.int32)


@dataclass(frozen=True)
class IntegerNetwork:
    """A whole perceptron in int8: ReLU is a maximum with the zero point."""

    layers: tuple[IntegerLinear, ...]

    def __call__(self, inputs: Any) -> NDArray[np.float64]:
        """Scores (N, classes) of float inputs (N, ...)."""
        codes: Any = self.layers[0].incoming.codes(np.asarray(inputs).reshape(len(inputs), -1))
        for layer in self.layers:
            codes = layer(codes)
            if layer.outgoing is not None:
                codes = np.maximum(codes, layer.outgoing.zero)
        return np.asarray(codes, np.float64)


def integer_network(network: Any, calibration: Any) -> IntegerNetwork:
    """Quantize a network of linear layers for whole numbers alone.

    network: course.edge.networks.Layers. calibration: typical inputs (N, ...), without labels.
    Raises ValueError for calibration data that holds NaN, or none.
    """
    x = finite(calibration, "the calibration data").reshape(len(calibration), -1)
    if x.shape[1] != network.weights[0].shape[1]:
        raise ValueError(
            f"the calibration data have {x.shape[1]} values a row; the network takes "
            f"{network.weights[0].shape[1]}"
        )
    coding, layers = calibrate(x), []
    for number, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        last = number == len(network.weights) - 1
        x = x @ weight.T + bias
        x = x if last else np.maximum(x, 0)
        outgoing = None if last else calibrate(x)
        codes = quantize(weight, 8, per="channel")
        whole = np.rint(bias / (coding.scale * codes.scale[:, 0])).astype(np.int32)
        layers.append(IntegerLinear(codes, whole, coding, outgoing))
        coding = outgoing or coding
    return IntegerNetwork(tuple(layers))
