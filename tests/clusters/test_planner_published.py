"""The planner against runs that were published: operations by formula, throughput row by row."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from course.clusters.planner import cluster, gpt, published, published_model, work
from course.clusters.planner.machine import GENERATIONS
from course.clusters.planner.plan import Plan, faults
from course.clusters.planner.published import H100, Run, runs
from course.clusters.planner.step_time import _layer, _talk, estimate
from course.facts import parallel_training, training_memory
from course.facts.architectures import architectures
from course.facts.measured_peaks import measured_peaks

# The one table that lies farther off. The same model on the same 2,240 A100s reached 159 in Megatron's
# own Table 2 and 126 in this one, whose 240 micro-batches wait 7 % longer than those 280 of smaller
# chunks: no share of the peak reaches both.
_OFF = {"MT-NLG 530B, 2,240 GPUs", "MT-NLG 530B, 2,800 GPUs", "MT-NLG 530B, 3,360 GPUs"}


@pytest.mark.parametrize("table", list(dict.fromkeys(run.table for run in runs())))
def test_throughput_within_15_percent(table: str) -> None:
    for run in (r for r in runs() if r.table == table):
        off = run.predicted() / run.tflops - 1
        print(
            f"{run.name:45} predicted {run.predicted():6.1f}, published {run.tflops:6.1f} "
            f"TFLOP/s a GPU, {100 * off:+5.1f} %  {run.assumed}"
        )
        if run.name in _OFF:
            assert 0.15 < off < 0.30, run.name
        else:
            assert abs(off) < 0.15, run.name


def test_the_typical_distance_is_small_and_all_plans_divide() -> None:
    held = [run for run in runs() if run.name not in _OFF]
    off = np.array([abs(run.predicted() / run.tflops - 1) for run in held])
    print(f"{len(held)} rows: median {100 * np.median(off):.1f} %, worst {100 * off.max():.1f} %")
    assert np.median(off) < 0.05 and len(held) >= 36
    assert [faults(r.model, r.cluster, r.plan) for r in runs()] == [[]] * len(runs())


@pytest.mark.parametrize("table", list(dict.fromkeys(run.table for run in runs())))
def test_plans_are_ranked_as_published(table: str) -> None:
    """Two rows of a table that differ by more than a twentieth are in the published order."""
    some = [run for run in runs() if run.table == table]
    right, wrong = 0, []
    for i, a in enumerate(some):
        for b in some[i + 1 :]:
            if abs(a.tflops / b.tflops - 1) > 0.05:
                same = (a.tflops > b.tflops) == (a.predicted() > b.predicted())
                right += same
                wrong += [] if same else [(a.name, b.name)]
    print(f"{table}: {right} pairs in order, not: {wrong}")
    assert wrong == _DISORDER.get(table, [])


# With 8 tensor ranks and 4 micro-batches the 32B model's gradients are predicted to stick out.
# The 1T model's 512 micro-batches wait for its 64 stages: its source may have interleaved them.
_DISORDER = {
    "Utilisation": [("GPT-3 175B, 64 GPUs", "GPT 1T, 512 GPUs")],
    "Megatron-Core on H100": [
        ("GPT 32B", "GPT 119B"),
        ("GPT 32B", "GPT 177B"),
    ],
}


def test_strong_scaling_that_no_share_was_fitted_to() -> None:
    """One model and batch on 96 and on 4,608 H100s, split as the table's row of that model."""
    row = next(r for r in published.megatron_core() if "177B" in r.name)
    found = {}
    for known in parallel_training.megatron_core_strong():
        data = int(known.gpus) // (row.plan.tensor * row.plan.pipeline)
        plan = replace(row.plan, batch=int(known.batch), data=data)
        machine = cluster(H100, int(known.gpus))
        assert faults(row.model, machine, plan) == []
        mfu = 100 * float(estimate(row.model, machine, plan).mfu)
        found[known.gpus] = mfu / known.mfu_pct
        print(
            f"{known.gpus:g} GPUs: MFU {mfu:.1f} %, published {known.mfu_pct:g} %, "
            f"{100 * found[known.gpus] - 100:+.1f} %"
        )
        assert found[known.gpus] == pytest.approx(1, abs=0.1)
    assert found[96] == pytest.approx(found[4608], rel=0.03)  # it loses as much as was published


def test_the_shares_stay_below_the_best_measured_product() -> None:
    for generation, shares in GENERATIONS.items():
        best = next(row.share for row in measured_peaks() if generation in row.chip)
        print(f"{generation}: {shares.matmul} of the peak, best product measured {best:.3f}")
        assert 0.7 * best < shares.matmul < best


def test_a_token_costs_two_operations_for_each_number_it_meets() -> None:
    """Forward, in the linear layers; three times that for a step, the usual six a parameter."""
    for row in architectures():
        if row.layer_norm:  # with biases; a bias is added, not multiplied
            continue
        model = published_model(row.model)
        met = model.active_parameters - model.layers * 2 * model.hidden - model.hidden
        tables = 1 if model.tied else 2  # the embedding is looked up; the head apart
        met -= tables * model.embedding_parameters
        assert model.layers * work.linear(model) == 2 * met
        token = work.of_model(model, 1) / model.sequence
        scores = 12 * model.layers * model.hidden * model.sequence
        assert token - scores == pytest.approx(6 * (met + model.embedding_parameters))


