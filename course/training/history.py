"""What a training run recorded, as numbers, a table and a picture."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class History:
    """Losses, accuracies and times of a run.

    step_loss has one entry a step, the loss before that step's update; every other list has one
    entry a finished epoch. train_loss and train_accuracy are means over the epoch's examples while
    the weights were changing; validation_* are taken after the epoch. The accuracies, 0 to 1, stay
    empty where the targets are not class labels, validation_* where there is no validation.
    seconds counts an epoch's training without its validation, epoch_ends the steps up to its end.
    best_epoch counts from 1 and is set where early stopping watches; stopped says in a sentence why
    a run ended before its last epoch.
    """

    step_loss: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    epoch_ends: list[int] = field(default_factory=list)
    best_epoch: int | None = None
    stopped: str | None = None

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.train_loss)

    def add_epoch(
        self, train: dict[str, float], validation: dict[str, float], seconds: float
    ) -> None:
        """Record a finished epoch: two results of `evaluate`'s kind (validation may be empty)."""
        self.train_loss.append(train["loss"])
        self.seconds.append(seconds)
        self.epoch_ends.append(len(self.step_loss))
        if "accuracy" in train:
            self.train_accuracy.append(train["accuracy"])
        if "loss" in validation:
            self.validation_loss.append(validation["loss"])
        if "accuracy" in validation:
            self.validation_accuracy.append(validation["accuracy"])

    def __str__(self) -> str:
        columns = {
            "train loss": self.train_loss,
            "train acc.": self.train_accuracy,
            "valid. loss": self.validation_loss,
            "valid. acc.": self.validation_accuracy,
            "seconds": self.seconds,
        }
        columns = {name: values for name, values in columns.items() if values}
        lines = ["epoch" + "".join(f"{name:>13}" for name in columns)]
        for epoch in range(self.epochs):
            cells = "".join(f"{values[epoch]:>13.4f}" for values in columns.values())
            mark = "  best" if epoch + 1 == self.best_epoch else ""
            lines.append(f"{epoch + 1:>5}{cells}{mark}")
        if self.stopped:
            lines.append(self.stopped)
        return "\n".join(lines)

    def figure(self) -> Any:
        """A Picture of the loss at every step, with the epochs' validation loss."""
        from course.pictures import Picture

        figure = Picture(self._alternative(), figsize=(6.4, 3.6))
        axes = figure.add_subplot(xlabel="step", ylabel="loss")
        axes.plot(range(1, len(self.step_loss) + 1), self.step_loss, lw=0.8, label="training batch")
        if self.validation_loss:
            axes.plot(self.epoch_ends, self.validation_loss, "o--", label="validation, after epoch")
        axes.legend()
        return figure

    def _alternative(self) -> str:
        if not self.step_loss:
            return "No step has been taken yet."
        text = (
            f"The loss of the training batch over {len(self.step_loss):,} steps, from "
            f"{self.step_loss[0]:.3f} to {self.step_loss[-1]:.3f}."
        )
        if self.validation_loss:
            best = min(self.validation_loss)
            text += (
                f" The validation loss ends at {self.validation_loss[-1]:.3f}; its lowest is "
                f"{best:.3f}, after epoch {self.validation_loss.index(best) + 1}."
            )
        return text

    def state(self) -> dict[str, Any]:
        """Everything above, for a checkpoint; `from_state` is its inverse."""
        lists = {
            name: np.array(value) for name, value in vars(self).items() if isinstance(value, list)
        }
        return {**lists, "best_epoch": self.best_epoch, "stopped": self.stopped}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "History":
        """A History from what `state` returned."""
        return cls(
            **{
                name: value.tolist() if isinstance(value, np.ndarray) else value
                for name, value in state.items()
            }
        )


def weighted_mean(values: list[float], weights: list[int]) -> float:
    """Mean of values, each counted by its weight; both lists of one length."""
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
