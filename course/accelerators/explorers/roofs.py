"""What the pictures of rooflines share: a roof as a line, numbers of operations and times in words."""

from __future__ import annotations

from typing import Any

from course.accelerators.roofline import Place, Roof
from course.widgets.scene import Line, Points, Text

TERA = 1e12


def line(
    roof: Roof,
    low: float,
    high: float,
    color: str,
    width: float = 2.0,
    one: float = TERA,
    **look: Any,
) -> Line:
    """The roof from intensity ``low`` to ``high``, in ``one`` operations a second."""
    places = [low, min(max(roof.ridge, low), high), high]
    return Line([(x, roof.attainable(x) / one) for x in places], color, width, **look)


def seconds(value: float) -> str:
    """A time with a unit that suits it."""
    for unit, one in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= one:
            return f"{value / one:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def rate(value: float) -> str:
    """Operations a second with a prefix that suits them."""
    for unit, one in (("TFLOP/s", 1e12), ("GFLOP/s", 1e9)):
        if value >= one:
            return f"{value / one:,.4g} {unit}"
    return f"{value / 1e6:,.3g} MFLOP/s"


def count(value: float, unit: str) -> str:
    """So many operations or bytes, with a prefix that suits them."""
    for prefix, one in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= one:
            return f"{value / one:.3g} {prefix}{unit}"
    return f"{value:.3g} {unit}"


def bound(place: Place) -> str:
    """What bounds an operation, in words."""
    if place.bound == "compute":
        return "bound by arithmetic"
    return "bound by memory"


def key(
    entries: list[tuple[str, str, str]],
    x: tuple[float, float],
    y: tuple[float, float],
    left: float = 0.44,
) -> list[Any]:
    """What the marks mean, in the corner below the roof, where a legend's own place would hide it.

    entries: (words, colour, dashes or a marker, "open D" for a hollow one), from above. x, y: the panel's logarithmic ends.
    """

    def at(ends: tuple[float, float], share: float) -> float:
        return float(ends[0] * (ends[1] / ends[0]) ** share)

    marks: list[Any] = []
    for number, (words, color, look) in enumerate(reversed(entries)):
        level = at(y, 0.09 + 0.058 * number)
        ends = [(at(x, left), level), (at(x, left + 0.06), level)]
        marker = look.removeprefix("open ")
        if marker in ("o", "D", "s", "^"):
            middle = [(at(x, left + 0.03), level)]
            marks.append(Points(middle, color, marker, 9, hollow=marker != look))  # type: ignore[arg-type]
        else:
            marks.append(Line(ends, color, 2, look))  # type: ignore[arg-type]
        marks.append(Text(at(x, left + 0.08), level, words, size=11.5))
    return marks
