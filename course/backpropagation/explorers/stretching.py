"""Explorer: two shapes added by broadcasting, and the gradient summed on its way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course.backpropagation.broadcasting import Broadcast, Shape, broadcast, stretched
from course.widgets import Explorer, Table, choice, style

_SHAPES: dict[str, Shape] = {
    str(shape): shape
    for shape in ((), (3,), (4,), (3, 1), (1, 4), (3, 4), (4, 3), (2, 1, 4), (2, 3, 4))
}
_SHOWN = {name: "() a single number" if name == "()" else name for name in _SHAPES}
_ARRIVING = {"counting": "1, 2, 3, and so on", "ones": "all 1"}


@dataclass(frozen=True)
class BroadcastParameters:
    """What the reader sets."""

    a: str = choice("(3, 4)", _SHOWN, label="Shape of a")
    b: str = choice("(4,)", _SHOWN, label="Shape of b")
    arriving: str = choice("counting", _ARRIVING, label="Gradient that arrives at a + b")


def simulate(p: BroadcastParameters) -> Broadcast:
    """Add two arrays of the shapes chosen, and send a gradient back."""
    return broadcast(_SHAPES[p.a], _SHAPES[p.b], p.arriving == "counting")


def figure(found: Broadcast, fig: Figure) -> None:
    """The shapes aligned; below them the numbers on the way there and on the way back."""
    grid = fig.add_gridspec(
        3, 3, height_ratios=(0.85, 1, 1), left=0.06, right=0.98, top=0.95, bottom=0.02,
        hspace=0.3, wspace=0.12,
    )  # fmt: skip
    _draw_alignment(found, fig.add_subplot(grid[0, :]))
    if not found.fits:
        words = fig.add_subplot(grid[1, :])
        words.axis("off")
        words.text(0.5, 0.8, _why_not(found), ha="center", va="center", fontsize=11, wrap=True)
        return
    shape = found.shape
    there = ((found.a, "a"), (found.b, "b"))
    back = ((found.for_a, "a"), (found.for_b, "b"))
    for column, (array, name) in enumerate(there):
        own, title = np.shape(array), f"{name}, shape {np.shape(array)}"
        title += ", repeated" if stretched(own, shape) else ""
        _draw_array(fig.add_subplot(grid[1, column]), np.broadcast_to(array, shape), title, own)
    _draw_array(fig.add_subplot(grid[1, 2]), found.a + found.b, f"a + b, shape {shape}", shape)
    for column, (array, name) in enumerate(back):
        title = f"gradient of {name}" + (", summed" if stretched(np.shape(array), shape) else "")
        _draw_array(fig.add_subplot(grid[2, column]), array, title, np.shape(array))
    _draw_array(fig.add_subplot(grid[2, 2]), found.gradient, "gradient that arrives", shape)
    for y, word, signs in ((0.49, "there", ("+", "=")), (0.15, "back", ("and", "\u2190"))):
        fig.text(0.035, y, word, rotation=90, ha="center", va="center", fontsize=10)
        for x, sign in zip((0.36, 0.675), signs, strict=True):
            fig.text(x, y, sign, ha="center", va="center", fontsize=12)


def _draw_alignment(found: Broadcast, axes: Any) -> None:
    """The two shapes and their result, one below the other, aligned at the right."""
    axes.axis("off")
    axes.set(xlim=(0, 10), ylim=(3.1, -0.1))
    axes.set_title("The shapes, aligned at the right")
    rows = [("a", [axis.a for axis in found.axes]), ("b", [axis.b for axis in found.axes])]
    rows.append(("a + b", [axis.size if axis.fits else None for axis in found.axes]))
    right = 6.2
    for line, (name, lengths) in enumerate(rows):
        axes.text(right - len(found.axes) - 0.2, line + 0.48, name, ha="right", va="center")
        for n, (length, axis) in enumerate(zip(lengths, found.axes, strict=True)):
            left = right - len(found.axes) + n
            look: dict[str, Any] = {"edgecolor": style.ink(), "linewidth": 0.8}
            look["facecolor"] = "none"
            text = "" if length is None else str(length)
            if not axis.fits:
                text = "clash" if line == 2 else text
                look |= {"facecolor": (*to_rgb("C1"), 0.3), "linewidth": 2.0, "edgecolor": "C1"}
            elif line < 2 and axis.size > 1 and length in (None, 1):
                text = f"{text or 'none'} \u2192 {axis.size}"
                look |= {"facecolor": (*to_rgb("C0"), 0.25), "linestyle": ":"}
            if text:
                axes.add_patch(Rectangle((left, line), 0.95, 0.92, **look))
                axes.text(left + 0.475, line + 0.48, text, ha="center", va="center", fontsize=9)


def _draw_array(axes: Any, array: Any, title: str, own: Shape) -> None:
    """The numbers of an array, one slab beside the other; repeated ones dotted and grey."""
    blocks = np.asarray(array).reshape((1,) * (3 - np.ndim(array)) + np.shape(array))
    slabs, height, width = blocks.shape
    repeated, added, gap = stretched(own, np.shape(array)), 3 - np.ndim(array), 0.4
    total = slabs * width + (slabs - 1) * gap
    half = max(2.9, total / 2 + 0.05)
    axes.axis("off")
    axes.set_aspect("equal", anchor="N")
    axes.set(xlim=(total / 2 - half, total / 2 + half), ylim=(max(3, height) + 0.05, -0.05))
    axes.set_title(title, fontsize=9)
    for index, value in np.ndenumerate(blocks):
        slab, row, column = index
        copy = any(index[axis + added] > 0 for axis in repeated)
        left, top = slab * (width + gap) + column, row + (max(3, height) - height) / 2
        face = "none" if copy else (*to_rgb("C0"), 0.25)
        look: dict[str, Any] = {
            "edgecolor": style.ink(),
            "linestyle": ":" if copy else "-",
            "facecolor": face,
        }
        axes.add_artist(Rectangle((left, top), 1, 1, linewidth=0.7, **look))
        axes.text(
            left + 0.5, top + 0.5, f"{value:g}", ha="center", va="center", fontsize=8.5 if slabs == 1 else 7.5,
            alpha=0.75 if copy else 1.0, style="italic" if copy else "normal",
        )  # fmt: skip


def _why_not(found: Broadcast) -> str:
    """Why two shapes cannot be broadcast, and what would help."""
    clash = next(axis for axis in reversed(found.axes) if not axis.fits)
    said = (
        f"Shapes {found.shape_a} and {found.shape_b} cannot be added: aligned at the right, "
        f"{clash.a} meets {clash.b}, and neither of them is 1."
    )
    for name, shape, other in (
        ("b", found.shape_b, found.shape_a),
        ("a", found.shape_a, found.shape_b),
    ):
        turned = (*shape, 1)
        if len(turned) <= len(other) and broadcast(turned, other).fits:
            return f"{said} With the shape {turned}, {name} would fit: one number a row."
    return said


def table(found: Broadcast) -> Table:
    """Each operand with its shape, where it is repeated, and the gradient that it gets."""
    caption = f"a + b for the shapes {found.shape_a} and {found.shape_b}"
    columns = ("Operand", "Shape", "Repeated along", "Gradient", "Each number is a sum of")
    if not found.fits:
        shapes = (("a", str(found.shape_a)), ("b", str(found.shape_b)))
        return Table(f"{caption}: impossible", columns[:2], shapes)
    rows: list[tuple] = []
    for name, array in (("a", found.for_a), ("b", found.for_b)):
        axes = stretched(np.shape(array), found.shape)
        count = int(np.prod([found.shape[n] for n in axes], dtype=int))
        where = ", ".join(f"axis {n}" for n in axes) or "no axis"
        rows.append((name, str(np.shape(array)), where, str(array.astype(int).tolist()), count))
    return Table(caption, columns, rows)


def describe(found: Broadcast) -> str:
    """What is repeated on the way there and summed on the way back; or why nothing is."""
    if not found.fits:
        return _why_not(found)
    parts = []
    for name, shape in (("a", found.shape_a), ("b", found.shape_b)):
        axes = stretched(shape, found.shape)
        if axes:
            count = int(np.prod([found.shape[n] for n in axes], dtype=int))
            along = " and ".join(f"axis {n}" for n in axes)
            parts.append(
                f"{name} is repeated along {along}; going back, its gradient is summed over {along}, "
                f"so that it has shape {shape} again and each of its numbers is a sum of {count}"
            )
    start = f"Shapes {found.shape_a} and {found.shape_b} give {found.shape}"
    if not parts:
        return f"{start}: nothing is repeated, and the gradient goes to both as it is."
    return f"{start}: " + "; ".join(parts) + "."


def broadcasting(**initial: Any) -> Explorer:
    """Two shapes added by broadcasting, and the gradient summed on its way back.

    ``initial`` sets any of a, b (shapes as text, such as "(3, 4)"), arriving; raises ValueError or
    TypeError for a value or a name that is not one of them.
    """
    return Explorer(
        BroadcastParameters(**initial),
        title="Broadcasting, and its reverse",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="broadcasting",
        size=(8.4, 5.0),
    )
