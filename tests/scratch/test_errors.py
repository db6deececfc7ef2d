"""What the engine says when something does not fit: the operation, what it got, what would fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from course import scratch
from course.scratch import nn
from course.scratch.nn import functional as F

S = scratch
X = S.ones(2, 3)
Y = S.ones(2, 3)


def leaf() -> Any:
    return S.ones(2, 3, requires_grad=True)


# What a caller may hand over instead of a tensor, and what every sentence about it must hold.
STRANGERS = {
    "torch": (torch.ones(2, 3), ["expected a course.scratch tensor", "a torch tensor", "x.detach().numpy()"]),
    "torch parameter": (torch.nn.Parameter(torch.ones(2, 3)), ["a torch tensor", "x.detach().numpy()"]),
    "numpy": (np.ones((2, 3)), ["expected a course.scratch tensor", "a NumPy array", "scratch.from_numpy(x)"]),
}  # fmt: skip

MIXED: dict[str, Callable[[Any], Any]] = {
    "course.scratch.exp": lambda x: S.exp(x),
    "course.scratch.relu": lambda x: S.relu(x),
    "course.scratch.softmax": lambda x: S.softmax(x, 0),
    "course.scratch.sum": lambda x: S.sum(x),
    "course.scratch.max": lambda x: S.max(x, 1),
    "course.scratch.reshape": lambda x: S.reshape(x, (6,)),
    "course.scratch.permute": lambda x: S.permute(x, (1, 0)),
    "course.scratch.cat": lambda x: S.cat([X, x]),
    "course.scratch.stack": lambda x: S.stack([x, X]),
    "course.scratch.where": lambda x: S.where(x, X, Y),
    "course.scratch.maximum": lambda x: S.maximum(X, x),
    "course.scratch.matmul": lambda x: S.matmul(X, x),
    "course.scratch.einsum": lambda x: S.einsum("ij,ij->", X, x),
    "course.scratch.allclose": lambda x: S.allclose(X, x),
    "course.scratch.zeros_like": lambda x: S.zeros_like(x),
    "course.scratch.nn.functional.relu": lambda x: F.relu(x),
    "course.scratch.nn.functional.gelu": lambda x: F.gelu(x),
    "course.scratch.nn.functional.linear": lambda x: F.linear(x, X),
    "course.scratch.nn.functional.mse_loss": lambda x: F.mse_loss(X, x),
    "course.scratch.nn.functional.cross_entropy": lambda x: F.cross_entropy(X, x),
    "course.scratch.nn.functional.layer_norm": lambda x: F.layer_norm(x, (3,)),
    "add": lambda x: X + x,
    "sub": lambda x: X - x,
    "mul": lambda x: X * x,
    "lt": lambda x: x > X,
    "matmul": lambda x: X @ x,
    "gather": lambda x: X.gather(0, x),
    "masked_fill": lambda x: X.masked_fill(x, 0.0),
    "mul ": lambda x: S.ones(2, 3).mul_(x),
    "index assignment": lambda x: S.ones(2, 3).__setitem__(0, x),
    "linear": lambda x: nn.Linear(3, 2)(x),
    "mse_loss": lambda x: nn.MSELoss()(X, x),
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", MIXED)
def test_tensors_of_other_libraries_are_named(name: str, stranger: str) -> None:
    value, words = STRANGERS[stranger]
    with pytest.raises(TypeError) as caught:
        MIXED[name](value)
    assert name.strip() in str(caught.value).split(":")[0]
    for word in words:
        assert word in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    "call",
    [lambda x: torch.ones(2, 3) + x, lambda x: torch.ones(2, 3) * x, lambda x: np.ones((2, 3)) - x],
)
def test_the_other_side_of_an_operator_is_named_too(call: Callable) -> None:
    with pytest.raises(TypeError, match=r"expected a course\.scratch tensor or a number, got a"):
        call(X)


def test_an_error_of_another_kind_is_left_as_it_is() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'inlace'"):
        F.relu(torch.ones(1) and X, inlace=True)
    with pytest.raises(TypeError, match=r"got str; use scratch.tensor\(x\)"):
        X + "1"


def backward_twice() -> None:
    loss = (leaf() ** 2).sum()
    loss.backward()
    loss.backward()


def changed_in_place() -> None:
    y = leaf() * 2
    z = y.exp()
    z.mul_(2)
    z.sum().backward()


ERRORS: list[tuple[Callable, type, list[str]]] = [
    # shapes: the operation, both shapes, and what would fit
    (lambda: S.ones(2, 3) + S.ones(2), RuntimeError, ["add", "(2, 3)", "(2,)", "equal or have a 1"]),
    (lambda: S.ones(2, 3) @ S.ones(2, 3), RuntimeError, ["matmul", "(2, 3)", "must equal"]),
    (lambda: S.ones(2, 3).reshape(4), RuntimeError, ["reshape", "(4,)", "4 elements", "(2, 3)", "6"]),
    (lambda: S.ones(2, 3).reshape(-1, 4), RuntimeError, ["reshape", "not a multiple of 4"]),
    (lambda: S.ones(2, 3).T.view(6), RuntimeError, ["view", "(3, 2)", ".reshape"]),
    (lambda: S.ones(2, 3).expand(2, 4), RuntimeError, ["expand", "(2, 3)", "(2, 4)", "sizes of 1"]),
    (lambda: S.ones(2, 3).sum(2), IndexError, ["sum", "dim 2", "(2, 3)", "-2 to 1"]),
    (lambda: S.ones(2, 3).permute(0, 0), RuntimeError, ["permute", "each of the 2 dimensions once"]),
    (lambda: S.cat([S.ones(2, 3), S.ones(2, 2)]), RuntimeError, ["cat", "(2, 3)", "(2, 2)", "but 0"]),
    (lambda: S.stack([S.ones(2), S.ones(3)]), RuntimeError, ["stack", "(2,)", "(3,)", "equal"]),
    (lambda: S.ones(5).split([2, 2]), RuntimeError, ["split", "[2, 2]", "add up to 5"]),
    (lambda: S.ones(0).max(), IndexError, ["max", "(0,)", "no elements"]),
    (lambda: S.ones(2).topk(3), RuntimeError, ["topk", "2 elements", "got 3"]),
    (lambda: S.ones(2, 3)[2], IndexError, ["index", "(2, 3)", "out of bounds"]),
    (lambda: S.ones(2)[S.ones(1)], IndexError, ["integers or booleans", "float32"]),
    (lambda: S.ones(2)[::-1], ValueError, ["negative step", ".flip"]),
    (lambda: S.ones(2, 3).__setitem__(0, S.ones(2)), RuntimeError, ["index assignment", "(2,)", "(3,)"]),
    (lambda: S.ones(2).gather(0, S.tensor([2])), RuntimeError, ["gather", "0 to 1"]),
    # kinds of numbers
    (lambda: S.tensor([1, 2]).mean(), RuntimeError, ["mean", "int64", ".float()"]),
    (lambda: S.tensor([1, 2], requires_grad=True), RuntimeError, ["floating-point", "int64"]),
    (lambda: S.where(S.ones(2), X, X), RuntimeError, ["where", "boolean", "float32", "x > 0"]),
    (lambda: S.ones(2, dtype=torch.float32), TypeError, ["torch.float32", "course.scratch", "float64"]),
    (lambda: S.tensor([[1, 2], [3]]), ValueError, ["tensor", "not all of one length"]),
    (lambda: S.tensor(["a"]), TypeError, ["tensor", "cannot hold"]),
    (lambda: S.ones(2, device="cuda"), RuntimeError, ["cuda", "use 'cpu'"]),
    # gradients
    (backward_twice, RuntimeError, ["already", "retain_graph=True"]),
    (lambda: (leaf() * 2).backward(), RuntimeError, ["single number", "(2, 3)", ".sum() or .mean()"]),
    (lambda: X.sum().backward(), RuntimeError, ["does not require a gradient", "requires_grad=True"]),
    (lambda: (leaf() * 2).backward(S.ones(3)), RuntimeError, ["(3,)", "(2, 3)", "equal"]),
    (changed_in_place, RuntimeError, ["exp", "(2, 3)", "modified in place", "x = x + 1"]),
    (lambda: leaf().add_(1), RuntimeError, ["add_", "leaf", "no_grad()"]),
    (lambda: (leaf() * 2)[0].add_(1), NotImplementedError, ["add_", "view", "x[i] = x[i] + y"]),
    (lambda: S.ones(1).expand(3).add_(1), RuntimeError, ["add_", "expanded", ".clone()"]),
    (lambda: S.ones(2).add_(S.ones(3, 2)), RuntimeError, ["add_", "(3, 2)", "(2,)"]),
    (lambda: S.tensor([1]).add_(0.5), RuntimeError, ["add_", "float32", "int64"]),
    (lambda: leaf().numpy(), RuntimeError, ["numpy", "x.detach().numpy()"]),
    (lambda: S.autograd.grad(leaf().sum(), leaf()), RuntimeError, ["do not depend", "allow_unused"]),
    (lambda: leaf().sum().backward(create_graph=True), NotImplementedError, ["create_graph"]),
    # a tensor that is no single number
    (lambda: bool(X), RuntimeError, ["(2, 3)", "neither true nor false", ".any()"]),
    (lambda: X.item(), RuntimeError, ["item", "(2, 3)", "single number"]),
    (lambda: len(S.tensor(1.0)), TypeError, ["len", "without dimensions"]),
    # what is left out
    (lambda: F.relu(X, inplace=True), NotImplementedError, ["inplace=True", "left out"]),
    (lambda: nn.ReLU(inplace=True)(X), NotImplementedError, ["inplace=True", "left out"]),
    (lambda: S.linalg, AttributeError, ["course.scratch has no 'linalg'", "torch.linalg"]),
    (lambda: S.median(X), AttributeError, ["course.scratch has no 'median'", "torch.median"]),
    (lambda: X.scatter_(0, X, 1), AttributeError, ["course.scratch.Tensor has no 'scatter_'"]),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors_say_what_would_fit(number: int) -> None:
    call, kind, words = ERRORS[number]
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    for word in words:
        assert word in str(caught.value), str(caught.value)
