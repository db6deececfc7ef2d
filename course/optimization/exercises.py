"""The checks of lesson 03: one step of SGD, one of Adam, mini-batches, and a loop with a bug."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course import scratch
from course.checks import Exercise, case, probe

_SOLUTION = "../solutions/03_training_loop.ipynb"

# ------------------------------------------------------------------------------------- sgd_step


def _sgd(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p -= lr * p.grad


def _sgd_uphill(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p += lr * p.grad


def _sgd_without_rate(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p -= p.grad


def _sgd_on_copies(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p = p - lr * p.grad


def _sgd_first_only(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p -= lr * p.grad
            return


def _after_steps(lr: float, count: int) -> Callable[[Any], list[list[float]]]:
    def run(sgd_step: Any) -> list[list[float]]:
        weight = scratch.tensor([1.0, -2.0, 0.5], requires_grad=True)
        bias = scratch.tensor([0.25], requires_grad=True)
        for _ in range(count):
            weight.grad = bias.grad = None
            ((weight * weight).sum() * 2 + 3 * bias.sum()).backward()
            sgd_step([weight, bias], lr)
        return [weight.tolist(), bias.tolist()]

    return run


sgd_step = Exercise(
    name="sgd_step",
    reference=_sgd,
    cases=[
        probe(_after_steps(0.1, 1), "two parameters after one step with lr=0.1"),
        probe(_after_steps(0.05, 3), "two parameters after three steps with lr=0.05"),
    ],
    mistakes=[
        (_sgd_uphill, "The loss went up: a step goes against the gradient, so subtract it."),
        (
            _sgd_without_rate,
            "The step is the whole gradient: multiply it by the learning rate `lr`.",
        ),
        (
            _sgd_on_copies,
            "The parameters are where they were. `p = p - ...` makes a new tensor and gives it the name `p`; "
            "`p -= ...` changes the parameter itself.",
        ),
        (_sgd_first_only, "Only the first parameter moved: is there a `return` inside the loop?"),
    ],
    hints=[
        "Loop over `parameters`; each has its gradient in `p.grad`.",
        "Changing a parameter is not part of the model: do it inside `with scratch.no_grad():`.",
        "The line is `p -= lr * p.grad`.",
    ],
    points=2,
    solution=_SOLUTION,
)

# ------------------------------------------------------------------------------------ adam_step


def _adam(p: Any, g: Any, m: Any, v: Any, t: int, lr: float, beta1: float, beta2: float) -> tuple:
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return p - lr * m_hat / (v_hat**0.5 + 1e-8), m, v


def _adam_variant(
    correct: bool = True,
    square: bool = True,
    root: bool = True,
    power: bool = True,
    store_hat: bool = False,
) -> Callable[..., tuple]:
    """Adam with one thing left out."""

    def step(
        p: Any, g: Any, m: Any, v: Any, t: int, lr: float, beta1: float, beta2: float
    ) -> tuple:
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g**2 if square else g)
        exponent = t if power else 1
        m_hat = m / (1 - beta1**exponent) if correct else m
        v_hat = v / (1 - beta2**exponent) if correct else v
        if store_hat:
            m, v = m_hat, v_hat
        with np.errstate(invalid="ignore"):
            return p - lr * m_hat / ((v_hat**0.5 if root else v_hat) + 1e-8), m, v

    return step


_P, _G = np.array([1.0, -1.0, 0.5]), np.array([0.5, -2.0, 0.01])
_M, _V = np.array([0.1, -0.3, 0.0]), np.array([0.04, 0.5, 0.001])

adam_step = Exercise(
    name="adam_step",
    reference=_adam,
    cases=[
        case(_P, _G, np.zeros(3), np.zeros(3), 1, 0.1, 0.9, 0.999).named("the first step, t=1"),
        case(_P, _G, _M, _V, 7, 0.01, 0.9, 0.999).named("a later step, t=7"),
        case(_P, _G, _M, _V, 2, 0.01, 0.5, 0.8).named("other betas, t=2"),
    ],
    mistakes=[
        (
            _adam_variant(correct=False),
            "The bias correction is missing. `m` and `v` start at 0, so early on they are too small: divide them "
            "by `1 - beta**t`.",
        ),
        (
            _adam_variant(power=False),
            "The correction does not fade: divide by `1 - beta**t`, not by `1 - beta`. After many steps it is nearly 1.",
        ),
        (_adam_variant(square=False), "`v` should be a running mean of the *squared* gradient."),
        (
            _adam_variant(root=False),
            "The step is divided by `v`; it should be divided by its square root.",
        ),
        (
            _adam_variant(store_hat=True),
            "Return `m` and `v` themselves, not the corrected ones: the next step corrects them again.",
        ),
    ],
    hints=[
        "Four lines: update `m`, update `v`, correct both, take the step.",
        "`m = beta1 * m + (1 - beta1) * g`, and the same for `v` with `beta2` and `g**2`.",
        "`m_hat = m / (1 - beta1**t)`; the step is `lr * m_hat / (v_hat**0.5 + 1e-8)`.",
    ],
    points=2,
    solution=_SOLUTION,
)

# ---------------------------------------------------------------------------------- minibatches


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

# ---------------------------------------------------------------------------------- train_epoch


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

ALL = (sgd_step, adam_step, minibatches, train_epoch)
