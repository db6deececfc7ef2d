"""Lesson 02's engine, complete: automatic differentiation of arrays in about a hundred lines.

The five functions from `mul_backward` on are the lesson's exercises. `course.scratch` is the same
idea, made complete and fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any  # a NumPy array


class Tensor:
    """An array, its gradient, and where it came from: its parents, and a rule to go back to them.

    `rule(g)` turns the gradient of this tensor into the gradients of its parents, in their order.
    """

    __array_ufunc__ = None  # so that NumPy leaves `array * tensor` to us

    def __init__(self, data: Any, parents: tuple = (), rule: Callable | None = None) -> None:
        self.data = np.asarray(data, dtype=np.float64)
        self.grad = np.zeros_like(self.data)
        self.parents = parents
        self.rule = rule

    def __add__(self, other: Any) -> Tensor:
        return add(self, as_tensor(other))

    def __mul__(self, other: Any) -> Tensor:
        return mul(self, as_tensor(other))

    def __matmul__(self, other: Any) -> Tensor:
        return matmul(self, as_tensor(other))

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        """Add the gradient of this number to the `grad` of all that it was computed from."""
        send_back(topological_order(self))


def as_tensor(value: Any) -> Tensor:
    """Make a number or an array a tensor without parents."""
    return value if isinstance(value, Tensor) else Tensor(value)


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum `g` over the axes that broadcasting added to `shape`, or stretched in it."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=stretched, keepdims=True)


def add(a: Tensor, b: Tensor) -> Tensor:
    def rule(g: Array) -> tuple:
        return unbroadcast(g, a.data.shape), unbroadcast(g, b.data.shape)

    return Tensor(a.data + b.data, (a, b), rule)


def mul(a: Tensor, b: Tensor) -> Tensor:
    def rule(g: Array) -> tuple:
        for_a, for_b = mul_backward(g, a.data, b.data)
        return unbroadcast(for_a, a.data.shape), unbroadcast(for_b, b.data.shape)

    return Tensor(a.data * b.data, (a, b), rule)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    return Tensor(a.data @ b.data, (a, b), lambda g: matmul_backward(g, a.data, b.data))


def tanh(a: Tensor) -> Tensor:
    y = np.tanh(a.data)
    return Tensor(y, (a,), lambda g: (tanh_backward(g, y),))


def total(a: Tensor) -> Tensor:
    """The sum of all elements; each of them gets the gradient of the sum."""
    return Tensor(a.data.sum(), (a,), lambda g: (np.broadcast_to(g, a.data.shape),))


def cross_entropy(logits: Tensor, labels: Array) -> Tensor:
    """The mean of -log(probability of the label) over the rows of `logits`."""
    rows = np.arange(len(labels))
    powers = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
    probability = powers / powers.sum(axis=1, keepdims=True)
    target = np.zeros_like(probability)
    target[rows, labels] = 1.0
    loss = -np.log(probability[rows, labels]).mean()
    return Tensor(loss, (logits,), lambda g: (g * (probability - target) / len(labels),))


def mul_backward(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    return g * b, g * a


def tanh_backward(g: Array, y: Array) -> Array:
    return g * (1 - y * y)


def matmul_backward(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    return g @ b.T, a.T @ g


def topological_order(root: Tensor) -> list[Tensor]:
    order: list[Tensor] = []
    seen: set[Tensor] = set()

    def visit(node: Tensor) -> None:
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


def send_back(order: list[Tensor]) -> None:
    order[-1].grad = np.ones_like(order[-1].data)
    for node in reversed(order):
        if node.rule is not None:
            for parent, g in zip(node.parents, node.rule(node.grad), strict=True):
                parent.grad = parent.grad + g
