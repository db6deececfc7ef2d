"""The checks of lesson 11: a quantizer, an integer layer to repair, a smaller network, a percentile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import Exercise, case, probe, slip

_SOLUTION = "../solutions/11_edge_ai.ipynb"

# --------------------------------------------------------------------------- quantize_affine


def _quantize(values: Any, bits: int) -> tuple[Any, float, int]:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    least, most = min(values.min(), 0.0), max(values.max(), 0.0)
    scale = (most - least) / (high - low)
    zero = int(np.rint(low - least / scale))
    codes = np.clip(np.rint(values / scale) + zero, low, high)
    return codes.astype(int), float(scale), zero


def _told(values: Any, bits: int) -> Callable[[Any], dict[str, Any]]:
    """What codes, scale and zero point do, each said by itself."""

    def run(quantize_affine: Any) -> dict[str, Any]:
        codes, scale, zero = quantize_affine(values.copy(), bits)
        codes = np.asarray(codes)
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        whole = bool(np.all(codes == np.rint(codes)))
        return {
            "scale": float(scale),
            "zero point": float(zero),
            "codes are whole numbers": whole,
            "codes lie in the range": bool(codes.min() >= low and codes.max() <= high),
            "codes": codes.astype(float),
        }

    return run


_RNG = np.random.default_rng(11)
_RELU = np.maximum(_RNG.normal(size=40), 0) * 2.3
_SHIFTED = np.round(_RNG.uniform(2.0, 5.0, 12), 3)
_MIXED = np.round(_RNG.normal(size=(4, 6)), 3)

quantize_affine = Exercise(
    name="quantize_affine",
    reference=_quantize,
    cases=[
        probe(_told(np.array([-1.0, 0.0, 0.49, 2.0]), 8), "four values from -1 to 2, 8 bits"),
        probe(_told(_MIXED, 8), "weights of both signs, 8 bits"),
        probe(_told(_RELU, 8), "activations after ReLU, 8 bits"),
        probe(_told(_SHIFTED, 8), "values from 2 to 5: 0 is not among them"),
        probe(_told(_MIXED, 4), "the weights, 4 bits"),
    ],
    mistakes=[
        slip(
            "The range does not reach to 0, so that 0 gets no code of its own: widen it, `min(values.min(), 0)`.",
            "min(values.min(), 0.0), max(values.max(), 0.0)",
            "values.min(), values.max()",
        ),
        slip(
            "The scale is too small by one step: between `low` and `high` lie `high - low` steps, one fewer than there are codes.",
            "(most - least) / (high - low)",
            "(most - least) / (high - low + 1)",
        ),
        slip(
            "The zero point has the wrong sign: the smallest value must land on `low`, so zero = low - smallest / scale.",
            "low - least / scale",
            "low + least / scale",
        ),
        slip(
            "`astype(int)` cuts towards 0 instead of rounding: up to a whole step is lost. Use `np.rint`.",
            "np.clip(np.rint(values / scale) + zero, low, high)",
            "np.clip(np.trunc(values / scale) + zero, low, high)",
        ),
        slip(
            "That is symmetric quantization: for values after ReLU, half of the codes is never used. The range goes from the smallest value to the largest.",
            "(most - least) / (high - low)\n",
            "2 * max(most, -least) / (high - low)\n",
            "int(np.rint(low - least / scale))",
            "0",
        ),
        slip(
            "The zero point is not added: the code of the smallest value should be `low`.",
            "np.rint(values / scale) + zero",
            "np.rint(values / scale)",
        ),
    ],
    hints=[
        "`low` is -2^(bits-1), `high` is 2^(bits-1) - 1: for 8 bits -128 and 127.",
        "First the range, widened to hold 0; then `scale = (largest - smallest) / (high - low)`; then the zero point, at which 0 lies: `low - smallest / scale`, rounded.",
        "`codes = np.clip(np.rint(values / scale) + zero, low, high).astype(int)`",
    ],
    points=2,
    solution=_SOLUTION,
)

# --------------------------------------------------------------------------- integer_layer


def _layer(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    wide = codes.astype(np.int32) - zero
    return wide @ weights.astype(np.int32).T + bias


def broken_layer(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    """The lesson's broken version: sums in int8, and no word of the zero point."""
    return codes @ weights.T + bias


