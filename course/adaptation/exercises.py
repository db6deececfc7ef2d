"""The checks of lesson 10: a LoRA layer with its merge, the mean of clients, and a round to repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import as_exercise, case, probe, slip

_SOLUTION = "../solutions/10_democratization.ipynb"


def _layer(n: int, inputs: int, outputs: int, rank: int, seed: int) -> tuple[Any, ...]:
    """x, W, b, A, B of a layer: the shapes of PyTorch's Linear."""
    rng = np.random.default_rng(seed)
    shapes = ((n, inputs), (outputs, inputs), (outputs,), (rank, inputs), (outputs, rank))
    return tuple(rng.normal(size=shape) for shape in shapes)


def _forward_and_merge(given: tuple[Any, ...], alpha: float, title: str) -> Any:
    """What a layer answers, what it merges to, and whether it left the frozen matrix alone."""

    def run(layer_class: Any) -> dict[str, Any]:
        x, W, b, A, B = (part.copy() for part in given)
        layer = layer_class(W, b, A, B, alpha)
        answers = layer.forward(x.copy())
        merged = layer.merged()
        again = layer.forward(x.copy())
        return {
            "forward(x)": answers,
            "merged()": merged,
            "forward(x) once more, after merged()": again,
            "W is what it was": bool(np.array_equal(W, given[1])),
        }

    return probe(run, title)


@as_exercise(
    cases=[
        _forward_and_merge(
            _layer(4, 6, 5, 2, 0), 2.0, "4 rows, 6 inputs, 5 outputs, rank 2, alpha 2"
        ),
        _forward_and_merge(
            _layer(3, 8, 4, 3, 1), 6.0, "3 rows, 8 inputs, 4 outputs, rank 3, alpha 6"
        ),
        _forward_and_merge(_layer(2, 5, 5, 1, 2), 8.0, "a square matrix, rank 1, alpha 8"),
        _forward_and_merge(_layer(1, 3, 7, 3, 3), 1.0, "one row, rank 3, alpha 1"),
    ],
    mistakes=[
        slip(
            "The thin matrices count alpha times: divide by the rank, which is `len(A)`.",
            "alpha / len(A)",
            "alpha",
        ),
        slip(
            "The thin matrices count once, whatever alpha is: multiply by alpha / rank.",
            "alpha / len(A)",
            "1.0",
        ),
        slip(
            "You divide by the number of outputs, `len(B)`. The rank is the number of rows of A, `len(A)`.",
            "alpha / len(A)",
            "alpha / len(B)",
        ),
        slip("The bias is missing in `forward`: it stays as it is.", " + self.b +", " +"),
        slip(
            "In `forward` the frozen matrix is missing: LoRA is added to it, it does not replace it.",
            "x @ self.W.T + self.b +",
            "self.b +",
        ),
        slip(
            "`forward` scales the frozen part by alpha / rank too. Only the thin matrices are scaled.",
            "x @ self.W.T + self.b + self.scale * (x @ self.A.T @ self.B.T)",
            "self.scale * (x @ self.W.T + self.b + x @ self.A.T @ self.B.T)",
        ),
        slip(
            "`merged` changes W in place, so that the layer adds its thin matrices twice and nobody can go back. Make a new "
            "array: `self.W + ...`.",
            "return self.W + self.scale * (self.B @ self.A)",
            "self.W += self.scale * (self.B @ self.A)\n        return self.W",
        ),
        slip(
            "In `merged` alpha / rank is missing: what is merged must be what `forward` added.",
            "self.W + self.scale * (self.B @ self.A)",
            "self.W + self.B @ self.A",
        ),
        slip(
            "In `merged` you subtract: that would be unmerging.",
            "self.W + self.scale * (self.B",
            "self.W - self.scale * (self.B",
        ),
    ],
    hints=[
        "The frozen part is what a Linear layer does, `x @ W.T + b`; the other goes first through `A.T`, then through `B.T`.",
        "`x @ A.T @ B.T` is `x @ (B @ A).T`: so which one matrix does the same as both parts?",
        "`x @ self.W.T + self.b + self.scale * (x @ self.A.T @ self.B.T)`, and `self.W + self.scale * (self.B @ self.A)`, with "
        "`self.scale = alpha / len(A)`.",
    ],
    points=3,
    solution=_SOLUTION,
)
class LoraLayer:
    """A linear layer with LoRA: a frozen matrix and, beside it, two thin ones."""

    def __init__(self, W: Any, b: Any, A: Any, B: Any, alpha: float) -> None:
        self.W, self.b, self.A, self.B = W, b, A, B
        self.scale = alpha / len(A)

    def forward(self, x: Any) -> Any:
        return x @ self.W.T + self.b + self.scale * (x @ self.A.T @ self.B.T)

    def merged(self) -> Any:
        return self.W + self.scale * (self.B @ self.A)


