"""LBFGS takes PyTorch's steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course import scratch

START = np.array([-1.2, 1.0, 0.7, -0.4])


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def path(engine, rounds: int, resume: bool = False, **options) -> tuple[np.ndarray, list[float]]:
    """Where LBFGS leads on the Rosenbrock function, and the losses that it returned."""
    x = engine.from_numpy(START.copy()).requires_grad_()
    optimizer = engine.optim.LBFGS([x], **options)

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(x)
        loss.backward()
        return loss

    losses = []
    for _ in range(rounds):
        losses.append(optimizer.step(closure).item())
        if resume:
            state = optimizer.state_dict()
            optimizer = engine.optim.LBFGS([x], **options)
            optimizer.load_state_dict(state)
    return x.detach().numpy(), losses


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lr": 0.1},
        {"lr": 0.5, "history_size": 2},
        {"max_iter": 4, "lr": 0.3},
        {"max_iter": 30, "max_eval": 7, "lr": 0.2},
        {"tolerance_grad": 1.0, "lr": 0.2},
        {"tolerance_change": 1e-2, "lr": 0.2},
    ],
)
def test_steps_are_pytorchs(options: dict) -> None:
    (x, losses), (y, expected) = path(scratch, 4, **options), path(torch, 4, **options)
    np.testing.assert_allclose(losses, expected, rtol=1e-8)
    np.testing.assert_allclose(x, y, rtol=1e-8)


def test_a_saved_state_goes_on_where_it_was() -> None:
    x, losses = path(scratch, 3, lr=0.2, max_iter=5)
    y, again = path(scratch, 3, resume=True, lr=0.2, max_iter=5)
    np.testing.assert_array_equal(x, y)
    assert losses == again


def test_several_parameters_and_one_without_gradient() -> None:
    found = []
    for engine in (scratch, torch):
        a = engine.from_numpy(np.arange(6.0).reshape(2, 3)).requires_grad_()
        b, idle = (engine.from_numpy(np.ones(3)).requires_grad_() for _ in range(2))
        optimizer = engine.optim.LBFGS([a, b, idle], lr=0.3)

        def closure(a=a, b=b, optimizer=optimizer):
            optimizer.zero_grad()
            loss = ((a * b - 1) ** 2).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        found.append(np.concatenate([t.detach().numpy().ravel() for t in (a, b, idle)]))
    np.testing.assert_allclose(*found, rtol=1e-10)


def test_what_is_left_out_says_so() -> None:
    x = scratch.ones(2, requires_grad=True)
    with pytest.raises(NotImplementedError, match="line searches"):
        scratch.optim.LBFGS([x], line_search_fn="strong_wolfe")
    with pytest.raises(ValueError, match="no groups"):
        scratch.optim.LBFGS([{"params": [x]}, {"params": [scratch.ones(1)]}])
    with pytest.raises(TypeError, match="needs a closure"):
        scratch.optim.LBFGS([x]).step()
