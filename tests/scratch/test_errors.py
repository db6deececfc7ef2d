"""What is said when something is wrong: the operation, the shapes, and what would fit."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

from course import scratch
from course.scratch import nn
from course.scratch.nn import functional as F


def ones(*shape: int) -> scratch.Tensor:
    return scratch.ones(*shape)


# Each wrong call, the error that PyTorch raises too, and what the sentence must hold.
SHAPES: dict[str, tuple[Callable, type, list[str]]] = {
    "add": (lambda: ones(2, 3) + ones(2, 4), RuntimeError, ["add", "(2, 3)", "(2, 4)", "3 and 4"]),
    "mul": (lambda: ones(5) * ones(2, 4), RuntimeError, ["mul", "(5,)", "(2, 4)"]),
    "maximum": (lambda: scratch.maximum(ones(2), ones(3)), RuntimeError, ["maximum", "(2,)", "(3,)"]),
    "where": (lambda: scratch.where(ones(2) > 0, ones(2), ones(3)), RuntimeError, ["where", "(2,)", "(3,)"]),
    "matmul": (lambda: ones(2, 3) @ ones(4, 5), RuntimeError, ["matmul", "(2, 3)", "(4, 5)", "3", "4"]),
    "matmul batch": (lambda: ones(2, 3, 4) @ ones(3, 4, 5), RuntimeError, ["matmul", "(2,)", "(3,)"]),
    "matmul 0-d": (lambda: ones() @ ones(2), RuntimeError, ["matmul", "()", "(2,)"]),
    "mm": (lambda: scratch.mm(ones(2), ones(2)), RuntimeError, ["mm", "(2,)"]),
    "bmm": (lambda: scratch.bmm(ones(2, 3, 4), ones(3, 4, 5)), RuntimeError, ["bmm", "(2, 3, 4)"]),
    "dot": (lambda: scratch.dot(ones(2), ones(3)), RuntimeError, ["(2,)", "(3,)"]),
    "einsum": (lambda: scratch.einsum("ij,jk->ik", ones(2, 3), ones(4, 5)), RuntimeError, ["einsum", "(2, 3)", "(4, 5)"]),
    "reshape": (lambda: ones(2, 3).reshape(4, 2), RuntimeError, ["reshape", "(4, 2)", "8", "6"]),
    "reshape -1": (lambda: ones(2, 3).reshape(4, -1), RuntimeError, ["reshape", "(2, 3)", "4"]),
    "view": (lambda: ones(2, 3).T.view(6), RuntimeError, ["view", "contiguous", "(3, 2)"]),
    "expand": (lambda: ones(2, 3).expand(2, 4), RuntimeError, ["expand", "(2, 3)", "(2, 4)"]),
    "cat": (lambda: scratch.cat([ones(2, 3), ones(2, 4)]), RuntimeError, ["cat", "(2, 3)", "(2, 4)"]),
    "cat nothing": (lambda: scratch.cat([]), RuntimeError, ["cat", "at least one"]),
    "stack": (lambda: scratch.stack([ones(2), ones(3)]), RuntimeError, ["stack", "(2,)", "(3,)"]),
    "split": (lambda: ones(5).split([2, 2]), RuntimeError, ["split", "[2, 2]", "5"]),
    "permute": (lambda: ones(2, 3).permute(0, 0), RuntimeError, ["permute", "(0, 0)"]),
    "sum dim": (lambda: ones(2, 3).sum(2), IndexError, ["sum", "2", "(2, 3)", "-2 to 1"]),
    "max dim": (lambda: ones(2, 3).max(5), IndexError, ["max", "5", "(2, 3)"]),
    "softmax dim": (lambda: ones(2).softmax(1), IndexError, ["softmax", "1", "(2,)"]),
    "max of nothing": (lambda: ones(0).max(), RuntimeError, ["max", "(0,)", "no elements"]),
    "argmax of nothing": (lambda: ones(0).argmax(), IndexError, ["argmax", "(0,)"]),
    "topk": (lambda: ones(3).topk(4), RuntimeError, ["topk", "4", "3"]),
    "index": (lambda: ones(2, 3)[2], IndexError, ["index", "(2, 3)", "2"]),
    "index dims": (lambda: ones(2, 3)[0, 0, 0], IndexError, ["index", "(2, 3)"]),
    "index floats": (lambda: ones(3)[ones(2)], IndexError, ["integers or booleans", "float32"]),
    "index backwards": (lambda: ones(3)[::-1], ValueError, ["negative step", "flip"]),
    "assignment": (lambda: ones(2, 3).__setitem__(0, ones(4)), RuntimeError, ["assignment", "(4,)", "(3,)"]),
    "gather": (lambda: ones(2, 3).gather(1, scratch.tensor([[3]])), RuntimeError, ["gather", "0 to 2"]),
    "item": (lambda: ones(2).item(), RuntimeError, ["item", "(2,)"]),
    "truth": (lambda: bool(ones(2)), RuntimeError, ["(2,)", ".any()"]),
    "float": (lambda: float(ones(2)), RuntimeError, ["(2,)"]),
    "len": (lambda: len(ones()), TypeError, ["len"]),
    "iteration": (lambda: list(ones()), TypeError, ["dimensions"]),
    "in place": (lambda: ones(3).add_(ones(2, 3)), RuntimeError, ["add_", "(2, 3)", "(3,)"]),
    "in place dtype": (lambda: scratch.tensor([1]).add_(0.5), RuntimeError, ["add_", "float32", "int64"]),
    "linear": (lambda: F.linear(ones(2, 3), ones(4, 5)), RuntimeError, ["linear", "(2, 3)", "(4, 5)", "5"]),
    "conv2d": (lambda: F.conv2d(ones(1, 3, 8, 8), ones(4, 2, 3, 3)), RuntimeError, ["conv2d", "(1, 3, 8, 8)", "(4, 2, 3, 3)"]),
    "conv2d small": (lambda: F.conv2d(ones(1, 1, 2, 2), ones(1, 1, 3, 3)), RuntimeError, ["conv2d", "3x3", "(1, 1, 2, 2)"]),
    "conv1d": (lambda: F.conv1d(ones(1, 3, 8), ones(4, 2, 3)), RuntimeError, ["conv1d", "(1, 3, 8)", "(4, 2, 3)"]),
    "max_pool2d": (lambda: F.max_pool2d(ones(1, 1, 2, 2), 3), RuntimeError, ["max_pool2d", "3x3", "(1, 1, 2, 2)"]),
    "pool padding": (lambda: F.max_pool2d(ones(1, 1, 8, 8), 2, padding=2), RuntimeError, ["max_pool2d", "padding"]),
    "layer_norm": (lambda: F.layer_norm(ones(2, 3), (4,)), RuntimeError, ["layer_norm", "(2, 3)", "(4,)"]),
    "attention": (lambda: F.scaled_dot_product_attention(ones(2, 3), ones(2, 4), ones(2, 4)), RuntimeError, ["attention", "(2, 3)", "(2, 4)"]),
    "cross_entropy": (lambda: F.cross_entropy(ones(3, 4), scratch.tensor([0, 1])), ValueError, ["cross_entropy", "(3, 4)", "(3,)", "(2,)"]),
    "cross_entropy class": (lambda: F.cross_entropy(ones(2, 3), scratch.tensor([0, 3])), IndexError, ["cross_entropy", "class 3", "0 to 2"]),
    "cross_entropy floats": (lambda: F.cross_entropy(ones(2, 3), ones(2)), RuntimeError, ["cross_entropy", "integers", "float32"]),
    "mse_loss": (lambda: F.mse_loss(ones(4, 1), ones(4)), RuntimeError, ["mse_loss", "(4, 1)", "(4,)"]),
    "bce": (lambda: F.binary_cross_entropy_with_logits(ones(2), ones(3)), ValueError, ["binary", "(2,)", "(3,)"]),
    "bce range": (lambda: F.binary_cross_entropy(ones(2) * 2, ones(2)), RuntimeError, ["0 to 1", "sigmoid"]),
    "embedding": (lambda: F.embedding(scratch.tensor([5]), ones(3, 2)), IndexError, ["embedding", "0 to 2", "5"]),
    "embedding floats": (lambda: F.embedding(ones(2), ones(3, 2)), RuntimeError, ["embedding", "integers", "float32"]),
    "batch_norm": (lambda: nn.BatchNorm1d(3)(ones(1, 3)), ValueError, ["more than one value", "(1, 3)"]),
    "batch_norm channels": (lambda: nn.BatchNorm2d(3)(ones(2, 4, 5, 5)), RuntimeError, ["BatchNorm2d", "3", "(2, 4, 5, 5)"]),
    "batch_norm dims": (lambda: nn.BatchNorm2d(3)(ones(2, 3)), ValueError, ["BatchNorm2d", "4", "(2, 3)"]),
    "reduction": (lambda: F.mse_loss(ones(2), ones(2), reduction="all"), ValueError, ["'all'", "mean"]),
    "dropout": (lambda: nn.Dropout(1.5), ValueError, ["probability", "1.5"]),
    "groups": (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, ["3", "4", "groups=2"]),
    "tensor": (lambda: scratch.tensor([[1, 2], [3]]), ValueError, ["tensor", "length"]),
    "grad shape": (lambda: setattr(ones(2), "grad", ones(3)), RuntimeError, ["(3,)", "(2,)"]),
}  # fmt: skip

DTYPES: dict[str, tuple[Callable, type, list[str]]] = {
    "matmul": (lambda: ones(2, 2) @ ones(2, 2).double(), RuntimeError, ["float32", "float64", ".to("]),
    "linear": (lambda: F.linear(ones(2, 2), ones(2, 2).double()), RuntimeError, ["float32", "float64"]),
    "conv2d": (lambda: F.conv2d(ones(1, 1, 3, 3), ones(1, 1, 2, 2).double()), RuntimeError, ["float32", "float64"]),
    "mean": (lambda: scratch.arange(3).mean(), RuntimeError, ["mean", "int64", ".float()"]),
    "var": (lambda: scratch.arange(3).var(), RuntimeError, ["var", "int64"]),
    "requires_grad": (lambda: scratch.arange(3).requires_grad_(), RuntimeError, ["floating-point", "int64"]),
    "tensor requires_grad": (lambda: scratch.tensor([1], requires_grad=True), RuntimeError, ["floating-point", "int64"]),
    "parameter": (lambda: nn.Parameter(scratch.tensor([1])), RuntimeError, ["floating-point", "int64"]),
    "sub": (lambda: (ones(2) > 0) - (ones(2) > 0), RuntimeError, ["sub", "boolean"]),
    "where": (lambda: scratch.where(ones(2), ones(2), ones(2)), RuntimeError, ["where", "boolean", "float32"]),
    "softmax": (lambda: scratch.arange(3).softmax(0), NotImplementedError, ["softmax", "int64"]),
    "log_softmax": (lambda: scratch.arange(3).log_softmax(0), NotImplementedError, ["log_softmax", "int64"]),
    "bitwise": (lambda: ones(2) & ones(2), NotImplementedError, ["bitwise_and", "float32"]),
    "invert": (lambda: ~ones(2), TypeError, ["bitwise_not", "float32"]),
    "index": (lambda: [1, 2][scratch.tensor(1.0)], TypeError, ["integer"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "table"), [*((n, SHAPES) for n in SHAPES), *((n, DTYPES) for n in DTYPES)])  # fmt: skip
def test_the_sentence(name: str, table: dict) -> None:
    call, kind, words = table[name]
    with pytest.raises((kind, RuntimeError, ValueError, IndexError, TypeError)) as caught:
        call()
    message = str(caught.value)
    missing = [w for w in words if w not in message]
    assert not missing, f"{message!r} says nothing of {missing}"
    assert isinstance(caught.value, kind) or issubclass(kind, type(caught.value)), (
        f"{type(caught.value).__name__} instead of {kind.__name__}: {message}"
    )


# --------------------------------------------------------------------------------- other engines

MIXED: dict[str, Callable] = {
    "+": lambda x, t: x + t, "reversed +": lambda x, t: t + x, "*": lambda x, t: x * t,
    "@": lambda x, t: x @ t, "matmul": lambda x, t: scratch.matmul(x, t),
    "maximum": lambda x, t: scratch.maximum(x, t), "==": lambda x, t: x == t,
    "where": lambda x, t: scratch.where(x > 0, x, t), "cat": lambda x, t: scratch.cat([x, t]),
    "stack": lambda x, t: scratch.stack([x, t]), "linear": lambda x, t: F.linear(t, x),
    "a layer": lambda x, t: nn.Linear(2, 2)(t), "relu": lambda x, t: F.relu(t),
    "exp": lambda x, t: scratch.exp(t), "cross_entropy": lambda x, t: F.cross_entropy(x, t),
    "mse_loss": lambda x, t: F.mse_loss(x, t), "softmax": lambda x, t: F.softmax(t, 0),
    "sum": lambda x, t: scratch.sum(t), "index": lambda x, t: x[t.long() if hasattr(t, "long") else t],
    "assignment": lambda x, t: x.__setitem__(0, t[0]), "a loss module": lambda x, t: nn.MSELoss()(x, t),
    "reshape": lambda x, t: scratch.reshape(t, (4,)), "copy_": lambda x, t: x.copy_(t),
    "an optimizer": lambda x, t: scratch.optim.SGD([t], lr=0.1),
    "a parameter": lambda x, t: nn.Parameter(t), "backward": lambda x, t: x.requires_grad_().backward(t),
    "einsum": lambda x, t: scratch.einsum("ij,jk->ik", x, t), "add_": lambda x, t: x.add_(t),
    "Sequential": lambda x, t: nn.Sequential(torch.nn.ReLU()),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_a_pytorch_tensor_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises((TypeError, RuntimeError)) as caught:
        MIXED[name](ones(2, 2), torch.ones(2, 2))
    assert re.search(r"torch|course\.scratch", str(caught.value)), caught.value
    assert len(str(caught.value)) > 30, caught.value


@pytest.mark.parametrize(
    "name", ["+", "@", "maximum", "cat", "linear", "relu", "exp", "mse_loss", "softmax"]
)
def test_an_array_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(TypeError, match="from_numpy"):
        MIXED[name](ones(2, 2), np.ones((2, 2), np.float32))


def test_other_things_are_refused_with_a_sentence() -> None:
    for call in (
        lambda: ones(2) + "1", lambda: ones(2) * None, lambda: scratch.exp("x"), lambda: F.relu(None),
        lambda: scratch.tensor("abc"), lambda: scratch.tensor([1j]), lambda: scratch.tensor(None),
        lambda: scratch.from_numpy([1.0]), lambda: scratch.cat(ones(2)), lambda: scratch.zeros("a"),
        lambda: nn.Linear(2, 2)(3.0), lambda: nn.Sequential(lambda x: x),
        lambda: scratch.ones(2, dtype="complex64"), lambda: scratch.from_numpy(np.ones(2, "U1")),
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError, RuntimeError)) as caught:
            call()
        assert len(str(caught.value)) > 20 and "_array" not in str(caught.value), caught.value


def test_what_is_left_out_says_so() -> None:
    with pytest.raises(AttributeError, match=r"torch\.fft exists, use PyTorch"):
        scratch.fft  # noqa: B018
    with pytest.raises(AttributeError, match="course.scratch.nn"):
        nn.Transformer  # noqa: B018
    with pytest.raises(RuntimeError, match="CPU"):
        scratch.ones(2, device="cuda" if not torch.cuda.is_available() else "mars")
    with pytest.raises(NotImplementedError, match="norm"):
        ones(2).norm(3)


# --------------------------------------------------------------------------------- PyTorch's own


def test_calls_that_pytorch_refuses_are_refused() -> None:
    pytest.importorskip(
        "expecttest", reason="PyTorch's own test inputs need the package expecttest"
    )
    from opinfo import refused_samples

    accepted = []
    count = 0
    for path, call in refused_samples():
        count += 1
        try:
            call()
        except Exception as error:
            if len(str(error)) < 10 or "_array" in str(error):
                accepted.append(f"{path}: no sentence: {error!r}")
        else:
            accepted.append(f"{path}: accepted")
    assert count > 100
    assert accepted == []
