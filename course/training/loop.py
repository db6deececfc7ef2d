"""The training loop. The same lines train a model of `course.scratch` and one of PyTorch."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from course.training.engines import engine_of
from course.training.history import History, weighted_mean
from course.training.progress import progress_bar
from course.training.resume import Resumable
from course.training.stopping import EarlyStopping

Loss = Callable[[Any, Any], Any]


class DivergenceError(ValueError):
    """The loss is no longer a finite number. `history` holds the run up to there."""

    history: History | None = None


class Step(NamedTuple):
    """One step's batch: its mean loss before the update, its size, and how many were right.

    correct is None where the targets are not class labels.
    """

    loss: float
    size: int
    correct: int | None


def steps(model: Any, loader: Any, *, loss: Loss, optimizer: Any, first: int = 1) -> Iterator[Step]:
    """Train for one pass over loader, and hand out each step once it is taken.

    first: the number of the first step, for messages.
    Raises DivergenceError, before that step's update, when the loss is not finite.
    """
    model.train()
    for number, (inputs, targets) in enumerate(loader, start=first):
        optimizer.zero_grad()
        outputs = model(inputs)
        value = loss(outputs, targets)
        taken = Step(value.item(), len(inputs), _correct(outputs, targets))
        if not math.isfinite(taken.loss):
            raise _divergence(taken.loss, number, optimizer)
        value.backward()
        optimizer.step()
        yield taken


def evaluate(model: Any, loader: Any, loss: Loss) -> dict[str, float]:
    """Judge a model without training it.

    Returns "loss", the mean over examples; "count", the number of examples; and, where the targets
    are class labels, "accuracy", 0 to 1. The model is left in the mode, train or eval, it was in.
    Raises ValueError for a loader without a batch.
    """
    was_training = model.training
    model.eval()
    seen = []
    try:
        with engine_of(model).no_grad():
            for inputs, targets in loader:
                outputs = model(inputs)
                value = loss(outputs, targets).item()
                seen.append(Step(value, len(inputs), _correct(outputs, targets)))
    finally:
        model.train(was_training)
    if not seen:
        raise ValueError("There is nothing to evaluate: the loader gave no batch.")
    return _summary(seen)


def fit(
    model: Any,
    train_loader: Any,
    *,
    loss: Loss,
    optimizer: Any,
    epochs: int,
    validation: Any = None,
    checkpoint: str | Path | None = None,
    patience: int | None = None,
    progress: bool = True,
) -> History:
    """Train a model of either engine, in place, and return what happened.

    model, train_loader, loss, optimizer: the engine's own; the loader yields (inputs, targets).
    epochs: passes over train_loader, those before an interruption included.
    validation: a loader to evaluate after every epoch.
    checkpoint: a file that keeps the run. Where it exists, the run goes on from it, and ends with
      the very numbers of a run that was never interrupted.
    patience: stop after this many epochs without a lower validation loss. The model then ends with
      its best epoch's weights, also where it was not stopped.
    progress: whether to draw a bar.

    An interruption (the stop button, Ctrl-C) returns the history so far in a notebook, and in a
    script goes on as KeyboardInterrupt. Raises ValueError for arguments that cannot work,
    CheckpointError for a file that is not this run's, DivergenceError for a loss not finite.
    """
    _check(model, train_loader, epochs, validation, patience)
    stopping = EarlyStopping(patience)
    run = None
    history = History()
    if checkpoint is not None:
        run = Resumable(checkpoint, model, optimizer, train_loader, stopping)
        history = run.load()

    with progress_bar(epochs, len(train_loader), history, enabled=progress) as bar:
        try:
            while history.epochs < epochs and not stopping.exhausted:
                result, seconds = _train_epoch(model, train_loader, loss, optimizer, history, bar)
                judged = {} if validation is None else evaluate(model, validation, loss)
                history.add_epoch(result, judged, seconds)
                stopping.see(history.epochs, judged.get("loss"), model)
                history.best_epoch = stopping.best_epoch
                if run is not None:
                    run.save(history)
                bar.finish_epoch(history)
        except KeyboardInterrupt:
            _interrupted(history, epochs, checkpoint)
            if not _in_notebook():
                raise
            return history
        except DivergenceError as error:
            error.history = history
            raise

    if stopping.exhausted and history.epochs < epochs:
        history.stopped = (
            f"Stopped after epoch {history.epochs} of {epochs}: {stopping.waited} epochs "
            "without a new lowest validation loss."
        )
    stopping.restore(model)
    return history


def _train_epoch(
    model: Any, loader: Any, loss: Loss, optimizer: Any, history: History, bar: Any
) -> tuple[dict[str, float], float]:
    """One pass over loader: its summary, as `evaluate` gives one, and the seconds it took."""
    taken = []
    began = time.perf_counter()
    first = len(history.step_loss) + 1
    for step in steps(model, loader, loss=loss, optimizer=optimizer, first=first):
        taken.append(step)
        history.step_loss.append(step.loss)
        bar.step(step.loss)
    seconds = time.perf_counter() - began
    if not taken:
        raise ValueError("There is nothing to train on: train_loader gave no batch.")
    return _summary(taken), seconds


def _summary(taken: list[Step]) -> dict[str, float]:
    count = sum(step.size for step in taken)
    summary = {
        "loss": weighted_mean([step.loss for step in taken], [step.size for step in taken]),
        "count": count,
    }
    correct = [step.correct for step in taken if step.correct is not None]
    if len(correct) == len(taken):
        summary["accuracy"] = sum(correct) / count
    return summary


def _correct(outputs: Any, targets: Any) -> int | None:
    """How many examples have their highest score at their label; None unless targets are labels."""
    labels = targets.detach().numpy()
    if labels.dtype.kind not in "iu" or labels.ndim != 1 or outputs.ndim != 2:
        return None
    return int((outputs.detach().numpy().argmax(axis=1) == labels).sum())


def _check(model: Any, loader: Any, epochs: int, validation: Any, patience: int | None) -> None:
    engine_of(model)
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 0:
        raise ValueError(f"epochs must be a whole number, 0 or more; got {epochs!r}.")
    if not hasattr(loader, "__len__"):
        raise ValueError(
            f"train_loader must have a length and be iterable once an epoch, as a DataLoader or a "
            f"list of batches is; got a {type(loader).__name__}."
        )
    if len(loader) == 0:
        raise ValueError(
            "There is nothing to train on: train_loader has no batch. Is the data set empty, or "
            "smaller than batch_size with drop_last=True?"
        )
    if patience is None:
        return
    if isinstance(patience, bool) or not isinstance(patience, int) or patience < 1:
        raise ValueError(f"patience must be a whole number of epochs, 1 or more; got {patience!r}.")
    if validation is None:
        raise ValueError(
            "patience watches the validation loss, so it needs validation=: give a loader of "
            "held-out data."
        )


def _divergence(value: float, step: int, optimizer: Any) -> DivergenceError:
    rate = optimizer.param_groups[0]["lr"]
    return DivergenceError(
        f"The loss became {value} at step {step}, so training stopped before that step's update. "
        f"Most often the learning rate is too high: it is {rate:g} here, try {rate / 10:g}. "
        "If that does not help, look for nan in the inputs, and scale them to about 0 to 1."
    )


def _interrupted(history: History, epochs: int, checkpoint: str | Path | None) -> None:
    if checkpoint is None:
        advice = "To be able to go on after an interruption, give fit a file: checkpoint=..."
    else:
        advice = (
            f"The checkpoint {checkpoint} holds every finished epoch; the same call goes on there."
        )
    history.stopped = (
        f"Interrupted after step {len(history.step_loss)}, "
        f"with {history.epochs} of {epochs} epochs finished. {advice}"
    )
    print(history.stopped)


def _in_notebook() -> bool:
    """Whether a person at a prompt started this, whom a traceback would not help."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
