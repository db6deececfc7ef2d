"""The progress bar of a run: drawn by tqdm in a notebook and in a terminal, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from course.training.history import History


class Bar:
    """Counts steps; shows the loss of the latest and, after an epoch, the validation accuracy."""

    def __init__(self, bar: Any = None) -> None:
        self._bar = bar
        self._validation = ""

    def step(self, loss: float) -> None:
        """Count one step and its loss."""
        # update says whether it redrew, which is ten times a second at most.
        if self._bar is not None and self._bar.update(1):
            self._bar.set_postfix_str(f"loss {loss:.4f}{self._validation}", refresh=False)

    def finish_epoch(self, history: History) -> None:
        """Show an epoch's result."""
        if self._bar is None:
            return
        if history.validation_accuracy:
            self._validation = f", validation accuracy {history.validation_accuracy[-1]:.1%}"
        elif history.validation_loss:
            self._validation = f", validation loss {history.validation_loss[-1]:.4f}"
        self._bar.set_postfix_str(f"loss {history.step_loss[-1]:.4f}{self._validation}")


@contextmanager
def progress_bar(
    epochs: int, steps_an_epoch: int, history: History, *, enabled: bool
) -> Iterator[Bar]:
    """A bar over all steps of a run, begun at the steps that history already holds."""
    if not enabled:
        yield Bar()
        return
    from tqdm.auto import tqdm

    with tqdm(
        total=epochs * steps_an_epoch, initial=len(history.step_loss), unit="step", desc="training"
    ) as bar:
        yield Bar(bar)
