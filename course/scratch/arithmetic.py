"""Operations on one element at a time, each with its backward beside it, and the comparisons.

In every operation the backward gets `g`, the gradient of the result, and multiplies it by the
derivative: the chain rule. Where two shapes were broadcast together, `unbroadcast` sums the gradient
back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from . import cuda, devices, tensors
from .autograd import Array, factors, record, unbroadcast
from .operands import floating, operand, operands, quiet

if TYPE_CHECKING:
    from .tensors import Tensor

    Operand: TypeAlias = Tensor | float

# ------------------------------------------------------------------------------------ two operands


def add(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """`input + alpha * other`, element by element."""
    if alpha != 1:
        other = mul(other, alpha)
    a, b = operands("add", input, other)
    a_shape, b_shape = a._array.shape, b._array.shape

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(g, a_shape) if a.requires_grad else None,
            unbroadcast(g, b_shape) if b.requires_grad else None,
        )

    return record(a._array + b._array, (a, b), backward)


def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """`input - alpha * other`, element by element."""
    if alpha != 1:
        other = mul(other, alpha)
    a, b = operands("sub", input, other)
    if a._array.dtype.kind == "b":
        raise RuntimeError("sub: booleans have no difference; use ^ or logical_not")
    a_shape, b_shape = a._array.shape, b._array.shape

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(g, a_shape) if a.requires_grad else None,
            unbroadcast(-g, b_shape) if b.requires_grad else None,
        )

    return record(a._array - b._array, (a, b), backward)


def mul(input: Operand, other: Operand) -> Tensor:
    """`input * other`, element by element."""
    a, b = operands("mul", input, other)
    x, y = a._array, b._array

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(g * y, x.shape) if a.requires_grad else None,
            unbroadcast(g * x, y.shape) if b.requires_grad else None,
        )

    return record(x * y, (a, b), backward, factors(a, b))


def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """`input / other`; "floor" or "trunc" rounds: integers stay integers, and gradients are 0."""
    a, b = operands("div", input, other)
    if rounding_mode is not None:
        return _whole_quotient(a, b, rounding_mode)
    a, b = floating(a), floating(b)
    x, y = a._array, b._array

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(g / y, x.shape) if a.requires_grad else None,
            unbroadcast(-g * x / (y * y), y.shape) if b.requires_grad else None,
        )

    with np.errstate(all="ignore"):
        return record(x / y, (a, b), backward, (a, b) if b.requires_grad else (b,))


def _whole_quotient(a: Tensor, b: Tensor, rounding_mode: str) -> Tensor:
    x, y = a._array, b._array
    if rounding_mode not in ("floor", "trunc"):
        raise RuntimeError(f"div: rounding_mode is None, 'floor' or 'trunc', got {rounding_mode!r}")
    with np.errstate(all="ignore"):
        out = np.floor_divide(x, y) if rounding_mode == "floor" else np.trunc(x / y).astype(x.dtype)
    return record(out, (a, b), lambda g: (np.zeros_like(x), np.zeros_like(y)))


def floor_divide(input: Operand, other: Operand) -> Tensor:
    """`input // other`, rounded down; it has no derivative (`div` with "floor" has one, of 0)."""
    out = div(input, other, rounding_mode="floor")

    def backward(g: Array) -> tuple:
        raise RuntimeError("floor_divide has no derivative; use div(..., rounding_mode='floor')")

    return record(out._array, (out,), backward)


def remainder(input: Operand, other: Operand) -> Tensor:
    """`input % other`, with the sign of `other`, as in Python."""
    a, b = operands("remainder", input, other)
    x, y = a._array, b._array

    def backward(g: Array) -> tuple:
        return unbroadcast(g, x.shape), unbroadcast(-g * np.floor_divide(x, y), y.shape)

    with np.errstate(all="ignore"):
        return record(np.remainder(x, y), (a, b), backward, (a, b))


def pow(input: Operand, exponent: Operand) -> Tensor:
    """`input ** exponent`, element by element."""
    if type(exponent) is int and exponent == 2:
        return square(operand("pow", input))
    a, b = operands("pow", input, exponent)
    x, y = a._array, b._array
    if y.dtype.kind == "i" and (y < 0).any():
        raise NotImplementedError(
            "pow: whole numbers to negative powers are left out of course.scratch; use .float()"
        )
    with np.errstate(all="ignore"):
        # NumPy's own x**3 takes 100 times as long in float32.
        out = x * x * x if type(exponent) is int and exponent == 3 else x**y

    def backward(g: Array) -> tuple:
        # Where the exponent is 0 the slope is 0, also at x = 0; at x = 0 so is the log term.
        dx = np.where(y == 0, 0, y * x ** (y - 1)).astype(g.dtype) if a.requires_grad else None
        dy = np.where((x == 0) & (y >= 0), 0, out * np.log(x)) if b.requires_grad else None
        return (
            unbroadcast(g * dx, x.shape) if a.requires_grad else None,
            unbroadcast(g * dy, y.shape) if b.requires_grad else None,
        )

    kept = (a, b, None) if isinstance(exponent, tensors.Tensor) else (a,)
    return record(out, (a, b), backward, kept)


def _extreme(name: str, pick: Callable, wins: Callable, doc: str) -> Callable[..., Tensor]:
    def extreme(input: Tensor, other: Tensor) -> Tensor:
        a, b = operands(name, input, other)
        x, y = a._array, b._array

        def backward(g: Array) -> tuple:
            half = np.where(x == y, g * 0.5, g)  # a tie is shared
            return (
                unbroadcast(half * ~wins(y, x), x.shape) if a.requires_grad else None,
                unbroadcast(half * ~wins(x, y), y.shape) if b.requires_grad else None,
            )

        backward.__qualname__ = name
        return record(pick(x, y), (a, b), backward, (a, b))

    return _named(extreme, name, doc)


def _named(function: Callable, name: str, doc: str) -> Callable[..., Tensor]:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


maximum = _extreme("maximum", np.maximum, np.greater, "The larger of the two; NaN if one is NaN.")
minimum = _extreme("minimum", np.minimum, np.less, "The smaller of the two; NaN if one is NaN.")


def where(condition: Tensor, input: Operand, other: Operand) -> Tensor:
    """`input` where `condition` is true, else `other`; the three broadcast together."""
    a, b = operands("where", input, other)
    mask = condition._array
    if not type(mask) is type(a._array) is type(b._array):
        condition, a, b = devices.together("where", condition, a, b)
        mask = condition._array
    if mask.dtype.kind != "b":
        raise RuntimeError(
            f"where: the condition must be boolean, got {mask.dtype}; compare, e.g. x > 0"
        )

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(np.where(mask, g, 0), a._array.shape) if a.requires_grad else None,
            unbroadcast(np.where(mask, 0, g), b._array.shape) if b.requires_grad else None,
        )

    return record(np.where(mask, a._array, b._array), (a, b), backward, (condition,))


def masked_fill(input: Tensor, mask: Tensor, value: Operand) -> Tensor:
    """`input` with `value` wherever `mask` is true."""
    return where(mask, operand("masked_fill", value, input).to(input.dtype), input)


# ------------------------------------------------------------------------------------ one operand


def elementwise(
    name: str, forward: Callable, backward: Callable, reads: str, doc: str, whole: bool = False
) -> Callable[[Tensor], Tensor]:
    """The operation y = `forward(x)`, and what it does to gradients: `backward(g, x, y)`.

    `reads` names what the backward needs, "x", "y" or neither, which nobody may change before it
    runs. Integers become floats first, unless it is an operation on `whole` numbers too.
    """

    def operation(input: Tensor) -> Tensor:
        if not whole:
            input = floating(input)
        x = input._array
        y = forward(x)

        def chain(g: Array) -> tuple:
            return (backward(g, x, y),)

        chain.__qualname__ = name
        saved = (input,) if reads == "x" else (None,) if reads == "y" else ()
        return record(y, (input,), chain, saved)

    return _named(operation, name, doc)


def logistic(x: Array) -> Array:
    """The sigmoid of an array; exp(-x) may overflow to inf, and 1 / inf is the right 0."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def erf_of(x: Array) -> Array:
    """The error function: the C library's on the CPU, element by element, or CUDA's."""
    if devices.on_cpu(x):
        return np.vectorize(math.erf, otypes=[x.dtype])(x)
    return cuda._erf(x)


