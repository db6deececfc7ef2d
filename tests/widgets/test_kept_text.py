"""Texts that are kept between pictures look as they do when drawn afresh."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from course.widgets.kept_text import KeptTextCanvas


def _words(figure: Figure, at: float = 0.5, alpha: float = 0.5, **look: Any) -> None:
    axes = figure.add_subplot(xscale="log", xlim=(0.1, 10), xlabel=r"speed $10^6$", title="A title")
    axes.set_ylabel("turned")
    axes.text(at, 0.5, "one", alpha=alpha, clip_on=True, rotation_mode="anchor", **look)


def _pixels(canvas: FigureCanvasAgg) -> np.ndarray:
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).astype(int)


@pytest.mark.parametrize(
    "words",
    [{}, {"rotation": 30.0}, {"color": "red"}, {"alpha": 1.0}, {"at": 0.9}, {"at": 9.0}],
    ids=["plain", "turned", "red", "solid", "moved", "cut off"],
)
def test_kept_text_looks_as_if_drawn_afresh(words: dict) -> None:
    figure, plain = Figure(figsize=(4, 3)), Figure(figsize=(4, 3))
    kept = KeptTextCanvas(figure)
    _words(figure)
    kept.draw()  # what another picture had at the same places
    figure.clear()
    _words(figure, **words)
    _words(plain, **words)
    fresh = _pixels(FigureCanvasAgg(plain))
    for _ in range(2):  # drawn, and then kept
        assert np.abs(_pixels(kept) - fresh).max() <= 3  # of 255: rounding where letters overlap


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.widgets.kept_text._MOST", 20)
    figure = Figure(figsize=(2, 2))
    canvas = KeptTextCanvas(figure)
    for number in range(60):
        figure.text(0.5, 0.5, str(number))
        canvas.draw()
        figure.texts.clear()
        assert len(canvas.renderer._kept) <= 20  # type: ignore[attr-defined]
