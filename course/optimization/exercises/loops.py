"""Mini-batches, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks import Exercise, case, probe

_SOLUTION = "../solutions/03_training_loop.ipynb"


def _minibatches(inputs: Any, targets: Any, batch_size: int, seed: int) -> Iterator[tuple]:
    order = np.random.default_rng(seed).permutation(len(inputs))
    for start in range(0, len(inputs), batch_size):
        rows = order[start : start + batch_size]
        yield inputs[rows], targets[rows]


def _in_order(inputs: Any, targets: Any, batch_size: int, seed: int) -> Iterator[tuple]:
    for start in range(0, len(inputs), batch_size):
        yield inputs[start : start + batch_size], targets[start : start + batch_size]


def _two_orders(inputs: Any, targets: Any, batch_size: int, seed: int) -> Iterator[tuple]:
    rng = np.random.default_rng(seed)
    first, second = rng.permutation(len(inputs)), rng.permutation(len(inputs))
    for start in range(0, len(inputs), batch_size):
        yield inputs[first[start : start + batch_size]], targets[second[start : start + batch_size]]


def _without_last(inputs: Any, targets: Any, batch_size: int, seed: int) -> Iterator[tuple]:
    for batch in _minibatches(inputs, targets, batch_size, seed):
        if len(batch[0]) == batch_size:
            yield batch


def _one_batch(inputs: Any, targets: Any, batch_size: int, seed: int) -> Iterator[tuple]:
    yield next(_minibatches(inputs, targets, batch_size, seed))


def _one_pass(count: int, batch_size: int, seed: int) -> Callable[[Any], dict[str, Any]]:
    """What one pass over `count` rows shows; row i has the target i, so a wrong pair is seen."""

    def run(minibatches: Any) -> dict[str, Any]:
        inputs = np.arange(count * 2, dtype=float).reshape(count, 2)
        batches = []
        for batch in minibatches(inputs, np.arange(count), batch_size, seed):
            batches.append(batch)
            if len(batches) > count:
                raise ValueError("more batches than rows: does the iterator ever stop?")
        rows = [int(x[0]) // 2 for b, _ in batches for x in b]
        labels = [int(y) for _, b in batches for y in b]
        return {
            "batch sizes": [len(b) for b, _ in batches],
            "every row exactly once": sorted(rows) == list(range(count)),
            "targets belong to their inputs": rows == labels,
            "rows are in another order": rows != sorted(rows),
        }

    return run


minibatches = Exercise(
    name="minibatches",
    reference=_minibatches,
    cases=[
        probe(_one_pass(10, 5, 0), "10 rows in batches of 5"),
        probe(_one_pass(11, 4, 1), "11 rows in batches of 4"),
        probe(_one_pass(30, 32, 2), "30 rows, batches of 32"),
    ],
    mistakes=[
        (
            _in_order,
            "The rows come in their old order. Shuffle them first: neighbours in a data set are often alike.",
        ),
        (
            _two_orders,
            "Inputs and targets are shuffled apart from each other: use one permutation for both.",
        ),
        (
            _without_last,
            "The last, smaller batch is missing: those rows would not be trained on in this pass.",
        ),
        (
            _one_batch,
            "Only one batch came: `return` ends a function; `yield` hands out a batch and goes on.",
        ),
    ],
    hints=[
        "`np.random.default_rng(seed).permutation(len(inputs))` gives all row numbers in random order.",
        "`range(0, len(inputs), batch_size)` gives the starts; a slice that reaches past the end is simply shorter.",
        "`rows = order[start : start + batch_size]`, then `yield inputs[rows], targets[rows]`.",
    ],
    points=2,
    solution=_SOLUTION,
)


def _early_stop(losses: Any, patience: int) -> tuple[int, int]:
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            return best, epoch
    return best, len(losses) - 1


def _against_the_last(losses: Any, patience: int) -> tuple[int, int]:
    best = worse = 0
    for epoch in range(1, len(losses)):
        best = epoch if losses[epoch] < losses[best] else best
        worse = 0 if losses[epoch] < losses[epoch - 1] else worse + 1
        if worse == patience:
            return best, epoch
    return best, len(losses) - 1


def _one_too_late(losses: Any, patience: int) -> tuple[int, int]:
    return _early_stop(losses, patience + 1)


def _never_resets(losses: Any, patience: int) -> tuple[int, int]:
    best = worse = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            worse += 1
        if worse == patience:
            return best, epoch
    return best, len(losses) - 1


def _forgets_the_best(losses: Any, patience: int) -> tuple[int, int]:
    last = _early_stop(losses, patience)[1]
    return last, last


def _sees_the_future(losses: Any, patience: int) -> tuple[int, int]:
    best = list(losses).index(min(losses))
    return best, min(best + patience, len(losses) - 1)


def _loss_for_epoch(losses: Any, patience: int) -> tuple[float, int]:
    best, last = _early_stop(losses, patience)
    return losses[best], last


early_stop = Exercise(
    name="early_stop",
    reference=_early_stop,
    cases=[
        case([2.3, 1.1, 0.7, 0.8, 0.9, 0.6], 2).named("patience 2: two epochs without a new best"),
        case([1.0, 0.5, 0.8, 0.7, 0.6, 0.4, 0.45], 3).named("patience 3: falling, but no new best"),
        case([1.0, 0.8, 0.9, 0.7, 0.75, 0.6, 0.65], 2).named("patience 2: never two in a row"),
        case([1.0, 0.9, 0.8], 2).named("patience 2: it only falls"),
        case([0.5, 0.5, 0.5, 0.4], 2).named("patience 2: as good is not better"),
        case([1.0, 0.9, 1.1, 1.2, 1.3, 0.5], 2).named("patience 2: a new best that comes too late"),
    ],
    mistakes=[
        (
            _against_the_last,
            "Each loss is compared with the one before it. Compare it with the best so far: a loss that "
            "falls slowly back from a peak is no progress.",
        ),
        (
            _one_too_late,
            "It waits one epoch too many: stop at the epoch that makes it `patience` in a row.",
        ),
        (
            _sees_the_future,
            "The best of the whole list is taken, but at the time of stopping the later losses are not known yet. Walk through "
            "the epochs in order.",
        ),
        (
            _loss_for_epoch,
            "The stop is right, but the first number should be the number of the best epoch, not its loss.",
        ),
        (_never_resets, "The count of epochs without progress must begin anew with each new best."),
        (
            _forgets_the_best,
            "The stop is right, but the first number should be the epoch with the best loss: its parameters are kept.",
        ),
    ],
    hints=[
        "Walk through the losses with `enumerate`, and remember the number of the best epoch so far.",
        "The epochs since the best are `epoch - best`; stop when they are as many as `patience`.",
        "If the loop ends without stopping, the last epoch is `len(losses) - 1`.",
    ],
    points=2,
    solution=_SOLUTION,
)
