"""Keep the checks what they are, whatever a learner's code does to the modules behind them.

A `Snapshot` is taken before the learner's first cell. `restore` puts back, before each check,
functions, classes and methods that were replaced in `course`, NumPy's top level and `builtins`,
and says what was. It holds off redefinition, by accident or by prank; code that was written to
take this very process apart can still win, and only reading it tells.
"""

from __future__ import annotations

import sys
import types
from typing import Any

_WATCHED = ("builtins", "math", "numpy", "numpy.linalg", "numpy.random", "signal", "time")
_CODE = ("__code__", "__defaults__", "__kwdefaults__")
_SOLID = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_UNSET: Any = object()
# A check keeps these for the learner's next try.
_LIVE = ("_misses", "_known")


class Snapshot:
    """What the loaded modules of the course, and a few others, define at this moment."""

    def __init__(self) -> None:
        from course.checks import Exercise

        self._modules = {
            name: module
            for name, module in sys.modules.items()
            if name == "course" or name.startswith("course.") or name in _WATCHED
        }
        self._attributes: list[tuple[Any, str, Any]] = []  # owner, name, value
        self._code: list[tuple[types.FunctionType, str, Any]] = []
        self._exercises: list[tuple[Exercise, dict[str, Any]]] = []
        self._owned: list[tuple[type, set[str]]] = []
        for name, module in self._modules.items():
            ours = name.split(".")[0] == "course"
            for key, value in list(vars(module).items()):
                if isinstance(value, _SOLID):
                    self._attributes.append((module, key, value))
                if ours and isinstance(value, Exercise):
                    self._attributes.append((module, key, value))
                    self._exercises.append((value, _frozen(value)))
                if ours:
                    self._add_code(value)
                if ours and isinstance(value, type) and value.__module__ == name:
                    self._add_class(value)
        self._get_frame = sys._getframe

    def _add_class(self, owner: type) -> None:
        self._owned.append((owner, set(vars(owner))))
        for key, value in list(vars(owner).items()):
            if key not in ("__dict__", "__weakref__", "__doc__") and not _is_cache(key):
                self._attributes.append((owner, key, value))
            self._add_code(getattr(value, "__func__", value))

    def _add_code(self, value: Any) -> None:
        if isinstance(value, types.FunctionType):
            self._code += [(value, key, getattr(value, key)) for key in _CODE]

    def restore(self) -> list[str]:
        """Put everything back; return the names of what had been changed."""
        changed = []
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module
                changed.append(name)
        for owner, key, value in self._attributes:
            if vars(owner).get(key, _UNSET) is not value:
                setattr(owner, key, value)
                changed.append(f"{owner.__name__}.{key}")
        for owner, names in self._owned:
            for key in set(vars(owner)) - names:
                if callable(vars(owner)[key]) and not _is_cache(key):
                    delattr(owner, key)
                    changed.append(f"{owner.__name__}.{key}")
        for function, key, value in self._code:
            if getattr(function, key) is not value:
                setattr(function, key, value)
                changed.append(f"{function.__module__}.{function.__qualname__}")
        for exercise, fields in self._exercises:
            if any(vars(exercise).get(k, _UNSET) is not v for k, v in fields.items()):
                changed.append(f"the exercise {fields['name']}")
            for key in ("cases", "mistakes"):
                if tuple(getattr(exercise, key, ())) != fields[key]:
                    changed.append(f"the {key} of the exercise {fields['name']}")
            vars(exercise).update({**fields, "_misses": 0, "_known": None})
        if sys._getframe is not self._get_frame:
            sys._getframe = self._get_frame
            changed.append("sys._getframe")
        return list(dict.fromkeys(changed))


def _frozen(exercise: Any) -> dict[str, Any]:
    """The exercise's fields, its lists made tuples in place so that nothing can be added."""
    for key in ("cases", "mistakes"):
        setattr(exercise, key, tuple(getattr(exercise, key)))
    return {key: value for key, value in vars(exercise).items() if key not in _LIVE}


def _is_cache(key: str) -> bool:
    return key.startswith("_abc_") or key in ("__annotations_cache__", "__annotate_func__")
