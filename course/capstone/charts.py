"""The report's three pictures as SVG text: they follow the reader's theme and are the same everywhere.

Text in, text out, so that a report can be made again and compared letter by letter. Meaning is carried
by shape and words; colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from course.capstone.briefs import number
from course.capstone.budget import MET, MISSED, UNSURE, Standing, used
from course.capstone.measuring import Quality

_STYLE = (
    "text{font:14px system-ui,sans-serif;fill:var(--ink,#1f1f1f)}"
    ".small{font-size:12px}.axis{stroke:var(--line,#8a8a8a);stroke-width:1;fill:none}"
    ".limit{stroke:var(--ink,#1f1f1f);stroke-width:2;stroke-dasharray:5 3}"
    ".bar{fill:var(--bar,#0072b2)}.over{fill:var(--over,#b34a00)}.unsure{fill:var(--unsure,#8a6100)}"
    ".curve{stroke:var(--bar,#0072b2);stroke-width:2;fill:none}"
    ".whisker{stroke:var(--ink,#1f1f1f);stroke-width:1.6}"
)
_CLASS = {MET: "bar", UNSURE: "unsure", MISSED: "over"}
_MOST = 2.0  # allowances that the picture shows
_WIDTH = 480.0  # narrow, so that its text can be read on a phone


def _svg(height: int, title: str, described: str, marks: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {height}" role="img" '
        f'aria-label="{escape(title)}: {escape(described)}"><style>{_STYLE}</style>'
        + "".join(marks)
        + "</svg>"
    )


def _text(x: float, y: float, said: str, anchor: str = "start", small: bool = False) -> str:
    kind = ' class="small"' if small else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(said)}</text>'


def _shape(verdict: str, x: float, y: float) -> str:
    kind = _CLASS[verdict]
    if verdict == MET:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
    if verdict == UNSURE:
        return f'<path class="{kind}" d="M{x - 7:.1f} {y + 6:.1f}h14l-7 -13z"/>'
    cross = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
    return f'<path d="{cross}" stroke="var(--over,#b34a00)" stroke-width="4"/>'


def standing_described(where: Standing) -> str:
    """What the picture of the budget shows, in words."""
    told = (
        f"{ln.criterion.name} uses {100 * used(ln.criterion, ln.figure.value):.0f} % of its allowance, {ln.verdict}"
        for ln in where.lines
    )
    return "; ".join(told) + "."


def standing_svg(where: Standing) -> str:
    """Each criterion as the part of its allowance that is used; the limit is the dashed mark."""
    left, row = 8.0, 76
    height = row * len(where.lines) + 22
    scale = (_WIDTH - 2 * left) / _MOST
    limit = left + scale
    marks = []
    for n, line in enumerate(where.lines):
        y = n * row
        part = used(line.criterion, line.figure.value)
        length = max(scale * min(max(part, 0.0), _MOST), 1)
        said = line.verdict
        marks += [
            _shape(said, left + 7, y + 15),
            _text(left + 22, y + 20, f"{line.criterion.name}: {said}"),
            _text(left + 22, y + 38, f"{line.measured} ({line.criterion.bound})", small=True),
            f'<rect class="{_CLASS[said]}" x="{left}" y="{y + 48}" height="14" width="{length:.1f}"/>',
            f'<path class="limit" d="M{limit:.1f} {y + 44}v22"/>',
        ]
    marks.append(_text(limit, height - 6, "limit", "middle", True))
    title = "Part of each allowance that is used"
    return _svg(height, title, standing_described(where), marks)


def share(interval: Any) -> str:
    """An interval of a share, in percent."""
    low, middle, high = (100 * v for v in (interval.low, interval.estimate, interval.high))
    return f"{middle:.1f} % ({low:.1f} to {high:.1f} %)"


def rates_described(found: Quality) -> str:
    """The groups' rates in words."""
    told = (f"{r.name} {share(r.interval)}, {r.n} in all" for r in found.rates)
    return f"{found.rate_name}, with 95 % intervals: " + "; ".join(told) + "."


def rates_svg(found: Quality) -> str:
    """Every group's rate with its 95 % interval, and how many they are."""
    left, right, row, top = 140.0, _WIDTH - 26, 30, 6
    height = top + row * len(found.rates) + 26
    bottom = height - 22
    highest = max(r.interval.high for r in found.rates)
    most = next(m for m in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if m >= min(highest, 1.0))
    scale = (right - left) / most
    marks = [f'<path class="axis" d="M{left} {bottom}H{right}M{left} {top}V{bottom}"/>']
    for part in (0.0, 0.5, 1.0):
        x = left + part * (right - left)
        marks.append(_text(x, bottom + 16, f"{100 * part * most:g} %", "middle", True))
    for n, rate in enumerate(found.rates):
        y, i = top + n * row + row / 2, rate.interval
        a, b, c = (left + scale * v for v in (i.low, i.estimate, i.high))
        marks += [
            _text(left - 10, y + 5, f"{rate.name} ({rate.n})", "end"),
            f'<path class="whisker" d="M{a:.1f} {y}H{c:.1f}M{a:.1f} {y - 5}v10M{c:.1f} {y - 5}v10"/>',
            f'<circle class="bar" cx="{b:.1f}" cy="{y}" r="5"/>',
        ]
    return _svg(int(height), "Rate of each group", rates_described(found), marks)


def loss_described(losses: Sequence[float]) -> str:
    """The curve in words."""
    return (
        f"mean loss of the training rows, from {number(losses[0])} in the first epoch to "
        f"{number(losses[-1])} in the last, number {len(losses)}."
    )


def loss_svg(losses: Sequence[float]) -> str:
    """The training loss, epoch by epoch."""
    left, right, top, bottom = 56.0, _WIDTH - 16, 8.0, 150.0
    most = 1.05 * max(losses)
    step = (right - left) / max(len(losses) - 1, 1)
    points = [
        f"{left + n * step:.1f} {bottom - (bottom - top) * value / most:.1f}"
        for n, value in enumerate(losses)
    ]
    marks = [
        f'<path class="axis" d="M{left} {top}V{bottom}H{right}"/>',
        f'<path class="curve" d="M{"L".join(points)}"/>',
        _text(left - 8, bottom + 4, "0", "end", True),
        _text(left - 8, top + 8, number(most), "end", True),
        _text(left, bottom + 18, "1", "middle", True),
        _text(right, bottom + 18, str(len(losses)), "middle", True),
        _text((left + right) / 2, bottom + 18, "epoch", "middle", True),
    ]
    return _svg(176, "Training loss", loss_described(losses), marks)
