"""Whole programs on a GPU: the same losses, weights and states as on the CPU."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import test_optim
import test_programs
from on_gpu import OnGPU, home, place  # noqa: F401 (a fixture)

from course import scratch

pytestmark = pytest.mark.usefixtures("place")
GPU: Any = OnGPU()


@pytest.mark.parametrize("name", test_programs.PROGRAMS)
def test_fifty_steps_end_in_the_same_place(name: str) -> None:
    build, inputs, optimizer = test_programs.PROGRAMS[name]
    scratch.manual_seed(0)
    here = build(scratch).double()
    there = build(GPU).double()
    there.load_state_dict(here.state_dict())
    there.cuda()
    assert all(t.is_cuda for t in [*there.parameters(), *there.buffers()])
    expected = test_programs.train(scratch, here, inputs, optimizer)
    found = test_programs.train(GPU, there, inputs, optimizer)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    for key, value in there.state_dict().items():
        assert value.is_cuda
        np.testing.assert_allclose(home(value), home(here.state_dict()[key]), atol=1e-9)


@pytest.mark.parametrize(("name", "options"), test_optim.OPTIMIZERS)
def test_an_optimizer_and_its_saved_state(name: str, options: dict) -> None:
    here, there = test_optim.parameters(scratch), [
        p.detach().cuda().requires_grad_() for p in test_optim.parameters(scratch)
    ]  # fmt: skip
    kind = getattr(scratch.optim, name)
    test_optim.run(scratch, here, kind(here, **options), 12)
    first = kind(there, **options)
    test_optim.run(GPU, there, first, 5)
    saved = copy.deepcopy(first.state_dict())
    second = kind(there, lr=9.0)
    second.load_state_dict(saved)
    test_optim.run(GPU, there, second, 7, first=5)
    for p, q in zip(here, there, strict=True):
        assert q.is_cuda
        np.testing.assert_allclose(home(q), home(p), rtol=1e-12, atol=1e-12)


def test_a_state_of_the_cpu_goes_on_on_the_gpu() -> None:
    here = [scratch.ones(3).requires_grad_()]
    there = [scratch.ones(3, device="cuda").requires_grad_()]
    cpu, gpu = scratch.optim.Adam(here), scratch.optim.Adam(there)
    for _ in range(2):
        (here[0] ** 2).sum().backward()
        cpu.step()
    gpu.load_state_dict(cpu.state_dict())
    (there[0] ** 2).sum().backward()
    gpu.step()
    assert gpu.state_dict()["state"][0]["exp_avg"].device == scratch.device("cuda:0")


def test_lbfgs() -> None:
    found = []
    for where in ("cpu", "cuda"):
        x = scratch.tensor([1.5, -2.0], dtype=scratch.float64, device=where, requires_grad=True)
        optimizer = scratch.optim.LBFGS([x], lr=0.5)

        def closure(x: Any = x, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = ((x - 1) ** 4 + x**2).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        found.append(home(x))
    np.testing.assert_allclose(*found, atol=1e-12)
