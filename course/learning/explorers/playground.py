"""The live playground: a small network trained by ``course.scratch`` while one looks on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from course.learning import export, toy_data
from course.learning.explorers import network_scene, network_views
from course.learning.network import (
    ACTIVATIONS,
    FEATURES,
    MOST_LAYERS,
    MOST_NEURONS,
    OPTIMIZERS,
    PENALTIES,
    Setup,
)
from course.learning.training import Training
from course.learning.twin import Twins, train_both
from course.widgets import LiveExplorer, LiveRun, Table, choice, choices, slider, switch
from course.widgets.base import script
from course.widgets.scene import Scene

_DATA_NAMES = {
    **{name: f"{label} (two classes)" for name, label in toy_data.CLASSIFICATION.items()},
    **{name: f"{label} (a number)" for name, label in toy_data.REGRESSION.items()},
}
# Folded away at first: three controls are enough to begin with.
_GROUPS = (
    (
        "Data: noise, share to train on, batch size",
        ("noise", "train_share", "batch_size", "test_points", "sharp"),
    ),
    ("Network: features, layers", ("features", "layers")),
    ("Training: optimizer, regularisation, seed", ("optimizer", "penalty", "penalty_rate", "seed")),
)
_TWIN_STEPS = 500  # at most, when the reader asks for PyTorch inside the widget
# The parameters that can change while training goes on; any other starts a new run.
_LOOKS = ("view", "shown", "test_points", "sharp")
_ON_THE_WAY = ("learning_rate", "penalty", "penalty_rate")


def _neurons(number: int, default: int) -> Any:
    label = f"Neurons in hidden layer {number}"
    return slider(default, 1, MOST_NEURONS, label=label, hidden=True)


@dataclass(frozen=True)
class PlaygroundParameters:
    """What the reader sets."""

    data: str = choice("circle", _DATA_NAMES, label="Data set")
    activation: str = choice("tanh", ACTIVATIONS, label="Activation")
    learning_rate: float = slider(0.03, 1e-5, 10.0, label="Learning rate", log=True)
    noise: float = slider(0.0, 0.0, 0.5, step=0.05, label="Noise")
    train_share: float = slider(0.5, 0.1, 0.9, step=0.1, label="Share of points to train on")
    batch_size: int = slider(10, 1, 100, label="Batch size", unit="points")
    test_points: bool = switch(False, label="Show the points kept back")
    sharp: bool = switch(False, label="Show only the sign of the output")
    features: tuple[str, ...] = choices(
        ("x1", "x2"), FEATURES, label="Features: what the network is given"
    )
    layers: int = slider(2, 0, MOST_LAYERS, label="Hidden layers")
    optimizer: str = choice("sgd", OPTIMIZERS, label="Optimizer")
    penalty: str = choice("none", PENALTIES, label="Regularisation")
    penalty_rate: float = slider(0.001, 1e-5, 10.0, label="Regularisation rate", log=True)
    seed: int = slider(0, 0, 99, label="Seed")
    neurons_1: int = _neurons(1, 4)
    neurons_2: int = _neurons(2, 2)
    neurons_3: int = _neurons(3, 2)
    neurons_4: int = _neurons(4, 2)
    neurons_5: int = _neurons(5, 2)
    neurons_6: int = _neurons(6, 2)
    shown: str = choice("output", network_scene.SHOWN, label="Drawn large", hidden=True)
    view: str = choice("loss", network_scene.VIEWS, label="Drawn below", hidden=True)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Neurons of each hidden layer."""
        return tuple(getattr(self, f"neurons_{n}") for n in range(1, self.layers + 1))

    def setup(self) -> Setup:
        """The run that these parameters ask for."""
        return Setup(
            data=self.data,
            features=self.features,
            hidden=self.hidden,
            activation=self.activation,
            learning_rate=self.learning_rate,
            optimizer=self.optimizer,
            penalty=self.penalty,
            penalty_rate=self.penalty_rate if self.penalty != "none" else 0.0,
            noise=self.noise,
            train_share=self.train_share,
            batch_size=self.batch_size,
            seed=self.seed,
        )


