"""A matrix in slow memory: it gives out blocks, and counts every number that is read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class SlowMatrix:
    """A matrix that can be read only block by block.

    reads: numbers read so far. blocks: the shape of each block read. ``shape`` is free of charge.
    """

    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)
        if self._values.ndim != 2:
            raise ValueError(f"a matrix has two axes; got the shape {self._values.shape}")
        self.reads = 0
        self.blocks: list[tuple[int, int]] = []

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self._values.shape
        return rows, columns

    def read(self, top: int, bottom: int, left: int, right: int) -> NDArray[Any]:
        """A copy of rows top to bottom - 1 and columns left to right - 1, cut at the edges.

        Raises IndexError for a block that begins before the first row or column, or is empty.
        """
        if top < 0 or left < 0:
            raise IndexError(f"a block begins at row and column 0 or later, not at {top}, {left}")
        block: NDArray[Any] = self._values[top:bottom, left:right].copy()
        if not block.size:
            raise IndexError(
                f"rows {top} to {bottom} and columns {left} to {right} are no block of a matrix of "
                f"shape {self.shape}: nothing is in it"
            )
        self.reads += block.size
        rows, columns = block.shape
        self.blocks.append((rows, columns))
        return block

    def __repr__(self) -> str:
        return f"SlowMatrix of shape {self.shape}, {self.reads} numbers read"


def tiled_reads(m: int, k: int, n: int, tile: int) -> int:
    """The numbers that (m, k) @ (k, n) reads with square tiles, two of them at a time."""
    return -(-n // tile) * m * k + -(-m // tile) * k * n
