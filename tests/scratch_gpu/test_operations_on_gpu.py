"""Every operation that both engines have, on a GPU: the tests of test_opinfo.py and test_nn.py."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

pytest.importorskip("expecttest", reason="PyTorch's own test inputs need the package expecttest")

import on_gpu
import sidebyside
import test_nn
import test_operations
import torch
from on_gpu import place  # noqa: F401 (a fixture)
from opinfo import USED, compare_samples, shared

from course import scratch

OPERATIONS = shared()
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # PyTorch's notices


@pytest.fixture(autouse=True)
def _there(place: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(sidebyside, "run", on_gpu.run)


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"to", "linspace"}))
def test_samples_of(name: str) -> None:
    count: Counter = Counter()
    for dtype, most in ((torch.float64, 8), (torch.int64, 3), (torch.bool, 3)):
        count += compare_samples(name, OPERATIONS[name], dtype, most)
    assert count[USED], dict(count)


@pytest.mark.parametrize("name", sorted(test_operations.CASES))
def test_case(name: str) -> None:
    test_operations.test_case(name)


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(("name", "args", "kwargs", "inputs"), test_nn.MODULES)
def test_module(name: str, args: tuple, kwargs: dict, inputs: list, training: bool) -> None:
    ours, theirs = (m.train(training) for m in test_nn.twins(name, args, kwargs))
    ours.cuda()
    sidebyside.compare(lambda T, *x: (ours if T is scratch else theirs)(*x), inputs)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert (p.grad is None) == (q.grad is None)
        if p.grad is not None:
            assert p.grad.is_cuda
            sidebyside.same(on_gpu.home(p.grad), sidebyside.array(q.grad))
    state: Any = zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True)
    for mine, its in state:
        assert mine.is_cuda
        sidebyside.same(on_gpu.home(mine), sidebyside.array(its))


@pytest.mark.parametrize(("name", "inputs", "choices"), test_nn.LOSSES)
def test_loss(name: str, inputs: list, choices: list[dict]) -> None:
    test_nn.test_loss(name, inputs, choices)


@pytest.mark.parametrize("mask", test_nn.MASKS)
def test_attention_with_a_mask(mask: Any) -> None:
    test_nn.test_attention_with_a_mask(mask)


def test_class_weights() -> None:
    test_nn.test_class_weights("mean", 2, 0.1)
    test_nn.test_binary_weights()
