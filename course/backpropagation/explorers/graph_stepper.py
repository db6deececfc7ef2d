"""Explorer: an expression as a graph, computed forward and sent back one node at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.backpropagation.graphs import EXPRESSIONS
from course.backpropagation.stepper import LONGEST, Stepped, factor, rows, stepped, text, words
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Scene, Text, box
from course.widgets.stepper import stepper

_WALKS = {"topological": "topological order", "first_come": "first met, first served"}
_WIDTH, _HEIGHT = 840, 400
_BOX = (118.0, 68.0)


@dataclass(frozen=True)
class StepperParameters:
    """What the reader sets."""

    expression: str = choice(
        "sum", {k: e.title for k, e in EXPRESSIONS.items()}, label="Expression"
    )
    walk: str = choice("topological", _WALKS, label="Order of the walk back")
    step: int = slider(0, 0, LONGEST, label="Step")


def simulate(p: StepperParameters) -> Stepped:
    """The expression after the steps asked for."""
    return stepped(p.expression, p.walk, p.step)


def scene(s: Stepped) -> Scene:
    """The graph: a box a node, with its value and gradient; the edges in use drawn strongly."""
    nodes, places = s.trace.expression.nodes, _places(s)
    marks: list[Any] = []
    for number, node in enumerate(nodes):
        for position, parent in enumerate(node.parents):
            bend = 24.0 * (2 * position - 1) if node.parents.count(parent) > 1 else 0.0
            marks.append(_edge(s, number, parent, bend, places))
    for number in range(len(nodes)):
        marks += _box(s, number, *places[number])
    if s.moment.sent and s.moment.node is not None:
        marks += _sent(s, *places[s.moment.node])
    panel = Panel(
        x=(0, _WIDTH),
        y=(_HEIGHT, 0),
        marks=[*marks, *stepper(s.number, s.last, onward="Step")],
        axes=False,
    )
    return Scene(panel, width=_WIDTH, height=_HEIGHT)


def _box(s: Stepped, number: int, x: float, y: float) -> list[Any]:
    """A node: what it computes, its value and its gradient."""
    node, moment, middle = s.trace.expression.nodes[number], s.moment, x + _BOX[0] / 2
    at_work, back = number == moment.node, moment.phase in ("seed", "backward")
    color = "C1" if at_work and back else "C0"
    edge, shade = (color, 0.35) if at_work else ("quiet", 0.1)
    formula = s.trace.expression.formulas()[number]
    value, gradient = text(moment.values[number]), text(moment.gradients[number])
    lines = [
        (f"{node.name} = {formula}" if node.operation else node.name, True),
        (f"value {value}" if value else "", False),
        ("constant" if node.constant else f"grad {gradient}" if gradient else "", True),
    ]
    marks: list[Any] = [box(x, y, *_BOX, color="ground", opacity=1.0)]
    marks.append(box(x, y, *_BOX, color=color, opacity=shade, edge=edge))
    for n, (line, bold) in enumerate(lines):
        bold = bold and not (n == 2 and node.constant)
        marks.append(
            Text(
                middle, y + 14 + 20 * n, line, size=12 if n == 2 else 13, align="center", bold=bold
            )
        )
    return marks


def _sent(s: Stepped, x: float, y: float) -> list[Any]:
    """What the node at work, whose box is at (x, y), sends to each parent: drawn last, over all."""
    moment, names = s.moment, s.trace.expression.names
    g = s.trace.moments[s.number - 1].gradients[moment.node or 0]
    lines = [
        f"to {names[parent]}: {text(g)} \u00b7 {factor(local)} = {text(product)}"
        for parent, local, product in moment.sent
    ]
    half = 4.0 * max(map(len, lines))
    middle = min(max(x + _BOX[0] / 2, half), _WIDTH - half)
    top = y + _BOX[1] + 3
    marks: list[Any] = [
        box(middle - half, top, 2 * half, 18 * len(lines) + 2, color="ground", opacity=0.9)
    ]
    for n, line in enumerate(lines):
        marks.append(Text(middle, top + 10 + 18 * n, line, size=12, align="center"))
    return marks


def _places(s: Stepped) -> list[tuple[float, float]]:
    """The upper left corner of each node's box."""
    nodes = s.trace.expression.nodes
    columns, rows = (max(node.place[axis] for node in nodes) for axis in (0, 1))
    across = (_WIDTH - 20 - _BOX[0]) / columns
    down = min(120.0, (_HEIGHT - 70 - _BOX[1]) / rows)
    top = 60 + (_HEIGHT - 70 - _BOX[1] - down * rows) / 2
    return [(10 + node.place[0] * across, top + node.place[1] * down) for node in nodes]


def _edge(s: Stepped, child: int, parent: int, bend: float, places: Any) -> Line:
    """The line from a parent to what is computed from it; strong where something goes along it."""
    moment = s.moment
    x0, y0 = places[parent][0] + _BOX[0], places[parent][1] + _BOX[1] / 2
    x1, y1 = places[child][0], places[child][1] + _BOX[1] / 2
    part = np.linspace(0, 1, 13)
    arc = bend * 4 * part * (1 - part)
    curve = np.stack([x0 + (x1 - x0) * part, y0 + (y1 - y0) * part + arc], axis=1)
    if child == moment.node and moment.phase == "forward":
        return Line(curve, "C0", width=3, arrow=True)
    if child == moment.node and any(parent == sent for sent, _, _ in moment.sent):
        return Line(curve[::-1], "C1", width=3, dash="dashed", arrow=True)
    return Line(curve, "quiet", width=1.2, opacity=0.7)


def table(s: Stepped) -> Table:
    """Every node with its value and its gradient at this step."""
    caption = f"{s.trace.expression.title}: after step {s.number} of {s.last}"
    return Table(caption, ("Node", "Computes", "Value", "Gradient"), rows(s))


def graph_stepper(**initial: Any) -> DirectExplorer:
    """An expression computed node by node, and its gradients sent back one node at a time.

    ``initial`` sets any of expression, walk, step; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return DirectExplorer(
        StepperParameters(**initial),
        title="Graph stepper",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=words,
        opener="graph_stepper",
    )
