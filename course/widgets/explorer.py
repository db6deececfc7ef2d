"""An explorer: parameters, simulate, figure, table, describe, made into one widget.

Explorer(Descent(), title="Descent", simulate=simulate, figure=figure, table=table,
         describe=describe)
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from html import escape
from typing import Any

import traitlets
from matplotlib.figure import Figure

from course.widgets import style
from course.widgets.base import KitWidget, raises_errors, script
from course.widgets.parameters import checked, controls_of
from course.widgets.tables import Table

_look: dict[str, Any] = {"theme": "light", "scale": 1.0}  # as the page last told us


class Explorer(KitWidget):
    """Controls for ``parameters`` and, for each setting of them, a picture, a table and a sentence.

    ``simulate(parameters)`` is pure; ``figure(result, fig)`` draws on an empty matplotlib Figure of
    ``size`` inches; ``table(result)`` returns a :class:`Table`; ``describe(result)`` one sentence.
    ``opener`` is the name of the function that made it, for :meth:`share`.

    Raises ValueError when a starting value does not fit its control.
    """

    _esm = script("theme.js", "controls.js", "explorer.js")
    _css = script("kit.css")
    title = traitlets.Unicode().tag(sync=True)
    controls: Any = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    wrong = traitlets.Dict().tag(sync=True)  # field name: what is wrong with what was typed
    picture = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)  # CSS pixels
    height = traitlets.Int().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)  # the number of the last message dealt with

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
        self.parameters = checked(parameters)
        self.result: Any = None
        self._start = self.parameters
        self._controls = controls_of(parameters)
        self._simulate, self._draw, self._tabulate, self._describe = (
            simulate,
            figure,
            table,
            describe,
        )
        self._opener, self._table = opener, Table("", (), ())
        self._figure = style.new_figure(*size)
        self._theme, self._scale = _look["theme"], _look["scale"]
        super().__init__(
            title=title,
            controls=[c.spec(name) for name, c in self._controls.items()],
            width=round(size[0] * style.PIXELS_PER_INCH),
            height=round(size[1] * style.PIXELS_PER_INCH),
            **self._frame(title),
        )

    def set(self, **values: Any) -> None:
        """Change parameters from Python; raises ValueError when a value does not fit."""
        unknown = [name for name in values if name not in self._controls]
        if unknown:
            known = ", ".join(self._controls)
            raise ValueError(f"{self.title} has no parameter {unknown[0]!r}; it has {known}")
        self._show(checked(dataclasses.replace(self.parameters, **values)))

    def reset(self) -> None:
        """Go back to the parameters it was made with."""
        self._show(self._start)

    def share(self) -> str:
        """One line of code that opens this explorer as it stands now."""
        defaults = {name: c.default for name, c in self._controls.items()}
        given = [
            f"{name}={getattr(self.parameters, name)!r}"
            for name, default in defaults.items()
            if getattr(self.parameters, name) != default
        ]
        return f"{self._opener or type(self.parameters).__name__}({', '.join(given)})"

    def handle(self, message: dict[str, Any]) -> None:
        """Act on ``set``, ``reset`` or ``look`` from the script, and say that it is dealt with."""
        try:
            with self.hold_sync():
                try:
                    self._act(message)
                finally:
                    number = message.get("number")
                    self.answered = number if isinstance(number, int) else self.answered
        except Exception as error:
            self.error = _in_words(error)
            if raises_errors():
                raise

    def _act(self, message: dict[str, Any]) -> None:
        kind = message.get("kind")
        if kind == "reset":
            self.reset()
        elif kind == "look":
            self._theme = "dark" if message.get("theme") == "dark" else "light"
            scale = message.get("scale", 1.0)
            self._scale = min(max(float(scale), 1.0), 2.0) if isinstance(scale, int | float) else 1
            _look.update(theme=self._theme, scale=self._scale)
            self._show(self.parameters)
        elif kind == "set":
            self._change(message.get("changes") or {})

    def _change(self, changes: dict[str, Any]) -> None:
        """Apply what fits; name what does not beside its field, and leave that value as it was."""
        good: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for name, change in changes.items():
            if name not in self._controls:
                continue
            try:
                good[name] = self._controls[name].heard(change)
            except ValueError as error:
                wrong[name] = str(error)
        if good:
            self._show(dataclasses.replace(self.parameters, **good))
        self.wrong = wrong

    def _show(self, parameters: Any) -> None:
        self.parameters = parameters
        with self.hold_sync():
            for trait, value in self._frame(self.title).items():
                setattr(self, trait, value)
            self.wrong = {}

    def _frame(self, title: str) -> dict[str, Any]:
        """The traits that show the present parameters; after an error the old picture stays."""
        values = {n: c.state(getattr(self.parameters, n)) for n, c in self._controls.items()}
        try:
            result = self._simulate(self.parameters)
            sentence, table = self._describe(result), self._tabulate(result)
            picture = style.draw(
                self._figure, lambda fig: self._draw(result, fig), self._theme, self._scale
            )
        except Exception as error:
            if raises_errors():
                raise
            return {"values": values, "error": _in_words(error)}
        self.result, self._table = result, table
        return {
            "values": values,
            "picture": picture,
            "alt": f"{title}. {sentence}",
            "sentence": sentence,
            "table": table.state(),
            "error": "",
        }

    def static(self) -> dict[str, Any]:
        """The picture, the sentence and the table, for a reader without a kernel."""
        data = {"text/plain": "\n".join([self.title, self.sentence, str(self._table)])}
        if not self.picture:
            return data
        encoded = base64.b64encode(self.picture).decode("ascii")
        html = (
            f'<figure><img alt="{escape(self.alt)}" width="{self.width}" '
            f'src="data:image/png;base64,{encoded}"><figcaption>{escape(self.sentence)}'
            f"</figcaption></figure><details><summary>Table</summary>{self._table._repr_html_()}"
            "</details>"
        )
        return {**data, "image/png": encoded, "text/html": html}


def _in_words(error: Exception) -> str:
    said = str(error) or "no further word"
    return f"This setting could not be computed ({type(error).__name__}: {said})."
