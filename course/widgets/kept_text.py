"""A matplotlib canvas that draws a text once and keeps its pixels for the next picture.

From one picture of an explorer to the next most words stay: titles, labels, the numbers at the ticks.
Laying out and drawing their letters is half of the time of a small picture.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

_MOST = 600  # texts kept, of the size of a label each


class KeptTextCanvas(FigureCanvasAgg):
    """As FigureCanvasAgg, on a renderer that keeps texts."""

    def get_renderer(self) -> RendererAgg:
        """The renderer for the present size and resolution."""
        size = self.get_width_height(physical=True)
        key = (*size, self.figure.dpi)
        if self._lastKey != key:
            self.renderer: RendererAgg = _KeptTextRenderer(*key)
            self._lastKey = key
        return self.renderer


class _KeptTextRenderer(RendererAgg):
    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self._aside = RendererAgg(width, height, dpi)
        self._kept: dict[Any, tuple[np.ndarray, int, int]] = {}

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw ``s`` aside, once, and put its pixels in place; exactly there only."""
        look = (hash(prop), angle, ismath, gc.get_rgb(), gc.get_antialiased())
        key = (s, x, y, *look)
        if key not in self._kept:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = self._drawn_aside(gc, x, y, s, prop, angle, ismath, mtext)
        pixels, left, bottom = self._kept[key]
        if pixels.size:
            self.draw_image(gc, left, bottom, pixels)

    def _drawn_aside(self, gc: Any, *text: Any) -> tuple[np.ndarray, int, int]:
        """The pixels of a text, bottom row first, and where their lower left corner stands."""
        own = self.new_gc()
        own.copy_properties(gc)
        own.set_clip_rectangle(None)
        own.set_clip_path(None)
        self._aside.clear()
        self._aside.draw_text(own, *text)
        own.restore()
        whole = np.asarray(self._aside.buffer_rgba())
        top, left, near = self._around(whole, *text)
        rows = np.flatnonzero(near[..., 3].any(axis=1))
        columns = np.flatnonzero(near[..., 3].any(axis=0))
        if not rows.size:
            return np.empty((0, 0, 4), np.uint8), 0, 0
        part = near[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return part[::-1].copy(), left + int(columns[0]), len(whole) - 1 - top - int(rows[-1])

    def _around(
        self,
        whole: np.ndarray,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any,
        _: Any,
    ) -> tuple[int, int, np.ndarray]:
        """First row, first column and pixels of where the text can be: all would take long to look through."""
        reach = sum(self._aside.get_text_width_height_descent(s, prop, ismath)) + 4
        top, left = max(int(y - reach), 0), max(int(x - reach), 0)
        return top, left, whole[top : max(int(y + reach), 0), left : max(int(x + reach), 0)]
