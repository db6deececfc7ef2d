"""Explorer: inside the GPT trained here: attention by layer and head, and sampling token by token."""

from __future__ import annotations

import dataclasses
from typing import Any

from course.language import trained
from course.language.explorers import viewer_scene
from course.language.explorers.tokens import quoted, shown
from course.language.explorers.viewing import View, ViewerParameters
from course.widgets import LiveExplorer, LiveRun, Table
from course.widgets.scene import Scene

_NEW_TEXT = ("prompt", "model", "seed")  # what begins the text anew; the rest only looks or draws
_LISTED = 10


class Writing(LiveRun):
    """A text that the model goes on with, one token a step."""

    def __init__(self) -> None:
        self.view = View(ViewerParameters())

    def reset(self, parameters: ViewerParameters) -> None:
        """Begin with the prompt."""
        self.view = View(parameters)
        self.view.start()

    def change(self, parameters: ViewerParameters) -> bool:
        """Go on with the text where neither prompt nor model is another."""
        before, self.view.parameters = self.view.parameters, parameters
        return self.view.ready and all(
            getattr(before, name) == getattr(parameters, name) for name in _NEW_TEXT
        )

    @property
    def done(self) -> bool:
        """True once the text is as long as it may become."""
        return self.view.full

    def step(self) -> None:
        """Draw one token; then the last token is the one that looks."""
        self.view.draw()

    def scene(self) -> Scene:
        """Tokens with lines, the map, all heads, chances, and the text."""
        return viewer_scene.scene(self.view)

    def table(self) -> Table:
        """What the chosen token looks at, and the likeliest next tokens."""
        view, p = self.view, self.view.parameters
        columns = ("What", "Token", "Share (%)", "As the model gives it (%)")
        if not view.ready:
            return Table("Nothing to look at yet", columns, [(view.missing, "", "", "")])
        looks = view.place
        rows: list[tuple[Any, ...]] = [
            (f"looks at place {n + 1}", shown(view.bytes_of(token)), 100 * float(weight), "")
            for n, (token, weight) in enumerate(
                zip(view.seen.tokens[: looks + 1], view.attention[looks], strict=False)
            )
        ]
        plain, chances = 100 * view.plain, 100 * view.chances
        rows += [
            (
                f"next token, rank {n + 1}",
                shown(view.bytes_of(t)),
                float(chances[t]),
                float(plain[t]),
            )
            for n, t in enumerate(view.likeliest(min(_LISTED, len(plain))))
        ]
        caption = f"Layer {p.layer + 1}, head {p.head + 1}, seen from place {looks + 1}"
        return Table(caption, columns, rows)

    def describe(self) -> str:
        """Where the chosen token looks, and how open the next token is."""
        view, p = self.view, self.view.parameters
        if not view.ready:
            return view.missing
        looks, row = view.place, view.attention[view.place]
        at = int(row[: looks + 1].argmax())
        names = [quoted(view.bytes_of(token)) for token in view.seen.tokens]
        said = (
            f"In layer {p.layer + 1}, head {p.head + 1}, {names[looks]} (place {looks + 1} of "
            f"{len(names)}) looks most at {names[at]} (place {at + 1}, {100 * row[at]:.0f} %). "
        )
        best = view.likeliest(1)[0]
        said += (
            f"The likeliest next token is {quoted(view.bytes_of(best))} "
            f"({100 * view.plain[best]:.0f} %); with your settings it comes with "
            f"{100 * view.chances[best]:.0f} %, and the draw is as open as one among "
            f"{view.choices_left:.1f} equal tokens."
        )
        return " ".join([said, *view.notes])


class AttentionViewer(LiveExplorer):
    """A LiveExplorer in which the reader may also choose the next token."""

    def acted(self, act: dict[str, Any]) -> dict[str, Any]:
        """Take a token that was pressed; everything else as the kit does it."""
        run, name = self.training, str(act["name"])
        if name.startswith("take ") and name in self._scene.spots and isinstance(run, Writing):
            if not run.done:
                run.view.add(int(name.removeprefix("take ")))
                run.steps += 1
            return {"place": -1}
        return super().acted(act)

    def _step(self) -> None:
        if self.parameters.place != -1:  # the newest token looks, so that one sees what is new
            self.parameters = dataclasses.replace(self.parameters, place=-1)
            self.training.change(self.parameters)
            self._applied = self.parameters
        super()._step()


def attention_viewer(**initial: Any) -> AttentionViewer:
    """The GPT trained here, seen from inside: type a prompt, point at a token, let it write.

    ``initial`` sets any of prompt, temperature, top_k, top_p, model, layer, head, stage, place,
    seed; raises ValueError or TypeError for a value or a name that is not one of them.
    """
    parameters = ViewerParameters(**initial)
    trained.trained(parameters.model, progress=True)  # the first time this takes some seconds
    return AttentionViewer(
        parameters,
        Writing(),
        title="Attention viewer",
        pace=2,
        unit="token",
        opener="attention_viewer",
    )
