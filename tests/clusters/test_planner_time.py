"""A step's time as a sceptic would try it: bubbles, links, one chip, more of everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.clusters import pipeline
from course.clusters.collectives import hierarchy_bytes
from course.clusters.planner import Plan, cluster, estimate, gpt, published_model, step
from course.clusters.planner.machine import Efficiency, efficiency_of
from course.clusters.planner.step_time import PARTS, all_reduce

A100, H100 = "NVIDIA A100 SXM 80GB", "NVIDIA H100 SXM"
GPT = gpt("GPT-3 175B", 96, 12288, 96)


@given(st.sampled_from([2, 3, 4, 6, 8, 12, 16]), st.integers(1, 8), st.sampled_from([1, 2, 3]))
def test_the_bubble_is_the_schedules(p: int, groups: int, v: int) -> None:
    m = p * groups
    v = v if 96 % (p * v) == 0 else 1
    name: Any = "interleaved" if v > 1 else "1f1b"
    plan = Plan(m, pipeline=p, tensor=8, chunks=v, schedule=name)
    found = step(GPT, cluster(A100, 8 * p), plan)
    assert found.bubble == pytest.approx((p - 1) / (v * m))
    assert found.bubble == pytest.approx(pipeline.simulate(name, p, m, v).bubble)


def test_parts_add_up_and_none_is_negative() -> None:
    plan = Plan(512, 2, 8, 8, 8, zero=1, recompute="selective", flash=False)
    found = step(GPT, cluster(A100, 512), plan)
    assert list(found.parts) == list(PARTS)
    assert all(value >= 0 for value in found.parts.values())
    assert found.seconds == pytest.approx(sum(map(float, found.parts.values())))
    assert 0 < found.mfu < found.hfu < 1 and 0 < found.exposed < 1


def test_one_chip_talks_to_nobody() -> None:
    model = published_model("GPT-2 small")
    found = step(model, cluster(A100, 1), Plan(20, 20))
    quiet = set(PARTS) - {"compute", "optimizer"}
    assert all(found.parts[name] == 0 for name in quiet) and found.exposed == 0
    assert found.bubble == 0 and found.mfu == found.hfu
    assert 0.3 < found.mfu < efficiency_of(A100).matmul


def test_tensor_ranks_across_nodes_hurt() -> None:
    model, many = published_model("Llama-3.1-405B", 8192), cluster(H100, 512)
    plans = {t: Plan(64, data=512 // t, tensor=t, zero=3) for t in (8, 16, 32)}
    found = {t: step(model, many, plan) for t, plan in plans.items()}
    waits = {t: float(s.parts["tensor communication"] / s.seconds) for t, s in found.items()}
    print({t: f"{100 * w:.0f} % of the step, MFU {found[t].mfu:.3f}" for t, w in waits.items()})
    assert waits[16] > 2.5 * waits[8] and found[16].mfu < 0.9 * found[8].mfu
    assert waits[32] > waits[16] and found[32].mfu < found[16].mfu


def test_all_reduce_is_the_hierarchys_bytes(monkeypatch) -> None:
    c = cluster(A100, 64)
    monkeypatch.setattr("course.clusters.planner.step_time.HOP_INSIDE", 0.0)
    monkeypatch.setattr("course.clusters.planner.step_time.HOP_BETWEEN", 0.0)
    near, far = hierarchy_bytes(32, 1e9, 8)
    share = c.share
    expected = near / (c.inside * share.inside) + far / (c.between * share.between)
    assert all_reduce(c, 1e9, 32, 1) == pytest.approx(expected)
    # Ranks 8 apart never meet in a node: everything goes over the network.
    far_only = 2 * 7 / 8 * 1e9 / (c.between * share.between)
    assert all_reduce(c, 1e9, 8, 8) == pytest.approx(far_only)
    assert all_reduce(c, 1e9, 1, 1) == 0


@pytest.mark.parametrize("zero", [0, 1, 2, 3])
def test_faster_links_never_slow_a_step(zero: int) -> None:
    slow = cluster(H100, 256)
    fast = replace(slow, between=4 * slow.between)
    plan = Plan(256, data=32, tensor=4, pipeline=2, zero=zero)
    before, after = step(GPT, slow, plan), step(GPT, fast, plan)
    assert after.seconds < before.seconds
    assert after.parts["compute"] == before.parts["compute"]


def test_sharding_more_talks_more() -> None:
    many = cluster(A100, 512)
    talk = [
        float(
            step(GPT, many, Plan(1024, data=64, tensor=8, zero=z, overlap=False)).parts[
                "data communication"
            ]
        )
        for z in (0, 1, 2, 3)
    ]
    assert talk[0] == pytest.approx(talk[1], rel=1e-3)  # reduce, then gather: an all-reduce
    assert talk[1] < talk[2] < talk[3]


def test_recomputing_costs_what_the_forward_pass_does() -> None:
    many, plan = cluster(A100, 64), Plan(64, tensor=8, pipeline=8, flash=False)
    none, full = (step(GPT, many, replace(plan, recompute=r)) for r in ("none", "full"))
    ratio = float(full.parts["recomputation"] / none.parts["compute"])
    assert 0.27 < ratio < 1 / 3 and full.hfu / full.mfu == pytest.approx(4 / 3, rel=0.01)
    selective = step(GPT, many, replace(plan, recompute="selective"))
    assert 0 < selective.parts["recomputation"] < 0.3 * full.parts["recomputation"]


def test_experts_talk_across_ranks_alone() -> None:
    model, many = published_model("Mixtral-8x7B-v0.1", 4096), cluster(H100, 64)
    near = step(model, many, Plan(64, data=64))
    spread = step(model, many, Plan(64, data=64, expert=8))
    assert near.parts["expert communication"] == 0 < spread.parts["expert communication"]
    wide = step(model, many, Plan(64, data=32, tensor=2, expert=8))
    assert wide.parts["expert communication"] > spread.parts["expert communication"]


def test_columns_give_what_single_plans_give() -> None:
    many = cluster(H100, 1024)
    shapes = [(d, t, 1024 // (d * t)) for d in (8, 16, 32, 64) for t in (2, 4, 8)]
    shapes = [s for s in shapes if 96 % s[2] == 0]
    columns: Any = [np.array(c) for c in zip(*shapes, strict=True)]
    for zero in (0, 1, 2, 3):
        together = estimate(GPT, many, Plan(1024, 1, *columns, zero=zero)).seconds
        for (d, t, p), seconds in zip(shapes, together, strict=True):
            assert step(GPT, many, Plan(1024, 1, d, t, p, zero=zero)).seconds == pytest.approx(
                seconds
            )


def test_shares_of_other_chips_come_from_what_was_measured() -> None:
    h100 = efficiency_of(H100)
    assert efficiency_of("NVIDIA H200 SXM") == h100
    assert efficiency_of("AMD MI300X").matmul < 0.7 * h100.matmul
    assert isinstance(efficiency_of("NVIDIA B200 SXM"), Efficiency)
