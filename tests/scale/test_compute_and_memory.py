"""Operations, caches and memory against published formulas and tables, row by row."""

from __future__ import annotations

import pytest

from course.facts import training_memory
from course.facts.training_memory import (
    activation_formulas,
    recomputation,
    zero_memory,
    zero_overview,
)
from course.scale import cache, compute, memory
from course.scale.memory import Plan
from course.scale.parameters import parameters
from course.scale.published import gpt, gpts, model


@pytest.mark.parametrize("row", recomputation(), ids=lambda row: row.model)
def test_operations_of_a_gpt_by_the_papers_formula(row) -> None:
    """72 B L s h^2 (1 + s/6h + V/12hL), and s/6h more where the scores are recomputed."""
    s, h, layers, vocab = 2048, row.hidden, row.layers, 51_200
    shape = gpt("toy", int(layers), int(h), int(row.heads), vocab, s)
    theirs = 72 * layers * h**2 * (1 + s / (6 * h) + vocab / (12 * h * layers))
    mine = compute.training_flops(shape, s)
    print(f"{row.model:24} {mine:.6e} here, {theirs:.6e} by their formula, for a token")
    assert mine == pytest.approx(theirs, rel=1e-12)
    again = compute.training_flops(shape, s, "selective")
    # The scores are computed forward once more: a third of their 3 times.
    assert again - mine == pytest.approx(72 * layers * h**2 * (s / (6 * h)) / 3, rel=1e-12)
    # Megatron's formula of 2021, all layers recomputed: 96 B s L h^2 (1 + s/6h + V/16Lh).
    full = 96 * layers * h**2 * (1 + s / (6 * h) + vocab / (16 * layers * h))
    assert compute.training_flops(shape, s, "full") == pytest.approx(full, rel=1e-12)


@pytest.mark.parametrize(
    "row", [r for r in recomputation() if r.seconds_selective], ids=lambda row: row.model
)
def test_mfu_of_the_published_step_times(row) -> None:
    shape = gpt("toy", int(row.layers), int(row.hidden), int(row.heads), 51_200, 2048)
    flops = compute.training_flops(shape, 2048) * 2048 * row.batch
    mfu = 100 * flops / (row.seconds_selective * row.gpus * 312e12)
    print(f"{row.model:24} MFU {mfu:5.1f} % calculated, {row.mfu_pct} % published")
    assert mfu == pytest.approx(row.mfu_pct, abs=0.25)


def test_the_rule_of_thumb_and_what_it_leaves_out() -> None:
    shape = model("Llama-3-8B")
    exact = compute.training_flops(shape, 8192)
    assert compute.rule_of_thumb(shape) == 6 * parameters(shape)
    assert 1.1 < exact / compute.rule_of_thumb(shape) < 1.3
    causal = compute.attention_flops(shape, 8192, causal=True)
    assert causal == pytest.approx(compute.attention_flops(shape, 8192) / 2, rel=1e-3)


def test_a_window_by_brute_force() -> None:
    from dataclasses import replace

    shape = replace(model("GPT-2 small"), window=5, windowed_layers=12)
    seen = sum(min(n + 1, 5) for n in range(16)) / 16
    each = 2 * 2 * 768 * 12
    assert compute.attention_flops(shape, 16, causal=True) == pytest.approx(each * seen)
    assert compute.attention_flops(shape, 16) == each * 5


def test_caches() -> None:
    llama = model("Llama-3-8B")
    assert cache.kv_bytes(llama, 8192) == 2 * 32 * 8 * 128 * 8192 * 2
    deepseek = model("DeepSeek-V3")
    assert cache.kv_numbers(deepseek) == 576
    assert cache.without_sharing(deepseek) == 128 * (192 + 128)
    assert cache.kv_bytes(llama, 0) == 0
    with pytest.raises(ValueError, match="0 or more"):
        cache.kv_bytes(llama, -1)
    with pytest.raises(ValueError, match="width above 0"):
        cache.kv_bytes(llama, 1, 1, 0)


@pytest.mark.parametrize(
    "row", zero_memory(), ids=lambda r: f"{r.billion_parameters:g}B-{r.stage:g}-{r.data:g}"
)
def test_zeros_table_1(row) -> None:
    gb = (
        memory.model_states(1e9 * row.billion_parameters, int(row.stage), int(row.data)).total / 1e9
    )
    print(
        f"{row.billion_parameters:6g}B stage {row.stage:g} on {row.data:5g}: {gb:10.3f} GB, {row.gb_per_device:g}"
    )
    # Printed with up to three digits, some cut off: one unit of the last digit printed.
    digits = f"{row.gb_per_device:g}".partition(".")[2]
    assert gb == pytest.approx(row.gb_per_device, abs=10.0 ** -len(digits))


