"""The same batches for both engines: row numbers drawn once, with NumPy.

The engines' own shuffling cannot serve here, since NumPy's random stream is not PyTorch's.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Epochs = list[list[NDArray[np.int64]]]


def draw_rows(count: int, batch_size: int, epochs: int, seed: int) -> Epochs:
    """For every epoch a list of batches of row numbers, together 0 to count - 1 in random order."""
    random = np.random.default_rng(seed)
    cuts = range(batch_size, count, batch_size)
    return [np.split(random.permutation(count), cuts) for _ in range(epochs)]


class FixedBatches:
    """A loader that each pass yields the next epoch of batches drawn before, as tensors.

    Raises ValueError when more epochs are asked for than were drawn.
    """

    def __init__(
        self, engine: Any, images: NDArray[Any], labels: NDArray[np.int64], epochs: Epochs
    ) -> None:
        self.engine = engine
        self.images = images
        self.labels = labels
        self.epochs = epochs
        self.passes = 0

    def __len__(self) -> int:
        return len(self.epochs[0])

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.passes >= len(self.epochs):
            raise ValueError(f"Only {len(self.epochs)} epochs of batches were drawn.")
        batches = self.epochs[self.passes]
        self.passes += 1
        for rows in batches:
            yield (
                self.engine.from_numpy(self.images[rows]),
                self.engine.from_numpy(self.labels[rows]),
            )
