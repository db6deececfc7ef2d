"""One step of gradient descent, and one of Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course import scratch
from course.checks import Exercise, case, probe

_SOLUTION = "../solutions/03_training_loop.ipynb"


def _sgd(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p -= lr * p.grad


def _sgd_uphill(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p += lr * p.grad


def _sgd_without_rate(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p -= p.grad


def _sgd_on_copies(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p = p - lr * p.grad


def _sgd_first_only(parameters: Any, lr: float) -> None:
    with scratch.no_grad():
        for p in parameters:
            p -= lr * p.grad
            return


def _after_steps(lr: float, count: int) -> Callable[[Any], list[list[float]]]:
    def run(sgd_step: Any) -> list[list[float]]:
        weight = scratch.tensor([1.0, -2.0, 0.5], requires_grad=True)
        bias = scratch.tensor([0.25], requires_grad=True)
        for _ in range(count):
            weight.grad = bias.grad = None
            ((weight * weight).sum() * 2 + 3 * bias.sum()).backward()
            sgd_step([weight, bias], lr)
        return [weight.tolist(), bias.tolist()]

    return run


sgd_step = Exercise(
    name="sgd_step",
    reference=_sgd,
    cases=[
        probe(_after_steps(0.1, 1), "two parameters after one step with lr=0.1"),
        probe(_after_steps(0.05, 3), "two parameters after three steps with lr=0.05"),
    ],
    mistakes=[
        (_sgd_uphill, "The loss went up: a step goes against the gradient, so subtract it."),
        (
            _sgd_without_rate,
            "The step is the whole gradient: multiply it by the learning rate `lr`.",
        ),
        (
            _sgd_on_copies,
            "The parameters are where they were. `p = p - ...` makes a new tensor and gives it the name `p`; "
            "`p -= ...` changes the parameter itself.",
        ),
        (_sgd_first_only, "Only the first parameter moved: is there a `return` inside the loop?"),
    ],
    hints=[
        "Loop over `parameters`; each has its gradient in `p.grad`.",
        "Changing a parameter is not part of the model: do it inside `with scratch.no_grad():`.",
        "The line is `p -= lr * p.grad`.",
    ],
    points=2,
    solution=_SOLUTION,
)


def _adam(p: Any, g: Any, m: Any, v: Any, t: int, lr: float, beta1: float, beta2: float) -> tuple:
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return p - lr * m_hat / (v_hat**0.5 + 1e-8), m, v


def _adam_variant(
    correct: bool = True,
    square: bool = True,
    root: bool = True,
    power: bool = True,
    store_hat: bool = False,
    inside: bool = False,
) -> Callable[..., tuple]:
    """Adam with one thing left out."""

    def step(
        p: Any, g: Any, m: Any, v: Any, t: int, lr: float, beta1: float, beta2: float
    ) -> tuple:
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g**2 if square else g)
        exponent = t if power else 1
        m_hat = m / (1 - beta1**exponent) if correct else m
        v_hat = v / (1 - beta2**exponent) if correct else v
        if store_hat:
            m, v = m_hat, v_hat
        if inside:
            return p - lr * m_hat / (v_hat + 1e-8) ** 0.5, m, v
        with np.errstate(invalid="ignore"):
            return p - lr * m_hat / ((v_hat**0.5 if root else v_hat) + 1e-8), m, v

    return step


_P, _G = np.array([1.0, -1.0, 0.5]), np.array([0.5, -2.0, 0.01])
_M, _V = np.array([0.1, -0.3, 0.0]), np.array([0.04, 0.5, 0.001])

adam_step = Exercise(
    name="adam_step",
    reference=_adam,
    cases=[
        case(_P, _G, np.zeros(3), np.zeros(3), 1, 0.1, 0.9, 0.999).named("the first step, t=1"),
        case(_P, _G, _M, _V, 7, 0.01, 0.9, 0.999).named("a later step, t=7"),
        case(_P, _G, _M, _V, 2, 0.01, 0.5, 0.8).named("other betas, t=2"),
    ],
    mistakes=[
        (
            _adam_variant(correct=False),
            "The bias correction is missing. `m` and `v` start at 0, so early on they are too small: divide them "
            "by `1 - beta**t`.",
        ),
        (
            _adam_variant(power=False),
            "The correction does not fade: divide by `1 - beta**t`, not by `1 - beta`. After many steps it is nearly 1.",
        ),
        (_adam_variant(square=False), "`v` should be a running mean of the *squared* gradient."),
        (
            _adam_variant(root=False),
            "The step is divided by `v`; it should be divided by its square root.",
        ),
        (
            _adam_variant(inside=True),
            "The small number 1e-8 stands under the root; add it to the root itself. For tiny gradients that matters.",
        ),
        (
            _adam_variant(store_hat=True),
            "Return `m` and `v` themselves, not the corrected ones: the next step corrects them again.",
        ),
    ],
    hints=[
        "Four lines: update `m`, update `v`, correct both, take the step.",
        "`m = beta1 * m + (1 - beta1) * g`, and the same for `v` with `beta2` and `g**2`.",
        "`m_hat = m / (1 - beta1**t)`; the step is `lr * m_hat / (v_hat**0.5 + 1e-8)`.",
    ],
    points=2,
    solution=_SOLUTION,
)
