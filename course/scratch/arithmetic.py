"""Operations on one element at a time, each with its backward beside it, and the comparisons.

In every function `backward(g)` gets the gradient of the result and multiplies it by the derivative:
the chain rule. Where two shapes were broadcast together, `unbroadcast` sums the gradient back.
"""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dtypes, tensors
from .autograd import Array, factors, record, unbroadcast

if TYPE_CHECKING:
    from .tensors import Tensor

    Operand = Tensor | float


def operands(name: str, input: Any, other: Any) -> tuple[Tensor, Tensor]:
    """Both operands as tensors of one dtype, by PyTorch's rules of promotion, that broadcast."""
    a, b = operand(name, input, other), operand(name, other, input)
    x, y = a._array, b._array
    if x.dtype is not y.dtype and x.dtype != y.dtype:
        dtype = dtypes.mix(x.dtype, x.ndim, y.dtype, y.ndim)
        a, b = a.to(dtype), b.to(dtype)
    if x.shape != y.shape and x.ndim and y.ndim:
        for n, m in zip(x.shape[::-1], y.shape[::-1], strict=False):
            if n != m and n != 1 and m != 1:
                raise RuntimeError(
                    f"{name}: shapes {x.shape} and {y.shape} do not broadcast. Aligned from the "
                    f"right, each pair of sizes must be equal or have a 1 in it; {n} and {m} do "
                    "not fit."
                )
    return a, b


def operand(name: str, value: Any, beside: Any = None) -> Tensor:
    """`value` as a tensor; a number takes the dtype of the tensor `beside` it if that holds it."""
    if isinstance(value, tensors.Tensor):
        return value
    number = _number(name, value)
    if isinstance(beside, tensors.Tensor):
        held = beside._array.dtype
        if held.kind == "f" or dtypes.kind(held) >= dtypes.kind(number):
            number = held
    return tensors.wrap(np.array(value).astype(number))


def _number(name: str, value: Any) -> np.dtype:
    """The dtype of a Python number, or a sentence about what is no number."""
    if isinstance(value, float):  # the commonest first: asking `numbers` takes ten times as long
        return dtypes.get_default_dtype()
    if isinstance(value, bool | np.bool_):
        return dtypes.boolean
    if isinstance(value, (int, numbers.Integral)):
        return dtypes.int64
    if isinstance(value, numbers.Real):
        return dtypes.get_default_dtype()
    kind = f"{type(value).__module__.split('.')[0]}.{type(value).__name__}"
    hint = {
        "torch": "the engines do not mix: convert it with scratch.from_numpy(x.numpy())",
        "numpy": "convert it with scratch.from_numpy(x)",
    }.get(kind.split(".")[0], "convert it with scratch.tensor(x)")
    raise TypeError(f"{name}: expected a course.scratch tensor or a number, got {kind}; {hint}")


def floating(input: Tensor) -> Tensor:
    """`input`, or its float32 copy where it holds integers: what sqrt, exp and the like take."""
    return input if input._array.dtype.kind == "f" else input.to(dtypes.get_default_dtype())


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
    """`input / other`; "floor" or "trunc" rounds, and then integers stay integers."""
    a, b = operands("div", input, other)
    if rounding_mode == "floor":
        return _floor_div(a, b)
    if rounding_mode == "trunc":
        quotient = np.trunc(a._array / b._array).astype(a._array.dtype)
        return _flat_gradient("div", quotient, a, b)
    if rounding_mode is not None:
        raise RuntimeError(f"div: rounding_mode is None, 'floor' or 'trunc', got {rounding_mode!r}")
    a, b = floating(a), floating(b)
    x, y = a._array, b._array
    with np.errstate(all="ignore"):
        out = x / y

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(g / y, x.shape) if a.requires_grad else None,
            unbroadcast(-g * x / (y * y), y.shape) if b.requires_grad else None,
        )

    return record(out, (a, b), backward, (a, b) if b.requires_grad else (b,))


def _floor_div(a: Tensor, b: Tensor) -> Tensor:
    with np.errstate(all="ignore"):
        return _flat_gradient("div", np.floor_divide(a._array, b._array), a, b)


