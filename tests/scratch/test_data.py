"""Data sets, samplers and loaders: the same batches as PyTorch's where nothing is random."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from sidebyside import array, same

from course import scratch
from course.scratch.utils import data

ENGINES = [scratch, torch]


def plain(value: Any) -> Any:
    """Batches as nested lists, to be compared between the engines."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return (str(array(value).dtype), array(value).tolist()) if hasattr(value, "detach") else value


def squares(T: Any, count: int = 10) -> Any:
    class Squares(T.utils.data.Dataset):
        def __len__(self) -> int:
            return count

        def __getitem__(self, index: int) -> tuple:
            return T.tensor([float(index), 1.0]), index * index

    return Squares()


def tensors(T: Any, count: int = 10) -> Any:
    return T.utils.data.TensorDataset(T.arange(2.0 * count).reshape(count, 2), T.arange(count))


def counter(T: Any, count: int = 7) -> Any:
    class Counter(T.utils.data.IterableDataset):
        def __iter__(self) -> Iterator:
            return iter(range(count))

    return Counter()


LOADERS = {
    "one by one": lambda T: T.utils.data.DataLoader(squares(T)),
    "batches": lambda T: T.utils.data.DataLoader(squares(T), batch_size=4),
    "tensors": lambda T: T.utils.data.DataLoader(tensors(T), batch_size=4),
    "drop_last": lambda T: T.utils.data.DataLoader(tensors(T), batch_size=4, drop_last=True),
    "without batches": lambda T: T.utils.data.DataLoader(squares(T), batch_size=None),
    "sampler": lambda T: T.utils.data.DataLoader(tensors(T), 3, sampler=[5, 1, 1, 0]),
    "batch_sampler": lambda T: T.utils.data.DataLoader(squares(T), batch_sampler=[[1, 2], [0]]),
    "collate_fn": lambda T: T.utils.data.DataLoader(squares(T), 5, collate_fn=lambda b: [i for _, i in b]),
    "stream": lambda T: T.utils.data.DataLoader(counter(T), batch_size=3),
    "stream, drop_last": lambda T: T.utils.data.DataLoader(counter(T), batch_size=3, drop_last=True),
    "stream without batches": lambda T: T.utils.data.DataLoader(counter(T), batch_size=None),
    "subset": lambda T: T.utils.data.DataLoader(T.utils.data.Subset(tensors(T), [7, 3, 2]), 2),
    "concatenated": lambda T: T.utils.data.DataLoader(squares(T, 3) + squares(T, 4), 5),
    "a list": lambda T: T.utils.data.DataLoader([1.5, 2.5, 3.5], batch_size=2),
    "dictionaries": lambda T: T.utils.data.DataLoader(
        [{"x": T.ones(2) * i, "y": (i, f"n{i}")} for i in range(3)], batch_size=2),
    "arrays": lambda T: T.utils.data.DataLoader([np.arange(3) * i for i in range(4)], batch_size=3),
    "empty": lambda T: T.utils.data.DataLoader(tensors(T, 0), batch_size=3),
}  # fmt: skip


@pytest.mark.parametrize("name", LOADERS)
def test_batches(name: str) -> None:
    loaders = [LOADERS[name](T) for T in ENGINES]
    assert plain(list(loaders[0])) == plain(list(loaders[1]))
    assert plain(list(loaders[0])) == plain(list(loaders[1])), "the second pass"
    if "stream" in name:
        for loader in loaders:
            with pytest.raises(TypeError):
                len(loader)
    else:
        assert len(loaders[0]) == len(loaders[1])


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("dataset", [squares, tensors])
def test_workers_give_the_same_batches_in_the_same_order(workers: int, dataset: Any) -> None:
    def batches(count: int) -> Any:
        generator = scratch.Generator().manual_seed(3)
        loader = data.DataLoader(
            dataset(scratch, 50), 4, shuffle=True, num_workers=count, generator=generator
        )
        return [plain(list(loader)) for _ in range(2)]

    assert batches(workers) == batches(0)


