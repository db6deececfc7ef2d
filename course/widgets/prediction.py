"""A prediction card: commit a guess before the result is seen, meet it again beside the result."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from html import escape
from typing import Any

import traitlets

from course.markup import marked
from course.progress.record import Guesses
from course.widgets.base import KitWidget, script
from course.widgets.parameters import Control

# Guesses by key, kept with the learner's progress: also a restarted kernel shows the guess made.
STORE: MutableMapping[str, Any] = Guesses()


@dataclass(frozen=True)
class Compared:
    """A prediction beside what came out: ``predicted`` is None when no guess was made."""

    question: str
    predicted: str | None
    actual: str
    verdict: str
    note: str = ""

    def __str__(self) -> str:
        lines = [self.question, f"  predicted  {self.predicted or 'nothing yet'}"]
        lines += [f"  result     {self.actual}", self.verdict]
        return "\n".join([*lines, self.note] if self.note else lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left;padding:0.1em 1.2em 0.1em 0"'
        rows = "".join(
            f'<tr><th scope="row" {cell}>{head}</th><td {cell}>{escape(text)}</td></tr>'
            for head, text in (
                ("You predicted", self.predicted or "nothing yet"),
                ("Result", self.actual),
            )
        )
        note = f"<div>{escape(self.note)}</div>" if self.note else ""
        return (
            '<div style="border-left:4px solid #0072B2;padding:0.4em 0.9em;margin:0.3em 0;'
            'background:rgba(127,127,127,0.08);max-width:60em;line-height:1.5">'
            f"<div><strong>{marked(self.question)}</strong></div><table>{rows}</table>"
            f"<div>{escape(self.verdict)}</div>{note}</div>"
        )


class Prediction(KitWidget):
    """A card that asks ``question``, takes a guess with ``control`` and keeps it under ``key``.

    ``control`` is what :func:`slider` or :func:`choice` returns.

    Raises TypeError for any other control.
    """

    _esm = script("theme.js", "controls.js", "prediction.js")
    _css = script("kit.css")
    question = traitlets.Unicode().tag(sync=True)
    control = traitlets.Dict().tag(sync=True)
    value = traitlets.Dict().tag(sync=True)
    committed = traitlets.Unicode().tag(sync=True)  # the guess as text; empty before
    wrong = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: str, control: Any, *, key: str = "") -> None:
        found = getattr(control, "metadata", {}).get("control")
        if not isinstance(found, Control) or found.kind not in ("slider", "choice"):
            raise TypeError(
                f"the prediction {question!r} needs a slider() or a choice() of course.widgets, "
                f"not {control!r}"
            )
        self._control, self.key = found, key or question
        shown = self._kept() if self._kept() is not None else found.default
        super().__init__(
            question=question,
            control=found.spec("guess"),
            value=found.state(shown),
            committed="" if self._kept() is None else self._text(shown),
        )

    @property
    def guess(self) -> Any:
        """The committed guess, or None."""
        return self._kept()

    def commit(self, guess: Any) -> None:
        """Keep ``guess``; raises ValueError when the control could not give it."""
        guess = self._control.accept(guess)
        STORE[self.key] = guess
        with self.hold_sync():
            self.value = self._control.state(guess)
            self.committed = self._text(guess)
            self.wrong = ""

    def handle(self, message: dict[str, Any]) -> None:
        """Commit the guess that the script sends; one that does not fit is named on the card."""
        change = message.get("commit")
        if not isinstance(change, dict):
            return
        try:
            self.commit(self._control.heard(change))
        except ValueError as error:
            self.wrong = str(error)

    def compare(self, actual: Any, note: str = "") -> Compared:
        """Put the guess beside ``actual`` (a number, or a value of the choice)."""
        guess = self._kept()
        if self._control.kind == "choice":
            verdict = "Just as you predicted." if guess == actual else "Not what you predicted."
        else:
            verdict = _distance(guess, actual) if guess is not None else ""
        if guess is None:
            verdict = "You made no prediction this time. Make one first: it helps to remember."
        predicted = None if guess is None else self._text(guess)
        return Compared(self.question, predicted, self._text(actual), verdict, note)

    def _kept(self) -> Any:
        """The stored guess, unless it no longer fits the control (an edited lesson)."""
        try:
            return self._control.accept(STORE[self.key])
        except (KeyError, ValueError):
            return None

    def _text(self, value: Any) -> str:
        if self._control.kind == "choice":
            return dict(self._control.options).get(value, str(value))
        unit = f" {self._control.unit}" if self._control.unit else ""
        return f"{float(value):.4g}{unit}"

    def static(self) -> dict[str, Any]:
        """The question and the guess, as text."""
        guess = self.committed or "not committed"
        text = f"{self.question}\nYour prediction: {guess}"
        html = (
            f"<p><strong>{marked(self.question)}</strong><br>Your prediction: {escape(guess)}</p>"
        )
        return {"text/plain": text, "text/html": html}


def _distance(guess: float, actual: float) -> str:
    """How far a guessed number is from the actual one, in words."""
    guess, actual = float(guess), float(actual)
    if guess == actual:
        return "Exactly as you predicted."
    if guess > 0 and actual > 0:
        factor = max(guess / actual, actual / guess)
        side = "too high" if guess > actual else "too low"
        if factor < 1.1:
            return f"Close: {100 * (factor - 1):.2g} % {side}."
        return f"Your prediction was {side} by a factor of {factor:.3g}."
    return f"Your prediction was off by {abs(guess - actual):.4g}."
