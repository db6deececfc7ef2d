"""The attention viewer's picture: tokens with lines, the map, all heads, the next token's chances."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.language.explorers.tokens import shortened, shown
from course.language.explorers.viewing import HEADS, LAYERS, MODELS, STAGES, View
from course.widgets.scene import Area, HeatMap, Line, Panel, Scene, Spot, Text, box

_WIDTH, _HEIGHT = 840.0, 560.0
_TOP, _LOW = 96.0, 476.0  # of the tokens in a column
_LEFT, _RIGHT = 108.0, 200.0  # where lines begin and end
_MAP = (330.0, 118.0, 232.0)  # left, top, side
_SMALL = 52.0  # side of a head's small map
_BARS = (588.0, 100.0)  # left, top
_LISTED = 14  # likeliest tokens


def scene(view: View) -> Scene:
    """Everything, or a sentence that says what to do first."""
    marks = _models(view)
    if not view.ready:
        said = view.missing.replace("`", "")
        marks += [Text(20, 130 + 26 * n, line, size=14) for n, line in enumerate(_lines(said, 90))]
        ground = Panel((0, _WIDTH), (_HEIGHT, 0), marks, axes=False, place=_whole())
        return Scene(ground, width=_WIDTH, height=_HEIGHT)
    marks += [*_columns(view), *_stages(view), *_heads(view), *_bars(view), *_text(view)]
    left, top, side = _MAP
    across = Panel(
        (0, len(view.seen.tokens)),
        (len(view.seen.tokens), 0),
        _matrix(view),
        axes=False,
        place=(left, top, side, side),
    )
    ground = Panel((0, _WIDTH), (_HEIGHT, 0), marks, axes=False, place=_whole())
    return Scene(ground, across, *_small(view), width=_WIDTH, height=_HEIGHT)


def _whole() -> tuple[float, float, float, float]:
    return (0.0, 0.0, _WIDTH, _HEIGHT)


def _button(
    name: str, x: float, y: float, across: float, label: str, sets: dict, on: bool | None
) -> list[Any]:
    shade = 0.3 if on else 0.12
    return [
        box(x, y, across, 26, color="C0" if on else "quiet", opacity=shade, edge="quiet"),
        Text(x + across / 2, y + 13, label, size=12, align="center", bold=bool(on)),
        Spot(name, x, y, across, 26, label, sets, on),
    ]


def _models(view: View) -> list[Any]:
    marks: list[Any] = [Text(8, 17, "Model", "quiet", 12)]
    for n, (name, label) in enumerate(MODELS.items()):
        on = view.parameters.model == name
        marks += _button(f"model {name}", 52 + 212.0 * n, 4, 204, label, {"model": name}, on)
    return marks


def _columns(view: View) -> list[Any]:
    """The token that looks on the left, what it looks at on the right, a line as thick as the weight."""
    tokens = [shown(view.bytes_of(token)) for token in view.seen.tokens]
    count, chosen, weights = len(tokens), view.place, view.attention
    pitch = min(26.0, (_LOW - _TOP) / count)
    size = min(13.0, pitch * 0.82)
    middle = [_TOP + pitch * (n + 0.5) for n in range(count)]
    marks: list[Any] = [
        Text(2, _TOP - 24, "looks: point at it", "quiet", 12),
        Text(_RIGHT + 8, _TOP - 24, "is looked at", "quiet", 12),
    ]
    for looks in range(count):
        for at in range(looks + 1):
            weight = float(weights[looks, at])
            strong = looks == chosen
            if weight < (0.01 if strong else 0.25):
                continue
            ends = [(_LEFT, middle[looks]), (_RIGHT, middle[at])]
            color, width, opacity = "quiet", 0.8, 0.35
            if strong:
                color, width, opacity = "C0", 0.8 + 8 * weight, 0.35 + 0.6 * weight
            marks.append(Line(ends, color, width, opacity=opacity))
    for n, word in enumerate(tokens):
        on = n == chosen
        left = shortened(word, _LEFT - 16, size)
        if on:
            marks.append(box(2, middle[n] - pitch / 2, _LEFT - 4, pitch, color="C0", opacity=0.25))
        marks.append(Text(_LEFT - 8, middle[n], left, size=size, align="right", bold=on))
        seen = n <= chosen
        right = shortened(word, 58, size)
        marks.append(Text(_RIGHT + 8, middle[n], right, "ink" if seen else "quiet", size))
        share = f"{100 * weights[chosen, n]:.0f} %" if seen else "later"
        marks.append(Text(_RIGHT + 106, middle[n], share, "quiet", size, "right"))
        spot = (2, middle[n] - pitch / 2, _LEFT - 4, pitch)
        said = f"Token {n + 1} of {count}: {word}"
        marks.append(Spot(f"token {n}", *spot, said, {"place": n}, on, hover=True))
    return marks


def _stages(view: View) -> list[Any]:
    p = view.parameters
    left, top, side = _MAP
    marks: list[Any] = []
    across = (66.0, 104.0, 78.0)
    x = left - 18
    for (name, label), width in zip(STAGES.items(), across, strict=True):
        marks += _button(f"stage {name}", x, 40, width, label, {"stage": name}, p.stage == name)
        x += width + 4
    head = f"Layer {p.layer + 1}, head {p.head + 1}: row looks at column"
    marks.append(Text(left, top - 28, head, size=12))
    marks.append(Text(left, top - 10, _legend(view), "quiet", 11.5))
    return [*marks, Area(_frame(left, top, side), "quiet", 0.0, edge="quiet")]


def _legend(view: View) -> str:
    if view.parameters.stage == "weights":
        return "dark 0 % to bright 100 %"
    finite = view.matrix[np.isfinite(view.matrix)]
    return f"scores {finite.min():.1f} to {finite.max():.1f}"


def _frame(x: float, y: float, side: float) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def _matrix(view: View) -> list[Any]:
    """The chosen head's map; masked cells are crossed out, the row that looks is framed."""
    values, chosen = view.matrix, view.place
    count = len(values)
    finite = values[np.isfinite(values)]
    weights = view.parameters.stage == "weights"
    low, high = (0.0, 1.0) if weights else (float(finite.min()), float(finite.max()))
    drawn = HeatMap(values, low, high if high > low else low + 1, extent=(0, count, 0, count))
    marks: list[Any] = [drawn]
    if view.parameters.stage != "scores":
        for row in range(count - 1):  # over the future: ground, and strokes, not colour alone
            corner = [(row + 1, row), (count, row), (count, row + 1), (row + 1, row + 1)]
            marks.append(Area(corner, "ground", 1.0))
        for step in range(1, 2 * count - 1):
            line = _stroke(step, count)
            if line:
                marks.append(Line(line, "quiet", 0.7))
    edge = [(0, chosen), (count, chosen), (count, chosen + 1), (0, chosen + 1)]
    marks.append(Area(edge, "C1", 0.0, edge="C1"))
    for row in range(count):
        said = f"Row {row + 1} of the map: {shown(view.bytes_of(view.seen.tokens[row]))}"
        spot = (0, row, count, 1)
        marks.append(Spot(f"row {row}", *spot, said, {"place": row}, row == chosen, hover=True))
    return marks