def test_workers_hand_on_what_went_wrong_and_can_be_left() -> None:
    class Broken(data.Dataset):
        def __len__(self) -> int:
            return 5

        def __getitem__(self, index: int) -> float:
            if index == 3:
                raise KeyError("no such item")
            return float(index)

    loader = data.DataLoader(Broken(), num_workers=2)
    with pytest.raises(KeyError, match="no such item"):
        list(loader)
    assert next(iter(loader)).tolist() == [0.0]


def test_shuffling_takes_everything_once_in_a_new_order_each_time() -> None:
    loader = data.DataLoader(tensors(scratch, 100), 8, shuffle=True)
    passes = [[i for _, ys in loader for i in ys.tolist()] for _ in range(2)]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(100))
    assert passes[0] != passes[1] != list(range(100))


def test_a_seed_gives_the_same_order() -> None:
    def order() -> list:
        scratch.manual_seed(5)
        return [plain(b) for b in data.DataLoader(tensors(scratch), 3, shuffle=True)]

    assert order() == order()


@pytest.mark.parametrize(
    "lengths", [[7, 3], [0.5, 0.3, 0.2], [0.35, 0.65], [10], [0.1, 0.9], [5, 0, 5]]
)
def test_random_split(lengths: list) -> None:
    sizes = []
    for T in ENGINES:
        parts = T.utils.data.random_split(tensors(T), lengths)
        sizes.append([len(p) for p in parts])
        assert sorted(i for p in parts for i in p.indices) == list(range(10))
        assert all(int(p[i][1]) == p.indices[i] for p in parts for i in range(len(p)))
    assert sizes[0] == sizes[1]


def test_random_split_with_a_generator() -> None:
    first, second = (
        data.random_split(range(20), [15, 5], generator=scratch.Generator().manual_seed(1))
        for _ in range(2)
    )
    assert first[0].indices == second[0].indices != list(range(15))


def test_wrong_splits_are_refused() -> None:
    for T in ENGINES:
        for lengths in ([3, 3], [0.5, 0.7], [11]):
            with pytest.raises(ValueError):
                T.utils.data.random_split(tensors(T), lengths)


def test_samplers() -> None:
    for T in ENGINES:
        D = T.utils.data
        source = tensors(T)
        assert list(D.SequentialSampler(source)) == list(range(10))
        assert sorted(D.RandomSampler(source)) == list(range(10))
        assert len(list(D.RandomSampler(source, num_samples=25))) == 25
        drawn = list(D.RandomSampler(source, replacement=True, num_samples=200))
        assert len(drawn) == 200 and set(drawn) <= set(range(10)) and len(set(drawn)) > 5
        assert list(D.BatchSampler(range(7), 3, False)) == [[0, 1, 2], [3, 4, 5], [6]]
        assert list(D.BatchSampler(range(7), 3, True)) == [[0, 1, 2], [3, 4, 5]]
        assert len(D.BatchSampler(range(7), 3, False)) == 3
        counts = collections.Counter(D.WeightedRandomSampler([1.0, 0.0, 3.0], 4000))
        assert counts[1] == 0 and 2.5 < counts[2] / counts[0] < 3.6
        assert sorted(D.WeightedRandomSampler([1.0, 0.5, 3.0], 3, replacement=False)) == [0, 1, 2]


def test_a_sampler_of_a_subset() -> None:
    sampler = data.SubsetRandomSampler([3, 5, 9, 11])
    assert len(sampler) == 4
    orders = {tuple(sampler) for _ in range(20)}
    assert len(orders) > 1
    assert all(sorted(order) == [3, 5, 9, 11] for order in orders)


