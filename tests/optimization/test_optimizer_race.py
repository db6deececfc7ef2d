"""The optimizer race as the reader has it: every control to its ends, every button, every word."""

from __future__ import annotations

import itertools

import matplotlib
import pytest

from course.optimization.explorers.racing import (
    RaceParameters,
    describe,
    optimizer_race,
    simulate,
    table,
)
from course.widgets.parameters import controls_of

CONTROLS = controls_of(RaceParameters)
SWEEP = [(name, value) for name, control in CONTROLS.items() for value in control.extremes()]


def test_every_control_at_its_least_default_and_greatest() -> None:
    widget = optimizer_race(steps=20)
    for name, value in SWEEP:
        widget.handle({"kind": "reset"})
        change = (
            {"text": CONTROLS[name].text(value)}
            if CONTROLS[name].kind == "slider"
            else {"value": list(value) if isinstance(value, tuple) else value}
        )
        widget.handle({"kind": "set", "changes": {name: change}})
        assert widget.wrong == {} and widget.error == "" and widget.sentence
        assert getattr(widget.parameters, name) == value
        assert len(widget.table["rows"]) == len(widget.parameters.optimizers)


def test_the_extremes_together() -> None:
    rates, steps = CONTROLS["learning_rate"].extremes(), (10, 400)
    for surface, rate, count in itertools.product(CONTROLS["surface"].extremes(), rates, steps):
        race = simulate(RaceParameters(surface=surface, learning_rate=rate, steps=count))
        assert describe(race) and len(table(race).rows) == 5


def test_there_are_at_most_three_main_controls_beside_the_field_of_racers() -> None:
    assert list(CONTROLS) == ["surface", "learning_rate", "steps", "optimizers"]


def test_the_sentence_says_who_is_lowest_and_who_diverged() -> None:
    race = simulate(RaceParameters(learning_rate=0.1, steps=100))
    best = min(race.finished, key=lambda t: t.final)
    assert f"{best.name} is lowest" in describe(race)
    assert "Diverged: SGD at step" in describe(race)
    alone = simulate(RaceParameters(learning_rate=1.0, optimizers=("sgd",)))
    assert "every optimizer in the race has diverged: SGD" in describe(alone)
    calm = simulate(RaceParameters(learning_rate=0.01, optimizers=("sgd",)))
    assert describe(calm).endswith("None diverged.")


def test_the_table_names_the_surface_and_each_optimizer() -> None:
    shown = table(simulate(RaceParameters()))
    assert "learning rate 0.03" in shown.caption
    assert [row[0] for row in shown.rows] == [
        "SGD", "SGD with momentum 0.9", "RMSprop", "Adam", "AdamW",
    ]  # fmt: skip


def test_it_opens_where_it_is_told_to_and_shares_that() -> None:
    widget = optimizer_race(surface="saddle", learning_rate=0.01)
    assert widget.share() == "optimizer_race(surface='saddle', learning_rate=0.01)"
    with pytest.raises(ValueError, match="Surface is one of bowl, banana, saddle, valleys"):
        optimizer_race(surface="soup")


def test_drawing_leaves_matplotlibs_settings_alone() -> None:
    before = dict(matplotlib.rcParams)
    widget = optimizer_race()
    widget.handle({"kind": "look", "theme": "dark", "scale": 1})
    widget.handle({"kind": "look", "theme": "light", "scale": 1})
    assert dict(matplotlib.rcParams) == before
