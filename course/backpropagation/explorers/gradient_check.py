"""Explorer: derivatives by differences, how wrong they are at each step, and PyTorch's beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course.backpropagation.differences import CURVES, DTYPES, STEPS, GradientCheck, check
from course.widgets import Explorer, Table, choice, choices, slider, style

_FLOOR = 1e-17  # errors of exactly 0 are drawn here
_PRECISIONS = {"float32": "float32 (single)", "float64": "float64 (double)"}


@dataclass(frozen=True)
class CheckParameters:
    """What the reader sets."""

    curve: str = choice("tanh", {k: c.title for k, c in CURVES.items()}, label="Function")
    x: float = slider(0.7, -3.0, 3.0, step=0.05, label="Place x")
    dtypes: tuple[str, ...] = choices(("float64",), _PRECISIONS, label="Precision")


def simulate(p: CheckParameters) -> GradientCheck:
    """Differences over all steps, in each precision chosen."""
    return check(p.curve, p.x, p.dtypes)


def figure(found: GradientCheck, fig: Figure) -> None:
    """The error over the step: the V of each scheme, its best step by theory, and PyTorch's level."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.1, right=0.7, top=0.9, bottom=0.14)
    # Before the lines: a flat one alone would have no range to be scaled to.
    axes.set(xscale="log", yscale="log", xlim=(STEPS[0], STEPS[-1]), ylim=(_FLOOR / 3, 300))
    for line in found.lines:
        look = style.series(DTYPES.index(line.dtype) * 2 + (line.scheme == "central"))
        errors = np.clip(line.errors, _FLOOR, 1e3)
        axes.plot(
            STEPS, errors, label=f"{line.scheme}, {line.dtype}", markevery=6, markersize=4.5, **look
        )
        if line.best is not None and STEPS[0] <= line.best <= STEPS[-1]:
            axes.axvline(line.best, color=look["color"], linestyle=look["linestyle"], linewidth=0.9)
            axes.plot(line.best, 30, "v", color=look["color"], markersize=8, clip_on=False)
    for dtype, error in found.torch_errors.items():
        number = 4 + DTYPES.index(dtype)
        look = {k: v for k, v in style.series(number).items() if k != "marker"}
        axes.axhline(max(error, _FLOOR), label=f"PyTorch, {dtype}", **look)
    axes.set(xlabel="step \u03b5", ylabel=_error_name(found))
    axes.set_title(f"The derivative of {found.curve.title} at x = {found.x:.4g}")
    axes.minorticks_off()
    axes.grid(True, linewidth=0.6)
    for where, said in ((0.03, "\u2190 round-off"), (0.97, "truncation \u2192")):
        side = "left" if where < 0.5 else "right"
        axes.text(where, 0.93, said, transform=axes.transAxes, ha=side, va="top", fontsize=9)
    axes.plot([], [], "v", color=style.ink(), label="best step by theory")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, fontsize=9)


def _error_name(found: GradientCheck) -> str:
    return "relative error" if found.derivative else "error (the derivative is 0)"


def table(found: GradientCheck) -> Table:
    """For each scheme and precision: the best step measured and by theory, and its error."""
    columns = ("Method", "Precision", "Best step measured", "Best step by theory", "Least error")
    rows: list[tuple] = []
    for line in found.lines:
        step, error = line.least
        theory = "none: no curvature" if line.best is None else f"{line.best:.2g}"
        rows.append(
            (f"{line.scheme} difference", line.dtype, f"{step:.2g}", theory, f"{error:.2g}")
        )
    for dtype, error in found.torch_errors.items():
        rows.append(("PyTorch's gradient", dtype, "no step", "no step", f"{error:.2g}"))
    caption = f"{found.curve.title} at x = {found.x:.6g}, derivative {found.derivative:.6g}; "
    return Table(caption + f"errors: {_error_name(found)}", columns, rows)


def describe(found: GradientCheck) -> str:
    """Where each V has its lowest point, and how far PyTorch's own gradient is off."""
    parts = []
    for line in found.lines:
        step, error = line.least
        theory = "" if line.best is None else f" (by theory {line.best:.1g})"
        parts.append(
            f"{line.scheme} in {line.dtype} is best at \u03b5 = {step:.1g}{theory}, wrong by {error:.1g}"
        )
    said = f"The derivative is {found.derivative:.4g}. Differences: " + "; ".join(parts) + ". "
    if not found.torch_errors:
        return said + "PyTorch is not installed here, so its gradient is not shown."
    errors = ", ".join(f"{error:.1g} in {dtype}" for dtype, error in found.torch_errors.items())
    return f"{said}PyTorch's gradient, which needs no step, is wrong by {errors}."


def gradient_check(**initial: Any) -> Explorer:
    """The error of a derivative by differences over the step, beside PyTorch's gradient.

    ``initial`` sets any of curve, x, dtypes; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        CheckParameters(**initial),
        title="Gradient check",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="gradient_check",
        size=(8.4, 4.2),
    )