def test_data_sets() -> None:
    for T in ENGINES:
        D = T.utils.data
        x, y = tensors(T)[3]
        assert x.tolist() == [6.0, 7.0] and y.item() == 3
        x, y = tensors(T)[2:5]
        assert tuple(x.shape) == (3, 2)
        both = D.ConcatDataset([tensors(T, 3), tensors(T, 4)])
        assert len(both) == 7 and both[3][1].item() == 0 and both[-1][1].item() == 3
        assert both.cumulative_sizes == [3, 7]
        with pytest.raises(ValueError):
            both[-8]
        with pytest.raises(AssertionError):
            D.TensorDataset(T.ones(2), T.ones(3))
        with pytest.raises(NotImplementedError):
            D.Dataset()[0]
        with pytest.raises(ValueError):
            D.DataLoader(tensors(T), shuffle=True, sampler=[1])
        with pytest.raises(ValueError):
            D.DataLoader(counter(T), shuffle=True)
        with pytest.raises(ValueError):
            D.DataLoader(tensors(T), batch_size=0)


def test_default_collate() -> None:
    for batch in ([1, 2], [1.5, 2.5], [True, False], ["a", "b"], [(1, 2.0), (3, 4.0)], [[1], [2]],
                  [{"a": 1}, {"a": 2}], [np.float32(1), np.float32(2)]):  # fmt: skip
        found, expected = (T.utils.data.default_collate(batch) for T in ENGINES)
        assert plain(found) == plain(expected)
    with pytest.raises(TypeError):
        data.default_collate([object()])


# --------------------------------------------------------------------------------- random streams


def test_a_seed_gives_the_same_numbers() -> None:
    def draw() -> list:
        scratch.manual_seed(11)
        return [
            scratch.rand(3).tolist(), scratch.randn(2, 2).tolist(), scratch.randint(9, (4,)).tolist(),
            scratch.randperm(5).tolist(),
        ]  # fmt: skip

    first = draw()
    state = scratch.get_rng_state()
    after = scratch.rand(3).tolist()
    assert draw() == first
    scratch.set_rng_state(state)
    assert scratch.rand(3).tolist() == after and scratch.initial_seed() == 11


def test_generators_are_apart() -> None:
    a, b = scratch.Generator().manual_seed(1), scratch.Generator().manual_seed(1)
    scratch.manual_seed(2)
    first = scratch.rand(3, generator=a).tolist()
    scratch.rand(7)
    assert scratch.rand(3, generator=b).tolist() == first
    state = a.get_state()
    again = scratch.rand(2, generator=a).tolist()
    assert scratch.rand(2, generator=a.set_state(state)).tolist() == again


@pytest.mark.parametrize(
    "make",
    [
        lambda T: T.rand(3000), lambda T: T.randn(3000), lambda T: T.randint(2, 9, (3000,)).float(),
        lambda T: T.rand_like(T.ones(3000)), lambda T: T.randn_like(T.ones(3000)),
        lambda T: T.randperm(3000).float() / 3000,
        lambda T: T.multinomial(T.tensor([1.0, 2.0, 3.0]), 3000, replacement=True).float(),
    ],
)  # fmt: skip
def test_moments_of_random_tensors(make: Any) -> None:
    ours, theirs = make(scratch), make(torch)
    assert tuple(ours.shape) == tuple(theirs.shape)
    same(str(array(ours).dtype), str(array(theirs).dtype))
    scale = theirs.std().item()
    assert abs(ours.mean().item() - theirs.mean().item()) < 0.15 * scale
    assert abs(ours.std().item() / scale - 1) < 0.1


def test_dtypes_and_shapes_of_random_tensors() -> None:
    for T in ENGINES:
        assert T.rand(2, 3).dtype == T.float32 and T.rand(2, dtype=T.float64).dtype == T.float64
        assert T.randint(3, (2,)).dtype == T.int64 and T.randperm(3).dtype == T.int64
        assert tuple(T.randn(()).shape) == () and tuple(T.rand((2, 0)).shape) == (2, 0)
        assert T.rand(2, requires_grad=True).requires_grad
        assert tuple(T.randint(0, 5, size=(2, 3)).shape) == (2, 3)
        assert tuple(T.multinomial(T.ones(4, 3), 2).shape) == (4, 2)
