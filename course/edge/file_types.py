"""Magika's real model, which names a file's type from its bytes, examined and made smaller.

About 3 MB of ONNX in the package magika (Fratantonio et al. 2024). Nothing is uploaded: the learner's
files are read here, and only their types are counted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from course.edge.extras import need
from course.edge.latency import Latency, measure
from course.edge.runtime import Session, dynamic_int8, operators

MOST_FILES = 40
MOST_SEEN = 3000  # files looked at in a large folder
MOST_BYTES = 50_000_000


class NoFiles(ValueError):
    """There is no readable file where the learner pointed."""


@dataclass(frozen=True)
class Examined:
    """The model as it is shipped, and with its weights in int8: size, time, and the same answers?"""

    float_bytes: int
    int8_bytes: int
    parameters: int
    kinds: dict[str, int]  # operators in the file as shipped
    float_latency: Latency
    int8_latency: Latency
    files: tuple[Path, ...]
    float_types: tuple[str, ...]
    int8_types: tuple[str, ...]

    @property
    def agreement(self) -> float:
        """The share of the files that both forms name alike, 0 to 1."""
        same = [a == b for a, b in zip(self.float_types, self.int8_types, strict=True)]
        return float(np.mean(same))

    def rows(self) -> list[tuple[str, str, str]]:
        """What, as shipped, in int8."""
        return [
            ("size on disk (MB)", f"{self.float_bytes / 1e6:.2f}", f"{self.int8_bytes / 1e6:.2f}"),
            (
                "time, p50 (ms), here",
                f"{self.float_latency.p50:.2f}",
                f"{self.int8_latency.p50:.2f}",
            ),
            (
                "time, p99 (ms), here",
                f"{self.float_latency.p99:.2f}",
                f"{self.int8_latency.p99:.2f}",
            ),
            (f"same type, of {len(self.files)} files", "", f"{self.agreement:.1%}"),
        ]

    def __str__(self) -> str:
        lines = [("Magika's model", "as shipped", "int8 weights"), *self.rows()]
        return "\n".join(f"{a:32}{b:>14}{c:>14}" for a, b, c in lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td></tr>'
            for a, b, c in self.rows()
        )
        head = (
            '<th scope="col"></th><th scope="col">as shipped</th><th scope="col">int8 weights</th>'
        )
        return f"<table><caption>Magika's model</caption><tr>{head}</tr>{body}</table>"


def model_folder() -> Path:
    """Where the installed package keeps its newest model; raises MissingPackage without it."""
    found = sorted(Path(need("magika").__file__).parent.glob("models/*/model.onnx"))
    if not found:
        raise NoFiles(
            "the installed magika has no models/*/model.onnx; reinstall it: pip install magika"
        )
    return found[-1].parent


@lru_cache
def _forms() -> tuple[bytes, bytes]:
    model = (model_folder() / "model.onnx").read_bytes()
    return model, dynamic_int8(model)


def own_files(folder: str | Path, most: int = MOST_FILES) -> tuple[Path, ...]:
    """Up to ``most`` files below a folder, of as many endings as possible, in a fixed order.

    Raises NoFiles for a folder that is not there or holds no file that can be read.
    """
    if not isinstance(folder, str | Path):
        raise NoFiles(f"give a folder's name, for example '.', not {folder!r:.60}")
    top = Path(folder).expanduser()
    if not top.is_dir():
        raise NoFiles(f"{top} is not a folder; give one of yours, for example '.' or '~/Documents'")
    by_ending: dict[str, list[Path]] = {}
    seen = 0
    for here, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = Path(here) / name
            if not name.startswith(".") and path.is_file() and 0 < path.stat().st_size < MOST_BYTES:
                by_ending.setdefault(path.suffix.lower(), []).append(path)
                seen += 1
        if seen >= MOST_SEEN:
            break
    taken: list[Path] = []
    while by_ending and len(taken) < most:
        for ending in sorted(by_ending):
            if len(taken) < most:
                taken.append(by_ending[ending].pop(0))
            if not by_ending[ending]:
                del by_ending[ending]
    if not taken:
        raise NoFiles(f"{top} holds no file that could be looked at; give another folder")
    return tuple(taken)


def examine(files: Iterable[str | Path], repeats: int = 15) -> Examined:
    """Name the types of ``files`` with both forms of the model, and time both on one thread.

    Raises MissingPackage without magika, onnx or onnxruntime, and NoFiles for no files.
    """
    paths = tuple(Path(f) for f in ([files] if isinstance(files, str | Path) else files))
    if not paths:
        raise NoFiles("give at least one file; own_files(folder) finds some")
    lost = [str(path) for path in paths if not path.is_file()]
    if lost:
        raise NoFiles(
            f"{lost[0]} is not a file that can be read; {len(lost)} of {len(paths)} are not"
        )
    shipped, small = _forms()
    sessions = [Session(form) for form in (shipped, small)]
    probe = np.random.default_rng(0).integers(0, 256, (1, 2048)).astype(np.int32)
    times = [
        measure(lambda s=s: s(probe), name=name, repeats=repeats, warm_up=3)  # type: ignore[misc]
        for s, name in zip(sessions, ("as shipped", "int8 weights"), strict=True)
    ]
    onnx = need("onnx")
    weights = onnx.load_from_string(shipped).graph.initializer
    return Examined(
        len(shipped),
        len(small),
        sum(int(np.prod(w.dims)) for w in weights if w.data_type == onnx.TensorProto.FLOAT),
        operators(shipped),
        times[0],
        times[1],
        paths,
        _types(None, paths),
        _types(small, paths),
    )


def _types(model: bytes | None, paths: tuple[Path, ...]) -> tuple[str, ...]:
    """What Magika's own program says of each file, with its model or with another in its place."""
    magika: Any = need("magika")
    if model is None:
        reader = magika.Magika()
        return tuple(str(reader.identify_path(p).output.label) for p in paths)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        shutil.copytree(model_folder(), folder)
        (folder / "model.onnx").write_bytes(model)
        reader = magika.Magika(model_dir=folder)
        return tuple(str(reader.identify_path(p).output.label) for p in paths)
