"""The hand-built integers and exports beside PyTorch's; torch is loaded only when this runs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from course import scratch
from course.edge.export import to_onnx
from course.edge.integer import integer_matmul, integer_network
from course.edge.latency import measure
from course.edge.networks import digits, reference, to_module
from course.edge.quantization import quantize
from course.edge.runtime import Session


@dataclass(frozen=True)
class BothEngines:
    """What was compared: the largest difference, what would be the least possible, times (ms)."""

    rows: Sequence[tuple[str, float, str, float, float]]
    head = ("", "largest difference", "in", "by hand, p50 (ms)", "PyTorch, p50 (ms)")

    def texts(self) -> list[tuple[str, ...]]:
        """The rows as text; no time where none was measured."""
        return [
            (a, f"{b:.3g}", c, *("" if np.isnan(t) else f"{t:.3f}" for t in (d, e)))
            for a, b, c, d, e in self.rows
        ]

    def __str__(self) -> str:
        lines = [self.head, *self.texts()]
        return "\n".join(f"{a:52}{b:>20}{c:>12}{d:>19}{e:>19}" for a, b, c, d, e in lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in self.head)
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th>'
            + "".join(f"<td>{t}</td>" for t in rest)
            + "</tr>"
            for a, *rest in self.texts()
        )
        return f"<table><caption>By hand beside PyTorch</caption><tr>{head}</tr>{body}</table>"


def in_both() -> BothEngines:
    """Rounding, the integer product, a whole int8 layer, and both engines' exports.

    Raises MissingPackage, with what to install, where onnx or onnxruntime is missing.
    """
    import torch

    with warnings.catch_warnings():
        # PyTorch announces the end of its quantized tensors; its arithmetic is what we compare with.
        warnings.filterwarnings("ignore", message=".*quantize.*deprecated")
        return BothEngines([_rounding(torch), _product(torch), _layer(torch), *_exports(torch)])


def _rounding(torch: Any) -> tuple[str, float, str, float, float]:
    weight = reference().weights[0]
    mine = quantize(weight, 8, per="channel")
    theirs = torch.quantize_per_channel(
        torch.from_numpy(weight),
        torch.from_numpy(mine.scale[:, 0].copy()),
        torch.zeros(len(weight), dtype=torch.int64),
        0,
        torch.qint8,
    )
    gap = float(np.abs(mine.codes - theirs.int_repr().numpy().astype(int)).max())
    return "int8 codes of the first layer, per channel", gap, "codes", np.nan, np.nan


def _product(torch: Any) -> tuple[str, float, str, float, float]:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-128, 128, size, dtype=np.int8) for size in ((64, 512), (512, 512)))
    ta, tb = torch.from_numpy(a), torch.from_numpy(b).t().contiguous()
    mine, theirs = integer_matmul(a, b), torch._int_mm(ta, tb).numpy()
    times = [
        measure(call, repeats=5, warm_up=1).p50
        for call in (lambda: integer_matmul(a, b), lambda: torch._int_mm(ta, tb))
    ]
    gap = float(np.abs(mine.astype(np.int64) - theirs).max())
    return "int8 product, (64, 512) by (512, 512), in int32", gap, "int32", times[0], times[1]


def layer_codes(torch: Any) -> tuple[Any, Any]:
    """Output codes of the first int8 layer on the held-out digits: by hand, and PyTorch's."""
    data, network = digits(), reference()
    layer = integer_network(network, data.images[:200]).layers[0]
    assert layer.outgoing is not None
    codes = layer.incoming.codes(data.held_images)
    mine = layer(codes)
    # PyTorch codes activations from 0 to 255; ours, from -128, are 128 less. Both get the same codes:
    # grey levels of 1/16 lie half-way between two, and float32 and float64 round those apart.
    x = torch._make_per_tensor_quantized_tensor(
        torch.from_numpy((codes + 128).astype(np.uint8)),
        layer.incoming.scale,
        layer.incoming.zero + 128,
    )
    w = torch.quantize_per_channel(
        torch.from_numpy(network.weights[0]),
        torch.from_numpy(layer.weights.scale[:, 0].copy()),
        torch.zeros(len(network.weights[0]), dtype=torch.int64),
        0,
        torch.qint8,
    )
    packed = torch.ops.quantized.linear_prepack(w, torch.from_numpy(network.biases[0]))
    out = torch.ops.quantized.linear(x, packed, layer.outgoing.scale, layer.outgoing.zero + 128)
    return mine, out.int_repr().numpy().astype(int) - 128


def _layer(torch: Any) -> tuple[str, float, str, float, float]:
    mine, theirs = layer_codes(torch)
    gap = float(np.abs(mine - theirs).max())
    return "a whole int8 layer, on 359 digits", gap, "codes", np.nan, np.nan


def _exports(torch: Any) -> list[tuple[str, float, str, float, float]]:
    data, network = digits(), reference()
    rows = []
    for name, engine in (("course.scratch", scratch), ("PyTorch", torch)):
        model = to_module(network, engine.nn, engine)
        wanted = model(engine.from_numpy(data.held_images)).detach().numpy()
        answers = Session(to_onnx(model, (64,)))(data.held_images)
        gap = float(np.abs(answers - wanted).max())
        rows.append((f"{name}'s model, exported, in ONNX Runtime", gap, "scores", np.nan, np.nan))
    return rows
