"""Small expressions as graphs, and what happens in them step by step: forward, then back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

WALKS = ("topological", "first_come")


@dataclass(frozen=True)
class Operation:
    """One kind of node: its value from its parents' values, and its local derivatives."""

    verb: str
    value: Callable[..., float]
    local: Callable[
        ..., tuple[float, ...]
    ]  # (result, *operands) -> one derivative for each operand
    why: str  # the local derivatives in words; {0} and {1} are the operands' names


OPERATIONS = {
    "add": Operation(
        "sum",
        lambda a, b: a + b,
        lambda y, a, b: (1.0, 1.0),
        "In a sum each operand's nudge arrives unchanged: the local derivatives are 1.",
    ),
    "sub": Operation(
        "difference",
        lambda a, b: a - b,
        lambda y, a, b: (1.0, -1.0),
        "In a difference the first operand's nudge arrives unchanged (1), the second one's turned round (\N{MINUS SIGN}1).",
    ),
    "mul": Operation(
        "product",
        lambda a, b: a * b,
        lambda y, a, b: (b, a),
        "In a product the local derivative for each operand is the value of the other.",
    ),
    "tanh": Operation(
        "tanh",
        math.tanh,
        lambda y, a: (1 - y * y,),
        "The slope of tanh is 1 minus the square of its result.",
    ),
}


@dataclass(frozen=True)
class Node:
    """A node: its name, what it computes, its parents' numbers, and its place in a drawing.

    A constant gets no gradient: nobody will move it.
    """

    name: str
    operation: str | None  # None for an input or a constant
    parents: tuple[int, ...]
    start: float  # an input's value; 0 elsewhere
    place: tuple[float, float]  # column and row, from 0
    constant: bool = False

    def formula(self, names: tuple[str, ...]) -> str:
        """What it computes, in the names of its parents."""
        if self.operation is None:
            return self.name
        operands = [names[n] for n in self.parents]
        if self.operation == "tanh":
            return f"tanh({operands[0]})"
        return {"add": " + ", "sub": " \N{MINUS SIGN} ", "mul": " · "}[self.operation].join(
            operands
        )


@dataclass(frozen=True)
class Expression:
    """A named graph; parents stand before what is computed from them, the result last."""

    title: str
    nodes: tuple[Node, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes' names, in order."""
        return tuple(node.name for node in self.nodes)

    def formulas(self) -> tuple[str, ...]:
        """What each node computes."""
        return tuple(node.formula(self.names) for node in self.nodes)


def _leaf(name: str, value: float, column: float, row: float) -> Node:
    return Node(name, None, (), value, (column, row))


def _constant(name: str, value: float, column: float, row: float) -> Node:
    return Node(name, None, (), value, (column, row), constant=True)


def _node(name: str, operation: str, parents: tuple[int, ...], column: float, row: float) -> Node:
    return Node(name, operation, parents, 0.0, (column, row))


EXPRESSIONS = {
    "sum": Expression(
        "y = a·b + c",
        (
            _leaf("a", 2.0, 0, 0),
            _leaf("b", -3.0, 0, 1),
            _leaf("c", 10.0, 0, 2),
            _node("p", "mul", (0, 1), 1, 0.5),
            _node("y", "add", (3, 2), 2, 1.25),
        ),
    ),
    "square": Expression(
        "y = x·x + 3·x: x is used three times",
        (
            _leaf("x", 3.0, 0, 0.5),
            _constant("3", 3.0, 0, 2),
            _node("s", "mul", (0, 0), 1, 0),
            _node("t", "mul", (1, 0), 1, 1.5),
            _node("y", "add", (2, 3), 2, 0.75),
        ),
    ),
    "diamond": Expression(
        "y = h + 3·h with h = 2·x: 2x + 6x",
        (
            _leaf("x", 1.0, 0, 0),
            _constant("2", 2.0, 0, 1.2),
            _constant("3", 3.0, 1, 1.8),
            _node("h", "mul", (1, 0), 1, 0.5),
            _node("t", "mul", (2, 3), 2, 1.4),
            _node("y", "add", (3, 4), 3, 0.5),
        ),
    ),
    "neuron": Expression(
        "One neuron and its loss: L = (tanh(w·x + b) \N{MINUS SIGN} t)²",
        (
            _leaf("w", 0.5, 0, 0),
            _constant("x", 2.0, 0, 1),
            _leaf("b", -0.4, 0, 2),
            _constant("t", 1.0, 3, 1.7),
            _node("u", "mul", (0, 1), 1, 0.5),
            _node("s", "add", (4, 2), 2, 0.5),
            _node("y", "tanh", (5,), 3, 0.5),
            _node("e", "sub", (6, 3), 4, 0.5),
            _node("L", "mul", (7, 7), 5, 0.5),
        ),
    ),
}


@dataclass(frozen=True)
class Moment:
    """The graph after one step: what is known, which node is at work, what it sends along which edge.

    ``values`` and ``gradients`` have one entry a node, None while unknown. ``sent`` are tuples (parent,
    local derivative, product) of the node at work on its way back.
    """

    phase: Literal["start", "forward", "seed", "backward"]
    node: int | None
    values: tuple[float | None, ...]
    gradients: tuple[float | None, ...]
    sent: tuple[tuple[int, float, float], ...] = ()


@dataclass(frozen=True)
class Trace:
    """All moments of one expression, in order."""

    expression: Expression
    walk: str
    moments: tuple[Moment, ...]

    @property
    def gradients(self) -> tuple[float | None, ...]:
        """What the walk leaves in each node at its end."""
        return self.moments[-1].gradients


def trace(expression: Expression, walk: str = "topological") -> Trace:
    """Compute `expression` node by node, then send gradients back in the order that `walk` names.

    Raises ValueError for a walk that is none of WALKS.
    """
    if walk not in WALKS:
        raise ValueError(f"there is no walk {walk!r}; choose from {', '.join(WALKS)}")
    nodes = expression.nodes
    values: list[float | None] = [n.start if n.operation is None else None for n in nodes]
    gradients: list[float | None] = [None] * len(nodes)
    moments = [Moment("start", None, tuple(values), tuple(gradients))]
    for number, node in enumerate(nodes):
        if node.operation is not None:
            operands = [_known(values[p]) for p in node.parents]
            values[number] = OPERATIONS[node.operation].value(*operands)
            moments.append(Moment("forward", number, tuple(values), tuple(gradients)))
    gradients[-1] = 1.0
    moments.append(Moment("seed", len(nodes) - 1, tuple(values), tuple(gradients)))
    for number in _way_back(expression, walk):
        node = nodes[number]
        if node.operation is None:
            continue
        g = _known(gradients[number])
        operands = [_known(values[p]) for p in node.parents]
        local = OPERATIONS[node.operation].local(_known(values[number]), *operands)
        ways = zip(node.parents, local, strict=True)
        sent = tuple((p, d, g * d) for p, d in ways if not nodes[p].constant)
        for parent, _, product in sent:
            gradients[parent] = (gradients[parent] or 0.0) + product
        moments.append(Moment("backward", number, tuple(values), tuple(gradients), sent))
    return Trace(expression, walk, tuple(moments))


def _known(value: float | None) -> float:
    assert value is not None, "a node is at work before its operands are known"
    return value


def _way_back(expression: Expression, walk: str) -> list[int]:
    last = len(expression.nodes) - 1
    if walk == "topological":
        return list(range(last, -1, -1))  # the nodes are listed parents first
    met = [last]
    for number in met:  # grows while it is read: breadth first
        met += [p for p in dict.fromkeys(expression.nodes[number].parents) if p not in met]
    return met
