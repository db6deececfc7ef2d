"""What every explorer shares: parameters with controls, a sentence, a table, errors in words."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Sequence
from html import escape
from typing import Any

import traitlets

from course.widgets.base import KitWidget, raises_errors
from course.widgets.parameters import checked, controls_of
from course.widgets.tables import Table


class Front(KitWidget):
    """Controls for ``parameters`` and what they lead to, which a subclass computes and shows.

    ``opener`` is the name of the function that made it, for :meth:`share`.

    Raises ValueError when a starting value does not fit its control.
    """

    title = traitlets.Unicode().tag(sync=True)
    controls: Any = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    wrong = traitlets.Dict().tag(sync=True)  # field name: what is wrong with what was typed
    width = traitlets.Int().tag(sync=True)  # CSS pixels
    height = traitlets.Int().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)  # the line that opens this state again
    error = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)  # the number of the last message dealt with

    def __init__(self, parameters: Any, *, title: str, opener: str, **traits: Any) -> None:
        self.parameters = checked(parameters)
        self._start = self.parameters
        self._controls = controls_of(parameters)
        self._opener, self._table = opener, Table("", (), ())
        shown = {n: c.spec(n) for n, c in self._controls.items() if not c.hidden}
        super().__init__(title=title, controls=list(shown.values()), **traits)
        self._show(self.parameters)

    def compute(self) -> tuple[dict[str, Any], str, Table]:
        """For the present parameters: the picture's own traits, the sentence and the table."""
        raise NotImplementedError

    def png(self) -> bytes:
        """The present picture for a reader without a running widget; empty if there is none."""
        raise NotImplementedError

    def acted(self, act: dict[str, Any]) -> dict[str, Any]:
        """New values of parameters after the reader dragged or pressed something in the picture."""
        return {}

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
        given = [
            f"{name}={getattr(self.parameters, name)!r}"
            for name, control in self._controls.items()
            if getattr(self.parameters, name) != control.default
        ]
        return f"{self._opener or type(self.parameters).__name__}({', '.join(given)})"

    def handle(self, message: dict[str, Any]) -> None:
        """Act on a message from the script, and say that it is dealt with."""
        try:
            with self.hold_sync():
                try:
                    self.obey(message)
                finally:
                    number = message.get("number")
                    self.answered = number if isinstance(number, int) else self.answered
        except Exception as error:
            self.error = in_words(error)
            if raises_errors():
                raise

    def obey(self, message: dict[str, Any]) -> None:
        """Do what ``message`` asks for: ``reset`` or ``set``; anything else is left aside."""
        if message.get("kind") == "reset":
            self.reset()
        elif message.get("kind") == "set":
            changes, acts = message.get("changes"), message.get("acts")
            self._change(
                changes if isinstance(changes, dict) else {}, acts if isinstance(acts, list) else []
            )

    def _change(self, changes: dict[str, Any], acts: Sequence[Any]) -> None:
        """Apply what fits; name what does not beside its field, and leave that value as it was."""
        good: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for name, change in changes.items():
            if name not in self._controls or not isinstance(change, dict):
                continue
            try:
                good[name] = self._controls[name].heard(change)
            except ValueError as error:
                wrong[name] = str(error)
        if good:
            self._show(dataclasses.replace(self.parameters, **good))
        for act in acts:
            if _has_sense(act) and (moved := self.acted(act)):
                inside = {name: self._controls[name].nearest(v) for name, v in moved.items()}
                self._show(dataclasses.replace(self.parameters, **inside))
        self.wrong = wrong

    def _show(self, parameters: Any) -> None:
        self.parameters = parameters
        with self.hold_sync():
            for trait, value in self._frame().items():
                setattr(self, trait, value)
            self.wrong = {}

    def _frame(self) -> dict[str, Any]:
        """The traits that show the present parameters; after an error the old picture stays."""
        states = {n: c.state(getattr(self.parameters, n)) for n, c in self._controls.items()}
        frame: dict[str, Any] = {"values": states, "code": self.share()}
        try:
            picture, sentence, self._table = self.compute()
        except Exception as error:
            if raises_errors():
                raise
            return {**frame, "error": in_words(error)}
        words = {"sentence": sentence, "alt": f"{self.title}. {sentence}"}
        return {**frame, **picture, **words, "table": self._table.state(), "error": ""}

    def static(self) -> dict[str, Any]:
        """The picture, the sentence and the table, for a reader without a kernel."""
        data = {"text/plain": "\n".join([self.title, self.sentence, str(self._table)])}
        picture = self.png()
        if not picture:
            return data
        encoded = base64.b64encode(picture).decode("ascii")
        html = (
            f'<figure><img alt="{escape(self.alt)}" width="{self.width}" '
            f'src="data:image/png;base64,{encoded}"><figcaption>{escape(self.sentence)}'
            f"</figcaption></figure><details><summary>Table</summary>{self._table._repr_html_()}"
            "</details>"
        )
        return {**data, "image/png": encoded, "text/html": html}


def _has_sense(act: Any) -> bool:
    """Whether a message says what was moved, and where to, in finite numbers."""
    if not isinstance(act, dict) or not isinstance(act.get("name"), str):
        return False
    place = (act.get("x"), act.get("y"))
    return all(isinstance(v, int | float) and math.isfinite(v) for v in place)


def in_words(error: BaseException) -> str:
    """An exception as a sentence for the reader."""
    said = str(error) or "no further word"
    return f"This setting could not be computed ({type(error).__name__}: {said})."
