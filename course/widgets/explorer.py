"""An explorer: parameters, simulate, figure, table, describe, made into one widget.

Explorer(Descent(), title="Descent", simulate=simulate, figure=figure, table=table,
         describe=describe)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets
from matplotlib.figure import Figure

from course.widgets import style
from course.widgets.base import script
from course.widgets.canvas import Canvas
from course.widgets.front import Front
from course.widgets.tables import Table

_look: dict[str, Any] = {"theme": "light", "scale": 1.0}  # as the page last told us


class Explorer(Front):
    """Controls for ``parameters`` and, for each setting of them, a picture, a table and a sentence.

    ``simulate(parameters)`` is pure; ``figure(result, fig)`` draws on an empty matplotlib Figure of
    ``size`` inches; ``table(result)`` returns a :class:`Table`; ``describe(result)`` one sentence.
    ``opener`` is the name of the function that made it, for :meth:`share`.

    Raises ValueError when a starting value does not fit its control.
    """

    _esm = script("theme.js", "controls.js", "front.js", "explorer.js")
    _css = script("kit.css")
    picture = traitlets.Bytes().tag(sync=True)
    look = traitlets.Dict().tag(sync=True)  # the theme and the scale that the picture has

    def __init__(
        self,
        parameters: Any,
        *,
        title: str,
        simulate: Callable[[Any], Any],
        figure: Callable[[Any, Figure], None],
        table: Callable[[Any], Table],
        describe: Callable[[Any], str],
        opener: str = "",
        size: tuple[float, float] = (8.4, 3.8),
    ) -> None:
        self.result: Any = None
        self._simulate, self._draw = simulate, figure
        self._tabulate, self._describe = table, describe
        self._figure = Canvas(*size)
        self._theme, self._scale = _look["theme"], _look["scale"]
        pixels = [round(inches * style.PIXELS_PER_INCH) for inches in size]
        super().__init__(parameters, title=title, opener=opener, width=pixels[0], height=pixels[1])

    def compute(self) -> tuple[dict[str, Any], str, Table]:
        """Simulate, describe, tabulate and draw the present parameters."""
        result = self._simulate(self.parameters)
        sentence, table = self._describe(result), self._tabulate(result)
        picture = style.draw(
            self._figure, lambda fig: self._draw(result, fig), self._theme, self._scale
        )
        self.result = result
        look = {"theme": self._theme, "scale": self._scale}
        return {"picture": picture, "look": look}, sentence, table

    def obey(self, message: dict[str, Any]) -> None:
        """Follow the page's ``look`` (its theme and its pixels per CSS pixel) too."""
        if message.get("kind") != "look":
            super().obey(message)
            return
        self._theme = "dark" if message.get("theme") == "dark" else "light"
        scale = message.get("scale", 1.0)
        self._scale = min(max(float(scale), 1.0), 2.0) if isinstance(scale, int | float) else 1
        _look.update(theme=self._theme, scale=self._scale)
        self._show(self.parameters)

    def png(self) -> bytes:
        """The picture as it stands."""
        return bytes(self.picture)
