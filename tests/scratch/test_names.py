"""The engine is a strict subset of PyTorch: every public name and signature is held against it."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest
import torch
from names import (
    Signature,
    difference,
    own_signature,
    public_members,
    public_names,
    torch_signatures,
)

MODULES = [
    "", "autograd", "nn", "nn.functional", "nn.init", "nn.modules", "nn.parameter",
    "nn.utils", "optim", "optim.lr_scheduler", "random", "utils", "utils.data",
]  # fmt: skip

# What differs on purpose, or cannot be looked up. Keep it short: each line is a promise not kept.
EXCEPTIONS = {
    "Generator": "takes the device only, which PyTorch's docstring does not say in a form to read",
    "Tensor": "PyTorch's constructor shows no signature; the engine's takes data only",
    "finfo": "NumPy's own: the same attributes of the same dtypes",
    "iinfo": "NumPy's own: the same attributes of the same dtypes",
    "nn.functional.softmax": "dim must be given: PyTorch's guess is deprecated, with a warning",
    "nn.Softmax": "dim must be given: PyTorch's guess is deprecated, with a warning",
    "nn.LogSoftmax": "dim must be given: PyTorch's guess is deprecated, with a warning",
    "nn.modules.Softmax": "dim must be given: PyTorch's guess is deprecated, with a warning",
    "nn.modules.LogSoftmax": "dim must be given: PyTorch's guess is deprecated, with a warning",
    "nn.functional.log_softmax": "dim must be given: PyTorch's guess is deprecated, with a warning",
    "optim.LBFGS.step": "without a closure it answers with a sentence",
    "set_num_threads": "PyTorch's builtin names no parameter",
}
# Names of the engine that PyTorch has not got.
EXTRA: dict[str, str] = {}


def engine(module: str) -> Any:
    return importlib.import_module(f"course.scratch.{module}".rstrip("."))


def pytorch(module: str) -> Any:
    return importlib.import_module(f"torch.{module}".rstrip("."))


def path_of(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


NAMES = [(module, name) for module in MODULES for name in public_names(engine(module))]
CLASSES = [(m, n) for m, n in NAMES if inspect.isclass(getattr(engine(m), n)) and m != "nn.modules"]


def test_the_list_is_long() -> None:
    assert len(NAMES) > 350 and len(CLASSES) > 90


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_pytorchs(module: str) -> None:
    strange = [n for n in public_names(engine(module)) if not hasattr(pytorch(module), n)]
    assert [n for n in strange if path_of(module, n) not in EXTRA] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_names_the_same_kind(module: str) -> None:
    for name in public_names(engine(module)):
        ours, theirs = getattr(engine(module), name), getattr(pytorch(module), name, None)
        for kind in (inspect.ismodule, inspect.isclass, callable):
            if name not in ("device", "default_generator") and not hasattr(theirs, "itemsize"):
                assert kind(ours) == kind(theirs), f"{name}: {ours!r}, PyTorch {theirs!r}"


@pytest.mark.parametrize("module", MODULES)
def test_every_signature_is_pytorchs(module: str) -> None:
    wrong = {}
    for name in public_names(engine(module)):
        ours, path = getattr(engine(module), name), path_of(module, name)
        if callable(ours) and path not in EXCEPTIONS:
            problem = compare(path, ours, getattr(pytorch(module), name), method=False)
            if problem:
                wrong[path] = problem
    assert wrong == {}


def compare(path: str, ours: Any, theirs: Any, method: bool) -> str | None:
    if path.removeprefix("nn.").removeprefix("modules.") in ("RNN", "GRU", "LSTM"):
        # PyTorch writes these with *args; what they take stands in their common base.
        base = own_signature(torch.nn.modules.rnn.RNNBase)
        order = base.positional[1:]
        if path.endswith("RNN"):
            order.insert(3, "nonlinearity")
            order.remove("proj_size")
        known = [Signature(order, base.defaults | {"nonlinearity": "tanh"})]
    else:
        known = torch_signatures(path, theirs, method)
    return difference(own_signature(ours), known, method)


@pytest.mark.parametrize(("module", "name"), CLASSES, ids=lambda part: part)
def test_every_member_of_a_class_is_pytorchs(module: str, name: str) -> None:
    ours, theirs = getattr(engine(module), name), getattr(pytorch(module), name)
    wrong = {}
    for member in public_members(ours):
        path = f"{path_of(module, name)}.{member}"
        if not hasattr(theirs, member) and member not in inspect.get_annotations(theirs):
            wrong[path] = "not in PyTorch"
            continue
        mine = inspect.getattr_static(ours, member)
        known = path in EXCEPTIONS or f"Tensor.{member}" in EXCEPTIONS
        if inspect.isfunction(mine) and not known:
            problem = compare(path, mine, getattr(theirs, member), method=True)
            if problem:
                wrong[path] = problem
    assert wrong == {}


def test_every_exception_is_needed() -> None:
    for path in EXCEPTIONS:
        found: Any = engine("")
        theirs: Any = torch
        for part in path.split("."):
            owner, found, theirs = found, getattr(found, part), getattr(theirs, part)
        assert compare(path, found, theirs, method=inspect.isclass(owner)), f"{path} fits by now"


def test_methods_that_are_left_out_are_pytorchs_and_say_so() -> None:
    from course.scratch.leftout import METHODS

    assert [name for name in METHODS if not hasattr(torch.Tensor, name)] == []
    with pytest.raises(AttributeError, match=r"torch\.Tensor\.quantile exists"):
        engine("").ones(1).quantile(0.5)
    assert not hasattr(engine("").ones(1), "quantile")