def _no_slope(g: Array, x: Array, y: Array) -> Array:
    return np.zeros_like(g)


# fmt: off
exp = elementwise(
    "exp", quiet(np.exp), lambda g, x, y: g * y, "y", "e to the power of `input`.")
expm1 = elementwise(
    "expm1", quiet(np.expm1), lambda g, x, y: g * (y + 1), "y", "`exp(input) - 1`, exact near 0.")
log = elementwise(
    "log", quiet(np.log), lambda g, x, y: g / x, "x", "The natural logarithm; -inf at 0, NaN below.")
log1p = elementwise(
    "log1p", quiet(np.log1p), lambda g, x, y: g / (x + 1), "x", "`log(1 + input)`, exact near 0.")
log2 = elementwise(
    "log2", quiet(np.log2), lambda g, x, y: g / (x * math.log(2)), "x", "The logarithm to base 2.")
log10 = elementwise(
    "log10", quiet(np.log10), lambda g, x, y: g / (x * math.log(10)), "x", "The logarithm to base 10.")
sqrt = elementwise(
    "sqrt", quiet(np.sqrt), lambda g, x, y: g / (2 * y), "y", "The square root; NaN below 0.")
rsqrt = elementwise(
    "rsqrt", quiet(lambda x: 1 / np.sqrt(x)), lambda g, x, y: g * (y * y * y) / -2, "y", "`1 / sqrt(input)`.")
