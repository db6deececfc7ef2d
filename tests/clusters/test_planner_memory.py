"""Memory of a plan: ZeRO's and Korthikanti's tables, exact parameter counts, parts that add up."""

from __future__ import annotations

import pytest

from course.clusters import pipeline
from course.clusters.planner import Plan, cluster, gpt, memory, published_model
from course.clusters.planner.memory import PARTS, in_flight, layer_activations, needs, states
from course.clusters.planner.published import runs
from course.facts.architectures import architectures
from course.facts.training_memory import activation_formulas, zero_memory, zero_overview

H100 = "NVIDIA H100 SXM"


@pytest.mark.parametrize("row", architectures(), ids=lambda row: row.model)
def test_parameters_are_counted_to_the_unit(row) -> None:
    model = published_model(row.model)
    assert model.parameters == row.parameters
    if row.active_parameters:
        assert model.active_parameters == row.active_parameters


def test_one_chip_holds_what_the_whole_model_has() -> None:
    for row in architectures():
        assert sum(memory.rank_parameters(published_model(row.model), Plan(8))) == row.parameters


def test_zeros_table() -> None:
    rows = zero_memory()
    for row in rows:
        found = sum(states(1e9 * row.billion_parameters, int(row.stage), row.data).values()) / 1e9
        gap = found - row.gb_per_device
        print(
            f"{row.billion_parameters:6g}B stage {row.stage:g} over {row.data:5g}: "
            f"{found:9.3f} GB, published {row.gb_per_device:g}, {gap:+.3f}"
        )
        decimals = len(f"{row.gb_per_device:g}".partition(".")[2])
        # To the last printed digit; rows whose note says so are cut off, not rounded.
        unit = 10**-decimals
        assert abs(gap) <= (1.0 if row.note else 0.5) * unit + 1e-9 * found, row
    assert len(rows) == 36


def test_zeros_figure() -> None:
    for row in zero_overview():
        stage = "1" if "-1" in row.configuration else "2" if "-2" in row.configuration else "3"
        stage = "0" if row.configuration == "baseline" else stage
        found = sum(states(1e9 * row.billion_parameters, int(stage), row.data).values()) / 1e9
        print(f"{row.configuration}: {found:.2f}, published {row.gb_per_device}")
        assert found == pytest.approx(row.gb_per_device, abs=0.051)


_SETTINGS = {
    "no parallelism": {"tensor": 1, "recompute": "none", "sequence_parallel": False},
    "tensor parallel (baseline)": {"recompute": "none", "sequence_parallel": False},
    "tensor + sequence parallel": {"recompute": "none"},
    "tensor parallel + selective recompute": {
        "recompute": "selective",
        "sequence_parallel": False,
    },
    "tensor + sequence parallel + selective recompute": {"recompute": "selective"},
    "full recompute": {"recompute": "full"},
}


@pytest.mark.parametrize("shape", [(48, 6144, 64, 4), (105, 20480, 128, 1), (96, 12288, 96, 2)])
def test_korthikantis_formulas(shape: tuple[int, int, int, int]) -> None:
    layers, h, a, b = shape
    model = gpt("a GPT", layers, h, a)
    rows = {row.configuration: row for row in activation_formulas()}
    for name, setting in _SETTINGS.items():
        plan = Plan(**{"batch": b, "micro_batch": b, "tensor": 8, "flash": False, **setting})
        letters = {"s": model.sequence, "b": b, "h": h, "a": a, "t": plan.tensor}
        expected = eval(rows[name].bytes_per_layer, {}, letters)
        found = layer_activations(model, plan)
        print(f"{name}: {found:.0f} bytes a layer, published {expected:.0f}")
        assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("p", "m", "v"), [(1, 4, 1), (4, 2, 1), (4, 16, 1), (4, 8, 3), (8, 8, 2)])
def test_micro_batches_in_flight_are_those_of_the_schedule(p: int, m: int, v: int) -> None:
    names = ("interleaved",) if v > 1 else ("gpipe", "1f1b")
    for name in names:
        line = pipeline.simulate(name, p, m, v)
        plan = Plan(m, pipeline=p, chunks=v, schedule=name)  # type: ignore[arg-type]
        for stage in range(min(2, p)):
            assert in_flight(plan, stage) == pytest.approx(line.in_flight(stage)), (name, stage)


@pytest.mark.parametrize("run", runs(), ids=lambda run: f"{run.table}: {run.name}")
def test_every_published_plan_fits(run) -> None:
    found = needs(run.model, run.cluster, run.plan)
    print(f"{run.name}: {float(found.total) / 1e9:.1f} of {found.limit / 1e9:.0f} GB")
    assert found.fits and not found.overflows
    assert float(found.total) == pytest.approx(sum(float(found.parts[p]) for p in PARTS))


def test_what_overflows_is_named() -> None:
    model, one = published_model("Llama-3.1-405B", 8192), cluster(H100, 8)
    found = needs(model, one, Plan(8, data=8))
    assert not found.fits and found.largest == "optimizer"
    assert found.overflows == ["weights", "gradients", "optimizer", "activations"]
    shards = needs(model, cluster(H100, 16384), Plan(16384, data=16384, zero=3))
    assert shards.overflows[0] == "activations" and shards.parts["weights"] < 1e9
    again = needs(
        model, cluster(H100, 16384), Plan(16384, data=16384, zero=3, tensor=1, recompute="full")
    )
    assert again.parts["activations"] < 0.1 * shards.parts["activations"]


def test_splits_divide_what_they_split() -> None:
    model, many = published_model("Mixtral-8x7B-v0.1", 4096), cluster(H100, 64)

    def parts(**plan: int) -> dict[str, float]:
        return needs(model, many, Plan(64, **plan)).parts  # type: ignore[arg-type]

    whole = parts(data=8)
    half = parts(data=8, tensor=2)
    assert half["weights"] == whole["weights"] / 2
    assert half["activations"] == pytest.approx(whole["activations"] / 2)
    spread = parts(data=8, expert=8)
    own = model.layers * model.experts * model.expert_parameters
    assert whole["weights"] - spread["weights"] == pytest.approx(2 * own * 7 / 8)
    assert parts(data=8, zero=1)["optimizer"] == whole["optimizer"] / 8
    assert parts(data=8, context=2)["activations"] == pytest.approx(whole["activations"] / 2)


def test_the_end_of_the_model_is_kept_where_there_is_one_stage() -> None:
    """Korthikanti, section 4.3: the last norm, the head's input and 32-bit logits; the embedding."""
    model = gpt("a GPT", 48, 6144, 64)
    plan = Plan(4, 4, tensor=8)
    s, b, h, t = model.sequence, 4, model.hidden, 8
    layers = model.layers * layer_activations(model, plan)
    expected = 4 * s * b * h / t * (1 + model.vocab / h) + s * b * h / t
    assert memory.activations(model, plan) - layers == pytest.approx(expected)
    # With two stages the first holds half the layers of two micro-batches, and no head.
    two = memory.activations(model, Plan(8, 4, tensor=8, pipeline=2))
    assert two == pytest.approx(layers + 2 * s * b * h / t)
