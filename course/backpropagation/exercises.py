"""The checks of lesson 02: three rules, an order, a walk with a bug; and the engine made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.backpropagation import engine
from course.backpropagation.assembly import PIECES, Assembled, assemble
from course.backpropagation.engine import Tensor, tanh
from course.backpropagation.walks import first_come_order
from course.checks import Exercise, case, probe

_SOLUTION = "../solutions/02_autograd_by_hand.ipynb"
_G = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]])
_A = np.array([[2.0, 0.5, -1.0], [-3.0, 4.0, 1.5]])
_B = np.array([[0.5, 3.0, 2.0], [1.0, -2.0, 0.1]])

# --------------------------------------------------------------------------------- mul_backward

mul_backward = Exercise(
    name="mul_backward",
    reference=engine.mul_backward,
    cases=[
        case(1.0, 3.0, -2.0).named("g = 1, a = 3, b = -2"),
        case(-4.0, 0.5, 6.0).named("g = -4, a = 0.5, b = 6"),
        case(_G, _A, _B).named("three arrays of shape (2, 3)"),
    ],
    mistakes=[
        (
            lambda g, a, b: (g * a, g * b),
            "The two are exchanged. Nudge `a`: the product changes by `b` times the nudge, so `a`'s gradient has `b` in it.",
        ),
        (
            lambda g, a, b: (b, a),
            "These are the local derivatives alone. The chain rule multiplies each by `g`, the gradient that comes from above.",
        ),
        (
            lambda g, a, b: (a, b),
            "These are the operands themselves. The derivative of a·b for `a` is `b`; and `g` is missing.",
        ),
        (
            lambda g, a, b: (g + b, g + a),
            "The gradient from above is multiplied by the local derivative, not added to it.",
        ),
        (
            lambda g, a, b: (g, g),
            "`g` handed on unchanged is the rule of a sum. In a product each operand's nudge is scaled by the other one.",
        ),
    ],
    hints=[
        "Hold `b` still and nudge `a` by a small d: by how much does a·b change?",
        "By b·d. So the local derivative for `a` is `b`; for `b` it is `a`.",
        "Multiply each by `g`, and return the two: first the one for `a`, then the one for `b`.",
    ],
    points=1,
    solution=_SOLUTION,
)

# -------------------------------------------------------------------------------- tanh_backward

_Y = np.tanh(_A)

tanh_backward = Exercise(
    name="tanh_backward",
    reference=engine.tanh_backward,
    cases=[
        case(1.0, float(np.tanh(0.5))).named("g = 1, y = tanh(0.5)"),
        case(-2.0, 0.0).named("g = -2, y = 0, where tanh is steepest"),
        case(_G, _Y).named("two arrays of shape (2, 3)"),
    ],
    mistakes=[
        (
            lambda g, y: g * (1 - np.tanh(y) ** 2),
            "`y` is tanh(x) already. Taking tanh once more gives the slope at another place.",
        ),
        (lambda g, y: 1 - y * y, "This is the local derivative alone: multiply it by `g`."),
        (lambda g, y: g * (1 - y), "`y` must be squared: the slope of tanh is 1 - y²."),
        (
            lambda g, y: g * y * (1 - y),
            "That is the slope of the sigmoid, 1 / (1 + e^-x). Of tanh it is 1 - y².",
        ),
        (
            lambda g, y: g - y * y,
            "`g` times the whole of 1 - y²: the bracket is missing.",
        ),
    ],
    hints=[
        "The slope of tanh at x is 1 - tanh(x)², and tanh(x) is at hand: it is `y`.",
        "The local derivative is `1 - y * y`. The chain rule does the rest.",
        "Return `g * (1 - y * y)`.",
    ],
    points=1,
    solution=_SOLUTION,
)

# ------------------------------------------------------------------------------ matmul_backward


_RNG = np.random.default_rng(2)
_LEFT, _RIGHT, _OUT = (_RNG.normal(size=s).round(2) for s in ((4, 3), (3, 2), (4, 2)))
_SQUARES = tuple(_RNG.normal(size=(2, 2)).round(2) for _ in range(3))

matmul_backward = Exercise(
    name="matmul_backward",
    reference=engine.matmul_backward,
    cases=[
        case(*_SQUARES).named("three arrays of shape (2, 2)"),
        case(_OUT, _LEFT, _RIGHT).named("a of shape (4, 3), b of shape (3, 2), g of shape (4, 2)"),
        case(np.ones((1, 1)), np.ones((1, 5)), np.arange(5.0)[:, None]).named(
            "one row times one column"
        ),
    ],
    mistakes=[
        (
            lambda g, a, b: (g @ b, a @ g),
            "The transposes are missing. `g` has the shape of a @ b; check which product with `b` has the shape of `a`.",
        ),
        (
            lambda g, a, b: (b.T @ g, g @ a.T),
            "The factors stand in the wrong order. For `a`, `g` comes first; for `b`, `a` transposed comes first.",
        ),
        (
            lambda g, a, b: (a.T @ g, g @ b.T),
            "The two are exchanged: first return the gradient of `a`, then the one of `b`.",
        ),
        (
            lambda g, a, b: (g @ b.T, g @ a.T),
            "The gradient of `a` is right. In the one of `b` the factors stand in the wrong order: the rows of `a` and of "
            "`g` belong together, so `a.T` comes first.",
        ),
        (
            lambda g, a, b: (g @ b.T, (a.T @ g).T),
            "The gradient of `a` is right, the one of `b` is transposed: it must have the shape of `b`.",
        ),
        (
            lambda g, a, b: (g * b, g * a),
            "`*` multiplies element by element, as in the rule of `mul`. Here every product is a matrix product, `@`.",
        ),
    ],
    hints=[
        "A gradient has the shape of what it belongs to. With a of shape (n, k) and b of shape (k, m), g has shape (n, m).",
        "Which product of g (n, m) and b has the shape (n, k)? b must be turned: `b.T` has shape (m, k).",
        "`g @ b.T` for a. In the same way `a.T @ g` for b.",
    ],
    points=2,
    solution=_SOLUTION,
)

# ---------------------------------------------------------------------------- topological_order


def _chain() -> list[Tensor]:
    x = Tensor(0.3)
    y = tanh(x)
    return [x, y, tanh(y)]


def _diamond() -> list[Tensor]:
    x, two, three = Tensor(1.0), Tensor(2.0), Tensor(3.0)
    h = two * x
    t = three * h
    return [x, two, three, h, t, h + t]


def _square() -> list[Tensor]:
    x = Tensor(3.0)
    s = x * x
    return [x, s, s + x]


def _ladder() -> list[Tensor]:
    """Each node used twice: whoever goes every way separately goes 2^16 ways."""
    nodes = [Tensor(1.0)]
    for _ in range(16):
        nodes.append(nodes[-1] + nodes[-1])
    return nodes


def _ordered(make: Callable[[], list[Tensor]]) -> Callable[[Any], dict[str, Any]]:
    """What holds of the order of a graph's nodes; any order for which it holds is right."""

    def run(topological_order: Any) -> dict[str, Any]:
        nodes = make()
        found = topological_order(nodes[-1])
        if not isinstance(found, list | tuple):
            raise TypeError(f"it returned {type(found).__name__}, not a list of nodes")
        place = {id(node): n for n, node in enumerate(found)}
        ways = [(p, n) for n in nodes for p in n.parents]
        return {
            "each node stands there once": sorted(map(id, found)) == sorted(map(id, nodes)),
            "the root comes last": bool(found) and found[-1] is nodes[-1],
            "every node comes after its parents": bool(found)
            and all(place.get(id(p), len(found)) < place.get(id(n), -1) for p, n in ways),
        }

    return run


