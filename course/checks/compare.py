"""What differs between the expected result and the learner's, both as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.checks.plain import Opaque, Raised, Sequenced, name_kind, show

# float32 carries about seven digits, and a few operations spend two or three of them.
SINGLE = 1e-4
DOUBLE = 1e-6


@dataclass(frozen=True)
class Difference:
    """The first difference found: a stable key and a sentence in the learner's terms."""

    kind: str
    message: str


def difference(expected: Any, got: Any, rtol: float | None = None) -> Difference | None:
    """Return the first difference between two results of :func:`plain`, or None when they agree.

    Numbers agree within the relative tolerance ``rtol``; by default 1e-6, and 1e-4 where either
    side is single precision or coarser. Beside larger ones, small numbers may be off by ``rtol``
    itself.
    """
    if isinstance(expected, Raised) or isinstance(got, Raised):
        return _raised(expected, got)
    if got is None and expected is not None:
        return Difference("none", "It returned nothing (None). Did you forget `return`?")
    if _is_number(expected) or isinstance(expected, np.ndarray):
        return _numbers(expected, got, rtol)
    if isinstance(expected, Sequenced):
        return _items(expected, got, rtol)
    if isinstance(expected, dict):
        return _entries(expected, got, rtol)
    if type(expected) is not type(got):
        return _kind(expected, got)
    if isinstance(expected, Opaque) and expected.kind != got.kind:
        return _kind(expected, got)
    same = expected == got
    return (
        None if same else Difference("value", f"It gave {show(got)} instead of {show(expected)}.")
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | complex | np.number | np.bool_)


def _kind(expected: Any, got: Any) -> Difference:
    said = f"It returned {name_kind(got)}; {name_kind(expected)} is expected."
    return Difference("type", said)


def _raised(expected: Any, got: Any) -> Difference | None:
    if not isinstance(got, Raised):
        said = f"It returned {show(got)}; here it should raise {expected.kind}."
        return Difference("no exception", said)
    if not isinstance(expected, Raised):
        return Difference(f"exception {got.kind}", got.text)
    if expected.kind in got.bases:
        return None
    said = f"It raised {got.kind}; here it should raise {expected.kind}."
    return Difference(f"exception {got.kind}", said)


def _numbers(expected: Any, got: Any, rtol: float | None) -> Difference | None:
    if not (_is_number(got) or isinstance(got, np.ndarray)):
        return _kind(expected, got)
    try:
        want, have = np.asarray(expected), np.asarray(got)
    except (OverflowError, ValueError):
        return Difference("value", f"It gave {show(got)} instead of {show(expected)}.")
    if want.shape != have.shape:
        if want.size == have.size == 1:
            want, have = want.reshape(()), have.reshape(())
        else:
            said = f"The shape is {_shape(have)}; {_shape(want)} is expected."
            return Difference("shape", said)
    if (want.dtype.kind == "b") != (have.dtype.kind == "b") or have.dtype.kind in "OSU":
        if want.dtype == have.dtype and bool(np.all(want == have)):
            return None
        kinds = {"b": "True or False", "O": "a huge number", "S": "text", "U": "text"}
        said = f"The values are {kinds.get(have.dtype.kind, 'numbers')}; "
        return Difference("type", said + f"{kinds.get(want.dtype.kind, 'numbers')} expected.")
    if have.dtype.kind == "c" and want.dtype.kind != "c":
        return Difference("type", "The values are complex numbers; real numbers are expected.")
    return _values(want, have, rtol)


def _shape(array: np.ndarray) -> str:
    return str(tuple(array.shape)) if array.ndim else "() (a single number)"


def _values(want: np.ndarray, have: np.ndarray, rtol: float | None) -> Difference | None:
    if want.dtype.kind == "b" or not want.size:
        return None if bool(np.all(want == have)) else _first(want, have, want != have)
    if rtol is None:
        coarse = any(a.dtype.kind == "f" and a.dtype.itemsize <= 4 for a in (want, have))
        rtol = SINGLE if coarse else DOUBLE
    finer = np.result_type(want.dtype, have.dtype, np.float64)
    want, have = want.astype(finer), have.astype(finer)
    strange = np.isnan(have) & ~np.isnan(want)
    if strange.any():
        count = "" if have.ndim == 0 else f" in {int(strange.sum())} of {have.size} places"
        said = f"The result is NaN (not a number){count}: look for 0/0, log(0) or inf - inf."
        return Difference("nan", said)
    if (np.isinf(have) & ~np.isinf(want)).any():
        return Difference(
            "inf", "The result is infinite: look for a division by zero or an overflow."
        )
    finite = np.abs(want[np.isfinite(want)])
    scale = float(finite.max()) if finite.size else 0.0
    floor = rtol * (min(scale, 1.0) if scale else 1.0)
    close = np.isclose(have, want, rtol=rtol, atol=floor, equal_nan=True)
    return None if close.all() else _first(want, have, ~close)


def _first(want: np.ndarray, have: np.ndarray, wrong: np.ndarray) -> Difference:
    if want.ndim == 0:
        return Difference("value", f"It gave {show(have[()])} instead of {show(want[()])}.")
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    index = ", ".join(map(str, place))
    said = f"{int(wrong.sum())} of {want.size} values differ; the first is at [{index}]: "
    said += f"{show(have[place])} instead of {show(want[place])}."
    return Difference("value", said)


def _items(expected: Sequenced, got: Any, rtol: float | None) -> Difference | None:
    if not isinstance(got, Sequenced) or (expected.kind == "set") != (got.kind == "set"):
        return _kind(expected, got)
    if len(expected.items) != len(got.items) or expected.more != got.more:
        many = "endlessly many" if got.more else str(len(got.items))
        said = f"It gave {many} items; {len(expected.items)} are expected."
        return Difference("length", said)
    for n, (want, have) in enumerate(zip(expected.items, got.items, strict=True)):
        found = difference(want, have, rtol)
        if found:
            return Difference(found.kind, f"Item {n}: {found.message}")
    return None


def _entries(expected: dict[Any, Any], got: Any, rtol: float | None) -> Difference | None:
    if not isinstance(got, dict):
        return _kind(expected, got)
    missing = [k for k in expected if k not in got]
    extra = [k for k in got if k not in expected]
    if missing or extra:
        parts = [f"lacks {missing}" if missing else "", f"has {extra} too many" if extra else ""]
        return Difference("keys", f"The dict {' and '.join(p for p in parts if p)}.")
    for key, want in expected.items():
        found = difference(want, got[key], rtol)
        if found and isinstance(want, bool) and isinstance(key, str) and found.kind == "value":
            said = "This should hold, but does not" if want else "This should not hold, but does"
            return Difference(found.kind, f"{said}: {key}.")
        if found:
            return Difference(found.kind, f"Entry {key!r}: {found.message}")
    return None
