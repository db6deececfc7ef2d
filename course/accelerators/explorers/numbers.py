"""Explorer: one number in a format, bit by bit; the range of every format and how it spaces numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.accelerators.formats import FORMATS, FloatFormat, Format
from course.widgets import DirectExplorer, Table, choice, slider, switch
from course.widgets.scene import Line, Panel, Points, Scene, Spot, Text, box

_LEAST, _MOST = 1e-45, 3e38  # of the value that can be chosen
_WIDTH, _HEIGHT = 840.0, 470.0
_PARTS = {"sign": "C1", "exponent": "C2", "mantissa": "C0", "whole": "C0"}


@dataclass(frozen=True)
class NumberParameters:
    """What the reader sets."""

    format: str = choice(
        "fp16", {name: f.label for name, f in FORMATS.items()}, label="Number format"
    )
    value: float = slider(0.1, _LEAST, _MOST, label="Value to be stored", log=True)
    negative: bool = switch(False, label="Negative", hidden=True)


@dataclass(frozen=True)
class Stored:
    """A value and what a format makes of it."""

    target: Format
    value: float
    code: int
    kept: float

    @property
    def error(self) -> float:
        """How far the stored number is from the value, as a share of it; NaN where it overflowed."""
        if not np.isfinite(self.kept):
            return float("nan")
        return abs(self.kept - self.value) / abs(self.value)

    @property
    def bits(self) -> list[tuple[str, int]]:
        """Each bit of the code, the highest first, with the part it belongs to."""
        count = self.target.bits
        values = [self.code >> (count - 1 - n) & 1 for n in range(count)]
        if isinstance(self.target, FloatFormat):
            e, m = self.target.exponent_bits, self.target.mantissa_bits
            parts = ["sign", *["exponent"] * e, *["mantissa"] * m]
        else:
            parts = ["whole"] * count
        return list(zip(parts, values, strict=True))


def simulate(p: NumberParameters) -> Stored:
    """Store the value; what is too large for a float format overflows, as hardware has it."""
    target = FORMATS[p.format]
    value = -p.value if p.negative else p.value
    code = int(target.encode(value))
    return Stored(target, value, code, float(target.decode(code)))


def scene(s: Stored) -> Scene:
    """The bits above; below them the range of every format, and the step between neighbours."""
    bits = Panel(
        x=(0, _WIDTH), y=(130, 0), marks=_bits(s), axes=False, place=(0.0, 0.0, _WIDTH, 130.0)
    )
    return Scene(bits, _ranges(s), _spacing(s), width=_WIDTH, height=_HEIGHT)


def _bits(s: Stored) -> list[Any]:
    marks: list[Any] = [
        Text(10, 14, "Press a bit to turn it", "quiet", 12),
        Text(830, 14, f"stored: {number(s.kept)}", size=14, align="right", bold=True),
    ]
    wide = min(36.0, 820 / s.target.bits)
    for n, (part, bit) in enumerate(s.bits):
        x, color = 10 + n * wide, _PARTS[part]
        shade = 0.45 if bit else 0.08
        marks.append(box(x + 1, 34, wide - 2, 40, color=color, opacity=shade, edge=color))
        marks.append(Text(x + wide / 2, 54, str(bit), size=14, align="center", bold=bool(bit)))
        label = f"Bit {s.target.bits - 1 - n}, {part}: {bit}"
        marks.append(Spot(f"bit{n}", x + 1, 34, wide - 2, 40, label, pressed=bool(bit)))
    for part, color in _PARTS.items():
        places = [n for n, (name, _) in enumerate(s.bits) if name == part]
        if places:
            middle = 10 + (places[0] + len(places) / 2) * wide
            place = max(middle, 10 + 3.5 * len(part))
            marks.append(Text(place, 88, part, color, 12, "center", True))
    marks.append(Text(10, 112, formula(s), size=13))
    return marks


def _ranges(s: Stored) -> Panel:
    """From the smallest to the largest number of each format; subnormal numbers paler."""
    marks: list[Any] = []
    floor = len(FORMATS) - 0.2
    for power in range(-40, 40, 20):
        marks.append(Line([(power, -0.8), (power, floor)], "grid", 1))
        marks.append(Text(power, floor + 0.35, f"1e{power}" if power else "1", align="center"))
    for row, target in enumerate(FORMATS.values()):
        chosen = target is s.target
        color = "C0" if chosen else "quiet"
        solid = target.smallest_normal if isinstance(target, FloatFormat) else 1.0
        least, normal, most = np.log10([target.smallest, solid, target.largest])
        wide = 10 if chosen else 6
        marks.append(Line([(least, row), (normal, row)], color, wide, opacity=0.35))
        marks.append(Line([(normal, row), (most, row)], color, wide))
        marks.append(Text(-62, row, target.label, color if chosen else "ink", 12, bold=chosen))
    size = np.log10(abs(s.value))
    marks.append(Line([(size, -0.8), (size, floor)], "C1", 1.5, "dashed"))
    place = (10.0, 134.0, 410.0, _HEIGHT - 134)
    ends = (len(FORMATS) + 0.6, -0.9)
    title = "Sizes that each format has (pale: subnormal)"
    return Panel((-62, 40), ends, marks, title=title, axes=False, place=place)


def _spacing(s: Stored) -> Panel:
    """The step to the next number, as a share of the number, over the sizes."""
    powers = 2.0 ** np.arange(-150, 128)
    # Both ends of each stretch in which the step is the same.
    sizes = np.column_stack([powers, powers * (2 - 1e-9)]).ravel()
    marks: list[Any] = []
    for target in sorted(FORMATS.values(), key=lambda f: f is s.target):
        chosen = target is s.target
        inside = (sizes >= target.smallest) & (sizes <= target.largest)
        share = np.where(inside, target.spacing(sizes) / sizes, np.nan)
        points = np.column_stack([np.log10(sizes), share])
        color, width, opacity = ("C0", 2.4, 1.0) if chosen else ("quiet", 1.2, 0.6)
        label = target.label if chosen else ""
        marks.append(Line(points, color, width, label=label, opacity=opacity))
    size = float(np.log10(abs(s.value)))
    marks.append(Line([(size, 1e-8), (size, 30)], "C1", 1.5, "dashed"))
    if np.isfinite(s.kept) and s.kept:
        step = float(s.target.spacing(s.value)) / abs(s.value)
        marks.append(Points([(size, step)], "C1", size=9))
    return Panel(
        (-46, 40),
        (1e-8, 30.0),
        marks,
        title="Step to the next number, relative",
        xlabel="size of the number, as a power of ten",
        y_log=True,
        grid=True,
        place=(420.0, 134.0, 420.0, _HEIGHT - 134),
    )


def formula(s: Stored) -> str:
    """How the code is read."""
    if not isinstance(s.target, FloatFormat):
        return f"two's complement: {number(s.kept)}"
    sign, field, mantissa = (int(v) for v in s.target.fields(s.code))
    top = 2**s.target.exponent_bits - 1
    if not np.isfinite(s.kept):
        what = "NaN, not a number" if np.isnan(s.kept) else "infinity"
        ones = "exponent" if s.target.specials == "ieee" else "exponent and mantissa"
        return f"{ones} all ones: {what}"
    # Subnormal numbers share the smallest exponent.
    lead, shifted = (0, 1) if field == 0 else (1, field)
    kind = "subnormal: " if field == 0 and mantissa else ""
    minus = "-" if sign else ""
    special = " (no infinity here)" if field == top else ""
    return (
        f"{kind}{minus}({lead} + {mantissa}/{2**s.target.mantissa_bits}) \u00b7 "
        f"2^({shifted} - {s.target.bias}){special} = {number(s.kept)}"
    )


def number(value: float) -> str:
    """A number in at most nine digits."""
    return "NaN" if np.isnan(value) else "infinity" if np.isinf(value) else f"{value:.9g}"


def act(p: NumberParameters, name: str, x: float, y: float) -> dict[str, Any]:
    """Turn the bit that was pressed, where that leaves a finite number other than zero."""
    s = simulate(p)
    place = s.target.bits - 1 - int(name.removeprefix("bit"))
    turned = float(s.target.decode(s.code ^ 1 << place))
    if not np.isfinite(turned) or turned == 0:
        return {}
    return {"value": abs(turned), "negative": turned < 0}


def table(s: Stored) -> Table:
    """Every format: its bits, its range, its step, and what it makes of the value."""
    rows = []
    for target in FORMATS.values():
        kept = float(target.round(s.value))
        split = (
            f"1 + {target.exponent_bits} + {target.mantissa_bits}"
            if isinstance(target, FloatFormat)
            else str(target.bits)
        )
        rows.append(
            (
                target.label,
                split,
                f"{target.smallest:.3g}",
                f"{target.largest:.6g}",
                f"{target.epsilon:.3g}",
                number(kept),
            )
        )
    columns = (
        "Format",
        "Bits (sign + exponent + mantissa)",
        "Smallest above 0",
        "Largest",
        "Step at 1",
        f"What {number(s.value)} becomes",
    )
    return Table(f"{s.target.label} holds {number(s.kept)}", columns, rows)


def describe(s: Stored) -> str:
    """What the format makes of the value, and how far off that is."""
    begins = f"{s.target.label} stores {number(s.value)} as {number(s.kept)}"
    if not np.isfinite(s.kept):
        return f"{begins}: its largest number is {s.target.largest:.6g}."
    if s.kept == 0:
        return f"{begins}: its smallest number above zero is {s.target.smallest:.3g}."
    if s.kept == s.value:
        step = float(s.target.spacing(s.kept))
        return f"{begins}, exactly; the next one, away from zero, is {step:.3g} further."
    return (
        f"{begins}, {100 * s.error:.2g} % off; the step to the next number is "
        f"{float(s.target.spacing(s.kept)):.3g} there."
    )


def number_formats(**initial: Any) -> DirectExplorer:
    """A number in a format, bit by bit, with the range and the spacing of every format.

    ``initial`` sets any of format, value, negative; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return DirectExplorer(
        NumberParameters(**initial),
        title="Number formats",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        act=act,
        opener="number_formats",
    )
