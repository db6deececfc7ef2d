"""Where a tensor's memory is."""

from __future__ import annotations

from typing import Any


class device:  # noqa: N801
    """Where a tensor's memory is: here always the CPU."""

    def __init__(self, type: Any) -> None:
        self.type = str(type).split(":")[0]
        self.index = None
        if self.type != "cpu":
            raise RuntimeError(
                f"device {str(type)!r}: course.scratch computes on the CPU here; use 'cpu'"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and other.type == self.type

    def __hash__(self) -> int:
        return hash(self.type)

    def __str__(self) -> str:
        return self.type

    def __repr__(self) -> str:
        return f"device(type={self.type!r})"
