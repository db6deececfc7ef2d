"""ONNX files run, quantized and looked into with ONNX Runtime; wrong files are refused in words."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from course.edge.extras import need
from course.edge.given import count
from course.edge.latency import Latency, measure
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
        if not isinstance(model, bytes | str | Path):
            raise ModelFileError(f"give an ONNX file's bytes or its path, not {model!r:.60}")
        name = "these bytes" if isinstance(model, bytes) else str(model)
        data = model if isinstance(model, bytes) else _read(Path(model))
        if not data:
            raise ModelFileError(f"{name} is empty, not an ONNX model")
        try:
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors share no public class
            said = (
                str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            )
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
        array = np.ascontiguousarray(
            inputs, np.int32 if "int32" in self._input.type else np.float32
        )
        wanted = self._input.shape
        fits = len(wanted) == array.ndim and all(
            not isinstance(w, int) or w == n for w, n in zip(wanted, array.shape, strict=True)
        )
        if not fits:
            raise ValueError(
                f"the model wants inputs of shape {wanted}; these have {list(array.shape)}"
            )
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

        base: Any = tools.CalibrationDataReader

        class Reader(base):
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
    """One form of a model: its file, its held-out accuracy (0 to 1, NaN if untrained), its times."""

    name: str
    data: bytes
    accuracy: float
    latency: Latency

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return len(self.data)


@dataclass(frozen=True)
class Forms:
    """A model in float and in int8, as a table."""

    caption: str
    forms: tuple[Form, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """Name, size in kB, accuracy, p50, p95, p99, worst (ms)."""
        return [
            (
                f.name,
                f"{f.size / 1000:,.1f}",
                "" if np.isnan(f.accuracy) else f"{f.accuracy:.1%}",
                *(
                    f"{t:.4f}"
                    for t in (f.latency.p50, f.latency.p95, f.latency.p99, f.latency.worst)
                ),
            )
            for f in self.forms
        ]

    head = ("", "file (kB)", "right", "p50 (ms)", "p95", "p99", "worst")

    def __str__(self) -> str:
        body = [
            f"{a:28}" + "".join(f"{c:>11}" for c in rest) for a, *rest in (self.head, *self.rows())
        ]
        return "\n".join([self.caption, *body])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{h}</th>' for h in self.head)
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th>'
            + "".join(f"<td>{c}</td>" for c in rest)
            + "</tr>"
            for a, *rest in self.rows()
        )
        return f"<table><caption>{escape(self.caption)}</caption><tr>{head}</tr>{body}</table>"


def forms_of(
    model: bytes, images: Any, labels: Any, calibration: Any, *, caption: str, repeats: int = 300
) -> Forms:
    """The model as it is, with dynamic and with static int8: size, accuracy, one-image latency.

    labels may be None: then no accuracy is measured. Each is timed on one thread, warmed up.
    Raises what Session, dynamic_int8 and static_int8 raise.
    """
    files = {
        "32-bit floats": model,
        "int8, dynamic": dynamic_int8(model),
        "int8, static": static_int8(model, calibration),
    }
    one = np.ascontiguousarray(images[:1], np.float32)
    found = []
    for name, data in files.items():
        session = Session(data)
        right = float("nan")
        if labels is not None:
            right = float((session(images).argmax(axis=1) == labels).mean())
        times = measure(lambda s=session: s(one), name=name, repeats=repeats)  # type: ignore[misc]
        found.append(Form(name, data, right, times))
    return Forms(caption, tuple(found))


def digit_forms() -> Forms:
    """The lesson's digit network in its three forms."""
    from course.edge.export import to_onnx
    from course.edge.networks import digits, reference, to_module

    data = digits()
    model = to_onnx(to_module(reference()), (64,))
    caption = "The digit network, 64-64-32-10, in ONNX Runtime: one image at a time, measured here"
    return forms_of(model, data.held_images, data.held_labels, data.images[:100], caption=caption)


def wide_forms(width: int = 1024) -> Forms:
    """An untrained network of two hidden layers of that width: only sizes and times."""
    from course import models, scratch
    from course.edge.export import to_onnx
    from course.edge.networks import seeded

    count(width, "width")
    with seeded(0):
        model = to_onnx(models.mlp(scratch.nn, (width, width, width, 10)), (width,))
    inputs = np.random.default_rng(0).normal(size=(20, width)).astype(np.float32)
    caption = (
        f"An untrained network, {width}-{width}-{width}-10: one input at a time, measured here"
    )
    return forms_of(model, inputs, None, inputs, caption=caption, repeats=100)
