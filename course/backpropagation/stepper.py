"""What the graph stepper says at each step, in words and as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

from course.backpropagation.graphs import EXPRESSIONS, OPERATIONS, Moment, Trace, trace


@dataclass(frozen=True)
class Stepped:
    """A trace, looked at after ``number`` of its steps; ``right`` is the trace of the right walk."""

    trace: Trace
    number: int
    right: Trace

    @property
    def moment(self) -> Moment:
        """What is known at this step."""
        return self.trace.moments[self.number]

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(self.trace.moments) - 1

    @property
    def wrong(self) -> list[int]:
        """The nodes in which the finished walk leaves a wrong gradient."""
        pairs = zip(self.trace.gradients, self.right.gradients, strict=True)
        return [n for n, (found, true) in enumerate(pairs) if found != true]


def stepped(expression: str, walk: str, number: int) -> Stepped:
    """The expression after ``number`` steps, or after its last one if there are fewer."""
    chosen = EXPRESSIONS[expression]
    found = trace(chosen, walk)
    return Stepped(found, min(number, len(found.moments) - 1), trace(chosen))


LONGEST = max(len(trace(expression).moments) for expression in EXPRESSIONS.values()) - 1


def text(value: float | None) -> str:
    """A number as it stands on the picture; nothing while it is unknown."""
    if value is None:
        return ""
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def factor(value: float) -> str:
    """A number as it stands after a times sign: in brackets where it is negative."""
    return f"({text(value)})" if value < 0 else text(value)


def words(s: Stepped) -> str:
    """The step in words: what is computed, or which local derivative takes a gradient on."""
    return f"Step {s.number} of {s.last}. {_phase(s)}{_end(s)}"


def _phase(s: Stepped) -> str:
    moment, expression = s.moment, s.trace.expression
    if moment.phase == "start" or moment.node is None:
        return (
            "Only the inputs and constants are known. Press Step: values go forward, node by node."
        )
    node, name = expression.nodes[moment.node], expression.names[moment.node]
    value = moment.values[moment.node]
    if moment.phase == "forward":
        given = [moment.values[p] or 0.0 for p in node.parents]
        numbers = {"add": " + ", "sub": " \N{MINUS SIGN} ", "mul": " · "}.get(
            node.operation or "", " "
        )
        put_in = numbers.join([text(given[0]), *map(factor, given[1:])])
        if node.operation == "tanh":
            put_in = f"tanh({text(given[0])})"
        return f"Forward: {name} = {expression.formulas()[moment.node]} = {put_in} = {text(value)}."
    if moment.phase == "seed":
        return (
            f"Now back. The walk starts at {name} with the gradient 1: {name} changes by exactly as much as "
            "it is nudged."
        )
    return _sent(s)


def _sent(s: Stepped) -> str:
    moment, expression = s.moment, s.trace.expression
    assert moment.node is not None
    node, name = expression.nodes[moment.node], expression.names[moment.node]
    before = s.trace.moments[s.number - 1].gradients
    g = before[moment.node]
    said = (
        f"Back through {name} = {expression.formulas()[moment.node]}, whose gradient is {text(g)}. "
    )
    said += OPERATIONS[node.operation or ""].why
    for parent, local, product in moment.sent:
        said += (
            f" For {expression.names[parent]} it is {text(local)}, so {expression.names[parent]} gets "
            f"{text(g)} · {factor(local)} = {text(product)}."
        )
    added = dict.fromkeys(parent for parent, _, _ in moment.sent)
    for parent in added:
        arrived = sum(1 for p, _, _ in moment.sent if p == parent)
        if arrived > 1 or before[parent] is not None:
            said += f" In all {expression.names[parent]} has {text(moment.gradients[parent])} now."
    return said


def _end(s: Stepped) -> str:
    if s.number < s.last:
        return ""
    expression, result = s.trace.expression, s.trace.expression.names[-1]
    inputs = [n for n, node in enumerate(expression.nodes) if not (node.operation or node.constant)]
    found = ", ".join(
        f"d{result}/d{expression.names[n]} = {text(s.trace.gradients[n])}" for n in inputs
    )
    if not s.wrong:
        return f" Done: {found}."
    late = next(n for n in s.wrong if expression.nodes[n].operation is None)
    true = text(s.right.gradients[late])
    return (
        f" Done, and wrong: the walk leaves {found}, but the derivative is {true}. A node was sent back when "
        "only a part of its gradient had arrived."
    )


def rows(s: Stepped) -> list[tuple[str, str, str, str]]:
    """(node, what it computes, value, gradient) of every node at this step."""
    expression, moment = s.trace.expression, s.moment
    entries = zip(
        expression.nodes, expression.formulas(), moment.values, moment.gradients, strict=True
    )
    return [
        (
            node.name,
            "constant" if node.constant else "input" if node.operation is None else formula,
            text(value) or "not yet",
            "none needed" if node.constant else text(gradient) or "not yet",
        )
        for node, formula, value, gradient in entries
    ]