def test_operations_of_table_1() -> None:
    for run, row in zip(published.megatron(), parallel_training.megatron_scaling(), strict=True):
        found = estimate(run.model, run.cluster, run.plan)
        n, layers, h, v = run.model.sequence, run.model.layers, run.model.hidden, run.model.vocab
        formula = 96 * row.batch * n * layers * h**2 * (1 + n / (6 * h) + v / (16 * layers * h))
        assert found.done == pytest.approx(formula, rel=1e-12)
        # What the table prints as aggregate is what its rate per GPU gives.
        assert row.tflops_per_gpu * row.gpus / 1e3 == pytest.approx(row.aggregate_pflops, rel=0.01)
        assert run.model.parameters / 1e9 == pytest.approx(row.billion_parameters, rel=0.035)


def test_days_of_table_2() -> None:
    rows = parallel_training.megatron_against_zero3()
    for run, row in zip(published.against_zero3(), rows, strict=True):
        found = estimate(run.model, run.cluster, run.plan)
        per_token = found.done / (run.plan.batch * run.model.sequence)
        days = 300e9 * per_token / (row.tflops_per_gpu * 1e12 * row.gpus) / 86400
        print(f"{run.name}: {days:.1f} days, published {row.days_for_300b_tokens:g}")
        assert days == pytest.approx(row.days_for_300b_tokens, rel=0.04)


def test_utilisations_of_korthikanti() -> None:
    for row in training_memory.recomputation():
        model = gpt(row.model, int(row.layers), int(row.hidden), int(row.heads))
        useful = work.of_model(model, int(row.batch))
        plan = Plan(int(row.batch), recompute="selective", flash=False)
        rate = (row.seconds_selective or 0) * row.gpus * 312e12
        print(f"{row.model}: MFU {useful / rate:.3f}, published {row.mfu_pct}")
        # Seconds are printed to three digits, the small model's to two and a half.
        assert 100 * useful / rate == pytest.approx(row.mfu_pct, rel=0.01)
        if row.hfu_pct:
            done = useful + work.again(model, plan)
            print(f"HFU {done / rate:.3f}, published {row.hfu_pct}")
            # Attention's forward pass is done once more, a third of its share in MFU's formula;
            # the paper's formula for hardware adds all of that share.
            papers = useful + 3 * work.again(model, plan)
            assert 100 * papers / rate == pytest.approx(row.hfu_pct, rel=0.01)
            assert 100 * done / rate == pytest.approx(row.hfu_pct, rel=0.035)


def test_seconds_of_mt_nlg_and_tokens_of_palm() -> None:
    rows = parallel_training.utilization()
    steps = [r for r in rows if r.model == "MT-NLG 530B"]
    assert len(steps) == 3
    for row in steps:
        said = re.search(r"([\d.]+) s per iteration, batch (\d+)", row.note)
        assert said
        model = published._shape(530)
        done = work.of_model(model, int(said[2])) * 4 / 3  # everything again but the head: 0.2 %
        seconds = done / (row.tflops_per_gpu * 1e12 * row.n_accelerators)
        print(f"{row.n_accelerators:g} GPUs: {seconds:.1f} s, published {said[1]}")
        assert seconds == pytest.approx(float(said[1]), rel=0.015)
    palm = next(r for r in rows if r.model == "PaLM")
    # Without attention, as the note has it: six operations a parameter and token.
    without = 6 * palm.billion_parameters * 1e9 * palm.tokens_per_s
    without /= palm.n_accelerators * 275e12
    assert "45.7% without" in palm.note and without == pytest.approx(0.457, rel=0.01)
    nlg = next(r for r in rows if r.model == "Megatron-Turing NLG")
    rate = steps[0].tflops_per_gpu * 3 / 4 / 312
    assert 100 * rate == pytest.approx(nlg.mfu_pct, rel=0.01)


def test_a_layers_milliseconds() -> None:
    """Korthikanti's Table 4: one layer of the 22B model on 8 A100s."""
    run = next(r for r in published.recomputation() if r.name.startswith("22B"))
    settings = {
        "sequence parallelism": ("none", True),
        "full recompute": ("full", False),
        "selective recompute": ("selective", False),
    }
    for row in training_memory.recomputation_layer():
        recompute, sequence = settings[row.experiment]
        plan = Plan(
            4, 4, 1, 8, recompute=recompute, sequence_parallel=sequence, flash=False, overlap=False
        )
        parts = _layer(run.model, run.cluster, plan)
        found = 1e3 * (sum(parts.values()) + float(_talk(run.model, run.cluster, plan)["tensor"]))
        print(f"{row.experiment}: {found:.1f} ms, published {row.combined_ms}")
        assert found == pytest.approx(row.combined_ms, rel=0.1)


def test_what_a_source_leaves_open_is_said() -> None:
    open_ones = [r for r in runs() if "Core" in r.table or "Llama" in r.table]
    assert all(isinstance(r, Run) and "chunks of one layer" in r.assumed for r in open_ones)
