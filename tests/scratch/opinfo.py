"""PyTorch's own test inputs (its OpInfo samples) for the operations that both engines have."""

from __future__ import annotations

import inspect
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from types import ModuleType
from typing import Any

import torch
from sidebyside import array, compare
from torch.testing._internal.common_methods_invocations import op_db

from course import scratch

# Not comparable: random or unset values, and an order among equals that PyTorch leaves open.
NOT_COMPARED = {
    "argsort", "bernoulli", "empty", "empty_like", "multinomial", "new_empty",
    "nn.functional.dropout", "nn.functional.dropout2d", "normal", "rand_like", "randint", "randn", "randn_like",
}  # fmt: skip
ORDER_OPEN = {("sort", torch.bool), ("topk", torch.int64)}
TOLERANCE = {"nn.functional.hardsigmoid": 1e-7}  # PyTorch's slope of 1 / 6 is a float32
# Arguments that the engine has not, at the value that changes nothing: samples pass them often.
NO_CHANGE = {
    "ceil_mode": False, "return_indices": False, "dilation": 1, "divisor_override": None,
    "as_tuple": False, "device": "cpu",
}  # fmt: skip

LEFT_OUT = "left out, with a sentence"
NO_ARGUMENT = "an argument that the engine has not"
NO_DTYPE = "a dtype that the engine has not"
RANDOM = "random"
USED = "used"


def lookup(engine: ModuleType, name: str) -> Any:
    """What `engine` has under a dotted name, or None."""
    found: Any = engine
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            return None
    return found


def paths(name: str) -> Iterator[str]:
    """The function and the method of that name, as far as both engines have them."""
    for path in (name, f"Tensor.{name}"):
        theirs = lookup(torch, path)
        both = theirs is not None and lookup(scratch, path) is not None
        if both and not isinstance(theirs, torch.dtype):
            yield path


def shared() -> dict[str, list]:
    """The OpInfos of every operation that is a function or a method of both engines, by name."""
    found: dict[str, list] = {}
    for info in op_db:
        if info.name not in NOT_COMPARED and any(paths(info.name)):
            found.setdefault(info.name, []).append(info)
    return found


def compare_samples(name: str, infos: list, dtype: torch.dtype, most: int) -> Counter:
    """Compare an operation's samples; count those used and, by reason, those left out.

    In random order until `most` have been used (max_pool2d has 1,440).
    """
    count: Counter = Counter()
    for info in infos:
        if dtype not in info.dtypes or (name, dtype) in ORDER_OPEN:
            continue
        samples = list(islice(info.sample_inputs("cpu", dtype, dtype.is_floating_point), 80))
        random.Random(0).shuffle(samples)
        for path in paths(name):
            used = 0
            for sample in samples:
                try:
                    outcome = _compare_one(path, sample)
                except BaseException as error:
                    error.add_note(f"{path}: {sample}"[:1000])
                    raise
                count[outcome] += 1
                used += outcome == USED
                if used == most:
                    break
    return count


def _compare_one(path: str, sample: Any) -> str:
    ours = lookup(scratch, path)
    known = inspect.signature(ours).parameters if callable(ours) else ()
    kwargs = {
        k: v for k, v in sample.kwargs.items()
        if k in known or not (k in NO_CHANGE and v == NO_CHANGE[k])
    }  # fmt: skip
    tensors: list[torch.Tensor] = []
    places = _lift((sample.input, tuple(sample.args), kwargs), tensors)
    if any(t.dtype.is_complex or t.dtype == torch.bfloat16 for t in tensors):
        return NO_DTYPE
    if any(isinstance(v, torch.memory_format | torch.layout) for v in kwargs.values()):
        return NO_ARGUMENT
    if kwargs.get("dropout_p"):
        return RANDOM
    if path.endswith("adaptive_max_pool1d") or path.endswith("adaptive_max_pool2d"):
        places = (places[0], places[1][:1] if places[1][1:] == (False,) else places[1], kwargs)
    if path == "einsum":  # whose sample has the tensors first
        places = (places[1][0], tuple(places[0]), {})
    if callable(ours):
        try:
            inspect.signature(ours).bind(places[0], *places[1], **places[2])
        except TypeError:
            return NO_ARGUMENT

    def call(engine: ModuleType, *given: Any) -> Any:
        first, args, named = _fill(places, engine, given)
        function = lookup(engine, path)
        # Tensor.T and its like are properties.
        return function(first, *args, **named) if callable(function) else function.__get__(first)

    try:
        compare(
            call,
            [array(t) for t in tensors],
            TOLERANCE.get(path),
            [t.requires_grad for t in tensors],
        )
    except NotImplementedError as error:
        assert re.search("left out|leaves out|course.scratch", str(error)), error
        return LEFT_OUT
    return USED


class _Place:
    """Stands where a tensor stood."""

    def __init__(self, number: int) -> None:
        self.number = number


def _rebuild(value: Any, leaf: Callable[[Any], Any]) -> Any:
    if type(value) in (tuple, list):
        return type(value)(_rebuild(v, leaf) for v in value)
    if type(value) is dict:
        return {k: _rebuild(v, leaf) for k, v in value.items()}
    return leaf(value)


def _lift(value: Any, tensors: list[torch.Tensor]) -> Any:
    """`value` with places for its tensors, which are listed in `tensors`."""

    def leaf(v: Any) -> Any:
        if not isinstance(v, torch.Tensor):
            return v
        tensors.append(v)
        return _Place(len(tensors) - 1)

    return _rebuild(value, leaf)


def _fill(value: Any, engine: ModuleType, given: tuple) -> Any:
    """The other way: tensors for the places, and the engine's own dtypes."""

    def leaf(v: Any) -> Any:
        if isinstance(v, _Place):
            return given[v.number]
        return getattr(engine, str(v).split(".")[1]) if isinstance(v, torch.dtype) else v

    return _rebuild(value, leaf)


# What PyTorch refuses for reasons that the engine has not: other devices, out=, exact strides.
REFUSED_ELSEWHERE = (
    "out=",
    "Expected all tensors to be on the same device",
    "same device",
    "sparse",
)


def refused_samples() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Calls that PyTorch refuses (its error inputs), as calls of the engine."""
    for name, infos in shared().items():
        for info in infos:
            if info.error_inputs_func is None or name == "einsum":
                continue
            for wrong in info.error_inputs("cpu"):
                sample = wrong.sample_input
                for path in paths(name):
                    call = _engine_call(path, sample)
                    if call is not None and not _elsewhere(wrong.error_regex):
                        yield f"{path} {sample.summary()} [{wrong.error_regex}]", call


def _elsewhere(regex: str) -> bool:
    return any(words in regex for words in REFUSED_ELSEWHERE)


def _engine_call(path: str, sample: Any) -> Callable[[], Any] | None:
    function = lookup(scratch, path)
    tensors: list[torch.Tensor] = []
    first, args, kwargs = _lift((sample.input, tuple(sample.args), sample.kwargs), tensors)
    known = (torch.complex64, torch.complex128, torch.bfloat16, torch.complex32)
    if any(t.dtype in known or t.device.type != "cpu" for t in tensors) or not callable(function):
        return None
    try:
        inspect.signature(function).bind(first, *args, **kwargs)
    except TypeError:
        return None
    given = tuple(scratch.from_numpy(array(t).copy()) for t in tensors)
    x, rest, named = _fill((first, args, kwargs), scratch, given)
    return lambda: function(x, *rest, **named)