def _flat_gradient(name: str, array: Array, *parents: Tensor) -> Tensor:
    """A result that is constant wherever it is smooth: its gradient is zero."""

    def backward(g: Array) -> tuple:
        return tuple(np.zeros_like(p._array) if p.requires_grad else None for p in parents)

    backward.__qualname__ = name
    return record(array, parents, backward)


def floor_divide(input: Operand, other: Operand) -> Tensor:
    """`input // other`, rounded down; it has no derivative (`div` with "floor" has one, of 0)."""
    out = div(input, other, rounding_mode="floor")
    if not out.requires_grad:
        return out

    def backward(g: Array) -> tuple:
        raise RuntimeError(
            "floor_divide has no derivative; div(..., rounding_mode='floor') has one, which is 0"
        )

    return record(out._array, (out,), backward)


def remainder(input: Operand, other: Operand) -> Tensor:
    """`input % other`, with the sign of `other`, as in Python."""
    a, b = operands("remainder", input, other)
    x, y = a._array, b._array
    with np.errstate(all="ignore"):
        out = np.remainder(x, y)

    def backward(g: Array) -> tuple:
        return (
            unbroadcast(g, x.shape) if a.requires_grad else None,
            unbroadcast(-g * np.floor_divide(x, y), y.shape) if b.requires_grad else None,
        )

    return record(out, (a, b), backward, (a, b))


def pow(input: Operand, exponent: Operand) -> Tensor:
    """`input ** exponent`, element by element."""
    if isinstance(exponent, numbers.Real) and exponent == 2 and isinstance(exponent, int):
        return square(operand("pow", input))
    a, b = operands("pow", input, exponent)
    x, y = a._array, b._array
    if y.dtype.kind == "i" and (y < 0).any():
        raise NotImplementedError(
            "pow: whole numbers to negative powers are left out of course.scratch; use .float()"
        )
    if isinstance(exponent, numbers.Integral) and 2 < exponent <= 4:
        out = (
            x * x * x if exponent == 3 else (x * x) * (x * x)
        )  # NumPy's float32 x**3: 100 times slower
    else:
        with np.errstate(all="ignore"):
            out = x**y

    def backward(g: Array) -> tuple:
        # Where the exponent is 0 the slope is 0, also at x = 0; at x = 0 so is the log term.
        dx = np.where(y == 0, 0, y * x ** (y - 1)).astype(g.dtype) if a.requires_grad else None
        dy = np.where((x == 0) & (y >= 0), 0, out * np.log(x)) if b.requires_grad else None
        return (
            unbroadcast(g * dx, x.shape) if a.requires_grad else None,
            unbroadcast(g * dy, y.shape) if b.requires_grad else None,
        )

    return record(
        out, (a, b), backward, (a, b, None) if isinstance(exponent, tensors.Tensor) else (a,)
    )


def _extreme(name: str, pick: Any, loses: Any, input: Tensor, other: Tensor) -> Tensor:
    a, b = operands(name, input, other)
    x, y = a._array, b._array

    def backward(g: Array) -> tuple:
        half = np.where(x == y, np.asarray(0.5, g.dtype), np.asarray(1, g.dtype))  # a tie is shared
        return (
            unbroadcast(g * half * ~loses(x, y), x.shape) if a.requires_grad else None,
            unbroadcast(g * half * ~loses(y, x), y.shape) if b.requires_grad else None,
        )

    backward.__qualname__ = name
    return record(pick(x, y), (a, b), backward, (a, b))


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of the two, element by element; NaN where either is NaN."""
    return _extreme("maximum", np.maximum, np.less, input, other)


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of the two, element by element; NaN where either is NaN."""
    return _extreme("minimum", np.minimum, np.greater, input, other)


def where(condition: Tensor, input: Operand, other: Operand) -> Tensor:
    """`input` where `condition` is true, else `other`; the three broadcast together."""
    a, b = operands("where", input, other)
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


# ------------------------------------------------------------------------------------ one operand


def neg(input: Tensor) -> Tensor:
    """`-input`."""
    return record(-input._array, (input,), lambda g: (-g,))


def square(input: Tensor) -> Tensor:
    """`input * input`; of booleans in int64."""
    if input._array.dtype.kind == "b":
        input = input.to(dtypes.int64)
    x = input._array

    def backward(g: Array) -> tuple:
        return (2 * g * x,)

    return record(x * x, (input,), backward, (input,))


