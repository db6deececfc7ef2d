"""A multiple-choice question in which every option, right or wrong, explains itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import traitlets

from course.markup import marked
from course.progress import record
from course.widgets.base import KitWidget, script


@dataclass(frozen=True)
class Option:
    """One option: its text, whether it is right, and why."""

    text: str
    right: bool
    why: str


def right(text: str, why: str) -> Option:
    """The right option and why it is right."""
    return Option(text, True, why)


def wrong(text: str, why: str) -> Option:
    """A wrong option and why it is wrong."""
    return Option(text, False, why)


class Question(KitWidget):
    """A question with radio buttons; choosing an option shows its explanation at once.

    The choice is kept with the learner's progress under ``key`` (by default the prompt), and shown
    again when the cell is run again.

    Raises ValueError unless there are two options or more, exactly one of them right and each
    explained.
    """

    _esm = script("theme.js", "question.js")
    _css = script("kit.css")
    prompt = traitlets.Unicode().tag(sync=True)
    options: Any = traitlets.List().tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)

    def __init__(self, prompt: str, options: Sequence[Option], *, key: str = "") -> None:
        if len(options) < 2:
            raise ValueError(f"{prompt!r} needs two options or more, not {len(options)}")
        rights = sum(option.right for option in options)
        if rights != 1:
            raise ValueError(f"{prompt!r} needs exactly one right option, not {rights}")
        silent = [option.text for option in options if not option.why.strip()]
        if silent:
            raise ValueError(f"{prompt!r}: say why for the option {silent[0]!r}")
        self.key = key or prompt
        kept = record.state().answers.get(self.key)
        texts = [option.text for option in options]
        super().__init__(
            prompt=prompt,
            options=[{"text": o.text, "right": o.right, "why": o.why} for o in options],
            # By its text, for an edited lesson may have its options in another order.
            chosen=texts.index(kept.chosen) if kept and kept.chosen in texts else -1,
        )

    @property
    def answer(self) -> str | None:
        """The text of the option chosen last, or None."""
        return self.options[self.chosen]["text"] if self.chosen >= 0 else None

    @property
    def solved(self) -> bool:
        """True when the option chosen last is the right one."""
        return self.chosen >= 0 and bool(self.options[self.chosen]["right"])

    def handle(self, message: dict[str, Any]) -> None:
        """Remember the option chosen; anything else is left aside."""
        chosen = message.get("chosen")
        if isinstance(chosen, int) and 0 <= chosen < len(self.options):
            self.chosen = chosen
            record.answer(self.key, self.options[chosen]["text"], self.options[chosen]["right"])

    def static(self) -> dict[str, Any]:
        """The question with its explanations folded away."""
        lines = [self.prompt, *(f"  ( ) {option['text']}" for option in self.options)]
        items = "".join(
            f"<li><details><summary>{marked(o['text'])}</summary>"
            f"{'Right.' if o['right'] else 'Not this one.'} {marked(o['why'])}</details></li>"
            for o in self.options
        )
        html = f"<p><strong>{marked(self.prompt)}</strong></p><ol>{items}</ol>"
        return {"text/plain": "\n".join(lines), "text/html": html}
