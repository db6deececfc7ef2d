"""Exercise: repair a step that adds up the gradients of small batches to those of a large one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

from course import scratch
from course.checks import Case, Exercise, probe, slip
from course.scratch.nn import functional as F

_SOLUTION = "../solutions/06_clusters.ipynb"


def _step(model: Any, optimizer: Any, images: Any, labels: Any, size: int) -> None:
    optimizer.zero_grad()
    for start in range(0, len(images), size):
        x, y = images[start : start + size], labels[start : start + size]
        loss = F.cross_entropy(model(x), y)
        (loss * (len(x) / len(images))).backward()
    optimizer.step()


def step_with_bugs(model: Any, optimizer: Any, images: Any, labels: Any, size: int) -> None:
    """The step that the lesson shows to be repaired."""
    for start in range(0, len(images), size):
        optimizer.zero_grad()
        x, y = images[start : start + size], labels[start : start + size]
        loss = F.cross_entropy(model(x), y)
        loss.backward()
    optimizer.step()


def _divided_by_parts(model: Any, optimizer: Any, images: Any, labels: Any, size: int) -> None:
    parts = -(-len(images) // size)
    optimizer.zero_grad()
    for start in range(0, len(images), size):
        x, y = images[start : start + size], labels[start : start + size]
        loss = F.cross_entropy(model(x), y)
        (loss / parts).backward()
    optimizer.step()


def _all_at_once(model: Any, optimizer: Any, images: Any, labels: Any, size: int) -> None:
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()


def _one_backward(model: Any, optimizer: Any, images: Any, labels: Any, size: int) -> None:
    optimizer.zero_grad()
    total: Any = 0.0
    for start in range(0, len(images), size):
        x, y = images[start : start + size], labels[start : start + size]
        total = total + F.cross_entropy(model(x), y) * (len(x) / len(images))
    total.backward()
    optimizer.step()


class _Watched:
    """A model that counts the rows whose graphs are kept: not yet sent back through."""

    def __init__(self, model: Any) -> None:
        self.model, self.kept, self.most, self.largest = model, 0, 0, 0

    def __call__(self, x: Any) -> Any:
        self.kept += len(x)
        self.most, self.largest = max(self.most, self.kept), max(self.largest, len(x))
        return self.model(x)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)


def _weights_after(rows: int, size: int) -> Callable[[Any], dict[str, Any]]:
    """The weights after a step from gradients that an earlier step has left behind."""
    rng = np.random.default_rng(rows)
    pixels = rng.standard_normal((rows, 4)).astype(np.float32)
    digits = rng.integers(0, 3, rows)

    def run(answer: Any) -> dict[str, Any]:
        scratch.manual_seed(1)
        model = scratch.nn.Linear(4, 3)
        watched, backward = _Watched(model), scratch.Tensor.backward
        optimizer = scratch.optim.SGD(model.parameters(), lr=0.5)
        images, labels = scratch.tensor(pixels), scratch.tensor(digits)
        F.cross_entropy(model(images[:2]), labels[:2]).backward()  # left behind

        def lets_go(*given: Any, **named: Any) -> None:
            watched.kept = 0
            backward(*given, **named)

        with mock.patch.object(scratch.Tensor, "backward", lets_go):
            answer(watched, optimizer, images, labels, size)
        return {
            "weights afterwards": model.weight.detach().numpy().copy(),
            "biases afterwards": model.bias.detach().numpy().copy(),
            "never more rows at once than there is room for": watched.largest <= size,
            "a part is sent back before the next one comes": watched.most <= size,
        }

    return run


def _case(rows: int, size: int, title: str) -> Case:
    return probe(_weights_after(rows, size), title).within(1e-4)


big_batch_step = Exercise(
    name="big_batch_step",
    reference=_step,
    cases=[
        _case(12, 4, "12 images, 4 at a time"),
        _case(10, 4, "10 images, 4 at a time: the last part is smaller"),
        _case(5, 8, "5 images, room for 8"),
    ],
    mistakes=[
        slip(
            "The gradients of the parts now add up, but to a *sum* of means: with 3 parts they are 3 times too large, as if the "
            "learning rate were. Weight each part's loss.",
            "(loss * (len(x) / len(images)))",
            "loss",
        ),
        (
            _divided_by_parts,
            "Right where all parts are alike. The last part may be smaller: a mean of means gives its images more weight than the "
            "others. Weight each loss by its share of the images.",
        ),
        (
            step_with_bugs,
            "This is the code as it was. What does `zero_grad` do to the gradients of the part before?",
        ),
        slip(
            "Each part wipes out the gradients of the one before: `zero_grad` belongs before the loop.",
            "    optimizer.zero_grad()\n    for start in range(0, len(images), size):\n",
            "    for start in range(0, len(images), size):\n        optimizer.zero_grad()\n",
        ),
        slip(
            "There is a step for each part. The weights should move once, when all gradients are there.",
            "    optimizer.step()",
            "        optimizer.step()",
        ),
        slip(
            "Gradients of an earlier step are still there: begin with `zero_grad`.",
            "    optimizer.zero_grad()\n",
            "",
        ),
        (
            _one_backward,
            "The weights are right, but what the backward pass needs of *every* part is kept until the end, as for one large batch. "
            "Call `backward` for each part: it adds to the gradients and lets go of the rest.",
        ),
        (
            _all_at_once,
            "All images at once: the weights are right, but there is room for `size` images only.",
        ),
    ],
    hints=[
        "Follow `model.weight.grad` through the loop on paper. When is it emptied, when is it added to?",
        "The loss of a batch is a mean over its images. Which weights make the mean of the whole batch of the means of its parts?",
        "`(loss * (len(x) / len(images))).backward()`, with `zero_grad` before the loop and `step` after it.",
    ],
    points=2,
    solution=_SOLUTION,
)
