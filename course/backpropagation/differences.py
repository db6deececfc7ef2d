"""Derivatives from differences: (f(x + e) - f(x)) / e and its better sister, and how wrong they are.

With a long step e the bend of f is taken for slope (truncation). With a short one the two values of
f are nearly equal, and their difference is mostly the rounding of their last digits (round-off).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

DTYPES = ("float32", "float64")
SCHEMES = ("forward", "central")
STEPS = np.logspace(-16, 0, 97)  # six a decade
_INPUTS = np.linspace(-2.0, 2.0, 40)
_SHIFTS = np.linspace(-1.0, 1.0, 40)


@dataclass(frozen=True)
class Curve:
    """A function of one number with its first three derivatives, and its program.

    ``program(lib, x)`` computes f with the functions of ``lib``, which is NumPy or PyTorch.
    """

    title: str
    program: Callable[[Any, Any], Any]
    derivatives: Callable[[float], tuple[float, float, float, float]]  # f, f', f'', f'''


def _cube(lib: Any, x: Any) -> Any:
    return x * x * x


def _tanh(lib: Any, x: Any) -> Any:
    return lib.tanh(x)


def _relu(lib: Any, x: Any) -> Any:
    return x * (x > 0)


def _network(lib: Any, w: Any) -> Any:
    """The mean squared error of a neuron on 40 points, as a function of its weight."""
    inputs, shifts = (lib.asarray(v, dtype=w.dtype) for v in (_INPUTS, _SHIFTS))
    errors = lib.tanh(w * inputs + shifts) - lib.asarray(np.sin(_INPUTS), dtype=w.dtype)
    return (errors * errors).mean()


def _of_tanh(x: float) -> tuple[float, float, float, float]:
    y = math.tanh(x)
    slope = 1 - y * y
    return y, slope, -2 * y * slope, slope * (6 * y * y - 2)


def _of_network(w: float) -> tuple[float, float, float, float]:
    y = np.tanh(w * _INPUTS + _SHIFTS)
    e, u = y - np.sin(_INPUTS), 1 - y * y
    first = u * _INPUTS
    second = -2 * y * u * _INPUTS**2
    third = u * (6 * y * y - 2) * _INPUTS**3
    squares = (
        e * e,
        2 * e * first,
        2 * (first**2 + e * second),
        2 * (3 * first * second + e * third),
    )
    f, d1, d2, d3 = (float(term.mean()) for term in squares)
    return f, d1, d2, d3


CURVES = {
    "tanh": Curve("tanh(x)", _tanh, _of_tanh),
    "cube": Curve("x³", _cube, lambda x: (x**3, 3 * x * x, 6 * x, 6.0)),
    "network": Curve("the loss of a neuron on 40 points, by its weight", _network, _of_network),
    "relu": Curve(
        "relu(x): x above 0, else 0",
        _relu,
        lambda x: (max(x, 0.0), float(x > 0), 0.0, 0.0),
    ),
}


@dataclass(frozen=True)
class Line:
    """The error of one scheme in one precision over STEPS, and the step that theory calls best.

    ``errors`` are relative to the derivative (absolute where it is 0). ``best`` is None where the
    curve is straight, so that a longer step is always better.
    """

    scheme: str
    dtype: str
    errors: np.ndarray
    best: float | None

    @property
    def least(self) -> tuple[float, float]:
        """(step, error) of the smallest error measured."""
        place = int(np.argmin(self.errors))
        return float(STEPS[place]), float(self.errors[place])


@dataclass(frozen=True)
class GradientCheck:
    """All lines for one function at one place, with PyTorch's own error in each precision.

    ``torch_errors`` maps a dtype to the error of PyTorch's gradient; it is empty without PyTorch.
    """

    curve: Curve
    x: float
    derivative: float
    lines: tuple[Line, ...]
    torch_errors: dict[str, float]


def check(name: str, x: float, dtypes: tuple[str, ...] = DTYPES) -> GradientCheck:
    """Differences of CURVES[name] at `x` over STEPS, in each precision, forward and central."""
    if name not in CURVES:
        raise ValueError(f"there is no curve {name!r}; choose from {', '.join(CURVES)}")
    curve = CURVES[name]
    x = float(np.float32(x))  # a number that both precisions have
    derivative = curve.derivatives(x)[1]
    lines = tuple(_line(curve, x, scheme, dtype) for dtype in dtypes for scheme in SCHEMES)
    errors = {d: g for d in dtypes if (g := _torch_error(curve, x, d)) is not None}
    return GradientCheck(curve, x, derivative, lines, errors)


def _line(curve: Curve, x: float, scheme: str, dtype: str) -> Line:
    kind = np.dtype(dtype).type
    here = kind(x)
    slopes = []
    with np.errstate(all="ignore"):
        for step in STEPS.astype(dtype):
            above = curve.program(np, kind(here + step))
            if scheme == "forward":
                slopes.append((above - curve.program(np, here)) / step)
            else:
                slopes.append((above - curve.program(np, kind(here - step))) / (step + step))
    errors = relative(np.asarray(slopes, dtype=np.float64), curve.derivatives(x)[1])
    return Line(scheme, dtype, errors, best_step(curve, x, scheme, dtype))


def relative(found: Any, true: float) -> Any:
    """The distance of `found` from `true`, divided by the size of `true` unless that is 0."""
    return np.abs(found - true) / (abs(true) or 1.0)


def best_step(curve: Curve, x: float, scheme: str, dtype: str) -> float | None:
    """The step at which truncation and round-off together are least, by their estimates.

    Each value of f carries a rounding error of up to r = u·(|f| + |x·f'|), where u is half the
    spacing of numbers at 1. Forward: e·|f''|/2 + 2r/e is least at e = 2·sqrt(r/|f''|). Central:
    e²·|f'''|/6 + r/e is least at e = (3r/|f'''|)^(1/3). None where that derivative of f is 0.
    """
    f, first, second, third = curve.derivatives(x)
    rounding = float(np.finfo(dtype).eps) / 2 * (abs(f) + abs(x * first))
    bend = abs(second) if scheme == "forward" else abs(third)
    if not bend or not rounding:
        return None
    return 2 * math.sqrt(rounding / bend) if scheme == "forward" else math.cbrt(3 * rounding / bend)


def _torch_error(curve: Curve, x: float, dtype: str) -> float | None:
    """The relative error of PyTorch's gradient, or None where PyTorch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    leaf = torch.tensor(x, dtype=getattr(torch, dtype), requires_grad=True)
    curve.program(torch, leaf).backward()
    return float(relative(float(leaf.grad), curve.derivatives(x)[1]))
