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

OPERATIONS = {
    "log10": lambda e, x: e.log10(x * x),
    "erf": lambda e, x: e.erf(x),
    "addmm": lambda e, x, y, z: e.addmm(x[:, :3], y, z.T, beta=0.5, alpha=2),
    "addmm of NaN times 0": lambda e, x, y, z: e.addmm((x[0, :3] * e.nan).detach(), y, z.T, beta=0),
    "baddbmm": lambda e, x, y: e.baddbmm(x[None, :, :3], x[None], y.T[None]),
    "clip": lambda e, x: e.clip(x, -0.5, 0.5),
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


NAMES = [
    *((scratch, torch, n) for n in ["erf", "addmm", "baddbmm"]),
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
    "place",
    [
        "course.scratch",
        "course.scratch.autograd",
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
