"""Three buttons in a scene that walk through a run step by step, and how far it is."""

from __future__ import annotations

from typing import Any, Literal

from course.widgets.scene import Spot, Text, box


def stepper(
    now: int,
    last: int,
    *,
    word: str = "step",
    onward: str = "Next",
    far: Literal["start", "end"] = "start",
) -> list[Any]:
    """Marks at the top left, in pixels: back, onward, to the ``far`` end, and "`word` `now` of `last`".

    Each sets the parameter ``step``; the second is called ``onward``, and named so in lower case.
    """
    marks: list[Any] = []
    for n, (name, label, step) in enumerate(
        (
            ("back", "← Back", max(now - 1, 0)),
            (onward.lower(), f"{onward} →", min(now + 1, last)),
            (far, f"To the {far}", 0 if far == "start" else last),
        )
    ):
        x = 10.0 + 124 * n
        marks.append(box(x, 8, 114, 32, color="quiet", opacity=0.15, edge="quiet"))
        marks.append(Text(x + 57, 24, label, size=13, align="center"))
        marks.append(Spot(name, x, 8, 114, 32, label, sets={"step": step}))
    marks.append(Text(392, 24, f"{word} {now} of {last}", "quiet", 13))
    return marks
