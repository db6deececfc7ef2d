"""What fewer bits cost: the digit network quantized after training, and trained for few bits."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from course import scratch
from course.edge.networks import LAST, Layers, accuracy, digits, folded, reference, to_module, train
from course.edge.quantization import Calibration, Per, Quantized, quantize, scale_and_zero

BITS = (2, 3, 4, 5, 6, 7, 8)


def quantized_weights(
    network: Layers, bits: int, per: Per, calibration: Calibration = "minmax"
) -> tuple[Quantized, ...]:
    """Each layer's weights, quantized symmetrically."""
    return tuple(quantize(w, bits, per=per, calibration=calibration) for w in network.weights)


def with_quantized(network: Layers, bits: int, per: Per, calibration: Calibration) -> Layers:
    """The network computing with the values that its quantized weights stand for."""
    found = quantized_weights(network, bits, per, calibration)
    return network.with_weights(q.values.astype(np.float32) for q in found)


@lru_cache(maxsize=256)
def accuracy_at(bits: int, per: Per, calibration: Calibration = "minmax") -> float:
    """Held-out accuracy, 0 to 1, of the reference network with quantized weights."""
    data = digits()
    network = with_quantized(reference(), bits, per, calibration)
    return accuracy(network, data.held_images, data.held_labels)


def fake_quantize(weight: Any, bits: int, per: Per = "channel") -> Any:
    """A weight as its quantized values; the gradient passes as if nothing had been rounded.

    weight: a tensor (out, in) of course.scratch. Rounding is flat almost everywhere: its true
    gradient is 0, and nothing would be learned. The straight-through estimator (Bengio, Léonard and
    Courville, 2013) takes 1 instead: w + (q(w) - w), with the bracket cut out of the graph.
    """
    array = weight.detach().numpy()
    blocks = array.reshape(1, -1) if per == "tensor" else array
    least, most = blocks.min(axis=1, keepdims=True), blocks.max(axis=1, keepdims=True)
    scale, _ = scale_and_zero(least, most, bits, symmetric=True)
    # The largest value has the largest code, so nothing is clipped and no gradient need stop.
    rounded = (np.rint(blocks / scale) * scale).reshape(array.shape).astype(array.dtype)
    return weight + scratch.from_numpy(rounded - array)


class Aware(scratch.nn.Module):
    """A model of linear layers and ReLU that computes with rounded weights and trains the others."""

    def __init__(self, model: Any, bits: int, per: Per) -> None:
        super().__init__()
        self.model, self.bits, self.per = model, bits, per

    def forward(self, x: Any) -> Any:
        """Scores (N, classes)."""
        for part in self.model:
            if hasattr(part, "weight"):
                rounded = fake_quantize(part.weight, self.bits, self.per)
                x = scratch.nn.functional.linear(x, rounded, part.bias)
            else:
                x = part(x)
        return x


@lru_cache(maxsize=64)
def trained_for(bits: int, per: Per = "channel") -> Layers:
    """The digit network, its last epochs with rounded weights; returned with them, in float32.

    This is quantization-aware training. Raises ValueError for bits that there are not.
    """
    if bits not in BITS:
        raise ValueError(f"bits must be one of {BITS}, not {bits!r}")
    data, model = digits(), to_module(folded())
    train(Aware(model, bits, per), data.images, data.labels, **LAST)
    weights = [p.weight.detach().numpy() for p in model if hasattr(p, "weight")]
    biases = [p.bias.detach().numpy().copy() for p in model if hasattr(p, "weight")]
    found = [quantize(w, bits, per=per).values.astype(np.float32) for w in weights]
    return Layers(tuple(found), tuple(biases))


def aware_accuracy(bits: int, per: Per = "channel") -> float:
    """Held-out accuracy of the network that was trained for ``bits`` bits."""
    data = digits()
    return accuracy(trained_for(bits, per), data.held_images, data.held_labels)


def stored_bytes(network: Layers, bits: int, per: Per) -> int:
    """Bytes of the quantized weights with their scales, and of the biases in float32."""
    weights = sum(q.bytes for q in quantized_weights(network, bits, per))
    return weights + 4 * sum(b.size for b in network.biases)