@pytest.mark.parametrize("row", list(enumerate(zero_overview())), ids=lambda r: r[1].configuration)
def test_zeros_figure_1(row) -> None:
    stage, found = row
    gb = memory.model_states(1e9 * found.billion_parameters, stage, int(found.data)).total / 1e9
    print(f"{found.configuration:20} {gb:7.3f} GB, published {found.gb_per_device}")
    assert gb == pytest.approx(found.gb_per_device, abs=0.05)


WAYS = {
    "no parallelism": {},
    "tensor parallel (baseline)": {"tensor": 8},
    "tensor + sequence parallel": {"tensor": 8, "sequence_parallel": True},
    "tensor parallel + selective recompute": {"tensor": 8, "recompute": "selective"},
    "tensor + sequence parallel + selective recompute": {
        "tensor": 8, "sequence_parallel": True, "recompute": "selective",
    },
    "full recompute": {"tensor": 8, "recompute": "full"},
}  # fmt: skip


@pytest.mark.parametrize("name", gpts())
def test_activations_by_korthikantis_formulas(name: str) -> None:
    shape = gpts()[name]
    formulas = {row.configuration: row.bytes_per_layer for row in activation_formulas()}
    for configuration, changes in WAYS.items():
        plan = Plan(micro_batch=4 if "22B" in name else 1, **changes)
        names = {
            "s": plan.sequence, "b": plan.micro_batch, "h": shape.hidden, "a": shape.heads,
            "t": plan.tensor,
        }  # fmt: skip
        theirs = eval(formulas[configuration], {"__builtins__": {}}, names)
        mine = memory.layer_activations(shape, plan)
        print(f"{name:18} {configuration:50} {mine / 2**20:8.1f} MiB, {theirs / 2**20:8.1f}")
        assert mine == pytest.approx(theirs, rel=1e-12)
    assert len(training_memory.activation_formulas()) == len(WAYS) + 3  # and three components


def test_a_model_without_dropout_and_scores_keeps_less() -> None:
    shape = model("Llama-3-8B")
    s, h, f, kv = 2048, 4096, 14336, 1024
    by_hand = 2 * s * (4 * h + (h + 2 * kv + h) + 4 * f)
    plan = Plan(dropout=False, scores=False)
    assert memory.layer_activations(shape, plan) == by_hand
    plan = Plan(dropout=False, scores=False, recompute="selective")
    assert memory.layer_activations(shape, plan) == by_hand
    kept = memory.layer_activations(shape, Plan(dropout=False))
    assert kept - by_hand == 2 * 32 * s * s


def test_the_ledger_adds_up() -> None:
    shape = model("Llama-3-8B")
    plan = Plan(data=8, tensor=2, pipeline=4, zero=1, dropout=False, scores=False)
    found = memory.ledger(shape, plan)
    assert plan.chips == 64
    assert found.weights == pytest.approx(2 * parameters(shape) / 8)
    assert found.state == pytest.approx(12 * parameters(shape) / 64)
    assert found.total == found.weights + found.gradients + found.state + found.activations


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data": 0}, "data must be a whole number, 1 or more, not 0"),
        ({"tensor": 2.5}, "tensor must be a whole number"),
        ({"zero": 4}, "zero must be 0, 1, 2 or 3"),
        ({"recompute": "some"}, "expected none, selective, full"),
    ],
)
def test_a_plan_that_cannot_be(changes, said) -> None:
    with pytest.raises(ValueError, match=said):
        Plan(**changes)


def test_plans_that_do_not_fit_the_model() -> None:
    with pytest.raises(
        ValueError, match="3 tensor-parallel chips do not divide 32 heads of Llama-3-8B"
    ):
        memory.ledger(model("Llama-3-8B"), Plan(tensor=3))
    with pytest.raises(ValueError, match="40 stages are more than the 32 layers"):
        memory.ledger(model("Llama-3-8B"), Plan(pipeline=40))
    with pytest.raises(ValueError, match="parameters above 0"):
        memory.model_states(0)
    with pytest.raises(ValueError, match="recompute is 'all'"):
        compute.training_flops(model("Llama-3-8B"), 10, "all")
    with pytest.raises(ValueError, match="1 token or more"):
        compute.forward_flops(model("Llama-3-8B"), 0)
