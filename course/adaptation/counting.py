"""Counting LoRA without building the model: trained numbers, and the memory of training.

Sources: Hu et al. 2021, section 4; Dettmers et al. 2023, sections 2 and 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from course.adaptation.lora import check_rank
from course.facts.adaptation import lora_counts
from course.facts.architectures import architecture

MATRICES = {"q": "query", "k": "key", "v": "value", "o": "output"}
NF4_BLOCK, OUTER_BLOCK = 64, 256  # numbers that share a constant, constants that share one


@dataclass(frozen=True)
class Attention:
    """The attention of a language model: layers, and (outputs, inputs) of its four matrices."""

    model: str
    layers: int
    shapes: dict[str, tuple[int, int]]
    parameters: float

    def lora(self, matrices: Sequence[str], rank: int) -> int:
        """Numbers in LoRA's thin matrices: rank * (inputs + outputs) for each.

        Raises ValueError for a matrix that is none of q, k, v, o, or a rank that does not fit.
        """
        unknown = [name for name in matrices if name not in self.shapes]
        if unknown or not matrices:
            raise ValueError(f"matrices must be some of {', '.join(self.shapes)}, not {matrices!r}")
        for name in matrices:
            outputs, inputs = self.shapes[name]
            check_rank(rank, inputs, outputs)
        return self.layers * sum(rank * sum(self.shapes[name]) for name in matrices)

    @property
    def most(self) -> int:
        """The highest rank that all four matrices can have."""
        return min(min(shape) for shape in self.shapes.values())


def attention(model: str) -> Attention:
    """The attention of a model of course.facts, or of "GPT-3 175B"; KeyError for an unknown one."""
    if model == "GPT-3 175B":
        row = lora_counts()[0]  # full fine-tuning: its count is the model's
        square = (int(row.width), int(row.width))
        return Attention(model, int(row.layers), dict.fromkeys(MATRICES, square), row.trainable)
    found = architecture(model)
    width = int(found.hidden)
    narrow = int(found.hidden / found.heads * found.kv_heads)
    shapes = {"q": (width, width), "k": (narrow, width), "v": (narrow, width), "o": (width, width)}
    return Attention(model, int(found.layers), shapes, found.parameters or math.nan)


@dataclass(frozen=True)
class Memory:
    """Bytes of training, activations left out."""

    weights: float
    gradients: float
    optimizer: float

    @property
    def total(self) -> float:
        """All three."""
        return self.weights + self.gradients + self.optimizer


def memory(
    numbers: float, trainable: float, *, bits: float = 16, added: bool = False, mean_bytes: int = 4
) -> Memory:
    """Memory of training ``trainable`` of ``numbers`` with Adam.

    bits: of each frozen number. Trained numbers and gradients have 16 bits, each of Adam's two means
    ``mean_bytes`` bytes. added: whether the trained numbers come on top (LoRA) or are among them.
    Raises ValueError for negative numbers or more trained than there are.
    """
    if not 0 <= trainable <= numbers:
        raise ValueError(
            f"{trainable:g} trained of {numbers:g} numbers: the first must lie between 0 and the second."
        )
    frozen = numbers if added else numbers - trainable
    return Memory(frozen * bits / 8 + 2 * trainable, 2 * trainable, 2 * mean_bytes * trainable)


def constants_bits(double: bool) -> float:
    """Bits a number for 4-bit quantization's constants, once or doubly quantized (QLoRA)."""
    if not double:
        return 32 / NF4_BLOCK
    return 8 / NF4_BLOCK + 32 / (NF4_BLOCK * OUTER_BLOCK)