reciprocal = elementwise(
    "reciprocal", quiet(lambda x: 1 / x), lambda g, x, y: -g * (y * y), "y", "`1 / input`.")
sin = elementwise(
    "sin", quiet(np.sin), lambda g, x, y: g * np.cos(x), "x", "The sine of an angle in radians.")
cos = elementwise(
    "cos", quiet(np.cos), lambda g, x, y: -g * np.sin(x), "x", "The cosine of an angle in radians.")
tanh = elementwise(
    "tanh", np.tanh, lambda g, x, y: g * (1 - y * y), "y", "The hyperbolic tangent, from -1 to 1.")
sigmoid = elementwise(
    "sigmoid", logistic, lambda g, x, y: g * (y * (1 - y)), "y", "`1 / (1 + exp(-input))`.")
erf = elementwise(
    "erf", erf_of,
    lambda g, x, y: g * (np.exp(-x * x) * (2 / math.sqrt(math.pi))), "x",
    "The share of a normal distribution within `input * sqrt(2)` standard deviations.")
# A product with a mask is ten times faster than np.where.
relu = elementwise(
    "relu", lambda x: np.maximum(x, 0), lambda g, x, y: g * (y != 0), "y",
    "`input` where it is above 0, else 0.", whole=True)
square = elementwise(
    "square", lambda x: x.astype(np.int64) if x.dtype.kind == "b" else x * x, lambda g, x, y: 2 * g * x,
    "x", "`input * input`; of booleans in int64.", whole=True)
neg = elementwise("neg", np.negative, lambda g, x, y: -g, "", "`-input`.", whole=True)
sign = elementwise(
    "sign", lambda x: x.copy() if x.dtype.kind == "b" else (x > 0).astype(x.dtype) - (x < 0),
    _no_slope, "", "-1, 0 or 1; 0 of NaN too.", whole=True)
floor = elementwise(
    "floor", lambda x: np.floor(x).astype(x.dtype), _no_slope, "", "The whole number below.", whole=True)
