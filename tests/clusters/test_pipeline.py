"""Pipeline schedules keep their order, and wait as long as the formula says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.clusters import pipeline
from course.clusters.pipeline import Work, simulate


@given(st.integers(1, 8), st.integers(1, 12), st.floats(0.2, 4), st.floats(0.2, 4))
def test_gpipe_and_1f1b_wait_as_the_formula_says(p: int, m: int, f: float, b: float) -> None:
    for name in ("gpipe", "1f1b"):
        timeline = simulate(name, p, m, forward=f, backward=b)
        assert timeline.bubble == pytest.approx(pipeline.bubble(p, m))
        assert timeline.length == pytest.approx((m + p - 1) * (f + b))


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4))
def test_interleaving_divides_the_bubble(p: int, groups: int, v: int) -> None:
    timeline = simulate("interleaved", p, p * groups, v)
    assert timeline.bubble == pytest.approx((p - 1) / (v * p * groups))


@given(st.sampled_from(pipeline.NAMES), st.integers(1, 6), st.integers(1, 4), st.integers(0, 2))
def test_nothing_starts_before_what_it_needs(name: str, p: int, groups: int, hop: float) -> None:
    v = 3 if name == "interleaved" else 1
    timeline = simulate(name, p, p * groups, v, hop=hop)
    ends = {slot.work: slot.end for slot in timeline.slots}
    assert len(ends) == len(timeline.slots) == 2 * p * p * groups * v
    for slot in timeline.slots:
        w = slot.work
        place = w.chunk * p + w.stage
        if w.forward and place:
            before = ends[Work((place - 1) % p, True, w.micro_batch, (place - 1) // p)]
            assert slot.start >= before + (hop if p > 1 else 0) - 1e-9
        if not w.forward:
            assert slot.start >= ends[Work(w.stage, True, w.micro_batch, w.chunk)] - 1e-9
            if place < p * v - 1:
                after = Work((place + 1) % p, False, w.micro_batch, (place + 1) // p)
                assert slot.start >= ends[after] + (hop if p > 1 else 0) - 1e-9
    for stage in range(p):
        mine = sorted((s for s in timeline.slots if s.work.stage == stage), key=lambda s: s.start)
        assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(mine))


def test_1f1b_holds_few_activations_and_gpipe_all() -> None:
    p, m = 4, 16
    assert [simulate("gpipe", p, m).in_flight(s) for s in range(p)] == [16] * 4
    assert [simulate("1f1b", p, m).in_flight(s) for s in range(p)] == [4, 3, 2, 1]
    # Narayanan et al.: interleaving costs (1 + (p - 1) / (p v)) times the first stage's memory.
    held = simulate("interleaved", p, m, 2).in_flight(0)
    assert held == pytest.approx(p * (1 + (p - 1) / (p * 2)))


def test_sending_takes_time() -> None:
    assert simulate("1f1b", 4, 8, hop=0.5).length > simulate("1f1b", 4, 8).length
    assert simulate("gpipe", 3, 1, hop=0.5).length == pytest.approx(3 * 3 + 4 * 0.5)


def test_bad_input_says_what_would_do() -> None:
    with pytest.raises(ValueError, match="no schedule 'zigzag'; there are gpipe, 1f1b"):
        simulate("zigzag", 2, 2)
    with pytest.raises(ValueError, match="stages must be at least 1, not 0"):
        simulate("gpipe", 0, 2)
    with pytest.raises(ValueError, match="4 does not divide 6; 8 would do"):
        simulate("interleaved", 4, 6, 2)
    with pytest.raises(ValueError, match="4 does not divide 9; 8 would do"):
        simulate("interleaved", 4, 9, 2)
    with pytest.raises(ValueError, match="1f1b has one chunk a stage, not 2"):
        simulate("1f1b", 4, 8, 2)
    with pytest.raises(ValueError, match="times must be above 0"):
        simulate("gpipe", 2, 2, forward=0)
