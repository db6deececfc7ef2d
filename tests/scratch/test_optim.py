"""Optimizers and schedules: the same steps as PyTorch's, to twelve digits."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch

from course import scratch

R = np.random.default_rng(7)
START = [R.standard_normal((3, 4)), R.standard_normal(4), R.standard_normal(())]
MATRIX = R.standard_normal((4, 3))


def parameters(T: Any) -> list:
    return [T.from_numpy(np.array(a)).requires_grad_() for a in START]


def loss(T: Any, ps: list, step: int) -> Any:
    """Something with a slope everywhere, which changes from step to step."""
    target = T.from_numpy(np.sin(np.arange(4) + step))
    return ((T.from_numpy(MATRIX) @ ps[0] * ps[2] + ps[1] - target) ** 2).mean() + ps[1].abs().sum()


def run(T: Any, ps: list, optimizer: Any, steps: int, first: int = 0, schedule: Any = None) -> list:
    rates = []
    for step in range(first, first + steps):
        optimizer.zero_grad()
        loss(T, ps, step).backward()
        if step % 7 == 3:
            ps[1].grad = None  # a parameter that took no part
        optimizer.step()
        rates.append([g["lr"] for g in optimizer.param_groups])
        if schedule is not None:
            schedule.step()
    return rates


def close(a: list, b: list) -> None:
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x.detach().numpy(), y.detach().numpy(), rtol=1e-12, atol=1e-12)


OPTIMIZERS: list[tuple[str, dict]] = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True}),
    ("SGD", {"lr": 1e-4, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1, "maximize": True}),
    ("SGD", {}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-4}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05, "maximize": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.2, "betas": (0.5, 0.7)}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.0, "maximize": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    ("Adagrad", {"lr": 0.1, "eps": 1e-3, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.9, "momentum": 0.7, "centered": True}),
    ("RMSprop", {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1, "eps": 1e-4}),
    ("RMSprop", {"lr": 0.02, "centered": True, "maximize": True}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_thirty_steps(name: str, options: dict) -> None:
    ours, theirs = parameters(scratch), parameters(torch)
    run(scratch, ours, getattr(scratch.optim, name)(ours, **options), 30)
    run(torch, theirs, getattr(torch.optim, name)(theirs, **options), 30)
    close(ours, theirs)


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_a_saved_state_goes_on(name: str, options: dict) -> None:
    whole, parts = parameters(scratch), parameters(scratch)
    kind = getattr(scratch.optim, name)
    run(scratch, whole, kind(whole, **options), 12)
    first = kind(parts, **options)
    run(scratch, parts, first, 5)
    state = copy.deepcopy(first.state_dict())
    second = kind(parts, lr=9.0)
    second.load_state_dict(state)
    run(scratch, parts, second, 7, first=5)
    close(parts, whole)


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS)
def test_a_state_of_pytorch_goes_on_too(name: str, options: dict) -> None:
    ours, theirs = parameters(scratch), parameters(torch)
    optimizer = getattr(torch.optim, name)(theirs, **options)
    run(torch, theirs, optimizer, 5)
    mine = getattr(scratch.optim, name)(ours, **options)
    for p, q in zip(ours, theirs, strict=True):
        p._array[...] = q.detach().numpy()
    mine.load_state_dict(optimizer.state_dict())
    run(torch, theirs, optimizer, 7, first=5)
    run(scratch, ours, mine, 7, first=5)
    close(ours, theirs)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "Adagrad", "RMSprop"])
def test_defaults_and_groups_are_pytorchs(name: str) -> None:
    ours, theirs = parameters(scratch), parameters(torch)
    results = []
    for T, ps in ((scratch, ours), (torch, theirs)):
        optimizer = getattr(T.optim, name)(
            [{"params": ps[:1], "lr": 0.03}, {"params": ps[1], "weight_decay": 0.1}], lr=0.01
        )
        optimizer.add_param_group({"params": [ps[2]], "lr": 0.0})
        run(T, ps, optimizer, 10)
        results.append(optimizer)
    close(ours, theirs)
    assert np.array_equal(ours[2].detach().numpy(), START[2])
    for mine, group in zip(results[0].param_groups, results[1].param_groups, strict=True):
        assert {k: group[k] for k in mine if k != "params"} == {
            k: v for k, v in mine.items() if k != "params"
        }
    keys = [set(s) for s in results[0].state_dict()["state"].values()]
    assert keys == [set(s) for s in results[1].state_dict()["state"].values()]


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_large_parameters_are_updated_piece_by_piece(name: str) -> None:
    start, slope = R.standard_normal((300, 700)), R.standard_normal((300, 700))
    found = []
    for T in (scratch, torch):
        p = T.from_numpy(start.copy()).requires_grad_()
        optimizer = getattr(T.optim, name)([p], lr=0.1, weight_decay=0.1)
        for _ in range(3):
            p.grad = T.from_numpy(slope.copy())
            optimizer.step()
        found.append(p)
    close(found[:1], found[1:])


def test_memory_out_of_order_is_updated_too() -> None:
    start = R.standard_normal((300, 400))
    for name in ("SGD", "Adam", "RMSprop", "Adagrad"):
        found = []
        for T in (scratch, torch):
            p = T.from_numpy(start.copy()).T.detach().requires_grad_()
            optimizer = getattr(T.optim, name)([p], lr=0.1)
            for _ in range(2):
                (p * p).sum().backward()
                optimizer.step()
            found.append(p)
        close(found[:1], found[1:])


def test_closures() -> None:
    for T in (scratch, torch):
        ps = parameters(T)
        optimizer = T.optim.SGD(ps, lr=0.1)

        def closure(T: Any = T, ps: list = ps, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            value = loss(T, ps, 0)
            value.backward()
            return value

        with T.no_grad():
            value = optimizer.step(closure)
        assert value.item() == pytest.approx(loss(T, parameters(T), 0).item())


def test_zero_grad() -> None:
    for T in (scratch, torch):
        ps = parameters(T)
        optimizer = T.optim.SGD(ps, lr=0.1)
        loss(T, ps, 0).backward()
        kept = ps[0].grad
        optimizer.zero_grad(set_to_none=False)
        assert kept is ps[0].grad and kept.abs().sum().item() == 0
        optimizer.zero_grad()
        assert ps[0].grad is None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": -1}), ("SGD", {"momentum": -1}), ("SGD", {"weight_decay": -1}),
        ("SGD", {"nesterov": True}), ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        ("Adam", {"lr": -1}), ("Adam", {"betas": (1.0, 0.9)}), ("Adam", {"betas": (0.9, -0.1)}),
        ("Adam", {"eps": -1}), ("AdamW", {"weight_decay": -1}), ("Adagrad", {"lr_decay": -1}),
        ("Adagrad", {"initial_accumulator_value": -1}), ("Adagrad", {"weight_decay": -1}),
        ("RMSprop", {"alpha": -1}), ("RMSprop", {"momentum": -1}), ("RMSprop", {"weight_decay": -1}),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_like_in_pytorch(name: str, options: dict) -> None:
    for T in (scratch, torch):
        with pytest.raises(ValueError, match=r"nvalid|Nesterov"):
            getattr(T.optim, name)(parameters(T), **options)


def test_wrong_parameters_are_refused_like_in_pytorch() -> None:
    for T in (scratch, torch):
        p = T.ones(2, requires_grad=True)
        with pytest.raises(ValueError):
            T.optim.SGD([], lr=0.1)
        with pytest.raises(TypeError):
            T.optim.SGD(p, lr=0.1)
        with pytest.raises(TypeError):
            T.optim.SGD([1.0], lr=0.1)
        with pytest.raises(ValueError):
            T.optim.SGD([p * 2], lr=0.1)
        with pytest.raises(ValueError):
            T.optim.SGD([{"params": [p]}, {"params": [p]}], lr=0.1)
        with pytest.raises(ValueError):
            T.optim.SGD([p], lr=0.1).load_state_dict(
                T.optim.SGD([p.detach(), p], lr=1).state_dict()
            )


# --------------------------------------------------------------------------------- schedules

SCHEDULES: list[tuple[str, dict]] = [
    ("StepLR", {"step_size": 7}),
    ("StepLR", {"step_size": 7, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [20, 5, 33], "gamma": 0.3}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("LinearLR", {}),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 20}),
    ("CosineAnnealingLR", {"T_max": 50}),
    ("CosineAnnealingLR", {"T_max": 12, "eta_min": 0.001}),
    ("LambdaLR", {"lr_lambda": lambda t: 1 / (1 + t)}),
    ("LambdaLR", {"lr_lambda": [lambda t: 0.9**t, lambda t: 1 + t]}),
    ("OneCycleLR", {"max_lr": 0.03, "total_steps": 60}),
    ("OneCycleLR", {"max_lr": 0.03, "epochs": 5, "steps_per_epoch": 12, "pct_start": 0.1}),
    ("OneCycleLR", {"max_lr": 0.03, "total_steps": 60, "cycle_momentum": False, "div_factor": 5.0,
                    "final_div_factor": 100.0}),
]  # fmt: skip


def grouped(T: Any, kind: str = "SGD") -> tuple[list, Any]:
    ps = parameters(T)
    groups = [{"params": ps[:2]}, {"params": ps[2:], "lr": 0.02}]
    extra = {"momentum": 0.5} if kind == "SGD" else {}
    return ps, getattr(T.optim, kind)(groups, lr=0.1, **extra)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_fifty_steps_of_a_schedule(name: str, options: dict, kind: str) -> None:
    rates, ends = [], []
    for T in (scratch, torch):
        ps, optimizer = grouped(T, kind)
        schedule = getattr(T.optim.lr_scheduler, name)(optimizer, **options)
        rates.append(run(T, ps, optimizer, 50, schedule=schedule))
        assert schedule.get_last_lr() == [g["lr"] for g in optimizer.param_groups]
        ends.append(ps)
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-10, atol=1e-15)
    close(*ends)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("name", "options"), [s for s in SCHEDULES if s[0] != "LambdaLR"])
def test_a_schedules_state_goes_on(name: str, options: dict) -> None:
    def rates(steps: int, optimizer: Any, schedule: Any) -> list:
        found = []
        for _ in range(steps):
            optimizer.step()
            schedule.step()
            found.append([g["lr"] for g in optimizer.param_groups])
        return found

    kind = getattr(scratch.optim.lr_scheduler, name)
    _, optimizer = grouped(scratch)
    whole = rates(30, optimizer, kind(optimizer, **options))
    _, optimizer = grouped(scratch)
    schedule = kind(optimizer, **options)
    first = rates(11, optimizer, schedule)
    saved, settings = copy.deepcopy(schedule.state_dict()), copy.deepcopy(optimizer.state_dict())
    _, optimizer = grouped(scratch)
    schedule = kind(optimizer, **options)
    optimizer.load_state_dict(settings)
    schedule.load_state_dict(saved)
    np.testing.assert_allclose(first + rates(19, optimizer, schedule), whole, rtol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"patience": 2}, {"mode": "max", "patience": 1}, {"factor": 0.5, "patience": 1, "cooldown": 3},
        {"patience": 1, "threshold": 0.1}, {"patience": 1, "threshold": 0.05, "threshold_mode": "abs"},
        {"patience": 0, "min_lr": 0.03}, {"patience": 0, "eps": 0.05},
    ],
)  # fmt: skip
def test_reduce_on_plateau(options: dict) -> None:
    metrics = [math.exp(-t / 10) + 0.05 * math.sin(3 * t) for t in range(50)] + [float("nan"), 0.0]
    rates: list[list] = []
    for T in (scratch, torch):
        _, optimizer = grouped(T)
        schedule = T.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
        rates.append([])
        for metric in metrics:
            schedule.step(metric)
            rates[-1].append(schedule.get_last_lr())
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-12)


def test_schedules_one_after_the_other() -> None:
    rates: list[list] = []
    for T in (scratch, torch):
        _, optimizer = grouped(T)
        L = T.optim.lr_scheduler
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts = [
                L.LinearLR(optimizer, 0.1, total_iters=5), L.CosineAnnealingLR(optimizer, 20),
                L.ExponentialLR(optimizer, 0.5),
            ]  # fmt: skip
            schedule = L.SequentialLR(optimizer, parts, [5, 20])
            rates.append([])
            for _ in range(30):
                optimizer.step()
                schedule.step()
                rates[-1].append(schedule.get_last_lr())
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-10)


def test_a_sequence_of_schedules_goes_on() -> None:
    def made() -> tuple[Any, Any]:
        _, optimizer = grouped(scratch)
        L = scratch.optim.lr_scheduler
        parts = [L.LinearLR(optimizer, 0.1, total_iters=5), L.ExponentialLR(optimizer, 0.5)]
        return optimizer, L.SequentialLR(optimizer, parts, [5])

    for stop in (3, 5, 8):
        (whole, schedule), (optimizer, again) = made(), made()
        for step in range(10):
            schedule.step()
            if step == stop:
                again.load_state_dict(copy.deepcopy(schedule.state_dict()))
                optimizer.load_state_dict(copy.deepcopy(whole.state_dict()))
            elif step > stop:
                again.step()
                rates = [[g["lr"] for g in o.param_groups] for o in (whole, optimizer)]
                assert rates[0] == rates[1]


def test_a_schedule_that_has_ended_says_so() -> None:
    _, optimizer = grouped(scratch)
    schedule = scratch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 3)
    schedule.step()
    schedule.step()
    with pytest.raises(ValueError, match="total_steps"):
        schedule.step()
    with pytest.raises(ValueError, match="steps_per_epoch"):
        scratch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1)
    with pytest.raises(ValueError, match="momentum"):
        scratch.optim.lr_scheduler.OneCycleLR(
            scratch.optim.Adagrad([scratch.ones(1, requires_grad=True)]), 0.1, 3
        )
