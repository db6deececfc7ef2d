"""A function on its way to another process of the same Python, with what it names.

Its compiled code travels, so that one defined in a notebook cell arrives too; of its globals go
the modules, the functions and the plain values that its code mentions.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import marshal
import pickle
import types
from collections.abc import Callable
from typing import Any


def pack(function: Callable[..., Any]) -> bytes:
    """The function as bytes for :func:`unpack`; raises ValueError, in words, where it cannot travel."""
    known: dict[str, tuple[str, Any]] = {}
    _collect(_plain_function(function), known)
    return pickle.dumps((function.__name__, known | {function.__name__: _code(function)}))


def unpack(packed: bytes) -> Callable[..., Any]:
    """The function that was packed, in a namespace of its own."""
    name, known = pickle.loads(packed)
    space: dict[str, Any] = {"__builtins__": builtins, "__name__": "travelled"}
    for label, (kind, what) in known.items():
        if kind == "module":
            space[label] = importlib.import_module(what)
        elif kind == "value":
            with contextlib.suppress(Exception):  # of a class that only the notebook knows
                space[label] = pickle.loads(what)
        else:
            code, defaults, keywords = what
            made = types.FunctionType(marshal.loads(code), space, label, defaults)
            made.__kwdefaults__ = keywords
            space[label] = made
    found: Callable[..., Any] = space[name]
    return found


def _plain_function(function: Any) -> types.FunctionType:
    if not isinstance(function, types.FunctionType):
        raise ValueError(f"only a function can travel to another process, not {function!r}")
    if function.__closure__:
        names = ", ".join(function.__code__.co_freevars)
        raise ValueError(
            f"`{function.__name__}` is defined inside another function and uses its {names}; define "
            "it at the top of a cell"
        )
    return function


def _code(function: Any) -> tuple[str, Any]:
    plain = _plain_function(function)
    return "code", (marshal.dumps(plain.__code__), plain.__defaults__, plain.__kwdefaults__)


def _collect(function: types.FunctionType, known: dict[str, tuple[str, Any]]) -> None:
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for name in code.co_names:
            if name in known or name not in function.__globals__:
                continue
            value = function.__globals__[name]
            if isinstance(value, types.ModuleType):
                known[name] = "module", value.__name__
            elif getattr(value, "__globals__", None) is function.__globals__:
                known[name] = _code(value)
                _collect(value, known)
            else:
                # What cannot travel may be an attribute's namesake, which the code never reads.
                with contextlib.suppress(Exception):
                    known[name] = "value", pickle.dumps(value)
