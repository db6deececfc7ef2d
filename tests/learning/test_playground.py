"""The playground as the reader has it: train, change while training, press everything, ask for code."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from course.learning import explorers, network
from course.learning.explorers import network_scene, network_views
from course.learning.explorers.network_scene import SHOWN, VIEWS
from course.learning.network import Setup
from course.learning.training import Training
from course.widgets.parameters import controls_of
from course.widgets.scene import Points


def press(widget: Any, name: str) -> None:
    widget.handle({"kind": "set", "acts": [{"name": name, "x": 0.0, "y": 0.0}]})


def test_it_trains_and_says_what_came_of_it() -> None:
    widget = explorers.playground()
    before = widget.training.training.test_loss
    widget.run(1000)
    run = widget.training.training
    assert widget.steps == run.steps == 1000 and run.epoch == 40
    assert run.test_loss < before / 10
    assert "After 40 passes over the training points (1,000 updates)" in widget.sentence
    assert [row[0] for row in widget.table["rows"]] == ["hidden 1", "hidden 2", "output"]


def test_it_is_the_same_run_as_without_a_widget() -> None:
    widget = explorers.playground(data="xor", optimizer="adam", seed=3)
    widget.run(60)
    alone = Training(widget.setup)
    for _ in range(60):
        alone.step()
    assert widget.training.training.step_losses == alone.step_losses


def test_every_control_at_its_least_default_and_greatest_while_trained() -> None:
    widget = explorers.playground()
    for name, control in controls_of(widget.parameters).items():
        for value in control.extremes() if name != "shown" else list(SHOWN)[:12:3]:
            widget.handle({"kind": "reset"})
            widget.run(2)
            widget.set(**{name: value})
            widget.run(2)
            assert widget.error == "" and widget.sentence and widget.table["rows"]
            assert widget.numbers


def test_the_largest_network_with_everything_on() -> None:
    full = {f"neurons_{n}": 8 for n in range(1, 7)}
    widget = explorers.playground(
        layers=6, features=tuple(network.FEATURES), test_points=True, sharp=True, **full
    )
    widget.run(3)
    assert widget.training.training.setup.hidden == (8,) * 6
    assert widget.png()[:4] == b"\x89PNG"


def test_every_spot_of_the_picture_can_be_pressed() -> None:
    widget = explorers.playground(layers=3)
    widget.run(3)
    for name in list(widget._scene.spots):
        press(widget, name)
        widget.run(1)
        assert widget.error == "" and widget.wrong == {}, name
    assert widget.scene["panels"]


def test_spots_add_and_take_neurons_layers_and_features() -> None:
    widget = explorers.playground()
    press(widget, "more 1")
    press(widget, "fewer 2")
    assert widget.setup.hidden == (5, 1)
    press(widget, "more layers")
    assert widget.setup.hidden == (5, 1, 2)
    for _ in range(5):
        press(widget, "fewer layers")
    assert widget.setup.hidden == ()
    press(widget, "feature product")
    press(widget, "feature x1")
    assert widget.setup.features == ("x2", "product")
    press(widget, "feature x2")
    press(widget, "feature product")
    assert widget.setup.features == ("product",)  # the last one stays


def test_learning_rate_and_regularisation_change_on_the_way_and_the_rest_starts_anew() -> None:
    widget = explorers.playground()
    widget.run(50)
    widget.set(learning_rate=0.1, penalty="l2", view="gradients", test_points=True)
    assert widget.steps == 50
    group = widget.training.training.optimizer.param_groups[0]
    assert group["lr"] == 0.1 and widget.training.training.setup.penalty == "l2"
    widget.set(optimizer="adam")
    assert widget.steps == 0 and widget.training.training.steps == 0
    with pytest.raises(ValueError, match="only learning_rate, penalty, penalty_rate can change"):
        widget.training.training.adjust(network.Setup(seed=9))


def test_a_neuron_can_be_drawn_large_and_a_missing_one_is_the_output() -> None:
    widget = explorers.playground()
    press(widget, "neuron 1.3")
    assert widget.scene["panels"][1]["title"] == "Layer 1, neuron 3"
    widget.set(layers=0)
    assert widget.scene["panels"][1]["title"] == "What the network answers"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("steps", [0, 1, 30])
def test_every_view_at_every_age(view: str, steps: int) -> None:
    widget = explorers.playground(view=view)
    widget.run(steps)
    assert widget.error == "" and len(widget.scene["panels"]) == 4


def test_the_pytorch_view_names_the_largest_difference() -> None:
    widget = explorers.playground()
    assert "PyTorch" not in widget.sentence
    press(widget, "view pytorch")
    assert "500 steps in both engines" in widget.sentence
    assert widget.training.twins.agree
    assert widget.in_pytorch(20).agree


def test_without_pytorch_the_view_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    widget = explorers.playground(view="pytorch")
    texts = [m["text"] for m in widget.scene["panels"][2]["marks"] if m["kind"] == "Text"]
    assert any("PyTorch is not installed" in text for text in texts)


def test_a_diverged_run_stops_says_so_and_can_start_over() -> None:
    widget = explorers.playground(data="plane", activation="relu", learning_rate=10.0)
    widget.run(400)
    assert widget.done and widget.steps < 400
    assert "has diverged" in widget.sentence and widget.png()
    widget.set(learning_rate=0.01)
    widget.restart()
    widget.run(5)
    assert not widget.done and "mean squared error" in widget.sentence


@pytest.mark.parametrize("typed", ["", "soup", "1e999", "nan", "-1"])
def test_nonsense_in_a_field_is_named_and_training_goes_on(typed: str) -> None:
    widget = explorers.playground()
    widget.run(3)
    for name, control in controls_of(widget.parameters).items():
        if control.kind == "slider" and not control.hidden:
            widget.handle({"kind": "set", "changes": {name: {"text": typed}}})
            assert "must be" in widget.wrong[name]
    widget.handle({"kind": "set", "changes": {"data": {"value": "soup"}}})
    assert "Data set is one of" in widget.wrong["data"]
    assert widget.steps == 3
    widget.run(3)
    assert widget.steps == 6


def test_a_slider_pulled_while_it_trains() -> None:
    async def pulled() -> Any:
        widget = explorers.playground()
        widget.handle({"kind": "play"})
        for rate in (0.01, 0.3, 0.02):
            await asyncio.sleep(0.02)
            widget.handle({"kind": "set", "changes": {"learning_rate": {"text": str(rate)}}})
            assert widget.playing
        widget.handle({"kind": "set", "changes": {"noise": {"text": "0.2"}}})
        await asyncio.sleep(0.02)
        widget.handle({"kind": "pause"})
        await asyncio.sleep(0.05)
        return widget

    widget = asyncio.run(pulled())
    assert not widget.playing and widget.error == ""
    assert widget.setup.noise == 0.2 and widget.setup.learning_rate == 0.02
    assert widget.training.training.setup == widget.setup


def test_every_control_is_folded_into_one_group_or_is_one_of_three() -> None:
    widget = explorers.playground()
    declared = [spec["name"] for spec in widget.controls]
    folded = [name for _, names in widget.groups for name in names]
    assert len(folded) == len(set(folded)) and set(folded) < set(declared)
    assert [name for name in declared if name not in folded] == [
        "data", "activation", "learning_rate",
    ]  # fmt: skip


def test_the_program_on_the_screen_is_that_of_the_present_setting() -> None:
    widget = explorers.playground()
    widget.set(optimizer="adamw", seed=7)
    assert "AdamW(model.parameters(), lr=0.03)" in widget.listing
    assert "first_weights(model, seed=7)" in widget.listing
    assert widget.program(engine="torch").count("import torch as engine") == 1


def test_share_opens_the_same_state() -> None:
    widget = explorers.playground(data="spiral", layers=1, neurons_1=8)
    press(widget, "feature product")
    again = eval(widget.share(), {"playground": explorers.playground})
    assert again.parameters == widget.parameters
    np.testing.assert_array_equal(
        again.training.training.weights()[0], widget.training.training.weights()[0]
    )


def test_the_weights_view_shows_the_numbers_of_the_chosen_neuron() -> None:
    widget = explorers.playground(view="weights")
    press(widget, "neuron 2.1")
    run = widget.training.training
    found = network_views.weights_into(run, (1, 0))
    assert [name for name, _ in found] == ["neuron 1", "neuron 2", "neuron 3", "neuron 4", "bias"]
    assert [value for _, value in found] == [*run.weights()[1][0], run.biases()[1][0]]
    assert "Neuron 1 of hidden 2 multiplies neuron 1 by " in widget.sentence
    assert f"and adds the bias {found[-1][1]:+.2g}." in widget.sentence


def test_a_neuron_that_is_gone_leaves_the_output_chosen() -> None:
    run = Training(Setup(hidden=(3,)))
    assert network_scene.chosen(run, "2.1") == network_scene.chosen(run, "1.4") == (1, 0)
    assert network_scene.chosen(run, "1.3") == (0, 2)
    assert network_views.weights_into(run, (0, 2))[0][0] == "x1"
    assert network_views.neuron_name(run.setup, (1, 0)) == "the output"


def test_biases_are_drawn_filled_above_nought_and_hollow_below() -> None:
    run = Training(Setup(hidden=(8, 8)))
    biases = np.concatenate(run.biases()[:-1])
    look = network_scene.Look("output", "loss", False, False, 2)
    network = network_scene.Drawing(run, look).scene(None, "").panels[0]
    squares = [mark for mark in network.marks if isinstance(mark, Points)]
    counts = {
        hollow: sum(len(m.points) for m in squares if m.hollow is hollow)
        for hollow in (True, False)
    }
    assert counts == {True: int((biases < 0).sum()), False: int((biases >= 0).sum())}
    assert sum(counts.values()) == 16
