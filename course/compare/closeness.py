"""How near two results are: exactly equal, close, and the largest difference."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What rounding may do over a few hundred operations in each precision.
_RELATIVE = {"float16": 1e-2, "float32": 1e-4, "float64": 1e-10}


@dataclass(frozen=True)
class Closeness:
    """exact: every element equal. close: equal but for rounding. difference: the largest one."""

    name: str
    exact: bool
    close: bool
    difference: float

    def __repr__(self) -> str:
        answers = f"exact: {_yes(self.exact)}  close: {_yes(self.close)}"
        return f"{self.name:<20}  {answers}  largest difference: {self.difference:.3g}"


def cmp(name: str, mine: Any, theirs: Any) -> Closeness:
    """Hold two results beside each other: tensors of either engine, arrays or numbers of one shape.

    close allows a difference of 1e-4 (float32) or 1e-10 (float64) times the largest element, or
    times 1 where all are smaller. Raises ValueError, naming both, where the shapes differ.
    """
    left, right = _array(mine), _array(theirs)
    if left.shape != right.shape:
        raise ValueError(
            f"{name}: the shapes differ, {left.shape} beside {right.shape}, so the values cannot "
            "be compared."
        )
    exact = bool(np.array_equal(left, right, equal_nan=left.dtype.kind == "f"))
    if exact or left.size == 0:
        return Closeness(name, exact, exact, 0.0)
    difference = float(np.abs(left.astype(np.float64) - right.astype(np.float64)).max())
    relative = max(_RELATIVE.get(array.dtype.name, 0.0) for array in (left, right))
    allowed = relative * max(1.0, float(np.abs(right).max()))
    return Closeness(name, exact, difference <= allowed, difference)


def _array(value: Any) -> NDArray[Any]:
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def _yes(answer: bool) -> str:
    return "yes" if answer else "no "
