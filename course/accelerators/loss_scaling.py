"""Training with gradients in a narrow format: what a scaled loss saves from becoming zero.

A network of the hand-built engine learns handwritten digits. On their way back the gradients of every
layer's output, and then of every parameter, are rounded to the format; weights, activations and the
step itself stay in FP32, as in mixed-precision training.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import datasets, models, scratch
from course.accelerators.formats import FP32, FloatFormat
from course.scratch.nn.functional import cross_entropy

SIZES = (64, 64, 32, 10)
BATCH, RATE, MOMENTUM = 64, 0.1, 0.9
PATIENCE = 50  # steps without an overflow until a dynamic scale is doubled
LEAST, MOST = 2.0**-20, 2.0**40


class ScaledTraining:
    """A run whose gradients are rounded to ``target`` after the loss was multiplied by ``scale``.

    Each step computes a batch of BATCH; ``mean_over`` says over how many examples its loss is
    divided, so that gradients are as small as in a batch of that size.

    losses: one a step, on its batch, before the step. lost, overflowed: of the last step's scaled
    gradients, the shares that became zero without being zero and that became infinity or NaN.
    skipped: steps not taken because of an overflow. With ``dynamic`` the scale is halved after one,
    and doubled after PATIENCE steps without. The same seed gives the same weights and batches.
    Raises ValueError for a scale out of LEAST to MOST and a mean over less than BATCH.
    """

    def __init__(
        self,
        target: FloatFormat,
        scale: float = 1.0,
        *,
        mean_over: int = BATCH,
        dynamic: bool = False,
        seed: int = 0,
    ) -> None:
        if not LEAST <= scale <= MOST:
            raise ValueError(f"the scale must be from {LEAST:g} to {MOST:g}, not {scale:g}")
        if mean_over < BATCH:
            raise ValueError(f"the loss is a mean over {BATCH} examples or more, not {mean_over}")
        self.share = BATCH / mean_over
        self.target, self.scale, self.dynamic = target, float(scale), dynamic
        self.model = _model(seed)
        self.optimizer = scratch.optim.SGD(self.model.parameters(), lr=RATE, momentum=MOMENTUM)
        self.rng = np.random.default_rng(seed)
        self.losses: list[float] = []
        self.lost = self.overflowed = 0.0
        self.skipped, self.quiet = 0, 0
        self.sizes: NDArray[np.float64] = np.array([])

    def step(self) -> None:
        """Train on one batch."""
        data = digits()
        rows = self.rng.integers(0, len(data.train_images), BATCH)
        inputs = scratch.from_numpy(data.train_images[rows])
        targets = scratch.from_numpy(data.train_labels[rows])
        seen: list[NDArray[np.float64]] = []
        self.optimizer.zero_grad()
        loss = cross_entropy(self._forward(inputs, seen), targets)
        self.losses.append(loss.item())
        factor = self.scale * self.share
        (loss * factor).backward()
        for parameter in self.model.parameters():
            parameter.grad = self._rounded(parameter.grad, seen)
        self._count(np.concatenate(seen))
        if self.overflowed:
            self.skipped, self.quiet = self.skipped + 1, 0
            if self.dynamic:
                self.scale = max(self.scale / 2, LEAST)
            return
        for parameter in self.model.parameters():
            parameter.grad = parameter.grad / factor
        self.optimizer.step()
        self.quiet += 1
        if self.dynamic and self.quiet == PATIENCE:
            self.scale, self.quiet = min(self.scale * 2, MOST), 0

    def accuracy(self) -> float:
        """The share of the held-out digits that it gets right."""
        data = digits()
        with scratch.no_grad():
            outputs = self.model(scratch.from_numpy(data.held_out_images)).numpy()
        return float((outputs.argmax(axis=1) == data.held_out_labels).mean())

    def _forward(self, inputs: Any, seen: list[NDArray[np.float64]]) -> Any:
        for layer in self.model:
            inputs = layer(inputs)
            if inputs.requires_grad:
                inputs.register_hook(lambda g: self._rounded(g, seen))
        return inputs

    def _rounded(self, gradient: Any, seen: list[NDArray[np.float64]]) -> Any:
        """``gradient`` in the format; as it came, it is added to what was ``seen``."""
        arrived = gradient.numpy().astype(np.float64)
        seen.append(arrived.ravel())
        if self.target is FP32:
            return gradient
        return scratch.from_numpy(self.target.round(arrived).astype(np.float32))

    def _count(self, arrived: NDArray[np.float64]) -> None:
        """The shares lost and overflowed, and the sizes of what was there."""
        sizes = np.abs(arrived)
        finite = np.isfinite(sizes)
        kept = self.target.round(np.where(finite, sizes, 0.0))
        there = sizes > 0
        count = max(int(there.sum()), 1)
        self.lost = float((there & finite & (kept == 0)).sum() / count)
        self.overflowed = float((~finite | ~np.isfinite(kept)).sum() / max(len(sizes), 1))
        self.sizes = sizes[there & finite]


@lru_cache(maxsize=1)
def digits() -> datasets.Dataset:
    """The small digits of scikit-learn."""
    return datasets.load("digits")


def _model(seed: int) -> Any:
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(seed)
        return models.mlp(scratch.nn, SIZES)
    finally:
        scratch.set_rng_state(state)  # the reader's random numbers are the reader's
