"""The learner's own choices: every setting of a training run, checked before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from course.capstone.briefs import brief

BITS = {32: "32-bit floats", 8: "8-bit whole numbers", 4: "4-bit", 2: "2-bit"}
BALANCES = {
    "none": "every example counts alike",
    "classes": "every class counts alike",
    "groups": "group and outcome made independent by weights (reweighing)",
}
ENGINES = ("scratch", "torch")
WIDEST, MOST_EPOCHS = 512, 300


class ChoiceError(ValueError):
    """A choice that no run can have; the message says what would do."""


@dataclass(frozen=True)
class Choices:
    """What the learner decides.

    brief: loans, digits or heart. features: one of the brief's sets. width: hidden units, 0 for a
    linear model. epochs: passes over the training rows. rate: of the optimizer AdamW. weight_decay: its
    regularisation. balance: how examples are weighted. threshold: of the decision, 0 to 1. bits: of
    each stored weight. engine: scratch or torch.

    Raises ChoiceError, which names the field, and BriefError for an unknown brief.
    """

    brief: str
    features: str = "all"
    width: int = 16
    epochs: int = 20
    rate: float = 0.01
    weight_decay: float = 0.01
    balance: str = "none"
    threshold: float = 0.5
    bits: int = 32
    seed: int = 0
    engine: str = "scratch"

    def __post_init__(self) -> None:
        known = brief(self.brief)
        _one_of("features", self.features, known.features)
        _whole("width", self.width, 0, WIDEST, "hidden units; 0 is a linear model")
        _whole("epochs", self.epochs, 1, MOST_EPOCHS, "passes over the training rows")
        _number("rate", self.rate, 1e-5, 1.0, "0.01 is a good start")
        _number("weight_decay", self.weight_decay, 0.0, 10.0, "0 switches it off")
        _one_of("balance", self.balance, BALANCES)
        if self.balance == "groups" and self.brief != "loans":
            raise ChoiceError(
                f"balance='groups' needs the group of each example, which {known.title.lower()} does not "
                "record; use 'none' or 'classes'"
            )
        _number("threshold", self.threshold, 0.0, 0.999, known.threshold)
        if isinstance(self.bits, bool) or self.bits not in BITS:
            raise ChoiceError(f"bits is one of {', '.join(map(str, BITS))}, not {self.bits!r}")
        _whole("seed", self.seed, 0, 2**31 - 1, "any will do, but write it down")
        _one_of("engine", self.engine, {name: name for name in ENGINES})

    def as_dict(self) -> dict[str, Any]:
        """The choices by name, for a file."""
        return asdict(self)

    def rows(self) -> list[tuple[str, str]]:
        """Each choice in words."""
        known = brief(self.brief)
        model = f"{self.width} hidden units with ReLU" if self.width else "linear, no hidden layer"
        return [
            ("Inputs", known.features[self.features]),
            ("Model", model),
            (
                "Training",
                f"{self.epochs} epochs of AdamW, learning rate {self.rate:g}, seed {self.seed}",
            ),
            ("Regularisation", f"weight decay {self.weight_decay:g}"),
            ("Weighting", BALANCES[self.balance]),
            ("Threshold", f"{self.threshold:g}: {known.threshold}"),
            ("Weights stored as", BITS[self.bits]),
            ("Engine", "course.scratch" if self.engine == "scratch" else "PyTorch"),
        ]


def choices_of(given: Any) -> Choices:
    """``given`` as Choices: they themselves, or a mapping of their fields.

    Raises ChoiceError for another type, a missing brief or an unknown name, as `Choices` does.
    """
    if isinstance(given, Choices):
        return given
    if not isinstance(given, Mapping):
        raise ChoiceError(
            f"choices are a dict such as {{'brief': 'loans', 'width': 8}}, not {type(given).__name__}"
        )
    names = [f.name for f in fields(Choices)]
    unknown = [key for key in given if key not in names]
    if unknown:
        raise ChoiceError(f"there is no choice {unknown[0]!r}; there are {', '.join(names)}")
    if "brief" not in given:
        raise ChoiceError("the choices name no brief; add 'brief': 'loans', 'digits' or 'heart'")
    return Choices(**given)


def _one_of(name: str, value: Any, options: Mapping[str, str]) -> None:
    if not isinstance(value, str) or value not in options:
        raise ChoiceError(f"{name} is one of {', '.join(options)}, not {value!r}")


def _whole(name: str, value: Any, least: int, most: int, hint: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ChoiceError(
            f"{name} must be a whole number from {least} to {most}, not {value!r}; {hint}"
        )


def _number(name: str, value: Any, least: float, most: float, hint: str) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or not least <= value <= most:
        raise ChoiceError(
            f"{name} must be a number from {least:g} to {most:g}, not {value!r}; {hint}"
        )
