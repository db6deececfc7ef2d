"""Explorer: what fills a chip's memory in training, by stage of ZeRO, and what a layer keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course.facts.chips import chip
from course.scale import memory
from course.scale.compute import RECOMPUTE
from course.scale.memory import Ledger, Plan
from course.scale.published import gpts, model
from course.scale.shapes import Shape
from course.scale.words import digits
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Scene, Text, box

_CHIP = "NVIDIA A100 SXM 80GB"
_OTHERS = ("GPT-2 XL", "Llama-3-8B", "Llama-3-70B", "DeepSeek-V3", "Llama-3.1-405B")
_TENSOR = {"1": "1 chip", "2": "2 chips", "8": "8 chips", "8s": "8 chips, the text too"}
_KINDS = (
    ("weights", "C0"),
    ("gradients", "C1"),
    ("state", "C2"),
    ("activations", "C3"),
)
_NAMES = {"state": "Adam's state"}
_STAGES = ("none", "ZeRO-1", "ZeRO-2", "ZeRO-3")


@dataclass(frozen=True)
class LedgerParameters:
    """What the reader sets."""

    model: str = choice("Llama-3-8B", {n: n for n in (*_OTHERS, *gpts())}, label="Model")
    data: int = slider(64, 1, 1024, label="Copies of the model", log=True)
    tensor: str = choice("1", _TENSOR, label="Each matrix over")
    recompute: str = choice("none", RECOMPUTE, label="Backward pass")


@dataclass(frozen=True)
class Stages:
    """One plan's memory at every stage of ZeRO, and a layer's activations in other ways."""

    shape: Shape
    plan: Plan
    ledgers: tuple[Ledger, ...]
    layer: dict[str, float]

    @property
    def room(self) -> float:
        """The chip's memory in bytes."""
        return 1e9 * (chip(_CHIP).memory_gb or 0)


def shape_of(name: str) -> Shape:
    """A published model, or one of the GPTs of the papers on memory."""
    return gpts()[name] if name in gpts() else model(name)


def simulate(p: LedgerParameters) -> Stages:
    """The ledger of each stage; texts of 2,048 tokens, one at a time."""
    shape = shape_of(p.model)
    ranks, split = int(p.tensor[0]), p.tensor.endswith("s")
    wanted = ranks
    while shape.heads % ranks:  # 25 heads of GPT-2 XL: as many chips as divide them
        ranks -= 1
    common = {
        "data": p.data,
        "sequence_parallel": split,
        # Models since Llama train without dropout and never write attention's scores.
        "dropout": not shape.gated,
        "scores": not shape.gated,
    }
    plan = Plan(tensor=min(ranks, wanted), recompute=p.recompute, **common)  # type: ignore[arg-type]
    ledgers = tuple(memory.ledger(shape, _changed(plan, zero=stage)) for stage in range(4))
    ways = {name: _changed(plan, recompute=name) for name in RECOMPUTE}
    layer = {name: memory.layer_activations(shape, way) for name, way in ways.items()}
    return Stages(shape, plan, ledgers, layer)


def _changed(plan: Plan, **changes: Any) -> Plan:
    return Plan(**{**vars(plan), **changes})


def scene(s: Stages) -> Scene:
    """A column for each stage with its four parts, and a layer's activations."""
    most = 1.12 * max(ledger.total for ledger in s.ledgers) / 1e9
    top = max(most, 0.1)
    marks: list[Any] = []
    if s.room / 1e9 < top:
        line = s.room / 1e9
        marks.append(Line([(0, line), (4, line)], "ink", 1.6, "dashed"))
        marks.append(Text(3.98, line + 0.03 * top, f"one chip: {line:g} GB", "ink", 11.5, "right"))
    for n, ledger in enumerate(s.ledgers):
        low = 0.0
        for kind, color in _KINDS:
            value = getattr(ledger, kind) / 1e9
            marks.append(box(n + 0.14, low, 0.72, value, color="ground", opacity=1.0))
            marks.append(box(n + 0.14, low, 0.72, value, color=color, opacity=0.5, edge="ground"))
            if value > 0.055 * top:
                marks.append(
                    Text(n + 0.5, low + value / 2, _NAMES.get(kind, kind), "ink", 11, "center")
                )
            low += value
        marks.append(
            Text(n + 0.5, low + 0.02 * top, f"{digits(low)} GB", "ink", 12.5, "center", True)
        )
        marks.append(Text(n + 0.5, -0.075 * top, _STAGES[n], "ink", 12, "center"))
    return Scene(
        Panel(
            (0, 4),
            (-0.1 * top, top),
            marks,
            title=f"{s.shape.name} on {s.plan.chips:,} chips: gigabytes on each",
            axes=False,
            place=(10, 6, 540, 414),
        ),
        Panel(
            (0, 1),
            (0, 1),
            _layers(s),
            title="Activations of one layer",
            axes=False,
            place=(580, 6, 250, 414),
        ),
        height=430,
    )