def _every_way(root: Any) -> list:
    return [n for parent in root.parents for n in _every_way(parent)] + [root]


def _self_before_parents(root: Any) -> list:
    order: list = []

    def visit(node: Any) -> None:
        if node not in order:
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order


def _without_leaves(root: Any) -> list:
    return [node for node in engine.topological_order(root) if node.parents]


def _without_root(root: Any) -> list:
    return engine.topological_order(root)[:-1]


topological_order = Exercise(
    name="topological_order",
    reference=engine.topological_order,
    cases=[
        probe(_ordered(_chain), "a chain: tanh(tanh(x))"),
        probe(_ordered(_square), "x·x + x, with x used three times"),
        probe(_ordered(_diamond), "h + 3·h with h = 2·x"),
        probe(_ordered(_ladder), "sixteen doublings, each of the one before"),
    ],
    mistakes=[
        (
            _every_way,
            "A node that is used twice stands there twice. Keep a set of the nodes that you have visited.",
        ),
        (
            _self_before_parents,
            "The list begins with the root; but parents should come first, and the root last. Append a node after the loop "
            "over its parents, not before it.",
        ),
        (
            first_come_order,
            "This is an order like the one that gave 2: in `h + 3·h` the node `h` stands after `3·h`, which is computed from "
            "it. To turn round the order in which nodes are first met is not enough: append a node only when all its "
            "parents are in the list.",
        ),
        (
            _without_leaves,
            "The nodes without parents are missing: those are the parameters, whose gradients we want.",
        ),
        (_without_root, "The root itself is missing: it comes last."),
    ],
    hints=[
        "Write an inner function `visit(node)`; it visits the node's parents first, and then appends the node.",
        "`visit` returns at once when the node is in the set of nodes already visited.",
        "In `visit`: if it is new, add it to the set, call `visit` for each of `node.parents`, then `order.append(node)`.",
    ],
    points=2,
    solution=_SOLUTION,
)

