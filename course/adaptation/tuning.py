"""Which parameters of a model are trained, how many they are, and what memory training them takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course.adaptation.lora import add_lora

METHODS = {
    "full": "full: every parameter",
    "head": "head: the last layer alone",
    "bias": "bias: biases and the last layer",
    "lora": "LoRA: two thin matrices a layer, and the last layer",
}
ADAM_NUMBERS = 2  # Adam keeps two running means for each trained number (Kingma and Ba 2014)


def prepare(
    nn: Any, model: Any, method: str, head: str, *, rank: int = 8, layers: Sequence[str] = ()
) -> Any:
    """Set, in place, what of ``model`` is trained, by one of METHODS, and return the model.

    nn: the module of layers of the model's engine. head: the dotted name of its last layer.
    layers: the names of the linear layers that get LoRA of ``rank``.
    Raises ValueError for an unknown method or layer, or a rank that does not fit.
    """
    if method not in METHODS:
        raise ValueError(f"There is no method {method!r}; choose one of {', '.join(METHODS)}.")
    if method == "lora":
        add_lora(nn, model, layers, rank)
    else:
        model.requires_grad_(method == "full")
        if method == "bias":
            for name, parameter in model.named_parameters():
                parameter.requires_grad_(name.rpartition(".")[2] == "bias")
    model.get_submodule(head).requires_grad_(True)
    return model


def trained(model: Any) -> list[Any]:
    """The parameters that are not frozen: what to hand to an optimizer."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


@dataclass(frozen=True)
class Footprint:
    """Numbers of a model, and bytes of training it with Adam, activations left out.

    numbers: all; trainable: of them trained.
    """

    numbers: int
    trainable: int
    bytes_a_number: int = 4

    @property
    def share(self) -> float:
        """Trained numbers among all, 0 to 1."""
        return self.trainable / self.numbers

    @property
    def weights(self) -> int:
        """Bytes of all numbers."""
        return self.numbers * self.bytes_a_number

    @property
    def gradients(self) -> int:
        """Bytes of the gradients: the trained numbers alone have one."""
        return self.trainable * self.bytes_a_number

    @property
    def optimizer(self) -> int:
        """Bytes of Adam's two running means."""
        return ADAM_NUMBERS * self.trainable * self.bytes_a_number

    @property
    def total(self) -> int:
        """Bytes of weights, gradients and optimizer."""
        return self.weights + self.gradients + self.optimizer


def footprint(model: Any) -> Footprint:
    """Count what ``model`` has and what of it is trained."""
    counted = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return Footprint(sum(n for n, _ in counted), sum(n for n, on in counted if on))