def _overflows(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    return codes @ weights.T - (zero * weights.astype(np.int32).sum(axis=1)) + bias


def _no_zero(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    return codes.astype(np.int32) @ weights.astype(np.int32).T + bias


def _zero_on_sums(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    return codes.astype(np.int32) @ weights.astype(np.int32).T - zero + bias


def _too_late(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    narrow = (codes - np.int8(zero)).astype(np.int32)
    return narrow @ weights.astype(np.int32).T + bias


def _int16(codes: Any, zero: int, weights: Any, bias: Any) -> Any:
    wide = codes.astype(np.int16) - np.int16(zero)
    return (wide @ weights.astype(np.int16).T).astype(np.int32) + bias


def _codes(rows: int, inputs: int, outputs: int, seed: int, zero: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    codes = rng.integers(-128, 128, (rows, inputs), dtype=np.int8)
    weights = rng.integers(-127, 128, (outputs, inputs), dtype=np.int8)
    return codes, zero, weights, rng.integers(-900, 900, outputs, dtype=np.int32)


integer_layer = Exercise(
    name="integer_layer",
    reference=_layer,
    cases=[
        case(*_codes(2, 5, 3, 0, -128)).named("2 inputs of 5 codes, zero point -128 (after ReLU)"),
        case(*_codes(4, 64, 6, 1, 17)).named("4 inputs of 64 codes, zero point 17"),
        case(*_codes(3, 200, 4, 2, 0)).named("200 codes, zero point 0"),
    ],
    mistakes=[
        (
            broken_layer,
            "Both slips are still there. Products of two int8 need more room than int8 has, and `codes` are not values: 0 is coded as `zero`.",
        ),
        (
            _overflows,
            "The zero point is right, but the product is still formed in int8 and wraps round beyond 127: make `codes` and `weights` int32 first.",
        ),
        (
            _no_zero,
            "The sums have room now, but the zero point is forgotten: every code stands for `code - zero`.",
        ),
        (
            _zero_on_sums,
            "The zero point belongs to each code, before the product, not once to each sum.",
        ),
        (
            _too_late,
            "`codes - zero` is itself formed in int8 and wraps round: make `codes` int32 first, then subtract.",
        ),
        (
            _int16,
            "int16 holds one product, but not the sum of many: 127 · 127 · 3 is already too large. Use int32.",
        ),
    ],
    hints=[
        "Print `codes.dtype` and `(codes @ weights.T).dtype`: what happens at 100 · 100 in int8?",
        "`astype(np.int32)` on both operands, before anything is subtracted or multiplied.",
        "`(codes.astype(np.int32) - zero) @ weights.astype(np.int32).T + bias`",
    ],
    points=2,
    solution=_SOLUTION,
)

# --------------------------------------------------------------------------- drop_neurons


def _drop(first: Any, bias: Any, second: Any, count: int) -> tuple[Any, Any, Any]:
    strength = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=0)
    keep = np.sort(np.argsort(-strength)[:count])
    return first[keep], bias[keep], second[:, keep]


def _drop_incoming(first: Any, bias: Any, second: Any, count: int) -> tuple[Any, Any, Any]:
    keep = np.sort(np.argsort(-np.linalg.norm(first, axis=1))[:count])
    return first[keep], bias[keep], second[:, keep]


def _drop_columns(first: Any, bias: Any, second: Any, count: int) -> tuple[Any, Any, Any]:
    keep = np.sort(np.argsort(-np.linalg.norm(second, axis=0))[:count])
    return first[keep], bias[keep], second[:, keep]


def _drop_zeros(first: Any, bias: Any, second: Any, count: int) -> tuple[Any, Any, Any]:
    strength = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=0)
    gone = np.argsort(-strength)[count:]
    first, bias, second = first.copy(), bias.copy(), second.copy()
    first[gone], bias[gone], second[:, gone] = 0, 0, 0
    return first, bias, second


def _answers(inputs: int, hidden: int, outputs: int, count: int, seed: int) -> Callable[[Any], Any]:
    """The smaller network's matrices and answers, whatever the order of its neurons."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(hidden, inputs)), rng.normal(size=(outputs, hidden))
    first *= np.exp(rng.normal(size=(hidden, 1)))
    second /= np.sqrt(np.linalg.norm(first, axis=1))
    bias, x = rng.normal(size=hidden), rng.normal(size=(5, inputs))

    def run(drop_neurons: Any) -> dict[str, Any]:
        a, b, c = (
            np.asarray(m) for m in drop_neurons(first.copy(), bias.copy(), second.copy(), count)
        )
        found = {"shape of first": a.shape, "shape of bias": b.shape, "shape of second": c.shape}
        fits = a.ndim == c.ndim == 2 and len(a) == len(b) == c.shape[1]
        if fits and a.shape[1] == inputs:
            found["answers"] = np.maximum(x @ a.T + b, 0) @ c.T
        return found

    return run


drop_neurons = Exercise(
    name="drop_neurons",
    reference=_drop,
    cases=[
        probe(_answers(4, 6, 3, 3, 0), "6 neurons, 3 stay"),
        probe(_answers(8, 20, 5, 12, 1), "20 neurons, 12 stay"),
        probe(_answers(10, 30, 4, 1, 2), "30 neurons, 1 stays"),
    ],
    mistakes=[
        (
            _drop_incoming,
            "The strength looks at the incoming row alone. A neuron with large incoming and tiny outgoing weights says little: multiply both norms.",
        ),
        (
            _drop_columns,
            "The strength looks at the outgoing column alone; multiply it by the norm of the incoming row.",
        ),
        (
            _drop_zeros,
            "The weak neurons are set to zero, and the matrices are as large as before: nothing gets faster. Leave their rows and columns out.",
        ),
        slip(
            "The weakest neurons stay and the strongest go: sort by `-strength`.",
            "np.argsort(-strength)",
            "np.argsort(strength)",
        ),
        slip(
            "The next layer keeps all its columns: neuron i is row i of `first` and *column* i of `second`.",
            "second[:, keep]",
            "second",
        ),
        slip(
            "The biases still belong to all neurons: take `bias[keep]`.",
            "bias[keep]",
            "bias",
        ),
        slip(
            "The biases of other neurons: take those of the ones that stay, `bias[keep]`.",
            "bias[keep]",
            "bias[:count]",
        ),
    ],
    hints=[
        "`np.linalg.norm(first, axis=1)` has a number for each neuron; so has `np.linalg.norm(second, axis=0)`.",
        "`keep = np.argsort(-strength)[:count]` are the rows that stay.",
        "`return first[keep], bias[keep], second[:, keep]`",
    ],
    points=2,
    solution=_SOLUTION,
)

# --------------------------------------------------------------------------- latency_percentile


def _percentile(times: Any, percent: float) -> float:
    ordered = np.sort(times)
    rank = int(np.ceil(round(percent / 100 * len(ordered), 9)))
    return float(ordered[max(rank, 1) - 1])


def _unsorted(times: Any, percent: float) -> float:
    rank = int(np.ceil(round(percent / 100 * len(times), 9)))
    return float(times[max(rank, 1) - 1])


def _interpolated(times: Any, percent: float) -> float:
    return float(np.percentile(times, percent))


def _averaged(times: Any, percent: float) -> float:
    return float(np.mean(times))


def _normal(times: Any, percent: float) -> float:
    from statistics import NormalDist

    return float(np.mean(times) + np.std(times) * NormalDist().inv_cdf(min(percent, 99.99) / 100))


_TAIL = np.round(np.exp(_RNG.normal(size=200)), 3)

latency_percentile = Exercise(
    name="latency_percentile",
    reference=_percentile,
    cases=[
        case(np.array([5.0, 1.0, 4.0, 2.0, 3.0]), 50).named("five times, p50"),
        case(np.arange(20.0, 0.0, -1.0), 95).named("20 times, p95"),
        case(_TAIL, 99).named("200 times with a long tail, p99"),
        case(np.array([1.0, 1.0, 1.0, 90.0]), 99).named("four times, one of them slow, p99"),
        case(np.array([7.5]), 50).named("a single time"),
    ],
    mistakes=[
        (_unsorted, "The times are in the order of the calls: sort them first."),
        (
            _interpolated,
            "`np.percentile` interpolates between two calls by default: its answer is a time that no call took. Use the nearest rank, or `method='inverted_cdf'`.",
        ),
        (
            _averaged,
            "That is the mean. It says little of the slow calls, which are those that miss a deadline.",
        ),
        (
            _normal,
            "That takes the times for a bell curve. Latencies have a long tail: count instead.",
        ),
        slip(
            "One too far: ranks begin at 1, positions in the array at 0.",
            "max(rank, 1) - 1",
            "min(max(rank, 1), len(ordered) - 1)",
        ),
        slip(
            "The rank is rounded down: then fewer than `percent` % of the calls were within that time. Use `np.ceil`.",
            "int(np.ceil(round(percent / 100 * len(ordered), 9)))",
            "int(round(percent / 100 * len(ordered), 9))",
        ),
        slip(
            "The list is sorted from the slowest down: `p99` would be nearly the fastest call.",
            "np.sort(times)",
            "np.sort(times)[::-1]",
        ),
    ],
    hints=[
        "Sort, then count: of 200 calls, the p99 is the 198th.",
        "The rank is `percent / 100 * len(times)`, rounded up with `np.ceil`, at least 1; the position is one less.",
        "`99.9 / 100 * 1000` is 999.0000000000001: `round(..., 9)` before `np.ceil`.",
    ],
    points=1,
    solution=_SOLUTION,
)

ALL = (quantize_affine, integer_layer, drop_neurons, latency_percentile)