# ------------------------------------------------------------------------------------ send_back


def send_back_with_a_bug(order: Any) -> None:
    """The lesson's buggy walk: what arrives last overwrites what arrived before."""
    order[-1].grad = np.ones_like(order[-1].data)
    for node in reversed(order):
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                parent.grad = g


def _unseeded(order: Any) -> None:
    for node in reversed(order):
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                parent.grad = parent.grad + g


def _uphill(order: Any) -> None:
    order[-1].grad = np.ones_like(order[-1].data)
    for node in order:
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                parent.grad = parent.grad + g


def _into_the_node(order: Any) -> None:
    order[-1].grad = np.ones_like(order[-1].data)
    for node in reversed(order):
        if node.rule is not None:
            for _, g in zip(node.parents, node.rule(node.grad), strict=True):
                node.grad = node.grad + g


def _keeps_the_first(order: Any) -> None:
    order[-1].grad = np.ones_like(order[-1].data)
    for node in reversed(order):
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                if not np.any(parent.grad):
                    parent.grad = g


def _multiplies(order: Any) -> None:
    order[-1].grad = np.ones_like(order[-1].data)
    for node in reversed(order):
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                parent.grad = parent.grad * g


def _forgets(order: Any) -> None:
    for node in order:
        node.grad = np.zeros_like(node.data)
    engine.send_back(order)


def _all_gradients(make: Callable[[], list[Tensor]]) -> Callable[[Any], Any]:
    def run(send_back: Any) -> list[float]:
        nodes = make()
        send_back(engine.topological_order(nodes[-1]))
        return [float(node.grad) for node in nodes]

    return run


def _twice(send_back: Any) -> float:
    x = Tensor(3.0)
    for _ in range(2):
        send_back(engine.topological_order(x * x))
    return float(x.grad)


send_back = Exercise(
    name="send_back",
    reference=engine.send_back,
    cases=[
        probe(_all_gradients(_chain), "the gradients of x and what follows in tanh(tanh(x))"),
        probe(_all_gradients(_square), "the gradients of x, s and y in y = s + x, s = x·x, x = 3"),
        probe(_all_gradients(_diamond), "all gradients in h + 3·h with h = 2·x, x = 1"),
        probe(_twice, "x's gradient when two losses x·x are sent back one after the other, x = 3"),
    ],
    mistakes=[
        (
            send_back_with_a_bug,
            "The bug is still there: where a node is used twice, its second gradient overwrites the first. Add them up.",
        ),
        (
            _keeps_the_first,
            "Now the first gradient stays and later ones are lost. A node that is used twice needs the sum of both.",
        ),
        (
            _unseeded,
            "All gradients are zero: the root's own gradient, with which the walk starts, must be 1.",
        ),
        (
            _uphill,
            "The walk goes from the inputs to the root. Gradients start at the root: go through `reversed(order)`.",
        ),
        (
            _into_the_node,
            "The gradient that a rule returns belongs to the parent, not to the node that was sent back.",
        ),
        (
            _multiplies,
            "Gradients that arrive on different ways are added. The chain rule's multiplying happens inside the rule.",
        ),
        (
            _forgets,
            "Within one walk it is right. But a second loss must add to what the first one left, as in PyTorch: do not "
            "set the gradients to zero here.",
        ),
    ],
    hints=[
        "Try the buggy walk on `x * x` with x = 3 and on `x + x`: what should come out?",
        "Each use of a node contributes. The total is the sum of what arrives from all its uses.",
        "Every `grad` is zero at first, so one line is enough: `parent.grad = parent.grad + g`.",
    ],
    points=2,
    solution=_SOLUTION,
)

ALL = (mul_backward, tanh_backward, matmul_backward, topological_order, send_back)


def assemble_engine(names: Mapping[str, Any]) -> Assembled:
    """The engine with those of the five functions in `names` that pass their check.

    In a notebook: ``assemble_engine(globals())``.
    """
    exercises = {exercise.name: exercise for exercise in ALL}
    pieces = {}
    for name in PIECES:
        answer = names.get(name)
        # A copy, so that trying out a piece counts as no attempt and shows no hint.
        if answer is not None and dataclasses.replace(exercises[name]).check(answer).passed:
            pieces[name] = answer
    return assemble(pieces)
