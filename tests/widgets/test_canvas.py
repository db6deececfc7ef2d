"""A kept picture is the next one's ground, and nothing of it is left."""

from __future__ import annotations

from course.widgets.canvas import Canvas


def test_a_legend_names_what_is_drawn_now_and_once() -> None:
    canvas = Canvas(3, 2)
    for _ in range(2):
        canvas.begin()
        axes = canvas.add_subplot()
        axes.bar([0, 1], [1, 2], label="bars")
        axes.errorbar([0, 1], [1, 2], yerr=0.1, label="with errors")
        canvas.end()
    assert axes.get_legend_handles_labels()[1] == ["bars", "with errors"]
