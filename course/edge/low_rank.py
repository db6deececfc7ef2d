"""One wide matrix as a product of two thin ones, cut off by its singular values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LowRank:
    """weight ≈ left @ right, (m, r) and (r, n)."""

    left: Any
    right: Any
    kept: float  # the share of the squared size of the matrix that is kept, 0 to 1

    @property
    def product(self) -> Any:
        """The matrix that it stands for."""
        return self.left @ self.right

    @property
    def size(self) -> int:
        """Numbers stored."""
        return int(self.left.size + self.right.size)


def factorize(weight: Any, rank: int) -> LowRank:
    """The best approximation of that rank in squared error (Eckart and Young, 1936).

    It stores rank · (m + n) numbers, fewer than m · n only below rank m·n/(m+n).
    Raises ValueError for a rank below 1 or above the matrix's smaller side.
    """
    matrix = np.asarray(weight)
    if matrix.ndim != 2:
        raise ValueError(f"a matrix has two sides; this has the shape {matrix.shape}")
    most = min(matrix.shape)
    if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= most:
        raise ValueError(
            f"rank must be a whole number from 1 to {most}, the smaller side, not {rank!r}"
        )
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    kept = float((s[:rank] ** 2).sum() / (s**2).sum()) if s.any() else 1.0
    return LowRank(u[:, :rank] * s[:rank], v[:rank], kept)


def worthwhile_rank(rows: int, columns: int) -> int:
    """The greatest rank at which two thin matrices are smaller than the one."""
    return (rows * columns - 1) // (rows + columns)
