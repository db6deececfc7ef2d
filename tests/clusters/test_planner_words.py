"""Plans, models and clusters that do not fit together say which does not divide what."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from course.clusters.planner import Model, Plan, check, cluster, faults, gpt, published_model, step
from course.facts.links import links

H100 = "NVIDIA H100 SXM"
LLAMA = published_model("Llama-3.1-405B", 8192)
MANY = cluster(H100, 1024)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"tensor": 3}, "3 tensor ranks do not divide 128 heads; 2 would."),
        ({"tensor": 96}, "96 tensor ranks do not divide 128 heads; 64 would."),
        ({"pipeline": 16}, "16 pipeline stages do not divide 126 layers; 14 would."),
        (
            {"pipeline": 18, "chunks": 2, "schedule": "interleaved"},
            "18 pipeline stages x 2 chunks do not divide 126 layers; 1 chunks would.",
        ),
        (
            {"pipeline": 16, "chunks": 8, "schedule": "interleaved"},
            "16 pipeline stages x 8 chunks do not divide 126 layers; nor do 16 stages alone; 14 "
            "stages would.",
        ),
        (
            {"data": 5, "micro_batch": 2},
            "5 data ranks x micro-batches of 2 do not divide a batch of 64; a batch of 60 would do, "
            "or 8 in place of 10.",
        ),
        ({"context": 3}, "3 context ranks do not divide 8192 tokens of a sequence; 2 would."),
        (
            {"data": 64, "tensor": 8, "pipeline": 3},
            "data x context x tensor x pipeline = 1,536 chips, and the cluster has 1,024; with 42 "
            "data ranks it would fit.",
        ),
        ({"expert": 2}, "2 expert ranks, but Llama-3.1-405B has no experts; use 1."),
        (
            {"pipeline": 9, "chunks": 2, "schedule": "interleaved"},
            "Interleaving needs micro-batches that the stages divide: 9 does not divide 64; 63 "
            "would do.",
        ),
        ({"schedule": "interleaved"}, "interleaved needs 2 chunks or more a stage"),
        ({"chunks": 2}, "1f1b has one chunk a stage, not 2; interleaved has more."),
        ({"schedule": "zigzag"}, "schedule is one of gpipe, 1f1b, interleaved, not 'zigzag'."),
        ({"recompute": "some"}, "recompute is one of none, selective, full, not 'some'."),
        ({"zero": 4}, "zero is a stage, 0 to 3, not 4."),
        ({"tensor": 0}, "tensor must be a whole number above 0, not 0."),
        ({"data": 2.5}, "data must be a whole number above 0, not 2.5."),
        ({"batch": True}, "batch must be a whole number above 0, not True."),
    ],
)
def test_a_plan_that_does_not_divide(plan: dict[str, Any], said: str) -> None:
    wrong = replace(Plan(64), **plan)
    assert any(said in fault for fault in faults(LLAMA, MANY, wrong)), faults(LLAMA, MANY, wrong)
    with pytest.raises(ValueError, match=re.escape(said[:40])):
        step(LLAMA, MANY, wrong)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"3 tensor ranks.*5 pipeline stages.*7 data ranks"):
        check(LLAMA, MANY, Plan(64, data=7, tensor=3, pipeline=5))
    even = Plan(64, pipeline=16, even_ends=True)
    assert faults(LLAMA, MANY, even) == []
    assert "128 layers, embedding and head" in faults(LLAMA, MANY, replace(even, pipeline=3))[0]


def test_experts() -> None:
    model = published_model("Mixtral-8x7B-v0.1", 4096)
    assert faults(model, MANY, Plan(64, data=64, expert=8)) == []
    found = faults(model, MANY, Plan(64, data=2, expert=3))
    assert found == [
        "3 expert ranks do not divide 8 experts; 2 would.",
        "3 expert ranks do not divide 2 data ranks; 2 would.",
    ]


def test_models() -> None:
    with pytest.raises(ValueError, match="96 heads do not divide 1000 hidden; 100 would"):
        gpt("odd", 2, 1000, 96)
    with pytest.raises(ValueError, match="layers must be a whole number above 0, not 0"):
        gpt("empty", 0, 64, 2)
    with pytest.raises(ValueError, match="a token visits 3 of 2 experts"):
        Model("m", 1, 64, 2, 2, 64, 10, 8, experts=2, experts_per_token=3)
    with pytest.raises(KeyError, match="no architecture 'GPT-9'"):
        published_model("GPT-9")


def test_clusters() -> None:
    with pytest.raises(ValueError, match="8 chips a node do not divide 100 chips; 96 or 104"):
        cluster(H100, 100)
    with pytest.raises(ValueError, match="chips must be a whole number above 0, not -8"):
        cluster(H100, -8)
    with pytest.raises(KeyError, match="no chip 'H900'"):
        cluster("H900", 8)
    with pytest.raises(KeyError, match="no link 'string'"):
        cluster(H100, 8, between="string")
    with pytest.raises(ValueError, match="no published dense peak for 'fp8'"):
        cluster("NVIDIA A100 SXM 80GB", 8, precision="fp8")
    with pytest.raises(ValueError, match="bandwidth between must be above 0"):
        replace(MANY, between=0.0)
    with pytest.raises(
        ValueError, match=r"connects chips of Google TPU v4 is not known .*NVLink 4"
    ):
        cluster("Google TPU v4", 64)
    with pytest.raises(ValueError, match="per_node must be a whole number above 0, not 0"):
        cluster(H100, 8, per_node=0)
    assert cluster("Google TPU v4", 64, inside=50, between="InfiniBand HDR").inside == 50e9
    assert cluster(H100, 3).per_node == 3 and len(links()) >= 4
