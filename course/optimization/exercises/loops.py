"""Mini-batches, a loop with two bugs, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course import scratch
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


def _train_epoch(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    total = 0.0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches)


def train_epoch_with_bugs(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    """The lesson's buggy loop: it never forgets a gradient, and returns the last loss as the mean."""
    for inputs, targets in batches:
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return loss.item()


def _never_zeroed(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    total = 0.0
    for inputs, targets in batches:
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches)


def _zeroed_too_late(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    total = 0.0
    for inputs, targets in batches:
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total += loss.item()
    return total / len(batches)


def _last_loss(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    last = 0.0
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        optimizer.step()
        last = loss.item()
    return last


def _sum_of_losses(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    return _train_epoch(model, batches, loss_function, optimizer) * len(batches)


def _stepped_first(model: Any, batches: Any, loss_function: Any, optimizer: Any) -> float:
    total = 0.0
    for inputs, targets in batches:
        optimizer.step()
        optimizer.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        total += loss.item()
    return total / len(batches)


def _trained(passes: int) -> Callable[[Any], dict[str, Any]]:
    def run(train_epoch: Any) -> dict[str, Any]:
        rng = np.random.default_rng(0)
        inputs = scratch.from_numpy(rng.normal(size=(24, 3)))
        targets = inputs @ scratch.tensor([[1.0], [-2.0], [0.5]], dtype=scratch.float64)
        batches = [(inputs[i : i + 8], targets[i : i + 8]) for i in range(0, 24, 8)]
        model = scratch.nn.Linear(3, 1).to(scratch.float64)
        with scratch.no_grad():
            model.weight.fill_(0.0)
            model.bias.fill_(0.0)
        optimizer = scratch.optim.SGD(model.parameters(), lr=0.1)
        means = [
            train_epoch(model, batches, scratch.nn.functional.mse_loss, optimizer)
            for _ in range(passes)
        ]
        return {"mean loss of each pass": means, "weights": model.weight.tolist()}

    return run


train_epoch = Exercise(
    name="train_epoch",
    reference=_train_epoch,
    cases=[
        probe(_trained(1), "a linear model after one pass over three batches"),
        probe(_trained(3), "the same after three passes"),
    ],
    mistakes=[
        (
            train_epoch_with_bugs,
            "Both bugs are still there. What becomes of the gradients of the batch before, and which number is returned?",
        ),
        (
            _never_zeroed,
            "The gradients of earlier batches are still there: `backward` adds to `grad`, so begin each step with "
            "`optimizer.zero_grad()`.",
        ),
        (
            _zeroed_too_late,
            "Nothing was learned: the gradients are forgotten after `backward` and before `step` uses them.",
        ),
        (
            _last_loss,
            "The training is right, but what is returned is the last batch's loss, not the mean over the batches.",
        ),
        (
            _sum_of_losses,
            "The training is right, but what is returned is the sum of the losses: divide by the number of batches.",
        ),
        (
            _stepped_first,
            "Each step uses the gradients of the batch before: `optimizer.step()` comes after `backward`.",
        ),
    ],
    hints=[
        "Print `model.weight.grad` after each batch in the buggy loop: does it start anew?",
        "The order is zero_grad, forward, loss, backward, step.",
        "Add `loss.item()` to a total in the loop, and divide it by `len(batches)` after the loop.",
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


early_stop = Exercise(
    name="early_stop",
    reference=_early_stop,
    cases=[
        case([2.3, 1.1, 0.7, 0.8, 0.9, 0.6], 2).named("patience 2: two epochs without a new best"),
        case([1.0, 0.5, 0.8, 0.7, 0.6, 0.4, 0.45], 3).named("patience 3: falling, but no new best"),
        case([1.0, 0.8, 0.9, 0.7, 0.75, 0.6, 0.65], 2).named("patience 2: never two in a row"),
        case([1.0, 0.9, 0.8], 2).named("patience 2: it only falls"),
        case([0.5, 0.5, 0.5, 0.4], 2).named("patience 2: as good is not better"),
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