def exp(input: Tensor) -> Tensor:
    """e to the power of `input`."""
    input = floating(input)
    with np.errstate(over="ignore"):
        out = np.exp(input._array)

    def backward(g: Array) -> tuple:
        return (g * out,)

    return record(out, (input,), backward, (None,))


def expm1(input: Tensor) -> Tensor:
    """`exp(input) - 1`, exact for small `input` too."""
    input = floating(input)
    with np.errstate(over="ignore"):
        out = np.expm1(input._array)

    def backward(g: Array) -> tuple:
        return (g * (out + 1),)

    return record(out, (input,), backward, (None,))


def log(input: Tensor) -> Tensor:
    """The natural logarithm: -inf at 0, NaN below."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (g / x,)

    with np.errstate(all="ignore"):
        return record(np.log(x), (input,), backward, (input,))


def log1p(input: Tensor) -> Tensor:
    """`log(1 + input)`, exact for small `input` too."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (g / (x + 1),)

    with np.errstate(all="ignore"):
        return record(np.log1p(x), (input,), backward, (input,))


def log2(input: Tensor) -> Tensor:
    """The logarithm to base 2."""
    return log(input) / math.log(2)


def sqrt(input: Tensor) -> Tensor:
    """The square root: NaN below 0, and an infinite gradient at 0."""
    input = floating(input)
    with np.errstate(invalid="ignore"):
        out = np.sqrt(input._array)

    def backward(g: Array) -> tuple:
        return (g / (2 * out),)

    return record(out, (input,), backward, (None,))


def rsqrt(input: Tensor) -> Tensor:
    """`1 / sqrt(input)`."""
    return reciprocal(sqrt(input))


def reciprocal(input: Tensor) -> Tensor:
    """`1 / input`."""
    input = floating(input)
    with np.errstate(divide="ignore"):
        out = 1 / input._array

    def backward(g: Array) -> tuple:
        return (-g * (out * out),)

    return record(out, (input,), backward, (None,))


def abs(input: Tensor) -> Tensor:
    """The absolute value; its gradient at 0 is 0."""
    x = input._array
    if x.dtype.kind == "b":
        raise RuntimeError("abs: booleans have no absolute value; use .int()")

    def backward(g: Array) -> tuple:
        return (g * np.sign(x),)

    return record(np.abs(x), (input,), backward, (input,))


def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1; 0 of NaN too."""
    x = input._array
    return _flat_gradient(
        "sign", x.copy() if x.dtype.kind == "b" else (x > 0).astype(x.dtype) - (x < 0), input
    )


def floor(input: Tensor) -> Tensor:
    """The next whole number below."""
    return _flat_gradient("floor", np.floor(input._array).astype(input.dtype, copy=False), input)


def ceil(input: Tensor) -> Tensor:
    """The next whole number above."""
    return _flat_gradient("ceil", np.ceil(input._array).astype(input.dtype, copy=False), input)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest whole number, halves to the even one; or to that many `decimals`."""
    return _flat_gradient("round", np.round(input._array, decimals), input)


def sin(input: Tensor) -> Tensor:
    """The sine of an angle in radians."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (g * np.cos(x),)

    with np.errstate(invalid="ignore"):
        return record(np.sin(x), (input,), backward, (input,))


def cos(input: Tensor) -> Tensor:
    """The cosine of an angle in radians."""
    input = floating(input)
    x = input._array

    def backward(g: Array) -> tuple:
        return (-g * np.sin(x),)

    with np.errstate(invalid="ignore"):
        return record(np.cos(x), (input,), backward, (input,))


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent, between -1 and 1."""
    input = floating(input)
    out = np.tanh(input._array)

    def backward(g: Array) -> tuple:
        return (g * (1 - out * out),)

    return record(out, (input,), backward, (None,))


def sigmoid(input: Tensor) -> Tensor:
    """`1 / (1 + exp(-input))`, between 0 and 1."""
    input = floating(input)
    out = logistic(input._array)

    def backward(g: Array) -> tuple:
        return (g * (out * (1 - out)),)

    return record(out, (input,), backward, (None,))


