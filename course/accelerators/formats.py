"""Number formats, from their definition: sign, exponent, mantissa, and what stands for infinity.

A floating-point number is sign * 1.mantissa * 2 ** (exponent - bias); the smallest exponent field
means 0.mantissa instead (subnormal numbers, down to zero). Every function takes numbers or arrays of
any shape and computes in float64, which holds each value of these formats exactly.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.uint32]
# What the codes with the largest exponent field mean: infinity and NaN, as IEEE 754 has it, or, in
# E4M3, numbers like all others but for the last, which is NaN. There is no infinity then.
Specials = Literal["ieee", "one NaN"]


@dataclass(frozen=True)
class FloatFormat:
    """A binary floating-point format; ``memory`` is what one number takes in memory, in bits."""

    name: str
    label: str
    exponent_bits: int
    mantissa_bits: int
    specials: Specials = "ieee"
    memory_bits: int = 0

    @property
    def bits(self) -> int:
        """Bits of a code: sign, exponent and mantissa."""
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def memory(self) -> int:
        """Bits that one number takes in memory."""
        return self.memory_bits or self.bits

    @property
    def bias(self) -> int:
        """What is taken from the exponent field."""
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def least_exponent(self) -> int:
        """The exponent of the smallest normal number, which subnormal numbers share."""
        return 1 - self.bias

    @property
    def largest(self) -> float:
        """The largest finite number."""
        fields = 2**self.exponent_bits - 1
        last = 2 ** (self.mantissa_bits + 1) - 1
        if self.specials == "ieee":
            fields -= 1
        else:
            last -= 1
        return float(np.ldexp(last, fields - self.bias - self.mantissa_bits))

    @property
    def smallest_normal(self) -> float:
        """The smallest number with all its mantissa bits."""
        return float(np.ldexp(1.0, self.least_exponent))

    @property
    def smallest(self) -> float:
        """The smallest number above zero (subnormal)."""
        return float(np.ldexp(1.0, self.least_exponent - self.mantissa_bits))

    @property
    def epsilon(self) -> float:
        """The step from 1 to the next larger number."""
        return float(2.0**-self.mantissa_bits)

    def spacing(self, values: Any) -> Floats:
        """The step between neighbours at the size of ``values``; NaN where that is not finite."""
        sizes = np.abs(np.asarray(values, np.float64))
        inside = np.isfinite(sizes) & (sizes <= self.largest)
        steps = np.ldexp(1.0, self._exponent(np.where(inside, sizes, 1.0)) - self.mantissa_bits)
        return np.where(inside, steps, np.nan)

    def round(
        self, values: Any, *, saturate: bool = False, rng: np.random.Generator | None = None
    ) -> Floats:
        """The nearest number of the format, and of two as near the one with an even mantissa.

        With ``rng``, stochastic: up with the probability of the way already gone. What is too large
        becomes infinity (in E4M3 NaN), or with ``saturate`` the largest number; for E4M3 libraries
        differ in which of the two they do.
        """
        given = np.asarray(values, np.float64)
        sizes = np.abs(given)
        finite = np.isfinite(sizes)
        # Far beyond the largest one size is as good as another, and float64 itself must not overflow.
        sizes = np.minimum(np.where(finite, sizes, 0.0), 4 * self.largest)
        shift = self.mantissa_bits - self._exponent(sizes)
        steps = _whole(np.ldexp(sizes, shift), rng)
        rounded = np.ldexp(steps, -shift)
        beyond = (rounded > self.largest) | np.isinf(given)
        over = self.largest if saturate else np.inf if self.specials == "ieee" else np.nan
        rounded = np.where(beyond, over, rounded)
        return np.copysign(np.where(np.isnan(given), np.nan, rounded), given)

    def encode(self, values: Any, *, saturate: bool = False) -> Codes:
        """The codes (uint32) of ``values``, rounded as :meth:`round` does."""
        rounded = self.round(values, saturate=saturate)
        finite = np.isfinite(rounded)
        sizes = np.abs(np.where(finite, rounded, 0.0))
        exponent = self._exponent(sizes)
        steps = np.ldexp(sizes, self.mantissa_bits - exponent).astype(np.uint32)
        one = np.uint32(1 << self.mantissa_bits)
        # A subnormal number has no leading one, and the exponent field 0.
        field = np.where(steps < one, 0, exponent + self.bias).astype(np.uint32)
        code = (field << np.uint32(self.mantissa_bits)) | (steps & (one - np.uint32(1)))
        code = np.where(np.isinf(rounded), np.uint32(self._infinity), code)
        code = np.where(np.isnan(rounded), np.uint32(self._nan), code)
        sign = np.signbit(rounded).astype(np.uint32) << np.uint32(self.bits - 1)
        return code | sign

    def decode(self, codes: Any) -> Floats:
        """The numbers that ``codes`` stand for; raises ValueError for more bits than there are."""
        sign, field, mantissa = self.fields(codes)
        top = 2**self.exponent_bits - 1
        subnormal = field == 0
        steps = np.where(subnormal, mantissa, mantissa + (1 << self.mantissa_bits))
        exponent = np.where(subnormal, self.least_exponent, field - self.bias)
        values = np.ldexp(steps.astype(np.float64), exponent - self.mantissa_bits)
        if self.specials == "ieee":
            values = np.where(field == top, np.where(mantissa == 0, np.inf, np.nan), values)
        else:
            last = (1 << self.mantissa_bits) - 1
            values = np.where((field == top) & (mantissa == last), np.nan, values)
        return np.copysign(values, np.where(sign == 1, -1.0, 1.0))

    def fields(self, codes: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Sign, exponent field and mantissa field of ``codes``, as whole numbers."""
        whole = _codes(codes, self)
        mantissa = whole & ((1 << self.mantissa_bits) - 1)
        field = (whole >> self.mantissa_bits) & ((1 << self.exponent_bits) - 1)
        return whole >> (self.bits - 1), field, mantissa

    @property
    def _infinity(self) -> int:
        return (2**self.exponent_bits - 1) << self.mantissa_bits

    @property
    def _nan(self) -> int:
        if self.specials == "ieee":  # the quiet one
            return self._infinity | 1 << (self.mantissa_bits - 1)
        return 2 ** (self.bits - 1) - 1

    def _exponent(self, sizes: Any) -> NDArray[np.int64]:
        """The power of two at or below ``sizes``, and that of the subnormal numbers below those."""
        powers = np.frexp(sizes)[1].astype(np.int64) - 1
        # frexp calls the exponent of zero 0.
        return np.where(sizes == 0, self.least_exponent, np.maximum(powers, self.least_exponent))


