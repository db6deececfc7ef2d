"""Expected and got as a picture, for results that say more when they are seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks.plain import Sequenced

KINDS = ("curve", "image")
_EXPECTED, _GOT = "#0072B2", "#D55E00"


def drawn(kind: str, expected: Any, got: Any) -> str:
    """Two results of one case as an ``img`` element, or "" where they cannot be drawn as ``kind``."""
    want, have = _array(expected), _array(got)
    if want is None or have is None or not want.size or not have.size:
        return ""
    try:
        return _curves(want, have) if kind == "curve" else _images(want, have)
    except (ValueError, TypeError):  # a shape that does not draw
        return ""


def _array(value: Any) -> np.ndarray | None:
    if isinstance(value, Sequenced):
        value = value.items
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.ndim else None


def _curves(want: np.ndarray, have: np.ndarray) -> str:
    from course.pictures import Picture

    if want.ndim != 1 or have.ndim != 1:
        return ""
    alt = f"Two curves: {want.size} expected values and the {have.size} that your answer gave."
    picture = Picture(alt, figsize=(6, 2.6))
    axes = picture.subplots()
    axes.plot(want, color=_EXPECTED, label="expected")
    axes.plot(have, color=_GOT, linestyle="--", marker=".", label="got")
    axes.set_xlabel("place in the result")
    axes.legend()
    return picture.html()


def _images(want: np.ndarray, have: np.ndarray) -> str:
    from course.pictures import Picture

    if want.ndim not in (2, 3) or have.ndim not in (2, 3):
        return ""
    panels = [("expected", want), ("got", have)]
    alt = f"Two images: expected, of shape {want.shape}, and got, of shape {have.shape}."
    if want.shape == have.shape:
        panels.append(("difference", np.abs(have - want)))
        alt = f"Three images of shape {want.shape}: expected, got, and where they differ."
    picture = Picture(alt, figsize=(2.4 * len(panels), 2.6))
    for axes, (title, image) in zip(picture.subplots(1, len(panels)), panels, strict=True):
        finite = image[np.isfinite(image)]
        low, high = (finite.min(), finite.max()) if finite.size else (0, 1)
        if title == "got" and np.isfinite(want).any():
            low, high = np.nanmin(want), np.nanmax(want)
        axes.imshow(image, cmap="gray", vmin=low, vmax=max(high, low + 1e-12))
        axes.set_title(title)
        axes.set_axis_off()
    return picture.html()