def logistic(x: Array) -> Array:
    """The sigmoid of an array; exp(-x) may overflow to inf, and 1 / inf is the right 0."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def relu(input: Tensor) -> Tensor:
    """`input` where it is above 0, else 0."""
    out = np.maximum(input._array, 0)

    def backward(g: Array) -> tuple:
        return (g * (out != 0),)  # a product with a mask: ten times faster than np.where

    return record(out, (input,), backward, (None,))


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """`input` held between `min` and `max`; outside them the gradient is 0.

    Two tensors in the place of the two numbers get the gradients of the elements they replaced.
    """
    if min is None and max is None:
        raise RuntimeError("clamp: give min, max or both")
    if isinstance(min, tensors.Tensor) or isinstance(max, tensors.Tensor):
        if min is not None:
            input = where(input < min, min, input)
        return input if max is None else where(input > max, max, input)
    x = input._array
    dtype = operands("clamp", input, max if min is None else min)[0]._array.dtype
    input = input.to(dtype)

    def backward(g: Array) -> tuple:
        inside = np.ones(x.shape, bool)
        if min is not None:
            inside &= x >= min
        if max is not None:
            inside &= x <= max
        return (g * inside,)

    out = x if min is None else np.maximum(x, min)
    out = out if max is None else np.minimum(out, max)
    return record(out.astype(dtype, copy=out is x), (input,), backward, (input,))


def masked_fill(input: Tensor, mask: Tensor, value: float) -> Tensor:
    """`input` with `value` wherever `mask` is true."""
    fill = (
        value.to(input.dtype)
        if isinstance(value, tensors.Tensor)
        else tensors.wrap(np.asarray(value, input._array.dtype))
    )
    return where(mask, fill, input)


# ------------------------------------------------------------------------------------ comparisons


def _compared(name: str, ufunc: Any, input: Operand, other: Operand) -> Tensor:
    a, b = operands(name, input, other)
    return tensors.wrap(ufunc(a._array, b._array))


def eq(input: Operand, other: Operand) -> Tensor:
    """Whether the two are equal, element by element."""
    return _compared("eq", np.equal, input, other)


def ne(input: Operand, other: Operand) -> Tensor:
    """Whether the two differ, element by element."""
    return _compared("ne", np.not_equal, input, other)


def lt(input: Operand, other: Operand) -> Tensor:
    """Whether `input < other`, element by element."""
    return _compared("lt", np.less, input, other)


def le(input: Operand, other: Operand) -> Tensor:
    """Whether `input <= other`, element by element."""
    return _compared("le", np.less_equal, input, other)


def gt(input: Operand, other: Operand) -> Tensor:
    """Whether `input > other`, element by element."""
    return _compared("gt", np.greater, input, other)


def ge(input: Operand, other: Operand) -> Tensor:
    """Whether `input >= other`, element by element."""
    return _compared("ge", np.greater_equal, input, other)


def isnan(input: Tensor) -> Tensor:
    """Whether each element is NaN."""
    return tensors.wrap(np.isnan(input._array))


def isinf(input: Tensor) -> Tensor:
    """Whether each element is plus or minus infinity."""
    return tensors.wrap(np.isinf(input._array))


def isfinite(input: Tensor) -> Tensor:
    """Whether each element is neither NaN nor infinite."""
    return tensors.wrap(np.isfinite(input._array))


def logical_not(input: Tensor) -> Tensor:
    """True where the element is zero."""
    return tensors.wrap(np.logical_not(input._array))


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """True where both are non-zero."""
    return tensors.wrap(np.logical_and(input._array, other._array))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """True where either is non-zero."""
    return tensors.wrap(np.logical_or(input._array, other._array))


def bitwise_not(input: Tensor) -> Tensor:
    """`~input`: negation of booleans, bit by bit for integers."""
    return tensors.wrap(np.invert(input._array))


def bitwise_and(input: Operand, other: Operand) -> Tensor:
    """`input & other`, of booleans or bit by bit."""
    return _compared("bitwise_and", np.bitwise_and, input, other)


def bitwise_or(input: Operand, other: Operand) -> Tensor:
    """`input | other`, of booleans or bit by bit."""
    return _compared("bitwise_or", np.bitwise_or, input, other)


def bitwise_xor(input: Operand, other: Operand) -> Tensor:
    """`input ^ other`, of booleans or bit by bit."""
    return _compared("bitwise_xor", np.bitwise_xor, input, other)


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
    return np.array_equal(input._array, other._array)
