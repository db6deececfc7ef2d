"""The best plan: as good as trying each alone, quick for 100,000 chips, and plain when none fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course.clusters.planner import Plan, best, cluster, estimate, faults, judge, needs
from course.clusters.planner import published_model as model_of
from course.clusters.planner.plan import RECOMPUTE
from course.clusters.planner.published import llama3, megatron, runs
from course.clusters.planner.shape import divisors

H100 = "NVIDIA H100 SXM"


def test_no_plan_tried_alone_is_faster() -> None:
    model, some, batch = model_of("Llama-3-8B"), cluster(H100, 16), 64
    found = best(model, some, batch, context=1)
    plans = [
        Plan(
            batch,
            b,
            16 // (t * p),
            t,
            p,
            zero=z,
            recompute=r,
            chunks=v,
            schedule="interleaved" if v > 1 else "1f1b",
        )
        for t in (1, 2, 4, 8, 16)
        for p in divisors(16 // t)
        for b in (1, 2, 4)
        for z in (0, 1, 2, 3)
        for r in RECOMPUTE
        for v in (1, 2, 4)
        if not (v > 1 and p == 1)
    ]
    plans = [p for p in plans if not faults(model, some, p) and needs(model, some, p).fits]
    fastest = min(float(estimate(model, some, p).seconds) for p in plans)
    assert len(plans) > 100
    assert float(estimate(model, some, found.plan).seconds) <= fastest * (1 + 1e-12)


@pytest.mark.parametrize("chips", [16, 1000, 16384, 99_992, 100_000])
@pytest.mark.parametrize("name", ["Llama-3-8B", "Mixtral-8x7B-v0.1"])
def test_what_is_found_divides_and_fits(name: str, chips: int) -> None:
    model, many = model_of(name, 4096), cluster(H100, chips)
    found = best(model, many, 2048)
    for plan in found.plans:
        assert faults(model, many, plan) == [] and needs(model, many, plan).fits
    times = [float(estimate(model, many, plan).seconds) for plan in found.plans]
    assert times == sorted(times) and found.tried >= found.fitted >= len(found.plans)


def test_at_least_as_good_as_what_was_really_run() -> None:
    for run in (llama3()[0], megatron()[4]):
        known = float(estimate(run.model, run.cluster, run.plan).seconds)
        kind = {"flash": run.plan.flash, "overlap": run.plan.overlap}
        found = best(run.model, run.cluster, run.plan.batch, **kind)
        memory, time = judge(run.model, run.cluster, found.plan)
        print(f"{run.name}: {known:.2f} s as run, {float(time.seconds):.2f} s found, {found.plan}")
        assert memory.fits and time.seconds <= known * 1.001


def test_more_chips_are_never_slower() -> None:
    model = model_of("Llama-3-70B")
    times = []
    for chips in (64, 256, 1024, 4096, 16384):
        many = cluster(H100, chips)
        times.append(float(estimate(model, many, best(model, many, 1024).plan).seconds))
    assert times == sorted(times, reverse=True)


def test_none_fits_in_words() -> None:
    model = model_of("Llama-3.1-405B", 8192)
    with pytest.raises(ValueError, match=r"no plan of Llama-3.1-405B fits in 8 chips with 80 GB"):
        best(model, cluster(H100, 8), 8)
    with pytest.raises(ValueError, match="batch must be a whole number"):
        best(model, cluster(H100, 8), 0)
    with pytest.raises(ValueError, match=r"3 context ranks do not divide .* 8192 tokens; 2 would"):
        best(model, cluster(H100, 64), 8, context=3)
    with pytest.raises(ValueError, match="8 chips are too few for 16 context ranks"):
        best(model, cluster(H100, 8), 8, context=16)


def test_a_bar_counts_the_plans(capsys) -> None:
    model = model_of("Llama-3-8B")
    quiet = best(model, cluster(H100, 64), 512)
    assert capsys.readouterr().err == ""
    loud = best(model, cluster(H100, 64), 512, progress=True)
    said = capsys.readouterr().err
    assert loud == quiet and f"{loud.tried:,} plans" in said and "100%" in said


def test_the_published_ones_change_nothing_of_the_cluster() -> None:
    assert all(run.plan.chips == run.cluster.chips for run in runs())
    one = runs()[0]
    assert replace(one).plan == one.plan