class PlaygroundRun(LiveRun):
    """A Training, stepped by the kit, with what is drawn of it."""

    def __init__(self) -> None:
        self.parameters = PlaygroundParameters()
        self.training = Training(self.parameters.setup())
        self.twins: Twins | None = None
        self.twin_trouble = ""
        self._drawing: network_scene.Drawing | None = None

    def reset(self, parameters: PlaygroundParameters) -> None:
        """Start afresh: new data, new first weights."""
        self.parameters = parameters
        self.training = Training(parameters.setup())
        self._compare()

    def change(self, parameters: PlaygroundParameters) -> bool:
        """Go on where only the look, the learning rate or the regularisation is another."""
        if _without(parameters) != _without(self.parameters):
            return False
        before, self.parameters = self.parameters, parameters
        if before.setup() != parameters.setup():
            self.training.adjust(parameters.setup())
        if parameters.view != before.view or before.setup() != parameters.setup():
            self._compare()
        return True

    def _compare(self) -> None:
        """Train the same in PyTorch, where the reader looks at that."""
        self.twins, self.twin_trouble = None, ""
        if self.parameters.view != "pytorch":
            return
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                self.twins = train_both(self.parameters.setup(), _TWIN_STEPS)
        except ImportError:
            self.twin_trouble = "PyTorch is not installed here: pip install torch"

    @property
    def done(self) -> bool:
        """True once the run has diverged: there is nothing left to train."""
        return self.training.diverged

    def step(self) -> None:
        """Train on one batch."""
        with np.errstate(over="ignore", invalid="ignore"):
            self.training.step()

    def scene(self) -> Scene:
        """Features, neurons, links, the output, and below it what the reader chose."""
        p = self.parameters
        look = network_scene.Look(p.shown, p.view, p.test_points, p.sharp, p.layers)
        drawing = self._drawing
        if drawing is None or drawing.run is not self.training or drawing.look != look:
            drawing = self._drawing = network_scene.Drawing(self.training, look)
        return drawing.scene(self.twins, self.twin_trouble)

    def table(self) -> Table:
        """Each layer's weights and gradients, under the losses."""
        run = self.training
        rows = [
            (name, size, float(np.sqrt(np.mean(weights**2))), gradient)
            for name, size, weights, gradient in zip(
                network_views.layer_names(run.setup),
                run.setup.sizes[1:],
                run.weights(),
                run.gradient_sizes(),
                strict=True,
            )
        ]
        caption = (
            f"After epoch {run.epoch}: loss {run.curve.train[-1]:.4f} on the points trained on, "
            f"{run.curve.test[-1]:.4f} on those kept back"
        )
        return Table(
            caption, ("Layer", "Neurons", "Size of weights (RMS)", "Size of gradients (RMS)"), rows
        )

    def describe(self) -> str:
        """How far the run is, both losses, and the share of right classes."""
        run = self.training
        if run.diverged:
            return (
                f"After {run.steps:,} updates the loss left all bounds: the run has diverged. "
                "Choose a smaller learning rate and start over."
            )
        said = (
            f"After {run.epoch:,} passes over the training points ({run.steps:,} updates) the "
            f"mean squared error is {run.curve.train[-1]:.3f} on them and "
            f"{run.curve.test[-1]:.3f} on the points kept back"
        )
        share = run.accuracy()
        if share is not None:
            said += f", of which {100 * share:.0f} % get the right class"
        if self.parameters.view == "pytorch" and self.twins is not None:
            return f"{said}. In PyTorch, from the start: {self.twins}"
        if self.parameters.view == "weights":
            return f"{said}. {self._weights()}"
        return f"{said}."

    def _weights(self) -> str:
        run = self.training
        neuron = network_scene.chosen(run, self.parameters.shown)
        *inputs, (_, bias) = network_views.weights_into(run, neuron)
        by = ", ".join(f"{name} by {value:+.2g}" for name, value in inputs)
        name = network_views.neuron_name(run.setup, neuron)
        return f"{name[0].upper()}{name[1:]} multiplies {by} and adds the bias {bias:+.2g}."


def _without(parameters: PlaygroundParameters) -> PlaygroundParameters:
    """The parameters with all that may change on the way set to its default."""
    defaults = PlaygroundParameters()
    free = {name: getattr(defaults, name) for name in (*_LOOKS, *_ON_THE_WAY)}
    return dataclasses.replace(parameters, **free)


def _bundle() -> str:
    """The kit's scripts and the playground's own; a bundle has one thing to export, the last."""
    kit = script("theme.js", "controls.js", "front.js", "marks.js", "scene.js", "live.js")
    head, exported, _ = kit.rpartition("export default")
    if not exported:
        raise RuntimeError("the kit's live.js no longer ends in `export default`")
    return head + Path(__file__).with_name("playground.js").read_text(encoding="utf-8")


class Playground(LiveExplorer):
    """The playground, and what can be asked of it from a cell."""

    _esm = _bundle()
    groups: Any = traitlets.List([[title, list(names)] for title, names in _GROUPS]).tag(sync=True)
    listing = traitlets.Unicode().tag(sync=True)  # the setup as a program

    def compute(self) -> tuple[dict[str, Any], str, Table]:
        """The picture with the setup as a program."""
        picture, sentence, table = super().compute()
        return {**picture, "listing": self.program()}, sentence, table

    @property
    def setup(self) -> Setup:
        """The setting as it stands, without anything of the screen."""
        setup: Setup = self.parameters.setup()
        return setup

    def in_pytorch(self, steps: int = 500) -> Twins:
        """Train this setup from the start by hand and in PyTorch, and compare every loss.

        Raises ValueError for less than 1 step, ImportError where PyTorch is missing.
        """
        return train_both(self.setup, steps)

    def program(self, epochs: int = 100, engine: str = "scratch") -> str:
        """This setup as a program, for ``course.scratch`` or, one line changed, for PyTorch."""
        return export.program(self.setup, epochs, engine)


def playground(**initial: Any) -> Playground:
    """A small network on invented points, trained live.

    ``initial`` sets any field of PlaygroundParameters; raises ValueError or TypeError for a value
    or a name that is not one of them.
    """
    return Playground(
        PlaygroundParameters(**initial),
        PlaygroundRun(),
        title="Playground",
        preview=500,
        opener="playground",
    )
