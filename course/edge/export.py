"""Models written as ONNX files, a format that phones, browsers and microcontroller tools read.

The exporter walks a Sequential of either engine and writes one or two nodes a layer. What it does not
know it names, instead of writing a file that computes something else.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course.edge.extras import need

OPSET, IR = 17, 8  # read by every ONNX Runtime since 1.12 (2022)


class ExportError(ValueError):
    """A part of the model has no counterpart here."""


class _Graph:
    """Nodes and weights collected so far; ``last`` is the name of the latest result."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.last = "input"

    def constant(self, name: str, array: Any) -> str:
        self.weights.append(
            need("onnx").numpy_helper.from_array(np.asarray(array, np.float32), name)
        )
        return name

    def add(self, kind: str, name: str, *inputs: str, **attributes: Any) -> None:
        helper = need("onnx").helper
        node = helper.make_node(kind, [self.last, *inputs], [name], name=name, **attributes)
        self.nodes.append(node)
        self.last = name


def _array(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()


def _pair(value: Any) -> list[int]:
    return [int(v) for v in value] if isinstance(value, tuple | list) else [int(value)] * 2


def _linear(graph: _Graph, part: Any, name: str) -> None:
    inputs = [graph.constant(f"{name}_weight", _array(part.weight))]
    if part.bias is not None:
        inputs.append(graph.constant(f"{name}_bias", _array(part.bias)))
    graph.add("Gemm", name, *inputs, transB=1)


def _conv(graph: _Graph, part: Any, name: str) -> None:
    if isinstance(part.padding, str):
        raise ExportError(f"{name}: padding={part.padding!r} is not exported; give it as numbers")
    if getattr(part, "padding_mode", "zeros") != "zeros":
        raise ExportError(f"{name}: padding_mode={part.padding_mode!r} is not exported; use zeros")
    inputs = [graph.constant(f"{name}_weight", _array(part.weight))]
    if part.bias is not None:
        inputs.append(graph.constant(f"{name}_bias", _array(part.bias)))
    graph.add(
        "Conv",
        name,
        *inputs,
        kernel_shape=_pair(part.kernel_size),
        strides=_pair(part.stride),
        pads=_pair(part.padding) * 2,
        dilations=_pair(getattr(part, "dilation", 1)),
        group=int(getattr(part, "groups", 1)),
    )


def _pool(kind: str) -> Callable[[_Graph, Any, str], None]:
    def write(graph: _Graph, part: Any, name: str) -> None:
        stride = part.stride if part.stride is not None else part.kernel_size
        size = {"kernel_shape": _pair(part.kernel_size), "strides": _pair(stride)}
        if kind == "AveragePool" and getattr(part, "divisor_override", None):
            raise ExportError(f"{name}: divisor_override is not exported")
        counted = (
            {"count_include_pad": int(getattr(part, "count_include_pad", True))}
            if kind == "AveragePool"
            else {}
        )
        graph.add(
            kind,
            name,
            **size,
            pads=_pair(part.padding) * 2,
            ceil_mode=int(getattr(part, "ceil_mode", False)),
            **counted,
        )

    return write


def _norm(graph: _Graph, part: Any, name: str) -> None:
    if part.running_mean is None or part.weight is None:
        raise ExportError(
            f"{name}: only a BatchNorm with running statistics and weights is exported"
        )
    inputs = [
        graph.constant(f"{name}_{short}", _array(getattr(part, short)))
        for short in ("weight", "bias", "running_mean", "running_var")
    ]
    graph.add("BatchNormalization", name, *inputs, epsilon=float(part.eps))


def _flatten(graph: _Graph, part: Any, name: str) -> None:
    if (part.start_dim, part.end_dim) != (1, -1):
        raise ExportError(f"{name}: only a Flatten from dimension 1 to the last is exported")
    graph.add("Flatten", name, axis=1)


def _plain(kind: str) -> Callable[[_Graph, Any, str], None]:
    return lambda graph, part, name: graph.add(kind, name)


def _softmax(graph: _Graph, part: Any, name: str) -> None:
    graph.add("Softmax", name, axis=-1 if part.dim is None else int(part.dim))


def _nothing(graph: _Graph, part: Any, name: str) -> None:
    """Dropout does nothing once training is over."""


_WRITERS: dict[str, Callable[[_Graph, Any, str], None]] = {
    "Linear": _linear,
    "Conv2d": _conv,
    "MaxPool2d": _pool("MaxPool"),
    "AvgPool2d": _pool("AveragePool"),
    "BatchNorm1d": _norm,
    "BatchNorm2d": _norm,
    "Flatten": _flatten,
    "ReLU": _plain("Relu"),
    "Tanh": _plain("Tanh"),
    "Sigmoid": _plain("Sigmoid"),
    "Softmax": _softmax,
    "Dropout": _nothing,
    "Identity": _nothing,
}


def to_onnx(model: Any, shape: tuple[int, ...], path: str | Path | None = None) -> bytes:
    """A Sequential of course.scratch or PyTorch as an ONNX file, for any number of inputs at once.

    shape: of one input, without the batch: (64,) or (1, 28, 28). path: where to write it as well.
    Returns the file's bytes. The network is written as it answers, not as it trains.
    Raises ExportError, which names the layer and its kind, for what it cannot write, ValueError for a
    shape that is none, and OSError where path cannot be written.
    """
    onnx = need("onnx")
    if (
        not isinstance(shape, tuple | list)
        or not shape
        or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in shape)
    ):
        raise ValueError(
            f"shape is that of one input, for example (64,) or (1, 28, 28), not {shape!r}"
        )
    graph = _Graph()
    _walk(graph, model, "")
    graph.add("Identity", "output")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    made = helper.make_graph(
        graph.nodes,
        type(model).__name__,
        [helper.make_tensor_value_info("input", kind, ["batch", *shape])],
        [helper.make_tensor_value_info("output", kind, None)],
        graph.weights,
    )
    file = helper.make_model(
        made,
        producer_name="train-by-hand",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
    )
    # A weight that does not fit the shape is found now, not on the phone.
    try:
        file = onnx.shape_inference.infer_shapes(file, check_type=True, strict_mode=True)
        onnx.checker.check_model(file)
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError) as error:
        said = " ".join(str(error).split())
        raise ValueError(
            f"the layers do not fit one another, or not an input of shape {shape}; the onnx package "
            f"says: {said[:300]}"
        ) from None
    data: bytes = file.SerializeToString()
    if path is not None:
        Path(path).write_bytes(data)
    return data


def _walk(graph: _Graph, part: Any, name: str) -> None:
    kind = type(part).__name__
    label = name or kind
    if kind == "Sequential":
        for number, child in enumerate(part):
            _walk(graph, child, f"{name}.{number}" if name else f"layer{number}")
        return
    if kind not in _WRITERS:
        raise ExportError(
            f"{label} is a {kind}, which this exporter cannot write; it knows Sequential, "
            f"{', '.join(sorted(_WRITERS))}. Replace it, or write a few lines for it in course/edge/export.py"
        )
    _WRITERS[kind](graph, part, label)
