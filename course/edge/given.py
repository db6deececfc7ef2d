"""One question to every number that is given: is it one, and does it fit?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def number(
    value: Any, what: str, wanted: str, fits: Callable[[Any], Any] = lambda _: True
) -> float:
    """``value`` as a float; raises ValueError, "``what`` must ``wanted``", where it does not fit.

    Text, True and False, NaN and infinity are no numbers here.
    """
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if is_number and np.isfinite(value) and fits(value):
        return float(value)
    raise ValueError(f"{what} must {wanted}, not {value!r}")


def count(value: Any, what: str, least: int = 1) -> int:
    """``value`` as an int; raises ValueError unless it is a whole number of ``least`` or more."""
    wanted = f"be a whole number, {least} or more"
    return int(number(value, what, wanted, lambda v: v == int(v) and v >= least))
