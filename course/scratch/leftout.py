"""What is said when somebody asks for a part of PyTorch that the engine leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def sentence(place: str, name: str) -> str:
    """What to tell someone who looked for `name` in `place`, e.g. "course.scratch.nn"."""
    torchs = place.replace("course.scratch", "torch")
    return (
        f"{place} has no {name!r}: the engine is a small part of PyTorch. If {torchs}.{name} "
        "exists, use PyTorch for it, or write it from the operations that are here."
    )


def left_out(place: str) -> Callable[[str], Any]:
    """A `__getattr__` for the module `place`: Python calls it for names that are not there."""

    def missing(name: str) -> Any:
        raise AttributeError(sentence(place, name))

    return missing
