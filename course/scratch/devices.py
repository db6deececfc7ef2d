"""Where a tensor's memory is, and moving it: between the CPU and a GPU (see cuda.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import cuda

if TYPE_CHECKING:
    from .autograd import Array
    from .tensors import Tensor


class device:  # noqa: N801
    """`device("cpu")`, or `device("cuda")`: the first GPU, also called "cuda:0"."""

    def __init__(self, type: Any, index: int | None = None) -> None:
        self.type, colon, number = str(type).partition(":")
        self.index = int(number) if number.isdigit() else index
        if (
            (colon and not number.isdigit())
            or self.type not in ("cpu", "cuda")
            or self.index not in (None, 0)
        ):
            raise RuntimeError(
                f"device {str(type)!r}: course.scratch computes on the CPU ('cpu') or on the first "
                "GPU ('cuda')"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and str(other) == str(self)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"


def on_cpu(array: Array) -> bool:
    return isinstance(array, np.ndarray | np.generic)


def home(array: Array) -> device:
    """The device that `array` is on."""
    return device("cpu") if on_cpu(array) else device("cuda", 0)


def put(array: Array, where: Any) -> Array:
    """`array` on the device `where`: itself if it is there."""
    if on_cpu(array) == (device(where).type == "cpu"):
        return array
    return cuda._library().asarray(array) if on_cpu(array) else array.get()


def beside(array: Array, other: Array) -> Array:
    """`array` on the device of `other`."""
    return array if type(array) is type(other) else put(array, home(other))


def together(name: str, *given: Tensor) -> list[Tensor]:
    """The operands of `name` on one device: to one on a GPU, numbers without dimensions follow."""
    there = [t.device for t in given if t.device.type == "cuda"]
    if there:
        given = tuple([t if t._array.ndim else t.to(there[0]) for t in given])
    found = sorted({str(t.device) for t in given})
    if len(found) > 1:
        raise RuntimeError(
            f"{name}: expected all tensors on one device, got some on {found[0]} and some on "
            f"{found[1]}; move them with .to(device)"
        )
    return list(given)


def destination(args: tuple, dtype: Any, where: Any) -> tuple[Any, Any]:
    """The dtype and the device that `to(*args, dtype=dtype, device=where)` names; None: as it is."""
    for value in args:
        if hasattr(value, "_array"):
            dtype, where = value.dtype, value.device
        elif isinstance(value, str | device):
            where = value
        else:
            dtype = value
    return dtype, where
