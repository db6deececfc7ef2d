"""Explorer: a language model taken apart, to scale: parameters, operations, cache, memory."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Any

from course.scale import cache, compute, memory, parameters
from course.scale.config import architecture
from course.scale.published import model, models, row_of
from course.scale.shapes import Shape
from course.scale.words import big, digits, size
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Scene, Text, box

OWN = "yours"
_FORMATS = {"2": "16 bits", "1": "8 bits", "0.5": "4 bits"}
_LOOKS = {  # colour of each group of parts, from bottom to top of the stack
    "embedding": "C0",
    "positions": "C6",
    "attention": "C1",
    "feed-forward": "C2",
    "experts": "C2",
    "norms": "C4",
    "head": "C3",
}


@dataclass(frozen=True)
class CalculatorParameters:
    """What the reader sets."""

    model: str = choice("Llama-3-8B", {name: name for name in models()}, label="Model")
    context: int = slider(8192, 128, 1_048_576, label="Text", unit="tokens", log=True)
    width: str = choice("2", _FORMATS, label="Weights and cache in")


@dataclass(frozen=True)
class Taken:
    """A model apart: its parts by group, operations a token, bytes."""

    shape: Shape
    context: int
    width: float
    published: int | None = None
    groups: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """All parameters."""
        return sum(self.groups.values())

    @property
    def bytes(self) -> dict[str, float]:
        """What it takes to answer one text, and what training keeps of each parameter."""
        return {
            "weights": self.count * self.width,
            "cache of one text": cache.kv_bytes(self.shape, self.context, 1, self.width),
            "training, without activations": memory.model_states(self.count).total,
        }


def simulate(p: Any, own: Shape | None = None) -> Taken:
    """Take the model apart."""
    shape = own if own is not None and p.model == OWN else model(p.model)
    exact = None if shape is own else row_of(p.model).parameters
    groups = parameters.by_group(shape)
    return Taken(shape, p.context, float(p.width), int(exact) if exact else None, groups)


def scene(t: Taken) -> Scene:
    """The whole stack and one layer of it, each to its own scale, and the bytes."""
    return Scene(
        Panel(
            (0, 1),
            (0, 1),
            _stack(t),
            title=f"All {big(t.count)}",
            axes=False,
            place=(8, 6, 220, 424),
        ),
        Panel(
            (0, 1), (0, 1), _layer(t), title=_layer_title(t), axes=False, place=(252, 6, 290, 424)
        ),
        Panel((0, 1), (0, 1), _bars(t), title="Memory", axes=False, place=(566, 6, 266, 424)),
        height=440,
    )


def _stack(t: Taken) -> list[Any]:
    """The model from the table of tokens up to the head: a layer is a thin slice."""
    marks: list[Any] = []
    inside = [g for g in ("attention", "feed-forward", "experts", "norms") if g in t.groups]
    low = 0.0
    for group in [g for g in ("embedding", "positions") if g in t.groups]:
        low = _block(marks, low, t.groups[group] / t.count, group, t)
    first = low
    for _ in range(t.shape.layers):
        for kind in inside:
            share = t.groups[kind] / t.count / t.shape.layers
            marks.append(box(0.02, low, 0.5, share, color=_LOOKS[kind], opacity=0.75))
            low += share
        marks.append(Line([(0.02, low), (0.52, low)], "ground", 0.5))
    _label(marks, first, low, f"{t.shape.layers} layers")
    if "head" in t.groups:
        _block(marks, low, t.groups["head"] / t.count, "head", t)
    else:
        marks.append(Text(0.56, 0.985, "head: the token", "quiet", 11))
        marks.append(Text(0.56, 0.945, "table again (tied)", "quiet", 11))
    return marks


def _block(marks: list[Any], low: float, share: float, group: str, t: Taken) -> float:
    marks.append(box(0.02, low, 0.5, share, color=_LOOKS[group], opacity=0.75))
    if share > 0.012:
        _label(marks, low, low + share, parameters.GROUPS[group])
    return low + share


def _label(marks: list[Any], low: float, high: float, name: str) -> None:
    middle = min(max((low + high) / 2, 0.04), 0.94)
    marks.append(Text(0.56, middle + 0.012, name, size=11.5))
    marks.append(Text(0.56, middle - 0.03, f"{100 * (high - low):.3g} %", "quiet", 11.5))


def _layer_title(t: Taken) -> str:
    experts = t.shape.experts
    return "One layer with experts" if experts else "One layer"


def _layer(t: Taken) -> list[Any]:
    """The parts of one layer; what a token does not meet is pale."""
    found = [p for p in parameters.parts(t.shape) if p.times > 1]
    if t.shape.experts:
        found = [p for p in found if p.group != "feed-forward"]
    whole = sum(p.each for p in found)
    marks: list[Any] = []
    low, spots = 0.0, []
    for part in found:
        share = part.each / whole
        color = _LOOKS[part.group]
        marks.append(box(0.02, low, 0.38, share, color=color, opacity=0.22, edge=color))
        met = 0.38 * part.active / part.each
        marks.append(box(0.02, low, met, share, color=color, opacity=0.75))
        spots.append((low + share / 2, part))
        low += share
    height = 0.0
    for middle, part in [spot for spot in spots if spot[1].each / whole > 0.004]:
        height = min(max(middle, height + 0.085 if height else 0.04), 0.95)
        marks.append(Line([(0.4, middle), (0.44, height)], "quiet", 1))
        marks.append(Text(0.46, height + 0.012, part.name, size=11.5))
        also = "" if part.active == part.each else f", {big(part.active)} met"
        marks.append(Text(0.46, height - 0.03, f"{big(part.each)}{also}", "quiet", 11))
    return marks


def _bars(t: Taken) -> list[Any]:
    """Bytes on one scale, and how many chips of 80 GB they fill."""
    marks: list[Any] = []
    most = max(t.bytes.values())
    for n, (name, value) in enumerate(t.bytes.items()):
        top = 0.92 - 0.19 * n
        marks.append(Text(0, top, name, size=12))
        marks.append(
            box(0, top - 0.075, max(value / most, 0.003), 0.05, color=f"C{n}", opacity=0.75)
        )
        marks.append(Text(0, top - 0.115, size(value), "quiet", 12))
    forward = compute.forward_flops(t.shape, t.context)
    share = compute.attention_flops(t.shape, t.context) / forward
    lines = (
        f"{big(forward)} operations a token forward,",
        f"{100 * share:.2g} % of them attention at this length;",
        f"{big(3 * forward)} in training (every token",
        "sees the whole text, as papers count)",
    )
    for n, line in enumerate(lines):
        marks.append(Text(0, 0.27 - 0.06 * n, line, size=12))
    return marks


def table(t: Taken) -> Table:
    """Every part: how large, how often, how many in all, and how many of it a token meets."""
    rows: list[tuple[Any, ...]] = [
        (
            part.name,
            f"{part.each:,}",
            f"{part.times:,}",
            f"{part.count:,}",
            f"{100 * part.count / t.count:.3g}",
            f"{part.active_count:,}",
        )
        for part in parameters.parts(t.shape)
    ]
    active = f"{parameters.active_parameters(t.shape):,}"
    rows.append(("in all", "", "", f"{t.count:,}", "100", active))
    caption = f"The parameters of {t.shape.name}"
    return Table(caption, ("Part", "Each", "Times", "All", "Share (%)", "Met by a token"), rows)


def describe(t: Taken) -> str:
    """The count beside the published one, what a token meets, and what the cache takes."""
    said = f"{t.shape.name} has {t.count:,} parameters"
    if t.published == t.count:
        said += ", the published number to the unit"
    elif t.published:
        said += f" ({t.published:,} are published)"
    active = parameters.active_parameters(t.shape)
    if active != t.count:
        said += f"; a token meets {big(active)} of them"
    kept = cache.kv_numbers(t.shape)
    saved = cache.without_sharing(t.shape) / kept
    told = t.bytes["cache of one text"]
    said += f". While it writes, a text of {t.context:,} tokens keeps {size(told)}"
    if saved > 1.01:
        how = "its latent" if t.shape.latent else "sharing keys and values"
        said += f", {digits(saved)} times less than without {how}"
    if t.shape.context and t.context > t.shape.context:
        said += f"; it was made for {t.shape.context:,} tokens at most"
    return f"{said}."


def scale_calculator(own: Shape | str | Path | None = None, **initial: Any) -> DirectExplorer:
    """A published language model, or your ``own``, taken apart.

    own: a Shape, or the path or text of a config.json; it is then the model "yours". ``initial``
    sets any of model, context, width. Raises ValueError or TypeError for a value or a name that is
    not one of them, and ConfigError for a config that cannot be read.
    """
    made: Any = CalculatorParameters
    if own is not None:
        own = own if isinstance(own, Shape) else architecture(own)
        names = {OWN: f"yours ({own.name})", **{name: name for name in models()}}
        first = ("model", str, choice(OWN, names, label="Model"))
        made = make_dataclass("OwnParameters", [first], bases=(CalculatorParameters,), frozen=True)
    return DirectExplorer(
        made(**initial),
        title="Scale calculator",
        simulate=lambda p: simulate(p, own if isinstance(own, Shape) else None),
        scene=scene,
        table=table,
        describe=describe,
        opener="scale_calculator",
    )
