"""Progress on the move, between Binder, Colab and a laptop: as a file or as a code to copy."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from course.progress import takeaway
from course.progress.state import State, read_state
from course.progress.store import Store

_MARK = "tbh1."
_KIND = "Train by Hand progress, version 1"
_LARGEST = 5_000_000  # bytes of JSON in a code: a small code may unpack to a huge text
_SUM = 6  # bytes of checksum
_NOISE = re.compile(r"[\s\u200b\ufeff\"'`<>]+")  # what copying from a page or a mail brings along


def to_code(state: State) -> str:
    """The state as one line of letters, digits, ``-`` and ``_``, with a checksum."""
    packed = zlib.compress(_json(_short(state)).encode(), 9)
    data = hashlib.sha256(packed).digest()[:_SUM] + packed
    return _MARK + base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_code(code: str) -> State:
    """The state in a code of :func:`to_code`; raises ValueError, saying what to do, if damaged."""
    text = _NOISE.sub("", code).removeprefix(_MARK)
    damaged = ValueError(
        f"This code is damaged or not whole ({len(text)} characters arrived). "
        "Copy it once more, from `tbh1.` to its end."
    )
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if hashlib.sha256(data[_SUM:]).digest()[:_SUM] != data[:_SUM]:
            raise damaged
        unpacking = zlib.decompressobj()
        return read_state(_long(json.loads(unpacking.decompress(data[_SUM:], _LARGEST))))
    except (binascii.Error, zlib.error, ValueError, TypeError, AttributeError) as error:
        raise damaged from error


def export(state: State, path: Path) -> None:
    """Write the state to ``path``; raises FileExistsError rather than write over another file."""
    try:
        ours = not path.exists() or json.loads(path.read_bytes()).get("what") == _KIND
    except (ValueError, AttributeError):
        ours = False
    if not ours:
        raise FileExistsError(f"{path} is there already and is no progress: choose another name.")
    data = {"what": _KIND, **state.as_dict()}
    path.write_text(_json(data, indent=1) + "\n", encoding="utf-8")


def read(given: str) -> State:
    """The state in a code, an exported file, a zip of one's work, or a copy of a ``.progress`` file.

    Raises ValueError for what is none of them, FileNotFoundError where there is no such file.
    """
    if _NOISE.sub("", given).startswith(_MARK):
        return from_code(given)
    path = Path(given).expanduser()
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {given[:80]!r}, and it is no code either: codes begin with {_MARK}"
        )
    if zipfile.is_zipfile(path):
        return Store.parse(takeaway.progress_in(path))
    data = path.read_bytes()
    text = data.decode("utf-8", "replace").strip()
    if text.startswith(_MARK):
        return from_code(text)
    try:
        found = json.loads(text)
        if isinstance(found, dict) and found.get("what") == _KIND:
            return read_state(found)
    except ValueError as error:
        state = Store.parse(data)
        if state:
            return state
        raise ValueError(f"{path} holds no progress of this course, or is damaged.") from error
    raise ValueError(f"{path} holds no progress of this course.")


def _json(data: Any, indent: int | None = None) -> str:
    separators = None if indent else (",", ":")
    return json.dumps(
        data, ensure_ascii=False, indent=indent, separators=separators, sort_keys=True
    )


_FIELDS = {
    "checks": ("best", "points", "last", "tries", "misses", "when", "diagnoses"),
    "answers": ("chosen", "right", "tries", "when"),
    "guesses": ("value", "when"),
}


def _short(state: State) -> list[dict[str, list[Any]]]:
    """The state without the names of its fields, times in whole seconds, so that codes are short."""
    parts = state.as_dict()
    return [
        {
            name: [_number(entry[field], field) for field in fields]
            for name, entry in parts[part].items()
        }
        for part, fields in _FIELDS.items()
    ]


def _long(parts: list[dict[str, list[Any]]]) -> dict[str, Any]:
    return {
        part: {name: dict(zip(fields, entry, strict=True)) for name, entry in entries.items()}
        for (part, fields), entries in zip(_FIELDS.items(), parts, strict=True)
    }


def _number(value: Any, field: str) -> Any:
    whole = isinstance(value, float) and (field == "when" or value == int(value))
    return int(value) if whole else value
