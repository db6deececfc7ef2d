"""A tensor that a module trains."""

from __future__ import annotations

from ..tensors import Tensor


class Parameter(Tensor):
    """A leaf that requires a gradient; a module that is given one as an attribute lists it."""

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        if data is None:
            super().__init__()
        else:
            self._array = data._array
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"
