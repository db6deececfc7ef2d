"""Operations on both engines: values, shapes, dtypes and gradients, a line for each operation.

PyTorch's own samples are in test_opinfo.py; here are the shapes and values that break code: nothing
in a dimension, one thing stretched, memory out of order, no dimensions, NaN, infinities and ties.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sidebyside import check, compare, same

from course import scratch

# ------------------------------------------------------------------------- arrays that break code

SPECIAL = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 30.0, float("inf"), -float("inf"), float("nan")]


def layouts(array: np.ndarray) -> list[np.ndarray]:
    """The same elements in memory in order, backwards dimension by dimension, and with gaps."""
    gaps = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array
    return [array, np.asfortranarray(array), gaps]


@st.composite
def arrays(draw: st.DrawFn, shape: Any, elements: Any = None) -> np.ndarray:
    """Floats of a drawn shape and layout, with the special values among them unless told."""
    size = draw(shape) if isinstance(shape, st.SearchStrategy) else shape
    values = st.sampled_from(SPECIAL) if elements is None else elements
    array = draw(hnp.arrays(np.float64, size, elements=values))
    return draw(st.sampled_from(layouts(array)))


SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
PLAIN = st.floats(-3, 3, width=32)
PAIRS = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)

UNARY = [
    "abs",
    "ceil",
    "cos",
    "erf",
    "exp",
    "expm1",
    "floor",
    "log",
    "log10",
    "log1p",
    "log2",
    "neg",
    "reciprocal",
    "relu",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "square",
    "tanh",
    "isnan",
    "isinf",
    "isfinite",
    "logical_not",
    "clone",
]
BINARY = [
    "add",
    "sub",
    "mul",
    "div",
    "maximum",
    "minimum",
    "pow",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "logical_and",
    "logical_or",
    "remainder",
]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", UNARY)
@given(x=arrays(SHAPES))
def test_one_operand(name: str, x: np.ndarray) -> None:
    compare(lambda T, x: getattr(T, name)(x), [x])


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # NumPy's word on inf - inf
@pytest.mark.parametrize("name", BINARY)
@given(data=st.data())
def test_two_operands(name: str, data: st.DataObject) -> None:
    shapes = data.draw(PAIRS).input_shapes
    # At infinity there is no gradient to agree on.
    values = PLAIN if name in ("pow", "remainder") else None
    x, y = (data.draw(arrays(s, values)) for s in shapes)
    compare(lambda T, x, y: getattr(T, name)(x, y), [x, y])


@given(data=st.data())
def test_where_takes_three_shapes(data: st.DataObject) -> None:
    shapes = data.draw(
        hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3)
    ).input_shapes
    c, x, y = (data.draw(arrays(s)) for s in shapes)
    compare(lambda T, c, x, y: T.where(c > 0, x, y), [c, x, y])


REDUCTIONS = [
    "sum",
    "mean",
    "prod",
    "amax",
    "amin",
    "max",
    "min",
    "var",
    "std",
    "argmax",
    "argmin",
    "all",
    "any",
    "logsumexp",
]


@pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning")
@pytest.mark.parametrize("name", REDUCTIONS)
@given(data=st.data())
def test_reductions(name: str, data: st.DataObject) -> None:
    # For NaN PyTorch's gradients of prod and var are what its formulas happen to give.
    broken = [] if name in ("prod", "var", "std") else [float("nan")]
    x = data.draw(arrays(SHAPES, st.sampled_from([-1.0, 0.0, 0.5, 2.0, *broken])))
    options: dict[str, Any] = {}
    if data.draw(st.booleans()) or name == "logsumexp":
        options["dim"] = data.draw(st.integers(-max(x.ndim, 1), max(x.ndim, 1) - 1))
        options["keepdim"] = data.draw(st.booleans())
    if name in ("var", "std"):
        options["correction"] = data.draw(st.integers(0, 1))
    compare(lambda T, x: getattr(T, name)(x, **options), [x])


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cumsum", "sort"])
@given(data=st.data())
def test_along_a_dimension(name: str, data: st.DataObject) -> None:
    x = data.draw(arrays(SHAPES, PLAIN if name != "sort" else None))
    if name == "sort":
        x = np.where(np.isnan(x), 0, x)
    dim = data.draw(st.integers(-max(x.ndim, 1), max(x.ndim, 1) - 1))
    options = {"stable": True} if name == "sort" else {}
    compare(lambda T, x: getattr(T, name)(x, dim=dim, **options), [x])


MATRICES = st.sampled_from([
    ((2,), (2,)), ((3, 2), (2,)), ((2,), (2, 3)), ((3, 2), (2, 4)), ((0, 2), (2, 3)), ((3, 0), (0, 2)),
    ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4,)), ((4,), (2, 4, 5)),
    ((1, 3, 4), (2, 4, 1)), ((2, 1, 3, 4), (5, 4, 2)), ((3, 4), (2, 4, 5)), ((0, 3, 4), (0, 4, 2)),
    ((2, 3), (4, 5)), ((2, 3, 4), (3, 4, 5)), ((), (2,)),
])  # fmt: skip


@given(shapes=MATRICES, data=st.data())
def test_matmul_in_all_ranks(shapes: tuple, data: st.DataObject) -> None:
    x, y = (data.draw(arrays(s, PLAIN)) for s in shapes)
    compare(lambda T, x, y: x @ y, [x, y])


# ------------------------------------------------------------------------- a line for each operation

R = np.random.default_rng(3)
INT = R.integers(0, 3, (2, 3))
MASK = R.random((2, 3)) > 0.5

CASES = {
    "reused node": (lambda T, x: x * x + x / (x * x + 1), (3, 2)),
    "reused result": (lambda T, x: (y := x.exp()) * y + y.sum(), (3, 2)),
    "diamond": (lambda T, x: (2 * x + 6 * x).sum() * (x.sum() + x.sum()), (2,)),
    "add alpha": (lambda T, x, y: T.add(x, y, alpha=2.5) - T.sub(x, y, alpha=3), (2, 3), (3,)),
    "div floor": (lambda T, x, y: T.div(x, y, rounding_mode="floor"), (2, 3), (3,)),
    "div trunc": (lambda T, x, y: T.div(x, y, rounding_mode="trunc"), (2, 3), (3,)),
    "scalars": (lambda T, x: (2 / x, 1 - x, 3 * x, 2**x, x**2, x**3, x**0, x**-1, -x, 5 % x), (3,)),
    "operators": (lambda T, x, y: (x + y, x - y, x * y, x / y, x % y, x @ y.T), (2, 3), (2, 3)),
    "ties in maximum": (lambda T, x, y: T.maximum(x, y), np.array([1.0, 2, 3]), np.array([1.0, 2, 0])),
    "ties in amax": (lambda T, x: (x.amax(1), x.amin((0, 1)), x.max(), x.min()), np.ones((2, 3))),
    "ties in max": (lambda T, x: (*x.max(1), *x.min(0)), np.ones((2, 3))),
    "clamp": (lambda T, x: (x.clamp(-0.5, 0.5), x.clamp(min=0), x.clamp(max=0.1)), (3, 4)),
    "clamp tensor": (lambda T, x, y: T.clamp(x, min=y), (3, 4), (4,)),
    "masked_fill": (lambda T, x, m: x.masked_fill(m, -1.5), (2, 3), MASK),
    "matmul reused": (lambda T, x: x @ x.T @ x, (2, 3)),
    "outer dot mv": (lambda T, x, y: (T.outer(x, y), T.dot(x, x), T.mv(T.outer(x, y), y)), (3,), (2,)),
    "bmm": (lambda T, x, y: T.bmm(x, y), (2, 3, 4), (2, 4, 5)),
    "einsum": (lambda T, x, y: T.einsum("bij,bjk->bki", x, y), (2, 3, 4), (2, 4, 5)),
    "einsum implicit": (lambda T, x, y: T.einsum("ij,jk", x, y), (3, 4), (4, 2)),
    "einsum dots": (lambda T, x, y: T.einsum("...ij,...jk->...ik", x, y), (2, 3, 4), (4, 5)),
    "einsum sum": (lambda T, x: (T.einsum("ij->", x), T.einsum("ij->j", x), T.einsum("ij->ji", x)), (2, 3)),
    "norms": (lambda T, x: (x.norm(), x.norm(1), x.norm(2, 1, True), x.norm(float("inf"), 0)), (3, 4)),
    "norm of zeros": (lambda T, x: x.norm(), np.zeros(3)),
    "std of equals": (lambda T, x: x.std(1), np.ones((2, 3))),
    "prod with zero": (lambda T, x: (x.prod(), x.prod(1)), np.array([[1.0, 0, 3], [2, 5, 4]])),
    "view": (lambda T, x: x.view(3, 2) * x.view(-1).view(3, 2), (2, 3)),
    "reshape of a transpose": (lambda T, x: x.T.reshape(2, 3), (2, 3)),
    "permute": (lambda T, x: x.permute(2, 0, 1).contiguous(), (2, 3, 4)),
    "transpose": (lambda T, x: (x.transpose(0, 2), x.mT), (2, 3, 4)),
    "squeeze": (lambda T, x: (x.squeeze(), x.squeeze(1), x.unsqueeze(-1), x.squeeze((1, 3))), (2, 1, 3, 1)),
    "expand": (lambda T, x: (x.expand(4, 2, 3), x.expand(-1, 3), x.expand(2, 3)), (2, 1)),
    "repeat": (lambda T, x: (x.repeat(2, 1, 3), x.repeat_interleave(2, 1), x.repeat_interleave(3)), (2, 3)),
    "cat": (lambda T, x, y: T.cat([x, y, x], 1), (2, 3), (2, 1)),
    "cat nothing": (lambda T, x, y: T.cat([x, y]), (0,), (2, 3)),
    "stack": (lambda T, x, y: (T.stack([x, y], -1), T.stack([x, y])), (2, 3), (2, 3)),
    "split": (lambda T, x: (x.split(2), x.split([1, 4], 0), x.chunk(3), x.unbind(1)), (5, 2)),
    "flips": (lambda T, x: (x.flip(0), x.flip((0, 1))), (3, 4)),
    "triangles": (lambda T, x: (x.tril(), x.triu(1), x.tril(-1)), (3, 4)),
    "index number": (lambda T, x: (x[1], x[-1, 2], x[0][1]), (2, 3)),
    "index slice": (lambda T, x: (x[:, 1:], x[::2, ::2], x[..., None, 0], x[5:]), (3, 4)),
    "index mask": (lambda T, x, m: (x[m], x[m.any(1)]), (2, 3), MASK),
    "index tensor": (lambda T, x, i: (x[:, i[0]], x[i], x[i, i], x[i[:, :1], i]), (3, 3), INT),
    "index list": (lambda T, x: (x[[0, 0, 1]], x[:, [2, 1]], x[[0, 1], [1, 1]]), (2, 3)),
    "gather": (lambda T, x, i: x.gather(1, i), (2, 3), INT),
    "index_select": (lambda T, x, i: x.index_select(1, i[0]), (2, 3), INT),
    "topk": (lambda T, x: (*x.topk(2), *x.topk(1, 0, largest=False)), (3, 4)),
    "sort": (lambda T, x: (*x.sort(), *x.sort(0, True)), (3, 4)),
    "argsort": (lambda T, x: x.argsort(1, descending=True), (3, 4)),
    "casts": (lambda T, x: (x.to(T.float64) * 2, x.float().sum(), x.double(), x.to(T.float32)), (2, 3)),
    "detach": (lambda T, x: x.detach() * x, (2, 3)),
    "where with numbers": (lambda T, x: (T.where(x > 0, x, 0.0), T.where(x > 0, 1, x)), (3, 2)),
    "iteration": (lambda T, x: sum((row * 2 for row in x), x[0]), (3, 2)),
    "in place": (lambda T, x: ((y := x * 1).add_(x, alpha=2), y.mul_(x), y.div_(2.0), y)[-1], (2, 3)),
    "clamp in place": (lambda T, x: (x * 1).clamp_(-0.5, 0.5), (2, 3)),
    "assignment": (lambda T, x, y: (z := x * 2, z.__setitem__((0, slice(1, 3)), y), z)[2], (2, 3), (2,)),
    "assignment by mask": (lambda T, x, m: (z := x * 2, z.__setitem__(m, -1.0), z)[2], (2, 3), MASK),
    "fill and copy": (lambda T, x, y: ((x * 1).copy_(y), (x * 1).fill_(3), (x * 1).zero_()), (2, 3), (3,)),
    "cosine": (lambda T, x, y: T.nn.functional.cosine_similarity(x, y), (3, 4), (3, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    function, *inputs = CASES[name]
    check(function, *inputs)


# ------------------------------------------------------------------------- dtypes

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def filled(dtype: str, shape: tuple) -> np.ndarray:
    return np.ones(shape, dtype)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_promotion_of_two_tensors(a: str, b: str) -> None:
    for shape_a, shape_b in [((2,), (2,)), ((), (2,)), ((2,), ()), ((), ())]:
        for operation in ("add", "mul", "div", "eq", "maximum", "where"):

            def apply(T: Any, x: Any, y: Any, operation: str = operation) -> Any:
                return T.where(x > 0, x, y) if operation == "where" else getattr(T, operation)(x, y)

            compare(apply, [filled(a, shape_a), filled(b, shape_b)], 1e-2, [False, False])
    assert scratch.promote_types(getattr(scratch, a), getattr(scratch, b)) == np.dtype(
        str(torch.promote_types(getattr(torch, a), getattr(torch, b))).split(".")[1]
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [True, 2, 2.5])
def test_promotion_with_a_number(dtype: str, number: float) -> None:
    for shape in [(2,), ()]:
        x = filled(dtype, shape)
        for function in (
            lambda T, x: x + number, lambda T, x: number * x, lambda T, x: x / number,
            lambda T, x: x > number, lambda T, x: x == number, lambda T, x: T.where(x > 0, x, number),
        ):  # fmt: skip
            compare(function, [x], 1e-2, [False])


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_of_results(dtype: str) -> None:
    for name in ("sum", "prod", "cumsum", "mean", "exp", "sqrt", "sigmoid", "sin", "log", "square",
                 "abs", "argmax", "max", "any", "floor", "isnan", "var"):  # fmt: skip

        def apply(T: Any, x: Any, name: str = name) -> Any:
            return getattr(T, name)(x, 0) if name == "cumsum" else getattr(T, name)(x)

        if (name, dtype) == ("floor", "bool"):
            continue  # PyTorch has no floor of booleans on the CPU; the engine needs no exception
        compare(apply, [filled(dtype, (3,))], 1e-2, [False])


@pytest.mark.parametrize(
    "make",
    [
        lambda T: T.tensor([1, 2]), lambda T: T.tensor([1.0, 2]), lambda T: T.tensor([True]),
        lambda T: T.tensor([]), lambda T: T.tensor(3.5), lambda T: T.tensor([[1, 2.5], [3, 4]]),
        lambda T: T.tensor([T.tensor(1.0), T.tensor(2.0)]), lambda T: T.arange(5),
        lambda T: T.arange(1, 2, 0.25), lambda T: T.arange(5.0), lambda T: T.arange(3, 0, -1),
        lambda T: T.arange(0), lambda T: T.linspace(0, 1, 5), lambda T: T.linspace(0, 1, 1),
        lambda T: T.eye(2, 3), lambda T: T.full((2,), 7), lambda T: T.full((2,), 7.0),
        lambda T: T.full((2,), True), lambda T: T.zeros(2, 0), lambda T: T.ones((2, 3)),
        lambda T: T.zeros(()), lambda T: T.ones(2, dtype=T.int32),
        lambda T: T.tensor([1, 2], dtype=T.float64), lambda T: T.zeros_like(T.ones(2, dtype=T.int8)),
        lambda T: T.full_like(T.ones(2), 3), lambda T: T.as_tensor(np.ones(2)),
        lambda T: T.from_numpy(np.ones(2, np.int16)), lambda T: T.tensor(np.float64(2.0)),
        lambda T: T.tensor([[1], [2]]).tolist(),
    ],
)  # fmt: skip
def test_creation(make: Any) -> None:
    compare(lambda T: make(T), [])


def test_default_dtype_is_what_floats_become() -> None:
    try:
        for engine in (torch, scratch):
            engine.set_default_dtype(engine.float64)
        compare(lambda T: (T.tensor([1.5]), T.ones(2), T.arange(3) / 2, T.zeros(2) + 1.5), [])
    finally:
        for engine in (torch, scratch):
            engine.set_default_dtype(engine.float32)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2), (1, 1)])
def test_what_a_tensor_says_of_itself(shape: tuple) -> None:
    x = np.ones(shape, np.float32)
    ours, theirs = scratch.from_numpy(x), torch.from_numpy(x)
    for look in (
        lambda t: tuple(t.shape), lambda t: t.ndim, lambda t: t.dim(), lambda t: t.numel(),
        lambda t: t.size(), lambda t: t.is_contiguous(), lambda t: t.stride(), lambda t: t.nbytes,
        lambda t: t.tolist(), lambda t: t.element_size(), lambda t: t.is_leaf, lambda t: t.requires_grad,
        lambda t: str(t.device), lambda t: t.is_floating_point(), lambda t: t.data.tolist(),
    ):  # fmt: skip
        found, expected = look(ours), look(theirs)
        assert (tuple(found) if isinstance(found, tuple) else found) == (
            tuple(expected) if isinstance(expected, tuple) else expected
        )


def test_size_of_a_dimension_and_truth() -> None:
    for engine in (scratch, torch):
        x = engine.ones(2, 3)
        assert x.size(1) == x.shape[-1] == 3 and len(x) == 2 and x.shape.numel() == 6
        assert (
            bool(engine.tensor(1.0)) and not engine.tensor([0]) and float(engine.tensor(2)) == 2.0
        )
        assert 1.0 in x and int(engine.tensor(3.7)) == 3 and [1, 2, 3][engine.tensor(1)] == 2
    same(np.asarray(scratch.ones(2)), np.asarray(torch.ones(2)))
