"""Long sums in narrow formats: against a slow sum that rounds after every term."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.accelerators import formats, summing
from course.accelerators.formats import BF16, E4M3, E5M2, FLOATS, FP16, FP32, INT8, TF32


def slow(terms: np.ndarray, target: formats.FloatFormat) -> np.ndarray:
    totals, total = [], 0.0
    for term in target.round(terms):
        total = float(target.round(total + term))
        totals.append(total)
    return np.array(totals)[summing.marks(len(terms)) - 1]


@pytest.mark.parametrize("target", FLOATS.values(), ids=lambda f: f.name)
@settings(max_examples=60, deadline=None)
@given(
    terms=st.lists(st.floats(0, 300) | st.floats(0, 1e-6), min_size=1, max_size=90),
    scale=st.sampled_from([1.0, 1e-3, 200.0]),
)
def test_a_running_sum_is_rounded_after_every_term(target, terms, scale) -> None:
    given_terms = np.array(terms) * scale
    found = summing.totals_of(given_terms, target)
    np.testing.assert_array_equal(found, slow(given_terms, target))


def test_a_running_sum_of_bf16_is_that_of_ml_dtypes() -> None:
    terms = np.random.default_rng(1).random(3000).astype(ml_dtypes.bfloat16)
    total = np.zeros((), ml_dtypes.bfloat16)
    for term in terms:
        total = total + term
    assert summing.totals_of(terms.astype(np.float64), BF16)[-1] == float(total)


@pytest.mark.parametrize(
    ("target", "stands"), [(TF32, 2048), (BF16, 256), (FP16, 2048), (E4M3, 16), (E5M2, 8)]
)
def test_a_million_ones_stand_still_where_one_is_half_a_step(target, stands) -> None:
    assert summing.totals_of(np.ones(10**6), target)[-1] == stands


def test_fp32_counts_a_million_ones_and_loses_a_percent_of_a_million_tenths() -> None:
    found = summing.sums("ones", 10**6, "running")
    assert found.totals["fp32"][-1] == 10**6 and found.totals["int8"][-1] == 127
    tenths = summing.sums("tenths", 10**6, "running")
    assert tenths.totals["fp32"][-1] == float(np.cumsum(np.full(10**6, 0.1, np.float32))[-1])
    assert tenths.errors["fp32"][-1] == pytest.approx(0.00958, abs=1e-4)
    assert tenths.totals["int8"][-1] == 0


@pytest.mark.parametrize("target", [TF32, BF16, FP16], ids=lambda f: f.name)
def test_pairs_lose_no_more_than_a_step_a_level(target) -> None:
    terms = np.random.default_rng(2).random(5000)
    found = summing.totals_of(terms, target, "pairwise")
    counts = summing.marks(len(terms))
    exact = np.cumsum(terms)[counts - 1]
    levels = np.ceil(np.log2(counts)) + 1
    assert len(found) == len(counts)
    assert (np.abs(found - exact) <= levels * target.epsilon / 2 * exact * 1.01).all()


def test_pairs_of_fp32_are_added_as_numpy_adds_two() -> None:
    terms = np.random.default_rng(3).random(1000)
    level = terms.astype(np.float32)
    while len(level) > 1:
        whole = len(level) // 2 * 2
        level = np.concatenate([level[0:whole:2] + level[1:whole:2], level[whole:]])
    assert summing.totals_of(terms, FP32, "pairwise")[-1] == level[0]


@pytest.mark.parametrize("target", [TF32, BF16, FP16], ids=lambda f: f.name)
def test_rounding_by_chance_is_right_on_average(target) -> None:
    terms = np.full(20_000, 0.3)
    exact = float(target.round(0.3)) * len(terms)
    ends = [summing.totals_of(terms, target, "stochastic", seed)[-1] for seed in range(60)]
    spread = np.std(ends) / np.sqrt(len(ends))
    assert abs(np.mean(ends) - exact) < 4 * spread
    assert all(target.round(end) == end for end in ends)
    stuck = summing.totals_of(terms, target)[-1]
    assert stuck < 0.9 * exact or target is TF32 or target is FP16


def test_rounding_by_chance_overflows_and_says_so() -> None:
    assert np.isinf(summing.totals_of(np.ones(10**6), E5M2, "stochastic")[-1])
    found = summing.sums("ones", 10**6, "stochastic")
    assert np.isnan(found.totals["e4m3"][-1]) and np.isnan(found.errors["e4m3"][-1])
    assert found.errors["bf16"][-1] < 0.2


@pytest.mark.parametrize("target", [FP16, E4M3, E5M2], ids=lambda f: f.name)
def test_every_total_rounded_by_chance_is_a_number_of_the_format(target) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        totals = summing._by_chance(np.full(9000, target.largest / 2000), target, rng)
        np.testing.assert_array_equal(target.round(totals), totals)
        assert not np.isfinite(totals[-1])


def test_a_total_in_fp32_keeps_what_narrow_terms_bring() -> None:
    found = summing.sums("ones", 10**6, "fp32")
    assert all(total[-1] == 10**6 for total in found.totals.values())


def test_whole_numbers_stop_at_their_end() -> None:
    assert summing.totals_of([100, 20, 20], INT8).tolist() == [100, 120, 127]


def test_bad_requests_are_named() -> None:
    with pytest.raises(ValueError, match="not 'twos'"):
        summing.sums("twos", 10, "running")
    with pytest.raises(ValueError, match="not 'sorted'"):
        summing.sums("ones", 10, "sorted")
    with pytest.raises(ValueError, match="1 term or more, not 0"):
        summing.sums("ones", 0, "running")
    with pytest.raises(ValueError, match="must not be negative; -1 is"):
        summing.totals_of([1.0, -1.0], FP16)
