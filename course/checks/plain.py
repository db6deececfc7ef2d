"""Any object a learner may hand over, as plain data that is safe to compare and to print.

Called inside the time limit: it may run the learner's ``__iter__`` or ``__repr__``; what it returns
runs nothing of the learner's.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

MOST_ITEMS = 1000
MOST_DEPTH = 12


@dataclass(frozen=True)
class Opaque:
    """An object without plain form: its type's name and a short description."""

    kind: str
    text: str


@dataclass(frozen=True)
class Sequenced:
    """The items of a list, tuple, generator or other iterable; ``more`` where it was cut off."""

    kind: str
    items: tuple[Any, ...]
    more: bool = False


@dataclass(frozen=True)
class Raised:
    """An exception instead of a value."""

    kind: str
    bases: frozenset[str]
    text: str = ""


def plain(value: Any, depth: int = 0) -> Any:
    """Return ``value`` as numbers, text, arrays, :class:`Sequenced`, dict or :class:`Opaque`."""
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return value
    if depth > MOST_DEPTH:
        return Opaque(kind_of(value), "nested too deep to compare")
    array = _as_array(value)
    if array is not None:
        return array
    return _as_collection(value, depth)


def _as_array(value: Any) -> Any:
    """The array or number that ``value`` holds, or None when it is no array."""
    if isinstance(value, np.generic):
        # Kept as it is, for its precision decides how closely it is compared.
        return value if value.dtype.kind in "iufc" else plain(value.item())
    if not isinstance(value, np.ndarray):
        if not (hasattr(type(value), "detach") and hasattr(type(value), "numpy")):
            return None
        detached = value.detach()
        if hasattr(detached, "cpu"):
            detached = detached.cpu()
        value = np.asarray(detached.numpy())
    if value.dtype.kind not in "biufcSU":
        return None
    copy = np.array(value)
    return copy if copy.ndim else copy[()]


def _as_collection(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, Mapping):
        pairs = list(islice(value.items(), MOST_ITEMS))
        return {_key(k): plain(v, depth + 1) for k, v in pairs}
    if isinstance(value, set | frozenset):
        items = sorted((plain(v, depth + 1) for v in islice(value, MOST_ITEMS)), key=show)
        return Sequenced("set", tuple(items), len(value) > MOST_ITEMS)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            f.name: plain(getattr(value, f.name), depth + 1) for f in dataclasses.fields(value)
        }
        return {"(type)": kind_of(value), **fields}
    if isinstance(value, Iterable) and not isinstance(value, type | bytes):
        found = tuple(plain(v, depth + 1) for v in islice(iter(value), MOST_ITEMS))
        more = len(found) == MOST_ITEMS and not _ends(value)
        return Sequenced(kind_of(value), found, more)
    return Opaque(kind_of(value), re.sub(r"0x[0-9a-fA-F]+", "0x…", repr(value))[:120])


def _ends(value: Any) -> bool:
    """True when a sequence of MOST_ITEMS or more is exactly that long."""
    return isinstance(value, list | tuple) and len(value) == MOST_ITEMS


def _key(key: Any) -> Any:
    key = key.item() if isinstance(key, np.generic) else key
    return key if type(key) in (bool, int, float, str, type(None)) else show(plain(key, 1))


def kind_of(value: Any) -> str:
    """The name of a value's type in a learner's words."""
    return type(value).__name__


def name_kind(value: Any) -> str:
    """Plain data's kind in words: 'a number', 'an array of shape (2, 3)', 'a list of 3 items'."""
    if value is None:
        return "None"
    if isinstance(value, Raised):
        return f"the exception {value.kind}"
    if isinstance(value, bool | np.bool_):
        return "True or False"
    if isinstance(value, int | float | complex | np.number):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, np.ndarray):
        return f"an array of shape {tuple(value.shape)}"
    if isinstance(value, Sequenced):
        return f"a {value.kind} of {len(value.items)}{'+' if value.more else ''} items"
    if isinstance(value, dict):
        return "a dict"
    if isinstance(value, Opaque):
        return f"a {value.kind}"
    return f"a {kind_of(value)}"


def show(value: Any, limit: int = 240) -> str:
    """Plain data in at most ``limit`` characters, as a learner would write it."""
    text = _show(value)
    return text if len(text) <= limit else text[: limit - 2] + " …"


def _show(value: Any) -> str:
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=6, threshold=30, edgeitems=3, separator=", ")
        return text if value.ndim < 2 or value.size <= 30 else f"{text}  shape {value.shape}"
    if isinstance(value, float | np.floating):
        number = float(value)
        return repr(number) if not math.isfinite(number) else f"{number:.10g}"
    if isinstance(value, np.generic):
        return str(value.item())
    if isinstance(value, Raised):
        return f"{value.kind}: {value.text}" if value.text else f"raises {value.kind}"
    if isinstance(value, Opaque):
        return value.text or f"<{value.kind}>"
    if isinstance(value, Sequenced):
        inner = ", ".join(_show(v) for v in value.items[:30])
        tail = ", …" if value.more or len(value.items) > 30 else ""
        if value.kind == "tuple":
            return f"({inner}{',' if len(value.items) == 1 else ''}{tail})"
        name = "" if value.kind == "list" else f"{value.kind} "
        return f"{name}[{inner}{tail}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_show(v)}" for k, v in list(value.items())[:30]) + "}"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 400:
        return f"a whole number of {value.bit_length()} bits"
    return repr(value)
