"""Data sets, the order in which they are read, and the loader that makes batches of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .. import random
from ..creation import tensor
from ..leftout import left_out as _left_out
from ..shapes import stack
from ..tensors import Tensor, wrap


class Dataset:
    """A collection with `__getitem__(index)` and `__len__`. Subclass it."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index)")

    def __add__(self, other: Dataset) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """A stream with `__iter__`, for data without a length or an order of its own. Subclass it."""

    def __iter__(self) -> Iterator:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__()")


class TensorDataset(Dataset):
    """Tensors of equal length; item i is the tuple of their rows i."""

    def __init__(self, *tensors: Tensor) -> None:
        lengths = [len(t) for t in tensors]
        if len(set(lengths)) > 1:
            raise AssertionError(f"TensorDataset: lengths must be equal, got {lengths}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """The items of `dataset` at `indices`."""

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, idx: Any) -> Any:
        if isinstance(idx, list):
            return self.dataset[[self.indices[i] for i in idx]]
        return self.dataset[self.indices[idx]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset):
    """Several data sets, one after the other."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset: needs at least one data set")
        self.cumulative_sizes = np.cumsum([len(d) for d in self.datasets]).tolist()  # type: ignore[arg-type]

    def __getitem__(self, idx: int) -> Any:
        if not -len(self) <= idx < len(self):
            raise ValueError(f"ConcatDataset: index {idx} is out of range for {len(self)} items")
        idx %= len(self)
        which = int(np.searchsorted(self.cumulative_sizes, idx, side="right"))
        return self.datasets[which][idx - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def random_split(
    dataset: Dataset, lengths: Sequence[float],
    generator: random.Generator = random.default_generator,
) -> list[Subset]:  # fmt: skip
    """Split at random into parts of these lengths, or of these shares of 1."""
    count = len(dataset)  # type: ignore[arg-type]
    if lengths and abs(sum(lengths) - 1) < 1e-6 and all(isinstance(n, float) for n in lengths):
        whole = [int(n * count) for n in lengths]
        for i in range(count - sum(whole)):  # what rounding left over goes round, one each
            whole[i % len(whole)] += 1
        lengths = whole
    if sum(lengths) != count:
        raise ValueError(f"random_split: {list(lengths)} must add up to {count}, or shares to 1")
    order = random.randperm(count, generator=generator).tolist()
    ends = np.cumsum(lengths).tolist()
    parts = zip(lengths, ends, strict=True)
    return [Subset(dataset, order[int(end - n) : int(end)]) for n, end in parts]


class Sampler:
    """An order in which to read a data set: iterate to get indices. Subclass it."""

    def __iter__(self) -> Iterator:
        raise NotImplementedError(f"{type(self).__name__} must define __iter__()")


class SequentialSampler(Sampler):
    """0, 1, 2, …"""

    def __init__(self, data_source: Dataset) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self.data_source)  # type: ignore[arg-type]


class RandomSampler(Sampler):
    """A new random order at each pass; with `replacement`, independent draws."""

    def __init__(
        self, data_source: Dataset, replacement: bool = False, num_samples: int | None = None,
        generator: random.Generator | None = None,
    ) -> None:  # fmt: skip
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[int]:
        count = len(self.data_source)  # type: ignore[arg-type]
        if self.replacement:
            yield from random.randint(count, (self.num_samples,), generator=self.generator).tolist()
            return
        for left in range(self.num_samples, 0, -count):
            yield from random.randperm(count, generator=self.generator).tolist()[:left]

    def __len__(self) -> int:
        return self.num_samples


class WeightedRandomSampler(Sampler):
    """Indices drawn with the probabilities that `weights` are proportional to."""

    def __init__(
        self, weights: Sequence[float], num_samples: int, replacement: bool = True,
        generator: random.Generator | None = None,
    ) -> None:  # fmt: skip
        self.weights = tensor([float(w) for w in weights])
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self) -> Iterator[int]:
        how = (self.num_samples, self.replacement)
        return iter(random.multinomial(self.weights, *how, generator=self.generator).tolist())

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """The given `indices`, in a new random order at each pass."""

    def __init__(self, indices: Sequence[int], generator: random.Generator | None = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        for i in random.randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class BatchSampler(Sampler):
    """Lists of `batch_size` indices of a sampler; `drop_last` leaves out a smaller last one."""

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size must be a whole number above 0, got {batch_size!r}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def default_collate(batch: Sequence) -> Any:
    """A batch from a list of items: tensors and numbers are stacked, tuples and dicts by part."""
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray):
        return wrap(np.stack(batch))
    if isinstance(first, bool | int | float | np.generic):
        # A list of Python floats is float64 to a collate function, in PyTorch too.
        return wrap(np.array(batch))
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, dict):
        return {key: default_collate([item[key] for item in batch]) for key in first}
    if isinstance(first, tuple | list):
        return [default_collate(part) for part in zip(*batch, strict=True)]
    raise TypeError(
        f"default_collate: cannot make a batch of {type(first).__name__}; pass collate_fn="
    )


class DataLoader:
    """Batches of a data set, in order or shuffled anew at each pass.

    With `num_workers` above 0, threads fetch batches ahead of their use (PyTorch uses processes).
    """

    def __init__(
        self, dataset: Dataset, batch_size: int | None = 1, shuffle: bool | None = None,
        sampler: Any = None, batch_sampler: Any = None, num_workers: int = 0,
        collate_fn: Callable | None = None, pin_memory: bool = False, drop_last: bool = False, *,
        prefetch_factor: int | None = None, generator: random.Generator | None = None,
    ) -> None:  # fmt: skip
        self._stream = isinstance(dataset, IterableDataset)
        if (sampler is not None and shuffle) or (
            self._stream and (shuffle or sampler is not None or batch_sampler is not None)
        ):
            raise ValueError(
                "DataLoader: shuffle=True, a sampler and an IterableDataset each set the order; "
                "give one of them"
            )
        self.dataset, self.num_workers, self.drop_last = dataset, num_workers, drop_last
        self.generator, self.prefetch_factor = generator, prefetch_factor or 2
        self._usual = collate_fn is None
        self.collate_fn = collate_fn or default_collate
        if self._stream:
            sampler = dataset
        elif sampler is None and shuffle:
            sampler = RandomSampler(dataset, generator=generator)
        elif sampler is None:
            sampler = SequentialSampler(dataset)
        self.sampler = sampler
        self.batch_size = batch_size if batch_sampler is None else None
        if batch_sampler is None and batch_size is not None:
            batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler
        self._order = self.sampler if batch_sampler is None else batch_sampler

    def _fetch(self, batch: Any) -> Any:
        if self.batch_sampler is None:
            return batch if self._stream else self.dataset[batch]
        if self._stream:
            return self.collate_fn(batch)
        if self._usual and type(self.dataset) is TensorDataset:
            # One indexing of each tensor, not one for every item.
            return list(self.dataset[tensor(batch)])
        return self.collate_fn([self.dataset[i] for i in batch])

    def __iter__(self) -> Iterator:
        if self.num_workers == 0:
            yield from map(self._fetch, self._order)
            return
        with ThreadPoolExecutor(self.num_workers) as pool:
            waiting: deque = deque()
            for batch in self._order:
                waiting.append(pool.submit(self._fetch, batch))
                if len(waiting) >= self.num_workers * self.prefetch_factor:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def __len__(self) -> int:
        if self._stream and not hasattr(self.dataset, "__len__"):
            raise TypeError("len: an IterableDataset without __len__ has no number of batches")
        return len(self._order)


__getattr__ = _left_out("course.scratch.utils.data")
