"""Every collective's schedule gives the plain sum, in the steps and bytes of its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.clusters import collectives
from course.clusters.collectives import Schedule, Send, closed_form, schedule, simulate, traffic

REDUCING = ("ring all-reduce", "tree all-reduce", "hierarchical all-reduce")
ALL = (*REDUCING, "reduce-scatter", "all-gather", "all-to-all")


def numbers(ranks: int, length: int) -> list[np.ndarray]:
    return list(np.random.default_rng(ranks).integers(0, 1000, (ranks, length)).astype(float))


@given(st.integers(2, 17), st.integers(0, 60), st.integers(1, 6))
def test_all_reduces_give_every_rank_the_plain_sum(ranks: int, length: int, per_node: int) -> None:
    arrays = numbers(ranks, length)
    for name in REDUCING:
        if name.startswith("hier") and ranks % per_node:
            continue
        plan = schedule(name, ranks, per_node)
        last = simulate(plan, arrays)[-1]
        for rank in range(ranks):
            got = collectives.gathered(plan, last[rank], rank)
            np.testing.assert_array_equal(got, np.sum(arrays, axis=0))


@given(st.integers(2, 17), st.integers(0, 60))
def test_the_other_collectives_give_each_rank_its_part(ranks: int, length: int) -> None:
    arrays = numbers(ranks, length)
    cut = [np.array_split(a, ranks) for a in arrays]
    total = np.array_split(np.sum(arrays, axis=0), ranks)
    expected = {
        "reduce-scatter": lambda r: total[r],
        "all-gather": lambda r: np.concatenate([cut[k][k] for k in range(ranks)]),
        "all-to-all": lambda r: np.concatenate([cut[k][r] for k in range(ranks)]),
    }
    for name, wanted in expected.items():
        plan = schedule(name, ranks)
        last = simulate(plan, arrays)[-1]
        for rank in range(ranks):
            got = collectives.gathered(plan, last[rank], rank)
            np.testing.assert_array_equal(got, wanted(rank))


@pytest.mark.parametrize("ranks", range(2, 18))
@pytest.mark.parametrize("name", ALL)
def test_steps_and_bytes_are_the_formulas(name: str, ranks: int) -> None:
    for per_node in [n for n in range(1, ranks + 1) if ranks % n == 0]:
        plan, size = schedule(name, ranks, per_node), 720720.0
        cost, carried = closed_form(name, ranks, size, per_node), traffic(plan, size)
        sent = [sum(b for (s, _), b in carried.items() if s == r) for r in range(ranks)]
        assert len(plan.steps) == cost.steps
        assert max(sent) == pytest.approx(cost.sent)


def test_each_link_of_a_ring_carries_the_same() -> None:
    for n in (2, 4, 7):
        carried = traffic(collectives.ring_all_reduce(n), 1e6)
        assert set(carried) == {(r, (r + 1) % n) for r in range(n)}
        assert all(b == pytest.approx(2 * (n - 1) / n * 1e6) for b in carried.values())


def test_a_hierarchy_spares_the_links_between_nodes() -> None:
    plan = collectives.hierarchical_all_reduce(16, 8)
    inside, between = collectives.hierarchy_bytes(16, 1e6, 8)
    for (source, target), carried in traffic(plan, 1e6).items():
        same = source // 8 == target // 8
        assert carried == pytest.approx(inside if same else between)
    assert between == pytest.approx(1e6 / 8)


def test_a_tree_has_fewer_steps_and_more_bytes() -> None:
    ring, tree = closed_form("ring all-reduce", 64, 1e6), closed_form("tree all-reduce", 64, 1e6)
    assert tree.steps == 2 * math.log2(64) < ring.steps and tree.sent > ring.sent
    assert tree.seconds(1e12, 1e-5) < ring.seconds(1e12, 1e-5)
    assert tree.seconds(1e6) > ring.seconds(1e6)


def test_a_broken_schedule_is_found() -> None:
    plan = Schedule("all-gather", 2, 2, ((Send(0, 1, 1, False),),))
    with pytest.raises(ValueError, match="rank 0 sends piece 1, which it does not hold"):
        simulate(plan, numbers(2, 4))
    last = simulate(Schedule("all-gather", 2, 2, ()), numbers(2, 4))[-1]
    with pytest.raises(ValueError, match=r"does not hold pieces \[0\] yet"):
        collectives.gathered(plan, last[1], 1)


def test_bad_input_says_what_would_do() -> None:
    with pytest.raises(ValueError, match="at least 2 ranks, not 1"):
        collectives.ring_all_reduce(1)
    with pytest.raises(ValueError, match="5 ranks a node do not divide 16 ranks; 4 a node would"):
        collectives.hierarchical_all_reduce(16, 5)
    with pytest.raises(ValueError, match="no collective 'gossip'; there are ring all-reduce"):
        closed_form("gossip", 4, 1.0)
    with pytest.raises(ValueError, match="3 ranks need 3 arrays, not 2"):
        simulate(collectives.ring_all_reduce(3), numbers(2, 4))
    with pytest.raises(ValueError, match="1-D and alike"):
        simulate(collectives.ring_all_reduce(2), [np.ones(3), np.ones(4)])
    with pytest.raises(ValueError, match="bandwidth must be above 0"):
        closed_form("all-gather", 4, 1.0).seconds(0)