def _layers(s: Stages) -> list[Any]:
    marks: list[Any] = []
    most = max(s.layer.values())
    for n, (name, value) in enumerate(s.layer.items()):
        top, chosen = 0.9 - 0.22 * n, name == s.plan.recompute
        marks.append(Text(0, top, RECOMPUTE[name], size=12, bold=chosen))
        look = {"opacity": 0.8 if chosen else 0.3, "edge": "C3"}
        marks.append(box(0, top - 0.09, max(value / most, 0.004), 0.06, color="C3", **look))
        marks.append(Text(0, top - 0.13, f"{digits(value / 2**20)} MiB", "quiet", 12))
    assumed = ("Texts of 2,048 tokens, one at a time;", "weights and gradients in 16 bits.")
    for n, line in enumerate(assumed):
        marks.append(Text(0, 0.08 - 0.05 * n, line, "quiet", 11.5))
    if not s.plan.scores:
        for n, line in enumerate(
            ("(This model's attention never writes", "its scores: nothing to select.)")
        ):
            marks.append(Text(0, 0.2 - 0.05 * n, line, "quiet", 11.5))
    return marks


def table(s: Stages) -> Table:
    """Each stage's parts in gigabytes."""
    rows = [
        (
            _STAGES[n],
            *(digits(getattr(ledger, kind) / 1e9) for kind, _ in _KINDS),
            digits(ledger.total / 1e9),
        )
        for n, ledger in enumerate(s.ledgers)
    ]
    columns = ("Sharded", *(f"{_NAMES.get(k, k).capitalize()} (GB)" for k, _ in _KINDS), "All (GB)")
    return Table(f"Memory on each of {s.plan.chips:,} chips, {s.shape.name}", columns, rows)


def describe(s: Stages) -> str:
    """The first stage that fits, and what takes most of it."""
    fits = [n for n, ledger in enumerate(s.ledgers) if ledger.total <= s.room]
    first, last = s.ledgers[0].total / 1e9, s.ledgers[3].total / 1e9
    said = (
        f"{s.shape.name} in {s.plan.data:,} cop{'y' if s.plan.data == 1 else 'ies'}, each matrix over "
        f"{s.plan.tensor} chip{'' if s.plan.tensor == 1 else 's'}, needs {digits(first)} GB on each chip with "
        f"nothing sharded and {digits(last)} GB with ZeRO-3; "
    )
    if not fits:
        return said + f"nothing fits {s.room / 1e9:g} GB."
    ledger = s.ledgers[fits[0]]
    largest = max((k for k, _ in _KINDS), key=lambda kind: getattr(ledger, kind))
    stage = "even that" if fits[0] == 0 else f"from {_STAGES[fits[0]]} on it"
    return said + (
        f"{stage} fits {s.room / 1e9:g} GB, and {_NAMES.get(largest, largest)} "
        f"{'are' if largest != 'state' else 'is'} the largest part there."
    )


def memory_ledger(**initial: Any) -> DirectExplorer:
    """Weights, gradients, Adam's state and activations on each chip.

    ``initial`` sets any of model, data, tensor, recompute; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        LedgerParameters(**initial),
        title="Memory ledger",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="memory_ledger",
    )
