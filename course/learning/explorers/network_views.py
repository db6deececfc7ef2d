"""What the playground draws below its network: losses, gradients, one neuron's weights, PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.learning.network import FEATURES, Setup
from course.learning.toy_data import Array
from course.learning.training import Training
from course.learning.twin import Twins
from course.widgets.scene import Line, Mark, Panel, Spot, Text, box

VIEWS = {"loss": "Loss", "gradients": "Gradients", "weights": "Weights", "pytorch": "In PyTorch"}

_DASHES: tuple[Any, ...] = ("solid", "dashed", "dotted", "dashdot")
_MOST_POINTS = 300  # of a curve
_BELOW = (12, 378, 828, 170)
_COLUMNS = 9  # eight inputs at most, and the bias


def _thin(values: list[Any], every: int) -> Array:
    return np.asarray(values[::every], dtype=float)


def _loss(run: Training) -> Panel:
    curve = run.curve
    every = len(curve.epochs) // _MOST_POINTS + 1
    epochs = _thin(curve.epochs, every)
    train, test = _thin(curve.train, every), _thin(curve.test, every)
    highest = float(np.nanmax([train.max(), test.max(), 1e-6]))
    marks: list[Mark] = [
        Line(np.stack([epochs, train], axis=1), "C0", label=f"trained on: {curve.train[-1]:.4f}"),
        Line(
            np.stack([epochs, test], axis=1),
            "C1",
            dash="dashed",
            label=f"kept back: {curve.test[-1]:.4f}",
        ),
    ]
    top = highest if np.isfinite(highest) else 1.0
    return Panel(
        (0, max(curve.epochs[-1], 10)),
        (0, min(top, 1e6) * 1.05),
        marks,
        title="Loss (mean squared error)",
        xlabel="epoch: passes over the training points",
        place=_BELOW,
        grid=True,
    )


def _gradients(run: Training) -> Panel:
    curve = run.curve
    every = len(curve.epochs) // _MOST_POINTS + 1
    epochs = _thin(curve.epochs, every)
    sizes = np.clip(np.nan_to_num(_thin(curve.gradients, every), nan=1e-9), 1e-9, 1e6)
    marks: list[Mark] = []
    for n, name in enumerate(layer_names(run.setup)):
        # The entry before training is no gradient, so it is left away.
        points = np.stack([epochs[1:], sizes[1:, n]], axis=1)
        marks.append(Line(points, f"C{n % 7}", dash=_DASHES[n % 4], label=name))
    seen = sizes[1:] if len(sizes) > 1 else np.ones((1, 1))
    return Panel(
        (0, max(curve.epochs[-1], 10)),
        (max(float(seen.min()) / 3, 1e-9), float(seen.max()) * 3),
        marks,
        title="Size of each layer's gradients (root mean square, log scale)",
        xlabel="epoch: passes over the training points",
        place=_BELOW,
        y_log=True,
        grid=True,
    )


def _pytorch(twins: Twins | None, trouble: str) -> Panel:
    title = "The same network in PyTorch, from the start: same weights, same batches"
    if twins is None or not twins.mine:
        said = trouble or "No step has been compared yet."
        marks: list[Mark] = [Text(0.5, 0.5, said, align="center", size=14)]
        return Panel(marks=marks, title=title, place=_BELOW, axes=False)
    steps = np.arange(1, len(twins.mine) + 1)
    largest = max(*twins.mine, 1e-6)
    marks = [
        Line(np.stack([steps, twins.theirs], axis=1), "C1", width=5, opacity=0.6, label="PyTorch"),
        Line(np.stack([steps, twins.mine], axis=1), "ink", width=1.2, label="by hand"),
        Text(
            len(steps) * 0.02,
            largest * 0.08,
            f"largest difference of {len(steps)} losses: {twins.largest_difference:.1e}",
            bold=True,
            size=13,
        ),
    ]
    return Panel(
        (0, len(steps)),
        (0, largest * 1.05),
        marks,
        title=title,
        xlabel="step",
        place=_BELOW,
        grid=True,
    )


def weights_into(run: Training, chosen: tuple[int, int]) -> list[tuple[str, float]]:
    """What a neuron (layer and number, from 0) multiplies its inputs by, by name, and its bias."""
    layer, neuron = chosen
    before = [FEATURES[name] for name in run.setup.features]
    if layer:
        before = [f"neuron {n}" for n in range(1, run.setup.sizes[layer] + 1)]
    values = [*run.weights()[layer][neuron], run.biases()[layer][neuron]]
    return [(name, float(value)) for name, value in zip([*before, "bias"], values, strict=True)]


def neuron_name(setup: Setup, chosen: tuple[int, int]) -> str:
    """What the neuron is called in a sentence."""
    layer, neuron = chosen
    if layer == len(setup.hidden):
        return "the output"
    return f"neuron {neuron + 1} of {layer_names(setup)[layer]}"


def _weights(run: Training, chosen: tuple[int, int]) -> Panel:
    """The weights and the bias of the neuron that is drawn large: bars, with their numbers."""
    found = weights_into(run, chosen)
    largest = max(1e-6, *(abs(value) for _, value in found if np.isfinite(value)), 0.0)
    marks: list[Mark] = [Line([(0, 0), (_COLUMNS, 0)], "quiet", width=1.0)]
    for at, (name, value) in enumerate(found):
        high = float(np.nan_to_num(value / largest, nan=0.0))
        above = high >= 0
        look = {"color": "C0" if above else "C1", "opacity": 0.75, "edge": "ink"}
        marks += [
            box(at + 0.34, 0, 0.32, high, **look),
            Text(at + 0.5, high + (0.16 if above else -0.16), f"{value:+.3g}", align="center"),
            Text(
                at + 0.5,
                -0.16 if above else 0.16,
                name,
                "quiet",
                align="center",
                bold=name == "bias",
            ),
        ]
    return Panel(
        (0, _COLUMNS),
        (-1.4, 1.4),
        marks,
        title=f"By what {neuron_name(run.setup, chosen)} multiplies each input, and its bias "
        "(press a neuron to choose it)",
        place=_BELOW,
        axes=False,
    )


def layer_names(setup: Setup) -> list[str]:
    """What the layers are called: hidden 1, hidden 2 … output."""
    return [*(f"hidden {n}" for n in range(1, len(setup.hidden) + 1)), "output"]


def below(
    view: str, run: Training, twins: Twins | None, trouble: str, chosen: tuple[int, int]
) -> Panel:
    """The panel of ``view``, a key of VIEWS; ``chosen`` is the layer and the neuron drawn large."""
    if view == "pytorch":
        return _pytorch(twins, trouble)
    if view == "weights":
        return _weights(run, chosen)
    return _gradients(run) if view == "gradients" else _loss(run)


def tabs(view: str) -> Panel:
    """What to draw below: a button for each over the view's left corner."""
    marks: list[Mark] = []
    for n, (name, text) in enumerate(VIEWS.items()):
        x, chosen = n * 92, view == name
        shade = {"color": "C0" if chosen else "quiet", "opacity": 0.25 if chosen else 0.12}
        marks += [
            box(x, 0, 86, 22, edge="ink" if chosen else "quiet", **shade),
            Text(x + 43, 11, text, align="center", bold=chosen),
            Spot(f"view {name}", x, 0, 86, 22, f"Draw below: {text}", {"view": name}, chosen),
        ]
    return Panel((0, 372), (22, 0), marks, axes=False, place=(6, 354, 372, 22))
