"""A directly drawn explorer: its picture is a scene, whose handles can be dragged.

DirectExplorer(Fit(), title="Fit", simulate=simulate, scene=scene, table=table, describe=describe)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from course.widgets import style
from course.widgets.base import script
from course.widgets.canvas import Canvas
from course.widgets.front import Front
from course.widgets.scene import Scene
from course.widgets.scene_picture import paint
from course.widgets.tables import Table

Act = Callable[[Any, str, float, float], dict[str, Any]]


class SceneFront(Front):
    """An explorer whose picture is a Scene, drawn by the script on a canvas."""

    _esm = script("theme.js", "controls.js", "front.js", "marks.js", "scene.js", "direct.js")
    _css = script("kit.css")
    scene = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Bytes().tag(sync=True)  # every array of the scene, one after the other
    colours = traitlets.Dict().tag(sync=True)

    def __init__(self, parameters: Any, *, act: Act | None, **named: Any) -> None:
        self._act, self._scene = act, Scene()
        super().__init__(parameters, colours=style.for_script(), **named)

    def drawn(self, scene: Scene) -> dict[str, Any]:
        """Take ``scene`` as the present picture; the traits that show it."""
        description, numbers = scene.pack()
        self._scene = scene
        size = {"width": round(scene.width), "height": round(scene.height)}
        return {"scene": description, "numbers": numbers, **size}

    def acted(self, act: dict[str, Any]) -> dict[str, Any]:
        """What a handle dragged to (x, y), or a spot pressed, sets; ``act`` has the last word."""
        name, x, y = act["name"], float(act["x"]), float(act["y"])
        values: dict[str, Any] = {}
        if handle := self._scene.handles.get(name):
            values = {handle.x_sets: x, handle.y_sets: y}
        elif spot := self._scene.spots.get(name):
            values = dict(spot.sets)
        else:
            return {}
        values.pop("", None)
        if self._act is not None:
            values.update(self._act(self.parameters, name, x, y) or {})
        return values

    def png(self) -> bytes:
        """The present scene, drawn by matplotlib in the light theme."""
        if not self._scene.panels:
            return b""
        inches = [pixels / style.PIXELS_PER_INCH for pixels in (self.width, self.height)]
        figure = Canvas(*inches)
        return style.draw(figure, lambda fig: paint(self._scene, fig, "light"), "light", 1.5)


class DirectExplorer(SceneFront):
    """Controls for ``parameters`` and, for each setting of them, a scene, a table and a sentence.

    ``simulate(parameters)`` is pure; ``scene(result)`` returns a :class:`Scene`; ``table(result)``
    a :class:`Table`; ``describe(result)`` one sentence. A handle or spot of the scene sets the
    parameters that it names; where that is not enough, ``act(parameters, name, x, y)`` returns
    the values to set (a dict by parameter name; numbers are kept to their ranges).

    Raises ValueError when a starting value does not fit its control.
    """

    def __init__(
        self,
        parameters: Any,
        *,
        title: str,
        simulate: Callable[[Any], Any],
        scene: Callable[[Any], Scene],
        table: Callable[[Any], Table],
        describe: Callable[[Any], str],
        act: Act | None = None,
        opener: str = "",
    ) -> None:
        self.result: Any = None
        self._simulate, self._draw = simulate, scene
        self._tabulate, self._describe = table, describe
        super().__init__(parameters, act=act, title=title, opener=opener)

    def compute(self) -> tuple[dict[str, Any], str, Table]:
        """Simulate, describe, tabulate and draw the present parameters."""
        result = self._simulate(self.parameters)
        sentence, table = self._describe(result), self._tabulate(result)
        picture = self.drawn(self._draw(result))
        self.result = result
        return picture, sentence, table
