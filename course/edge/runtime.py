"""ONNX files run, quantized and looked into with ONNX Runtime; wrong files are refused in words."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course.edge.extras import need
from course.edge.quantization import finite


class ModelFileError(ValueError):
    """A file is not a model that ONNX Runtime can run."""


class Session:
    """A model ready to answer, on one thread by default, so that its times can be compared.

    Raises ModelFileError for bytes or a file that is no sound ONNX model.
    """

    def __init__(self, model: bytes | str | Path, threads: int = 1) -> None:
        ort = need("onnxruntime")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 4
        name = "these bytes" if isinstance(model, bytes) else str(model)
        data = model if isinstance(model, bytes) else _read(Path(model))
        if not data:
            raise ModelFileError(f"{name} is empty, not an ONNX model")
        try:
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors share no public class
            said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ModelFileError(
                f"{name} ({len(data):,} bytes) is not a sound ONNX model; ONNX Runtime says: {said}. "
                "Was it cut off while it was copied? Export it again"
            ) from None
        self.size = len(data)
        self._input = self._session.get_inputs()[0]

    def __call__(self, inputs: Any) -> Any:
        """The first output for a batch of inputs.

        Raises ValueError for inputs of another shape than the model's.
        """
        array = np.ascontiguousarray(inputs, np.int32 if "int32" in self._input.type else np.float32)
        wanted = self._input.shape
        fits = len(wanted) == array.ndim and all(
            not isinstance(w, int) or w == n for w, n in zip(wanted, array.shape, strict=True)
        )
        if not fits:
            raise ValueError(f"the model wants inputs of shape {wanted}; these have {list(array.shape)}")
        return self._session.run(None, {self._input.name: array})[0]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read: {error.strerror}") from None


def operators(model: bytes) -> dict[str, int]:
    """How often each operator stands in the model, the most frequent first."""
    graph = need("onnx").load_from_string(model).graph
    kinds = [node.op_type for node in graph.node]
    return dict(sorted(((k, kinds.count(k)) for k in set(kinds)), key=lambda kv: (-kv[1], kv[0])))


def dynamic_int8(model: bytes) -> bytes:
    """Weights in int8; the scale of the activations is found anew at each call."""
    with _quiet() as folder:
        source, target = folder / "model.onnx", folder / "int8.onnx"
        source.write_bytes(model)
        tools = need("onnxruntime.quantization")
        tools.quantize_dynamic(source, target, weight_type=tools.QuantType.QInt8)
        return target.read_bytes()


def static_int8(model: bytes, calibration: Any) -> bytes:
    """Weights and activations in int8, with scales found beforehand on ``calibration`` (N, ...).

    Raises ValueError for calibration data that holds NaN, or none.
    """
    inputs = finite(calibration, "the calibration data").astype(np.float32)
    name = Session(model)._input.name
    with _quiet() as folder:
        source, target = folder / "model.onnx", folder / "int8.onnx"
        source.write_bytes(model)
        tools = need("onnxruntime.quantization")

        class Reader(tools.CalibrationDataReader):  # type: ignore[misc]
            rows = iter([{name: inputs[n : n + 1]} for n in range(len(inputs))])

            def get_next(self) -> Any:
                return next(self.rows, None)

        tools.quantize_static(
            source,
            target,
            Reader(),
            quant_format=tools.QuantFormat.QOperator,
            per_channel=True,
            weight_type=tools.QuantType.QInt8,
            activation_type=tools.QuantType.QUInt8,
        )
        return target.read_bytes()


@contextlib.contextmanager
def _quiet() -> Iterator[Path]:
    """A folder for the tools' files, and no advice on the console."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)
    finally:
        logging.disable(before)


@dataclass(frozen=True)
class Form:
    """One form of a model: its file's bytes, its held-out accuracy (0 to 1), its times."""

    name: str
    data: bytes
    accuracy: float
    latency: Any

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return len(self.data)
