"""Diagnoses that fit any numeric exercise: sign, factor, transpose, shift, input returned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course.checks.compare import difference
from course.checks.plain import Sequenced

Pair = tuple[Any, Any]  # expected, got: plain data of one case


def diagnose(pairs: Sequence[Pair], inputs: Sequence[Sequence[Any]]) -> tuple[str, str] | None:
    """Return (key, sentence) when one simple slip explains every wrong case, else None.

    ``pairs`` are (expected, got) of all cases; ``inputs`` the plain inputs of each.
    """
    wrong = [n for n, (want, have) in enumerate(pairs) if difference(want, have)]
    if not wrong:
        return None
    if all(
        any(_alike(have, given) for given in inputs[n]) for n in wrong for have in [pairs[n][1]]
    ):
        return "input returned", "It returned one of its inputs unchanged."
    numeric = [(np.asarray(w), np.asarray(h)) for w, h in pairs if _numeric(w) and _numeric(h)]
    if len(numeric) == len(pairs):
        found = _numeric_slip(numeric, inputs)
        if found:
            return found
    return _shifted([pairs[n] for n in wrong])


def _numeric(value: Any) -> bool:
    if isinstance(value, bool | np.bool_):
        return False
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iuf"
    return isinstance(value, float | np.floating | np.integer) or (
        isinstance(value, int) and abs(value) < 2**62
    )


def _alike(have: Any, want: Any) -> bool:
    return difference(want, have) is None and have is not None


def _numeric_slip(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]], inputs: Sequence[Sequence[Any]]
) -> tuple[str, str] | None:
    if all(_alike(have.T, want) for want, have in pairs) and any(w.ndim > 1 for w, _ in pairs):
        return "transposed", "The result is transposed: rows and columns are exchanged."
    if any(want.shape != have.shape for want, have in pairs):
        return None
    if all(_alike(-have, want) for want, have in pairs):
        return "sign", "The sign is flipped: every value is the negative of the expected one."
    ratios = [_ratio(want, have) for want, have in pairs]
    if None not in ratios:
        found = _factor([r for r in ratios if r is not None], pairs, inputs)
        if found:
            return found
    return _offset(pairs)


def _ratio(want: np.ndarray, have: np.ndarray) -> float | None:
    """The k with have = k · want, or None."""
    size = float(np.sum(want * want, dtype=float))
    if not size or not np.isfinite(have).all() or not np.isfinite(want).all():
        return None
    k = float(np.sum(want * have, dtype=float)) / size
    return k if k and _alike(have, k * want) else None


def _factor(
    ratios: Sequence[float], pairs: Sequence[Any], inputs: Sequence[Sequence[Any]]
) -> tuple[str, str] | None:
    sizes = [_batch(given) for given in inputs]
    if all(n and n > 1 for n in sizes):
        if all(np.isclose(r, n) for r, n in zip(ratios, sizes, strict=True)):
            said = f"Every value is too big by a factor of the number of rows ({_list(sizes)}): "
            return "times batch size", said + "a sum stands where a mean is asked for."
        if all(np.isclose(r * n, 1.0) for r, n in zip(ratios, sizes, strict=True) if n):
            said = f"Every value is too small by a factor of the number of rows ({_list(sizes)}): "
            return "over batch size", said + "a mean stands where a sum is asked for."
    values = sum(want.size for want, _ in pairs)
    # One number is a multiple of any other: two at least must agree before it means something.
    if values < 2 or not np.allclose(ratios, ratios[0], rtol=1e-4) or np.isclose(ratios[0], 1.0):
        return None
    k = ratios[0]
    if k < 0:
        said = f"Every value is {k:.4g} times the expected one: the sign and a factor are off."
        return "factor", said
    size = f"{k:.4g} times too big" if k > 1 else f"{1 / k:.4g} times too small"
    return "factor", f"Every value is {size}: a constant factor is off."


def _batch(given: Sequence[Any]) -> int:
    """The length of the first input that has rows: what a mean over the batch divides by."""
    for value in given:
        if isinstance(value, np.ndarray) and value.ndim:
            return int(value.shape[0])
        if isinstance(value, Sequenced) and value.kind in ("list", "tuple") and value.items:
            return len(value.items)
    return 0


def _list(sizes: Sequence[int]) -> str:
    return ", ".join(str(n) for n in dict.fromkeys(sizes))


def _offset(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[str, str] | None:
    gaps = np.concatenate([np.ravel(have.astype(float) - want) for want, have in pairs])
    if gaps.size < 2 or not np.isfinite(gaps).all() or not np.allclose(gaps, gaps[0], atol=1e-9):
        return None
    if abs(gaps[0]) < 1e-9:
        return None
    if np.isclose(abs(gaps[0]), 1.0):
        return "off by one", f"Every value is off by one ({gaps[0]:+.0f})."
    return "offset", f"Every value is off by the same amount ({gaps[0]:+.4g})."


def _shifted(pairs: Sequence[Pair]) -> tuple[str, str] | None:
    rows = [(_row(want), _row(have)) for want, have in pairs]
    if not all(w and h and len(w) > 2 for w, h in rows):
        return None
    if all(len(h) == len(w) - 1 and _same(w[:-1], h) for w, h in rows):
        return "last missing", "The last item is missing: the loop stops one too early."
    if all(len(h) == len(w) - 1 and _same(w[1:], h) for w, h in rows):
        return "first missing", "The first item is missing: the loop starts one too late."
    if all(len(h) == len(w) + 1 and _same(w, h[:-1]) for w, h in rows):
        return "one too many", "There is one item too many at the end."
    if all(len(h) == len(w) and (_same(w[1:], h[:-1]) or _same(w[:-1], h[1:])) for w, h in rows):
        return "shifted", "The values are right but one place away from where they belong."
    return None


def _row(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray) and value.ndim:
        return list(value)
    return list(value.items) if isinstance(value, Sequenced) else []


def _same(want: Sequence[Any], have: Sequence[Any]) -> bool:
    return all(difference(w, h) is None for w, h in zip(want, have, strict=True))
