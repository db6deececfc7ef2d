"""Broadcasting two shapes, and its reverse: the gradient summed over what was stretched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.backpropagation.engine import unbroadcast

Array = Any
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Axis:
    """One place of the two shapes, aligned at the right; None where a shape has no axis there."""

    a: int | None
    b: int | None

    @property
    def fits(self) -> bool:
        """Equal, or one of the two is 1 or missing."""
        return self.a == self.b or self.a in (None, 1) or self.b in (None, 1)

    @property
    def size(self) -> int:
        """The length of the result along this axis."""
        lengths = [n for n in (self.a, self.b) if n is not None]
        return next((n for n in lengths if n != 1), 1)


@dataclass(frozen=True)
class Broadcast:
    """a + b for two shapes: the axes, and where they fit the numbers, there and back.

    ``gradient`` is what arrives at the sum, ``for_a`` and ``for_b`` what it becomes for the operands.
    """

    shape_a: Shape
    shape_b: Shape
    axes: tuple[Axis, ...]
    a: Array = None
    b: Array = None
    gradient: Array = None
    for_a: Array = None
    for_b: Array = None

    @property
    def fits(self) -> bool:
        """Whether the two shapes can be broadcast."""
        return all(axis.fits for axis in self.axes)

    @property
    def shape(self) -> Shape:
        """The shape of the result, where the shapes fit."""
        return tuple(axis.size for axis in self.axes)


def aligned(shape_a: Shape, shape_b: Shape) -> tuple[Axis, ...]:
    """The places of two shapes, aligned at the right."""
    length = max(len(shape_a), len(shape_b))
    padded_a: tuple = (None,) * (length - len(shape_a)) + shape_a
    padded_b: tuple = (None,) * (length - len(shape_b)) + shape_b
    return tuple(Axis(a, b) for a, b in zip(padded_a, padded_b, strict=True))


def stretched(shape: Shape, result: Shape) -> list[int]:
    """The axes of `result` along which an operand of `shape` was repeated: added ones, and 1s."""
    added = len(result) - len(shape)
    return [n for n, size in enumerate(result) if n < added or (shape[n - added] == 1 and size > 1)]


def broadcast(shape_a: Shape, shape_b: Shape, counting: bool = True) -> Broadcast:
    """Add arrays of two shapes and send a gradient back: 1, 2, 3, ... or, not `counting`, all ones."""
    axes = aligned(shape_a, shape_b)
    found = Broadcast(shape_a, shape_b, axes)
    if not found.fits:
        return found
    a = np.arange(1.0, 1 + np.prod(shape_a, dtype=int)).reshape(shape_a)
    b = 10 * np.arange(1.0, 1 + np.prod(shape_b, dtype=int)).reshape(shape_b)
    size = int(np.prod(found.shape, dtype=int))
    flat = np.arange(1.0, 1 + size) if counting else np.ones(size)
    g = flat.reshape(found.shape)
    for_a, for_b = unbroadcast(g, shape_a), unbroadcast(g, shape_b)
    return Broadcast(shape_a, shape_b, axes, a, b, g, for_a, for_b)
