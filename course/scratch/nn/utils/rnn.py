"""Sequences of different lengths in one batch. Packed sequences are left out."""

from __future__ import annotations

from collections.abc import Sequence

from ...leftout import left_out as _left_out
from ...shapes import stack
from ...tensors import Tensor
from ..functional import pad


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences (length, ...) filled up to the longest: (longest, n, ...), or (n, longest, ...)."""
    if padding_side not in ("right", "left"):
        raise ValueError(f"pad_sequence: padding_side is 'right' or 'left', got {padding_side!r}")
    longest = max(len(s) for s in sequences)
    filled = []
    for s in sequences:
        lacking = (0, longest - len(s)) if padding_side == "right" else (longest - len(s), 0)
        filled.append(pad(s, (0, 0) * (s.ndim - 1) + lacking, value=padding_value))
    return stack(filled, 0 if batch_first else 1)


__getattr__ = _left_out("course.scratch.nn.utils.rnn")