ceil = elementwise(
    "ceil", lambda x: np.ceil(x).astype(x.dtype), _no_slope, "", "The whole number above.", whole=True)
# fmt: on


def abs(input: Tensor) -> Tensor:
    """The absolute value; its gradient at 0 is 0."""
    x = input._array
    if x.dtype.kind == "b":
        raise RuntimeError("abs: booleans have no absolute value; use .int()")

    def backward(g: Array) -> tuple:
        return (g * np.sign(x),)

    return record(np.abs(x), (input,), backward, (input,))


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest whole number, halves to the even one; or to that many `decimals`."""
    out = np.round(input._array, decimals)
    return record(out, (input,), lambda g: (np.zeros_like(g),))


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` held between `min` and `max`, numbers or tensors; outside them its gradient is 0."""
    if min is None and max is None:
        raise RuntimeError("clamp: give min, max or both")
    if isinstance(min, tensors.Tensor) or isinstance(max, tensors.Tensor):
        if min is not None:
            input = where(input < min, min, input)
        return input if max is None else where(input > max, max, input)
    input = operands("clamp", input, max if min is None else min)[0]  # integers may become floats
    x = input._array
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    out = (
        np.maximum(x, low)
        if max is None
        else np.minimum(x if min is None else np.maximum(x, low), high)
    )

    def backward(g: Array) -> tuple:
        return (g * ((x >= low) & (x <= high)),)

    return record(out.astype(x.dtype, copy=False), (input,), backward, (input,))


# ------------------------------------------------------------------------------------ comparisons


def _compare(name: str, ufunc: Callable, doc: str) -> Callable[[Operand, Operand], Tensor]:
    def compared(input: Operand, other: Operand) -> Tensor:
        a, b = operands(name, input, other)
        return tensors.wrap(ufunc(a._array, b._array))

    return _named(compared, name, doc)


eq = _compare("eq", np.equal, "Whether the two are equal, element by element.")
ne = _compare("ne", np.not_equal, "Whether the two differ, element by element.")
lt = _compare("lt", np.less, "Whether `input < other`, element by element.")
le = _compare("le", np.less_equal, "Whether `input <= other`, element by element.")
gt = _compare("gt", np.greater, "Whether `input > other`, element by element.")
ge = _compare("ge", np.greater_equal, "Whether `input >= other`, element by element.")
logical_and = _compare("logical_and", np.logical_and, "True where both are non-zero.")
logical_or = _compare("logical_or", np.logical_or, "True where either is non-zero.")
bitwise_and = _compare("bitwise_and", np.bitwise_and, "`input & other`, of booleans or bit by bit.")
bitwise_or = _compare("bitwise_or", np.bitwise_or, "`input | other`, of booleans or bit by bit.")
bitwise_xor = _compare("bitwise_xor", np.bitwise_xor, "`input ^ other`, of booleans or bit by bit.")


def _ask(name: str, ufunc: Callable, doc: str) -> Callable[[Tensor], Tensor]:
    def asked(input: Tensor) -> Tensor:
        return tensors.wrap(ufunc(input._array))

    return _named(asked, name, doc)


isnan = _ask("isnan", np.isnan, "Whether each element is NaN.")
isinf = _ask("isinf", np.isinf, "Whether each element is plus or minus infinity.")
isfinite = _ask("isfinite", np.isfinite, "Whether each element is neither NaN nor infinite.")
logical_not = _ask("logical_not", np.logical_not, "True where the element is zero.")
bitwise_not = _ask(
    "bitwise_not", np.invert, "`~input`: negation of booleans, bit by bit for integers."
)


def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Whether `|input - other| <= atol + rtol * |other|`, element by element."""
    with np.errstate(invalid="ignore"):
        return tensors.wrap(np.isclose(input._array, other._array, rtol, atol, equal_nan))


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether all elements are close, see `isclose`."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._array.all())


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether the two have the same shape and the same elements."""
    return bool(np.array_equal(input._array, other._array))