def _clients(clients: int, numbers: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(clients, numbers))


def _with_gap(weights: Any, client: int) -> Any:
    weights[client] = np.nan  # nothing came from there
    return weights


@as_exercise(
    cases=[
        case(_clients(3, 4, 0), np.array([10, 20, 70])).named("3 clients, 10, 20 and 70 examples"),
        case(_clients(2, 3, 1), np.array([50, 50])).named("2 clients with as many examples"),
        case(_with_gap(_clients(4, 5, 2), 1), np.array([30, 0, 5, 65])).named(
            "client 1 dropped out: count 0, weights NaN"
        ),
        case(_clients(1, 6, 3), np.array([8])).named("one client"),
    ],
    mistakes=[
        slip(
            "Every client counts the same. One with 70 examples should count seven times as much as one with 10.",
            "counts[here] / counts[here].sum()",
            "np.full(here.sum(), 1 / here.sum())",
        ),
        slip(
            "A client that dropped out sent NaN, and 0 times NaN is NaN: select the clients with a count above 0 first.",
            "here = counts > 0",
            "here = counts >= 0",
        ),
        slip(
            "You divide by the number of clients after weighting by counts: the weights must add up to 1. Divide by the sum "
            "of the counts.",
            "counts[here] / counts[here].sum()",
            "counts[here] / len(counts)",
        ),
        slip(
            "These are the heaviest client's weights, not a mean.",
            "shares @ weights[here]",
            "weights[here][shares.argmax()]",
        ),
    ],
    hints=[
        "First leave out who dropped out: `here = counts > 0`.",
        "Shares that add up to 1: `counts[here] / counts[here].sum()`.",
        "`shares @ weights[here]` is the weighted sum of the rows.",
    ],
    points=2,
    solution=_SOLUTION,
)
def federated_mean(weights: Any, counts: Any) -> Any:
    """The mean of the clients' weights (clients, n), each as often as it has examples."""
    here = counts > 0
    shares = counts[here] / counts[here].sum()
    return shares @ weights[here]


def _learn(weights: Any, examples: Any) -> None:
    """A client's training, in place: half of the way to the mean of its examples."""
    weights += 0.5 * (examples.mean(axis=0) - weights)


def _examples(sizes: tuple[int, ...], seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.normal(client, 1, (size, 3)) for client, size in enumerate(sizes)]


def round_with_bugs(server: Any, clients: Any, answers: Any, train: Callable[..., None]) -> Any:
    """The lesson's code: two things are wrong with it."""
    total = np.zeros(len(server))
    for examples, answered in zip(clients, answers, strict=True):
        if answered:
            weights = server
            train(weights, examples)
            total += len(examples) * weights
    return total / sum(len(examples) for examples in clients)


@as_exercise(
    cases=[
        case(np.zeros(3), _examples((5, 5, 5), 0), [True, True, True], _learn).named(
            "3 clients, all answer"
        ),
        case(np.ones(3), _examples((2, 8, 4), 1), [True, False, True], _learn).named(
            "client 1 does not answer"
        ),
        case(np.array([1.0, -2, 3]), _examples((3, 9), 2), [False, True], _learn).named(
            "one of two answers"
        ),
    ],
    mistakes=[
        (
            round_with_bugs,
            "Both bugs are still there. What does `weights = server` copy? And who is counted in the last line?",
        ),
        slip(
            "The count is right now, but each client still goes on from where the one before it stopped, and the server's "
            "weights change under its hands: `weights = server` is a second name, not a copy.",
            "server.copy()",
            "server",
        ),
        slip(
            "Each client starts from the server's weights now, but those who did not answer still count in the last line: the "
            "model shrinks towards zero with every one that drops out.",
            "return total / count",
            "return total / sum(len(examples) for examples in clients)",
        ),
        slip(
            "Every client counts the same now: weight by the number of examples, as the code did.",
            "total += len(examples) * weights",
            "total += weights * sum(map(len, clients)) / len(clients)",
            "count += len(examples)",
            "count += sum(map(len, clients)) / len(clients)",
        ),
    ],
    hints=[
        "Print `server` before and after the call. Should it change?",
        "With nobody dropping out the last line is right. Which sum does it need when somebody does?",
        "`weights = server.copy()`, and a `count` of examples that grows only where a client answered.",
    ],
    points=2,
    solution=_SOLUTION,
)
def federated_round(server: Any, clients: Any, answers: Any, train: Any) -> Any:
    """One round: every client that answers trains a copy; the copies are averaged."""
    total, count = np.zeros(len(server)), 0
    for examples, answered in zip(clients, answers, strict=True):
        if answered:
            weights = server.copy()
            train(weights, examples)
            total += len(examples) * weights
            count += len(examples)
    return total / count


ALL = (LoraLayer, federated_mean, federated_round)
