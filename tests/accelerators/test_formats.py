"""Each format against ml_dtypes, NumPy, PyTorch, and against its list of all values."""

from __future__ import annotations

import bisect
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.accelerators import formats
from course.accelerators.formats import BF16, E4M3, E5M2, FLOATS, FP16, FP32, INT4, INT8, TF32

# Codes as unsigned whole numbers, read by somebody else.
THEIRS: dict[str, tuple[Any, Any]] = {
    "bf16": (np.uint16, ml_dtypes.bfloat16),
    "fp16": (np.uint16, np.float16),
    "e4m3": (np.uint8, ml_dtypes.float8_e4m3fn),
    "e5m2": (np.uint8, ml_dtypes.float8_e5m2),
    "int8": (np.uint8, np.int8),
}
TORCH = {
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "e4m3": torch.float8_e4m3fn,
    "e5m2": torch.float8_e5m2,
}
NARROW = [FLOATS[name] for name in TORCH]
singles = st.floats(width=32)
doubles = st.floats()


def same(mine: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_array_equal(mine, theirs)
    # Zeros have a sign too.
    there = ~np.isnan(mine)
    np.testing.assert_array_equal(np.signbit(mine[there]), np.signbit(theirs[there]))


@pytest.mark.parametrize("name", THEIRS)
def test_every_code_is_read_as_others_read_it(name: str) -> None:
    unsigned, dtype = THEIRS[name]
    codes = np.arange(2 ** formats.FORMATS[name].bits, dtype=unsigned)
    with np.errstate(invalid="ignore"):  # NumPy warns of signalling NaNs
        theirs = codes.view(dtype).astype(np.float64)
    same(formats.FORMATS[name].decode(codes), theirs)


@pytest.mark.parametrize("name", TORCH)
def test_every_code_is_read_as_pytorch_reads_it(name: str) -> None:
    bits = FLOATS[name].bits
    codes = np.arange(2**bits, dtype=np.uint8 if bits == 8 else np.int32)
    raw = torch.from_numpy(codes if bits == 8 else codes.astype(np.uint16).view(np.int16))
    same(FLOATS[name].decode(codes), raw.view(TORCH[name]).to(torch.float64).numpy())


def test_every_code_of_four_bits_is_read_as_ml_dtypes_reads_it() -> None:
    numbers = np.arange(-8, 8).astype(ml_dtypes.int4)
    codes = numbers.view(np.uint8) & 15
    same(INT4.decode(codes), np.arange(-8.0, 8.0))
    np.testing.assert_array_equal(INT4.encode(np.arange(-8, 8)), codes)


def test_every_code_of_tf32_is_the_float32_without_its_last_bits() -> None:
    codes = np.arange(2**19, dtype=np.uint32)
    with np.errstate(invalid="ignore"):
        theirs = (codes << 13).view(np.float32).astype(np.float64)
    same(TF32.decode(codes), theirs)


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_a_code_of_fp32_is_read_as_numpy_reads_it(code: int) -> None:
    with np.errstate(invalid="ignore"):
        theirs = np.array([code], np.uint32).view(np.float32).astype(np.float64)
    same(FP32.decode([code]), theirs)


@pytest.mark.parametrize("target", formats.FORMATS.values(), ids=lambda f: f.name)
def test_every_number_is_encoded_as_its_own_code(target: formats.Format) -> None:
    rng = np.random.default_rng(0)
    every = target.bits <= 19
    codes = np.arange(2**target.bits) if every else rng.integers(0, 2**32, 10**5)
    values = target.decode(codes)
    numbers = ~np.isnan(values)
    np.testing.assert_array_equal(target.encode(values[numbers]), codes[numbers])
    if isinstance(target, formats.FloatFormat):
        assert np.isnan(target.decode(target.encode(values[~numbers]))).all()
        same(target.round(values), values)


@pytest.mark.parametrize("name", TORCH)
@settings(max_examples=300)
@given(value=singles)
def test_a_float_is_rounded_as_ml_dtypes_and_pytorch_round_it(name: str, value: float) -> None:
    single = np.array([value], np.float32)
    mine = FLOATS[name].round(single)
    with np.errstate(over="ignore"):
        same(mine, single.astype(THEIRS[name][1]).astype(np.float64))
    if name == "e4m3" and not abs(value) <= 464:
        return  # PyTorch's releases differ beyond the largest: NaN, or 448
    same(mine, torch.from_numpy(single).to(TORCH[name]).to(torch.float64).numpy())


@settings(max_examples=300)
@given(doubles)
def test_a_double_is_rounded_to_fp32_and_fp16_as_numpy_rounds_it(value: float) -> None:
    with np.errstate(over="ignore"):
        same(FP32.round([value]), np.array([value]).astype(np.float32).astype(np.float64))
        same(FP16.round([value]), np.array([value]).astype(np.float16).astype(np.float64))


LISTS = {f.name: np.unique(np.abs(f.decode(np.arange(2**f.bits)))) for f in (*NARROW, TF32)}


@pytest.mark.parametrize("target", [*NARROW, TF32], ids=lambda f: f.name)
@settings(max_examples=200)
@given(share=st.floats(0, 1), power=st.integers(-160, 130))
def test_rounding_finds_the_nearest_in_the_list_of_all_values(
    target: formats.FloatFormat, share: float, power: int
) -> None:
    value = (1 + share) * 2.0**power
    numbers = LISTS[target.name]
    numbers = numbers[np.isfinite(numbers)]
    place = bisect.bisect_left(numbers, value)
    around = numbers[max(place - 1, 0) : place + 1]
    if value > target.largest:
        beyond = Fraction(target.largest) + Fraction(float(target.spacing(target.largest))) / 2
        wanted = target.largest
        # At the very middle the even mantissa wins: the largest of E4M3 is even, the others odd.
        if Fraction(value) > beyond or (Fraction(value) == beyond and target.specials == "ieee"):
            wanted = np.inf if target.specials == "ieee" else np.nan
    else:
        gaps = [abs(Fraction(float(v)) - Fraction(value)) for v in around]
        nearest = [float(v) for v, gap in zip(around, gaps, strict=True) if gap == min(gaps)]
        wanted = next(v for v in nearest if len(nearest) == 1 or int(target.encode(v)) % 2 == 0)
    same(target.round([value, -value]), np.array([wanted, -wanted]))


def test_ties_go_to_the_even_mantissa() -> None:
    assert BF16.round([1 + 2**-8, 1 + 3 * 2**-8]).tolist() == [1.0, 1 + 2**-6]
    assert INT8.round([0.5, 1.5, 2.5, -0.5]).tolist() == [0, 2, 2, 0]
    assert E4M3.round([464.0, 464.1]).tolist()[0] == 448 and np.isnan(E4M3.round(464.1))


@pytest.mark.parametrize(
    ("target", "largest", "normal", "smallest", "epsilon"),
    [
        (FP32, 3.4028234663852886e38, 2.0**-126, 2.0**-149, 2.0**-23),
        (TF32, 3.4011621342146535e38, 2.0**-126, 2.0**-136, 2.0**-10),
        (BF16, 3.3895313892515355e38, 2.0**-126, 2.0**-133, 2.0**-7),
        (FP16, 65504.0, 2.0**-14, 2.0**-24, 2.0**-10),
        (E4M3, 448.0, 2.0**-6, 2.0**-9, 2.0**-3),
        (E5M2, 57344.0, 2.0**-14, 2.0**-16, 2.0**-2),
    ],
)
def test_the_ranges(target, largest, normal, smallest, epsilon) -> None:
    found = (target.largest, target.smallest_normal, target.smallest, target.epsilon)
    assert found == (largest, normal, smallest, epsilon)
    if target.name in TORCH:
        theirs = torch.finfo(TORCH[target.name])
        assert (theirs.max, theirs.tiny, theirs.eps) == (largest, normal, epsilon)


@pytest.mark.parametrize("target", NARROW, ids=lambda f: f.name)
def test_the_spacing_is_the_distance_of_neighbours(target: formats.FloatFormat) -> None:
    numbers = LISTS[target.name]
    numbers = numbers[np.isfinite(numbers)]
    np.testing.assert_array_equal(target.spacing(numbers[:-1]), np.diff(numbers))
    assert np.isnan(target.spacing([np.inf, np.nan, 2 * target.largest])).all()


@pytest.mark.parametrize("target", [FP16, BF16, E4M3, E5M2, INT8], ids=lambda f: f.name)
@pytest.mark.parametrize("value", [0.3, 1.07, -5.4, 100.2, 3e-5])
def test_stochastic_rounding_is_unbiased(target: formats.Format, value: float) -> None:
    rng = np.random.default_rng(7)
    found = target.round(np.full(100_000, value), rng=rng)
    low, high = np.unique(found)[0], np.unique(found)[-1]
    assert len(np.unique(found)) <= 2 and low <= value <= high
    error = (high - low) / 2 / np.sqrt(len(found))  # at most, of the mean
    assert abs(found.mean() - value) < 4 * error
    assert low < high  # none of these values is a number of the format


@settings(max_examples=100)
@given(doubles)
def test_stochastic_rounding_leaves_what_needs_none(value: float) -> None:
    rng = np.random.default_rng(0)
    rounded = E5M2.round([value])
    same(E5M2.round(rounded, rng=rng), rounded)


def test_saturation_and_overflow() -> None:
    values = [1e9, -np.inf, np.nan]
    same(E4M3.round(values, saturate=True), np.array([448.0, -448.0, np.nan]))
    same(E5M2.round(values), np.array([np.inf, -np.inf, np.nan]))
    assert np.isnan(E4M3.round(values)).all()
    assert INT8.round([1e9, -np.inf, -129]).tolist() == [127, -128, -128]
    assert INT8.encode([-1, 127, -128]).tolist() == [255, 127, 128]


def test_what_has_no_code_is_named() -> None:
    with pytest.raises(ValueError, match="int8 has no code for NaN"):
        INT8.round([np.nan])
    with pytest.raises(ValueError, match="int4 has 4 bits, codes 0 to 15; 16 is none"):
        INT4.decode([3, 16])
    with pytest.raises(ValueError, match="codes of fp16 are whole numbers, not float64"):
        FP16.decode([1.0])
    with pytest.raises(ValueError, match=r"no number format is called 'fp8_e4m3fn'.*mean 'e4m3'"):
        formats.find("fp8_e4m3fn")
    assert formats.find("bf16") is BF16
