"""Matplotlib figures that show themselves in a notebook, with a text alternative.

A plain `Figure` shows only where pyplot has been set up; a `Picture` shows anywhere.
"""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

from matplotlib.figure import Figure


class Picture(Figure):
    """A Figure that says in `alt`, in words, what is to be seen on it."""

    def __init__(self, alt: str, **options: Any) -> None:
        super().__init__(**{"layout": "constrained", **options})
        self.alt = alt

    def png(self) -> bytes:
        """The picture as a PNG file, with 110 dots an inch."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()

    def html(self) -> str:
        """An `img` element that carries the picture and its text alternative."""
        data = base64.b64encode(self.png()).decode()
        return f'<img alt="{escape(self.alt)}" src="data:image/png;base64,{data}">'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.alt}
