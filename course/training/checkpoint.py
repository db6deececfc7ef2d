"""Checkpoints: a run's whole state in one file, so that it can go on as if never interrupted.

The file is a NumPy .npz that holds arrays and one JSON text, so reading it runs no code (a pickle
could). It is written beside its place and moved over the old one in a single step: an interruption
leaves either the old or the new state, never half of one.
"""

import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FORMAT = "train-by-hand checkpoint 1"
_Arrays = dict[str, NDArray[Any]]


class CheckpointError(ValueError):
    """A checkpoint is damaged, or belongs to another run; its file was left as it is."""


def write(path: Path, state: dict[str, Any]) -> None:
    """Write a tree of dicts, lists, tuples, plain values, arrays and tensors to path, atomically.

    Raises OSError, with what to do, where the place cannot be written.
    """
    arrays: _Arrays = {}
    text = json.dumps({"format": _FORMAT, "state": _pack(state, arrays)})
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False
        ) as file:
            temporary = file.name
            np.savez(file, json=np.frombuffer(text.encode(), np.uint8), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise type(error)(
                f"The checkpoint {path} cannot be written ({error.strerror or error}). "
                "Give `checkpoint` a path in a folder that you may write to."
            ) from error
        raise


def read(path: Path, engine: Any) -> dict[str, Any]:
    """Read what `write` wrote, with tensors of the engine given.

    Raises CheckpointError for a damaged file or one that is no checkpoint.
    """
    try:
        # Opened here: np.load would leave a file that is cut short open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        document = json.loads(arrays.pop("json").tobytes())
        if document["format"] != _FORMAT:
            raise ValueError(f"its format is {document['format']!r}")
        state = _unpack(document["state"], arrays, engine)
    except (ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{path} cannot be read as a checkpoint: it is damaged or another kind of file "
            f"({error}). It was left as it is. Give `checkpoint` another path, or move the file "
            "away to start again."
        ) from error
    if not isinstance(state, dict):
        raise CheckpointError(f"{path} holds no training state. Give `checkpoint` another path.")
    return state


def require_same_run(path: Path, saved: dict[str, str], present: dict[str, str]) -> None:
    """Check that a checkpoint's description of its run is this run's.

    Raises CheckpointError that names every difference.
    """
    differences = [
        f"{name} was {saved.get(name, 'not there')} and is now {present.get(name, 'not there')}"
        for name in dict.fromkeys([*saved, *present])
        if saved.get(name) != present.get(name)
    ]
    if differences:
        raise CheckpointError(
            f"The checkpoint {path} belongs to another run: {'; '.join(differences)}. It was left "
            "as it is. Give `checkpoint` another path, or move the file away to start again."
        )


def _pack(node: Any, arrays: _Arrays) -> Any:
    """Turn a tree into JSON's types; arrays and tensors go to `arrays` and leave a reference."""
    if node is None or isinstance(node, bool | int | float | str):
        return node
    if isinstance(node, dict):
        # Pairs, because JSON would turn an optimizer's integer keys into text.
        return {"dict": [[key, _pack(value, arrays)] for key, value in node.items()]}
    if isinstance(node, list | tuple):
        kind = "tuple" if isinstance(node, tuple) else "list"
        return {kind: [_pack(value, arrays) for value in node]}
    kind, array = "array", node
    if not isinstance(node, np.ndarray):
        kind, array = "tensor", node.detach().numpy()
    name = f"array{len(arrays)}"
    arrays[name] = array
    return {kind: name}


def _unpack(node: Any, arrays: _Arrays, engine: Any) -> Any:
    if not isinstance(node, dict):
        return node
    (kind, value), *_ = node.items()
    if kind == "dict":
        return {key: _unpack(item, arrays, engine) for key, item in value}
    if kind == "array":
        return arrays[value]
    if kind == "tensor":
        return engine.from_numpy(arrays[value])
    items = [_unpack(item, arrays, engine) for item in value]
    return tuple(items) if kind == "tuple" else items