@dataclass(frozen=True)
class IntegerFormat:
    """A signed whole number in two's complement; what is too large becomes the nearest end."""

    name: str
    label: str
    bits: int

    @property
    def memory(self) -> int:
        """Bits that one number takes in memory."""
        return self.bits

    @property
    def largest(self) -> float:
        """The largest number."""
        return float(2 ** (self.bits - 1) - 1)

    @property
    def smallest(self) -> float:
        """The smallest number above zero."""
        return 1.0

    @property
    def epsilon(self) -> float:
        """The step from 1 to the next larger number."""
        return 1.0

    def spacing(self, values: Any) -> Floats:
        """The step between neighbours: 1 everywhere, NaN outside the range."""
        sizes = np.abs(np.asarray(values, np.float64))
        return np.where(sizes <= self.largest, 1.0, np.nan)

    def round(
        self, values: Any, *, saturate: bool = True, rng: np.random.Generator | None = None
    ) -> Floats:
        """The nearest whole number of the format, of two as near the even one, kept to its range.

        With ``rng``, stochastic. Raises ValueError for NaN, which no code stands for, and for
        ``saturate=False``.
        """
        given = np.asarray(values, np.float64)
        if np.isnan(given).any():
            raise ValueError(f"{self.name} has no code for NaN: replace it before rounding")
        if not saturate:
            raise ValueError(f"{self.name} has no infinity: what is too large must saturate")
        return np.clip(_whole(given, rng), -self.largest - 1, self.largest) + 0.0

    def encode(self, values: Any, *, saturate: bool = True) -> Codes:
        """The codes (uint32) of ``values``, rounded as :meth:`round` does."""
        whole = self.round(values, saturate=saturate).astype(np.int64)
        return (whole & (2**self.bits - 1)).astype(np.uint32)

    def decode(self, codes: Any) -> Floats:
        """The numbers that ``codes`` stand for; raises ValueError for more bits than there are."""
        whole = _codes(codes, self)
        return (whole - ((whole >> (self.bits - 1)) << self.bits)).astype(np.float64)


Format = FloatFormat | IntegerFormat

FP32 = FloatFormat("fp32", "FP32", 8, 23)
TF32 = FloatFormat("tf32", "TF32", 8, 10, memory_bits=32)
BF16 = FloatFormat("bf16", "BF16", 8, 7)
FP16 = FloatFormat("fp16", "FP16", 5, 10)
E4M3 = FloatFormat("e4m3", "FP8 E4M3", 4, 3, specials="one NaN")
E5M2 = FloatFormat("e5m2", "FP8 E5M2", 5, 2)
INT8 = IntegerFormat("int8", "INT8", 8)
INT4 = IntegerFormat("int4", "INT4", 4)

FORMATS: dict[str, Format] = {f.name: f for f in (FP32, TF32, BF16, FP16, E4M3, E5M2, INT8, INT4)}
FLOATS: dict[str, FloatFormat] = {
    name: f for name, f in FORMATS.items() if isinstance(f, FloatFormat)
}


def find(name: str) -> Format:
    """The format called ``name``; raises ValueError, naming the nearest, when there is none."""
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(str(name).lower().removeprefix("fp8_"), FORMATS, 1, 0.3)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"no number format is called {name!r}: there are {', '.join(FORMATS)}{hint}")


def _whole(steps: Floats, rng: np.random.Generator | None) -> Floats:
    """Whole numbers: the nearest, even where two are, or one of the two around, by chance."""
    if rng is None:
        rounded: Floats = np.rint(steps)
        return rounded
    # Nothing to decide where there is no fraction: infinity must stay what it is.
    fraction = np.where(np.isfinite(steps), steps - np.floor(steps), 0.0)
    up: Floats = np.floor(steps) + (rng.random(np.shape(steps)) < fraction)
    return up


def _codes(codes: Any, target: Format) -> NDArray[np.int64]:
    given = np.asarray(codes)
    if given.dtype.kind not in "iub":
        raise ValueError(f"codes of {target.name} are whole numbers, not {given.dtype}")
    whole = given.astype(np.int64)
    outside = (whole < 0) | (whole >= 2**target.bits)
    if outside.any():
        raise ValueError(
            f"{target.name} has {target.bits} bits, codes 0 to {2**target.bits - 1}; "
            f"{int(whole[outside].flat[0])} is none of them"
        )
    return whole
