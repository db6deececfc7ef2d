"""Saving tensors to a file and loading them: the safetensors format.

A file is the length of its header (8 bytes), the header (JSON: for each name the dtype, the shape
and where its bytes are), and the bytes of all tensors. `torch.load` does not read it, which is our
one difference here: a pickle, PyTorch's own format, can run any program that its author put in.
From PyTorch, use `safetensors.torch.load_file` and `save_file`.
"""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any, BinaryIO

import numpy as np

from . import devices
from .tensors import Tensor, wrap

_NAMES = {
    "BOOL": "|b1", "U8": "|u1", "I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "F16": "<f2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip
_LONGEST_HEADER = 100_000_000  # the limit of the safetensors library


def save(obj: Mapping[str, Tensor], f: Any) -> None:
    """Write a state_dict (names and tensors) as safetensors to the path or binary file `f`.

    A path is replaced only once everything is written. Raises TypeError for anything but a flat
    dictionary of tensors. PyTorch reads it with `safetensors.torch.load_file(f)`.
    """
    arrays = _arrays(obj)
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, array in arrays.items():
        kind = next(n for n, code in _NAMES.items() if np.dtype(code) == array.dtype)
        places = [at, at + array.nbytes]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": places}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the tensors begin at a multiple of 8

    def write(file: BinaryIO) -> None:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(array.reshape(-1).view(np.uint8).data)

    if hasattr(f, "write"):
        write(f)
        return
    # Beside the file first: what it held before stays whole until all of the new is on the disk.
    path = os.path.abspath(os.fspath(f))
    temporary = f"{path}.{os.getpid()}-{threading.get_ident()}"
    try:
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _arrays(obj: Any) -> dict[str, np.ndarray]:
    """The arrays to write, those with large elements first, so that each lies aligned."""
    if not isinstance(obj, Mapping):
        raise TypeError(
            f"save: expected names and tensors, got {type(obj).__name__}; save model.state_dict()"
        )
    for name, value in obj.items():
        if not isinstance(name, str) or not isinstance(value, Tensor) or name == "__metadata__":
            kind = f"{type(value).__module__.split('.')[0]}.{type(value).__name__}"
            raise TypeError(
                "save: a safetensors file holds names and tensors of course.scratch only, as "
                f"model.state_dict() gives them; at {name!r} there is a {kind}"
            )
    listed = sorted(obj.items(), key=lambda item: (-item[1].element_size(), item[0]))
    return {
        name: np.ascontiguousarray(devices.put(x._array, "cpu")).reshape(x._array.shape)
        for name, x in listed
    }


def load(f: Any, map_location: Any = None) -> dict[str, Tensor]:
    """Read the names and tensors of a safetensors file, given as a path or a binary file.

    Raises ValueError, saying what is wrong, for a file that is not safetensors or is damaged.
    `torch.load` reads PyTorch's pickles instead, which this does not.
    """
    with nullcontext(f) if hasattr(f, "read") else open(f, "rb") as file:
        start = file.tell()
        size = file.seek(0, os.SEEK_END) - start
        file.seek(start)
        loaded = {}
        for name, kind, shape in _header(file, size):  # in the order of their bytes, without gaps
            try:
                array = np.empty(shape, _NAMES[kind])
            except (ValueError, OverflowError) as error:
                raise _bad(f"no array can have the shape of {name!r}: {error}") from None
            file.readinto(array.reshape(-1).view(np.uint8).data)
            loaded[name] = wrap(devices.put(array, map_location or "cpu"))
    return loaded


def _bad(what: str) -> ValueError:
    return ValueError(f"load: not a whole safetensors file: {what}")


def _header(file: Any, size: int) -> list[tuple]:
    """(name, dtype, shape) of each tensor in the order of their bytes, all checked."""
    if size < 8:
        raise _bad(f"it has {size} bytes, and the length of the header alone takes 8")
    first = file.read(8)
    length = int.from_bytes(first, "little")
    if first[:2] in (b"PK", b"\x80\x02"):
        raise _bad("it begins like a PyTorch pickle; save it with safetensors.torch.save_file")
    if length > min(size - 8, _LONGEST_HEADER):
        raise _bad(
            f"its header would have {length} bytes, and {size - 8} follow (it may be cut short)"
        )
    try:
        header = json.loads(file.read(length), object_pairs_hook=_distinct)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _bad(f"its header is not JSON ({type(error).__name__})") from None
    if not isinstance(header, dict):
        raise _bad("its header is not a JSON object")
    header.pop("__metadata__", None)
    at, entries = 0, [(name, *_entry(name, entry)) for name, entry in header.items()]
    entries.sort(key=lambda entry: entry[3:])
    for name, _, _, begin, end in entries:
        if begin != at:
            raise _bad(f"the bytes of {name!r} begin at {begin}, and should begin at {at}")
        at = end
    if at != size - 8 - length:
        raise _bad(f"its tensors take {at} bytes, and {size - 8 - length} follow the header")
    return [entry[:3] for entry in entries]


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, in which no name may stand twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad("a name stands twice in its header")
    return found


def _entry(name: str, entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    """The dtype, shape, begin and end that the header gives for one tensor."""
    fields = entry if isinstance(entry, dict) else {}
    kind, shape, places = (fields.get(key, ()) for key in ("dtype", "shape", "data_offsets"))
    listed = isinstance(shape, list) and isinstance(places, list) and len(places) == 2
    if not listed or any(type(n) is not int or n < 0 for n in [*shape, *places]):
        raise _bad(f"the header's entry for {name!r} is {str(entry)[:80]}")
    if str(kind) not in _NAMES:
        raise _bad(f"{name!r} is of dtype {kind}; course.scratch has {', '.join(_NAMES)}")
    begin, end = places
    need = np.dtype(_NAMES[kind]).itemsize * math.prod(shape)
    if end - begin != need:
        raise _bad(f"{name!r} of shape {shape} needs {need} bytes and has {end - begin}")
    return kind, tuple(shape), begin, end
