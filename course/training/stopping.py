"""Early stopping: when to give up, and the weights to go back to."""

from dataclasses import dataclass
from typing import Any


@dataclass
class EarlyStopping:
    """Watches the validation loss, keeps the best weights, and says when patience has run out.

    patience: epochs without a lower validation loss after which to stop; None never stops and
    keeps nothing.
    """

    patience: int | None
    best_loss: float = float("inf")
    best_epoch: int | None = None
    best_weights: dict[str, Any] | None = None
    waited: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether `patience` epochs have passed since the best one."""
        return self.patience is not None and self.waited >= self.patience

    def see(self, epoch: int, validation_loss: float | None, model: Any) -> None:
        """Take in an epoch's validation loss; epochs count from 1."""
        if self.patience is None or validation_loss is None:
            return
        if validation_loss < self.best_loss:
            self.best_loss, self.best_epoch, self.waited = validation_loss, epoch, 0
            # state_dict hands out the live arrays, which the next step overwrites.
            self.best_weights = {
                name: value.detach().clone() for name, value in model.state_dict().items()
            }
        else:
            self.waited += 1

    def restore(self, model: Any) -> None:
        """Give the model the weights of its best epoch, where one was seen."""
        if self.best_weights is not None:
            model.load_state_dict(self.best_weights)
