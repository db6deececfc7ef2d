"""What is public in each engine, and the signatures of PyTorch's functions, written in C++ or not."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch.overrides import get_testing_overrides

from course.scratch.leftout import LeftOutMethods

ABSENT = inspect.Parameter.empty
OVERRIDES = get_testing_overrides()
# PyTorch's bindings add these to what the C++ schema says.
BOUND = {"requires_grad": False, "out": None, "generator": None, "dtype": None, "device": None}


class Signature(NamedTuple):
    """Positional names in order, all names with their defaults, and whether it takes anything."""

    positional: list[str]
    defaults: dict[str, Any]
    variadic: bool = False


def public_names(module: ModuleType) -> list[str]:
    """`__all__`, or else what the file defines and, for a package, what it imports."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    package = hasattr(module, "__path__")
    names: list[str] = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        elif package and isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names += [a.asname or a.name for a in node.names if a.name != "*"]
            if any(a.name == "*" for a in node.names):
                star = __import__(f"{module.__name__}.{node.module}", fromlist=["*"])
                names += public_names(star)
    return sorted({n for n in names if not n.startswith("_")})


def public_members(cls: type) -> list[str]:
    """The public attributes and methods of a class that the engine defines."""
    mine = [c for c in cls.__mro__ if c.__module__.startswith("course.") and c != LeftOutMethods]
    return sorted({n for c in mine for n in vars(c) if not n.startswith("_")})


def own_signature(function: Any) -> Signature:
    """The signature of a function of the engine."""
    return _from_inspect(inspect.signature(function))


def _from_inspect(signature: inspect.Signature) -> Signature:
    parameters = signature.parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return Signature(
        [p.name for p in named if p.kind != p.KEYWORD_ONLY],
        {p.name: p.default for p in named},
        any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters),
    )


def torch_signatures(path: str, function: Any, method: bool) -> list[Signature]:
    """The signatures, one an overload, of the PyTorch function at `path`."""
    return list(_found(path, function, method))


def _found(path: str, function: Any, method: bool) -> Iterator[Signature]:
    try:
        signature = _from_inspect(inspect.signature(function))
        python = inspect.isfunction(function) or inspect.isclass(function)
        if signature.defaults or (python and function not in (torch.Generator, torch.Tensor)):
            yield signature
            return
    except (ValueError, TypeError):
        pass
    yield from _from_schemas(path)
    if function in OVERRIDES:
        yield _from_inspect(inspect.signature(OVERRIDES[function]))._replace(variadic=False)
    yield from _from_docs(path.split(".")[-1], function, ["self"] if method else [])


def _from_schemas(path: str) -> Iterator[Signature]:
    name = path.replace("linalg.", "linalg_").split(".")[-1]
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{name}"):
        arguments = schema.arguments
        defaults = {a.name: a.default_value if a.has_default_value() else ABSENT for a in arguments}
        positional = [a.name for a in arguments if not a.kwarg_only]
        if positional[:1] == ["self"]:
            positional[0] = "input"
            defaults["input"] = defaults.pop("self")
        yield Signature(positional, {**BOUND, **defaults})


def _from_docs(name: str, function: Any, first: list[str]) -> Iterator[Signature]:
    """Lines such as `sum(input, dim, keepdim=False, *, dtype=None) -> Tensor`."""
    text = function.__doc__ or ""
    for line in re.findall(rf"^(?:[\w.]+\.)?{name}(\(.*\))", text, re.M):
        line = line.split(" ->")[0].replace("...", "None")
        try:
            tree = ast.parse(f"def f{line}: pass").body[0]
        except SyntaxError:
            continue
        assert isinstance(tree, ast.FunctionDef)
        plain = [a.arg for a in tree.args.args]
        filled = [ABSENT] * (len(plain) - len(tree.args.defaults))
        filled += [_value(d) for d in tree.args.defaults]
        keyword = [a.arg for a in tree.args.kwonlyargs]
        values = [ABSENT if d is None else _value(d) for d in tree.args.kw_defaults]
        defaults = dict(zip([*plain, *keyword], [*filled, *values], strict=True))
        plain = ["input" if p == "self" else p for p in plain]
        yield Signature(first + plain, {**BOUND, **defaults})


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def difference(ours: Signature, theirs: list[Signature], method: bool) -> str | None:
    """What `ours` takes that no overload of `theirs` takes so, or None."""
    named = [n for n in ours.defaults if not (method and n == ours.positional[0])]
    if not named or any(t.variadic for t in theirs):
        return None
    if not theirs:
        return "PyTorch's signature is not known"
    skip = 1 if method else 0
    mine = ours.positional[skip:]
    lists = [t.positional[1:] if method else t.positional for t in theirs]
    for i, name in enumerate(mine):
        if not any(names[i : i + 1] == [name] for names in lists):
            return f"parameter {i} is {name!r}, in PyTorch {sorted({str(n[i : i + 1]) for n in lists})}"
    for name in named:
        default = ours.defaults[name]
        known = [t.defaults[name] for t in theirs if name in t.defaults]
        if not known:
            return f"PyTorch has no parameter {name!r}"
        # Where an overload does without the parameter, None says that it is not given.
        absent_somewhere = default is None and len(known) < len(theirs)
        if not absent_somewhere and not any(_equal(default, k) for k in known):
            return f"{name} is {default!r} by default, in PyTorch {known}"
    return None


def _equal(a: Any, b: Any) -> bool:
    if a is ABSENT or b is ABSENT:
        return a is b
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return list(a) == list(b)
    if callable(a) and callable(b):
        return bool(a.__name__ == b.__name__)
    return bool(a == b) or type(a).__name__ == type(b).__name__ == "Generator"
