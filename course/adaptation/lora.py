"""LoRA by hand, written once for both engines: a frozen matrix and a thin one beside it.

The layer computes ``x W' + b + (alpha / r) x A' B'`` with A (r, inputs) and B (outputs, r); W and b
stay as they are. Source: Hu et al. 2021, section 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


def lora_linear(nn: Any, base: Any, rank: int, alpha: float) -> Any:
    """A layer that computes what ``base`` does, plus a product of two thin matrices.

    nn: the module of layers of the engine that made ``base``, a Linear (inputs, outputs).
    rank: of the product B A; alpha: its strength, divided by the rank.
    B starts at zero, so that the new layer starts as the old one; ``base`` is frozen.
    Raises ValueError for a rank below 1 or above the matrix's, and for an alpha not above 0.
    """
    outputs, inputs = base.weight.shape
    check_rank(rank, int(inputs), int(outputs))
    if not (math.isfinite(alpha) and alpha > 0):
        raise ValueError(f"alpha must be a number above 0, not {alpha!r}; alpha = rank is usual.")
    return _class(nn)(base, int(rank), float(alpha))


def check_rank(rank: Any, inputs: int, outputs: int) -> None:
    """Raise ValueError unless ``rank`` is a whole number from 1 to what the matrix can have."""
    most = min(inputs, outputs)
    if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= most:
        raise ValueError(
            f"A matrix of {outputs} x {inputs} has a rank of {most} at most, so that LoRA's rank "
            f"must be a whole number from 1 to {most}; it is {rank!r}."
        )


@lru_cache
def _class(nn: Any) -> Any:
    Module: Any = nn.Module

    class LoraLinear(Module):
        def __init__(self, base: Any, rank: int, alpha: float) -> None:
            super().__init__()
            outputs, inputs = base.weight.shape
            self.base, self.rank, self.scale = base, rank, alpha / rank
            self.A = nn.Linear(inputs, rank, bias=False)
            self.B = nn.Linear(rank, outputs, bias=False)
            # The order in which PEFT draws, so that one seed gives both the same first weights.
            nn.init.kaiming_uniform_(self.A.weight, a=math.sqrt(5))
            nn.init.zeros_(self.B.weight)
            for part in (self.A, self.B):
                part.to(base.weight.dtype)
            base.requires_grad_(False)
            self.kept: Any = None  # the weights before a merge, to go back to them bit for bit

        @property
        def merged(self) -> bool:
            return self.kept is not None

        def forward(self, x: Any) -> Any:
            if self.merged:
                return self.base(x)
            return self.base(x) + self.B(self.A(x)) * self.scale

        def merge(self) -> None:
            """Add B A into the frozen matrix: the layer then costs what a plain one costs."""
            if self.merged:
                return
            weight = self.base.weight.detach()
            self.kept = weight.clone()
            weight += (self.B.weight @ self.A.weight).detach() * self.scale

        def unmerge(self) -> None:
            """Take it out again, exactly."""
            if self.merged:
                weight = self.base.weight.detach()
                weight[...] = self.kept
                self.kept = None

    return LoraLinear


def add_lora(
    nn: Any, model: Any, names: Sequence[str], rank: int, alpha: float | None = None
) -> list[str]:
    """Freeze ``model`` and give LoRA, in place, to every Linear whose name ends in one of ``names``.

    alpha is the rank if None, so that the product counts once. Returns the dotted names changed.
    Raises ValueError where no layer is called so, or a rank does not fit (see :func:`lora_linear`);
    then nothing is changed.
    """
    found = [
        name
        for name, part in model.named_modules()
        if isinstance(part, nn.Linear) and any(name == n or name.endswith(f".{n}") for n in names)
    ]
    if not found:
        linear = [name for name, part in model.named_modules() if isinstance(part, nn.Linear)]
        raise ValueError(
            f"No linear layer of the model is called {' or '.join(map(repr, names)) or 'nothing'}; "
            f"there are {', '.join(linear) or 'none'}."
        )
    for name in found:
        outputs, inputs = model.get_submodule(name).weight.shape
        check_rank(rank, int(inputs), int(outputs))
    model.requires_grad_(False)
    for name in found:
        parent, _, last = name.rpartition(".")
        base = model.get_submodule(name)
        layer = lora_linear(nn, base, rank, rank if alpha is None else alpha)
        setattr(model.get_submodule(parent), last, layer)
    return found


def lora_layers(model: Any) -> list[Any]:
    """The layers of ``model`` that have LoRA, in their order."""
    return [part for part in model.modules() if hasattr(part, "unmerge")]


def merge(model: Any) -> None:
    """Merge every LoRA of ``model`` into its matrix."""
    for layer in lora_layers(model):
        layer.merge()


def unmerge(model: Any) -> None:
    """Take every merged LoRA out again: the matrices are, bit for bit, what they were."""
    for layer in lora_layers(model):
        layer.unmerge()