def _stroke(step: int, count: int) -> list[tuple[float, float]]:
    """A stroke from lower left to upper right across the masked triangle, x + y = step."""
    if step % max(1, count // 8):
        return []
    top = min(step, count)  # where it leaves at the upper or right edge
    low = step / 2  # where it meets the diagonal
    return [(low + 0.5, step - low - 0.5), (top, step - top)] if top > low + 0.5 else []


def _heads(view: View) -> list[Any]:
    """Names of the small maps below; each is chosen by pressing it."""
    p = view.parameters
    left, _, _ = _MAP
    marks: list[Any] = [Text(left, 374, "All heads: press one", "quiet", 12)]
    for layer in range(LAYERS):
        for head in range(HEADS):
            x, y = _corner(layer, head)
            on = (p.layer, p.head) == (layer, head)
            label = f"Layer {layer + 1}, head {head + 1}"
            sets = {"layer": layer, "head": head}
            marks.append(
                Spot(f"head {layer} {head}", x - 2, y - 2, _SMALL + 4, _SMALL + 4, label, sets, on)
            )
        marks.append(
            Text(
                left - 6, _corner(layer, 0)[1] + _SMALL / 2, f"{layer + 1}", size=12, align="right"
            )
        )
    return marks


def _corner(layer: int, head: int) -> tuple[float, float]:
    left, _, _ = _MAP
    return left + (_SMALL + 10) * head, 388 + (_SMALL + 8) * layer


def _small(view: View) -> list[Panel]:
    count = len(view.seen.tokens)
    panels = []
    for layer in range(LAYERS):
        for head in range(HEADS):
            values = view.seen.weights[layer, head]
            marks = [HeatMap(values, 0.0, 1.0, extent=(0, count, 0, count))]
            place = (*_corner(layer, head), _SMALL, _SMALL)
            panels.append(Panel((0, count), (count, 0), marks, axes=False, place=place))
    return panels


def _bars(view: View) -> list[Any]:
    """The likeliest next tokens: outlined, as the model gives them; filled, with the settings."""
    left, top = _BARS
    plain, chances = view.plain, view.chances
    listed = view.likeliest(min(_LISTED, len(plain)))
    widest = max(float(chances.max()), float(plain.max()))
    marks: list[Any] = [
        Text(left, 52, "Next token (press one to take it)", size=12, bold=True),
        Text(left, 70, "outlined: as the model gives it", "quiet", 11.5),
        Text(left, 86, "filled: with your settings", "quiet", 11.5),
    ]
    for n, token in enumerate(listed):
        y = top + 26 * n
        word = shortened(shown(view.bytes_of(token)), 66)
        kept = chances[token] > 0
        marks.append(Text(left + 70, y + 12, word, "ink" if kept else "quiet", 13, "right"))
        room = 108.0 / widest
        marks.append(box(left + 78, y + 3, room * plain[token], 18, opacity=0.0, edge="quiet"))
        if kept:
            marks.append(box(left + 78, y + 6, room * chances[token], 12, color="C0", opacity=0.85))
        share = f"{100 * chances[token]:.1f} %" if kept else "cut off"
        marks.append(Text(left + 244, y + 12, share, "ink" if kept else "quiet", 12, "right"))
        label = f"Take {shown(view.bytes_of(token))}, {share}"
        marks.append(Spot(f"take {token}", left - 4, y, 252, 24, label))
    rest = 1 - chances[listed].sum()
    words = f"all others: {100 * rest:.1f} %" if len(plain) > len(listed) else ""
    return [*marks, Text(left + 70, top + 26 * len(listed) + 8, words, "quiet", 12)]


def _text(view: View) -> list[Any]:
    """The text so far: the prompt bold, and what was added."""
    given, added = view.words()
    whole = (given + added).replace("\n", "↵")
    lines = _lines(whole, 118)[-2:]
    y = 524.0
    label = f"Text, {view.drawn} tokens added:" if view.drawn else "Text: press Play, or Step"
    marks: list[Any] = [Text(8, y - 18, label, "quiet", 12)]
    return [*marks, *(Text(8, y + 20 * n, line, size=14) for n, line in enumerate(lines))]


def _lines(words: str, most: int) -> list[str]:
    """`words` in lines of at most `most` characters, broken at spaces where there are some."""
    lines = [""]
    for part in words.split(" "):
        while len(part) > most:
            part, more = part[:most], part[most:]
            lines += [part, ""]
            part = more
        if len(lines[-1]) + len(part) + 1 > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {part}" if lines[-1] else part
    return lines
