"""The operations and layers that are needed less often: PyTorch's values, gradients and names."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from twins import CLOSE, close, tensors, weighted

from course import scratch

RNG = np.random.default_rng(0)
X, Y, Z = (RNG.standard_normal((3, 4)) for _ in range(3))
SIGN = np.array([1, -1, 1])
IMAGES = RNG.standard_normal((2, 3, 5, 4))
ZEROS = np.array([[2.0, 0.0, 3.0, 0.0], [1.0, 2.0, -1.5, 2.0], [0.0, 0.0, 0.0, 1.0]])
SQUARES = RNG.standard_normal((2, 3, 3)) + 3 * np.eye(3)

OPERATIONS = {
    "tan": lambda e, x: e.tan(x),
    "asin": lambda e, x: e.asin(x / 4),
    "acos": lambda e, x: e.acos(x / 4),
    "atan": lambda e, x: x.atan(),
    "atan2": lambda e, x, y: e.atan2(x, y[0]),
    "sinh": lambda e, x: e.sinh(x),
    "cosh": lambda e, x: e.cosh(x),
    "log10": lambda e, x: e.log10(x * x),
    "exp2": lambda e, x: e.exp2(x),
    "erf": lambda e, x: e.erf(x),
    "logaddexp": lambda e, x, y: e.logaddexp(x * 800, y[:1]),
    "trunc": lambda e, x: e.trunc(3 * x),
    "lerp": lambda e, x, y, z: e.lerp(x, y, z),
    "lerp by a number": lambda e, x, y: e.lerp(x, y, 0.3),
    "addcmul": lambda e, x, y, z: e.addcmul(x, y, z, value=0.5),
    "addmm": lambda e, x, y, z: e.addmm(x[:, :3], y, z.T, beta=0.5, alpha=2),
    "addmm of NaN times 0": lambda e, x, y, z: e.addmm((x[0, :3] * e.nan).detach(), y, z.T, beta=0),
    "baddbmm": lambda e, x, y: e.baddbmm(x[None, :, :3], x[None], y.T[None]),
    "clip": lambda e, x: e.clip(x, -0.5, 0.5),
    "diff": lambda e, x: e.diff(x),
    "diff twice": lambda e, x: e.diff(x, 2, 0),
    "diff to nothing": lambda e, x: e.diff(x, 7),
    "cumprod": lambda e, x: e.cumprod(x, 1),
    "cumprod along 0": lambda e, x: x.cumprod(0),
    "median": lambda e, x: e.median(x),
    "median along 1": lambda e, x: tuple(e.median(x, 1)),
    "median kept": lambda e, x: tuple(x.median(0, keepdim=True)),
    "count_nonzero": lambda e, x: (e.count_nonzero(x > 0), e.count_nonzero(x > 0, 1)),
    "var_mean": lambda e, x: e.var_mean(x, 1, correction=0, keepdim=True),
    "std_mean": lambda e, x: e.std_mean(x),
    "trace": lambda e, x: e.trace(x),
    "tile": lambda e, x: (e.tile(x, (2,)), x.tile(2, 1, 3)),
    "ravel": lambda e, x: e.ravel(x.T),
    "swapaxes": lambda e, x: e.swapaxes(x, 0, 1),
    "hstack": lambda e, x, y: (e.hstack((x, y)), e.hstack((x[0], y[1]))),
    "vstack": lambda e, x, y: (e.vstack((x, y)), e.vstack((x[0], y[1]))),
    "view_as": lambda e, x: x.view_as(e.ones(4, 3)) * x.reshape_as(e.ones(4, 3)),
    "concatenate": lambda e, x, y: e.concatenate((x, y), 1),
    "linalg.norm": lambda e, x: (e.linalg.norm(x), e.linalg.norm(x, dim=1)),
    "linalg.vector_norm": lambda e, x: e.linalg.vector_norm(x, 1, 0, keepdim=True),
    "indices": lambda e, x: (e.tril_indices(3, 4, 1), e.triu_indices(4, 3)),
    "new": lambda e, x: (x.new_full((2, 2), 3), x.new_tensor([1, 2]), x.new_zeros(2)),
    "constants": lambda e, x: x * e.pi + e.e + e.finfo(x.dtype).eps,
}


def same_results(function, arrays, dtype: str = "float64", tolerance: float = 0) -> None:
    """Values, dtypes and gradients of `function(engine, *tensors)` agree."""
    results, grads = [], []
    for engine in (scratch, torch):
        given = tensors(engine, arrays, dtype, requires_grad=True)
        out = function(engine, *given)
        out = list(out) if isinstance(out, tuple) else [out]
        results.append(out)
        smooth = [o for o in out if o.requires_grad]
        if smooth:
            weighted(smooth).backward()
        grads.append([g.grad for g in given])
    tolerance = max(tolerance, CLOSE[dtype])
    close(*results, tolerance)
    assert [g is None for g in grads[0]] == [g is None for g in grads[1]]
    close(*grads, tolerance)


def count(function) -> int:
    return len(inspect.signature(function).parameters) - 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_agree_with_pytorch(name: str, dtype: str) -> None:
    function = OPERATIONS[name]
    same_results(function, (X, Y, Z)[: count(function)], dtype)


def test_cumprod_through_zeros() -> None:
    same_results(lambda e, x: x.cumprod(1), (ZEROS,))


def test_median_of_nan_is_nan() -> None:
    assert np.isnan(scratch.tensor([1.0, float("nan"), 3.0, 2.0]).median().item())


def test_inverse_and_solution() -> None:
    same_results(lambda e, a: e.linalg.inv(a), (SQUARES,))
    same_results(lambda e, a, b: e.linalg.solve(a, b), (SQUARES, RNG.standard_normal((2, 3, 4))))
    same_results(lambda e, a, b: e.linalg.solve(a[0], b), (SQUARES, RNG.standard_normal(3)))
    with pytest.raises(RuntimeError, match="singular"):
        scratch.linalg.inv(scratch.zeros(2, 2))


def test_unique() -> None:
    for options in ({}, {"return_inverse": True}, {"return_inverse": True, "return_counts": True}):
        array = np.array([[3, 1, 3], [2, 1, 3]])
        given = (e.unique(e.from_numpy(array), **options) for e in (scratch, torch))
        close(*given, 0)


NAMES = [
    *(
        (scratch, torch, n)
        for n in ["tan", "asin", "acos", "atan", "atan2", "erf", "lerp", "addmm", "baddbmm"]
    ),
]


@pytest.mark.parametrize(("mine", "theirs", "name"), NAMES, ids=lambda v: getattr(v, "__name__", v))
def test_signatures_are_part_of_pytorchs(mine, theirs, name: str) -> None:
    try:
        there = inspect.signature(getattr(theirs, name)).parameters
    except ValueError:  # written in C++, without a signature
        there = {}
    for position, (key, p) in enumerate(inspect.signature(getattr(mine, name)).parameters.items()):
        if there:
            assert p.default == there[key].default, key
            if p.kind is p.POSITIONAL_OR_KEYWORD:
                assert list(there)[position] == key


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: scratch.trace(scratch.ones(3)), RuntimeError, "expected a matrix"),
        (lambda: scratch.linalg.inv(scratch.ones(3)), RuntimeError, "square"),
        (lambda: scratch.linalg.norm(scratch.ones(3, 3), 2), NotImplementedError, "one dim"),
    ],
)
def test_errors_say_what_would_fit(call, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "place",
    [
        "course.scratch",
        "course.scratch.autograd",
        "course.scratch.linalg",
        "course.scratch.nn",
        "course.scratch.nn.functional",
        "course.scratch.nn.init",
        "course.scratch.nn.utils",
        "course.scratch.optim",
        "course.scratch.optim.lr_scheduler",
        "course.scratch.utils",
        "course.scratch.utils.data",
    ],
)
def test_what_is_left_out_is_said_to_be(place: str) -> None:
    module = scratch
    for part in place.split(".")[2:]:
        module = getattr(module, part)
    torchs = place.replace("course.scratch", "torch")
    with pytest.raises(AttributeError, match=rf"{place} has no 'Nothing'.*{torchs}\.Nothing"):
        module.Nothing  # noqa: B018
    assert not hasattr(module, "Nothing")


def test_a_method_that_is_left_out_is_said_to_be() -> None:
    with pytest.raises(AttributeError, match=r"torch\.Tensor\.logdet exists"):
        scratch.ones(2).logdet()
