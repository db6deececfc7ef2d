"""The checks of lesson 01: a loss, a step, the largest stable rate, and a fit with a bug."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import Exercise, case, probe

_SOLUTION = "../solutions/01_what_training_is.ipynb"

# --------------------------------------------------------------------------- mean_squared_error


def _mse(predictions: Any, targets: Any) -> Any:
    return np.mean((predictions - targets) ** 2)


mean_squared_error = Exercise(
    name="mean_squared_error",
    reference=_mse,
    cases=[
        case(np.array([1.0, 2.0, 4.0]), np.array([1.0, 4.0, 1.0])),
        case(np.array([0.5, -1.5]), np.array([2.0, -1.0])),
        case(np.array([3.0, 3.0, 3.0, 3.0]), np.array([3.0, 3.0, 3.0, 3.0])),
    ],
    mistakes=[
        (
            lambda predictions, targets: np.sum((predictions - targets) ** 2),
            "This is the sum of the squares. Divide by their number, or use `np.mean`: otherwise twice as many points "
            "would look twice as wrong.",
        ),
        (
            lambda predictions, targets: np.mean(predictions - targets) ** 2,
            "This is the square of the mean: errors above and below cancel before they are squared. Square each error "
            "first, then take the mean.",
        ),
        (
            lambda predictions, targets: np.mean(np.abs(predictions - targets)),
            "This is the mean of the errors without their signs (the mean absolute error). Here each error is squared.",
        ),
        (
            lambda predictions, targets: np.mean(predictions - targets),
            "The errors are not squared: those above and those below the line cancel.",
        ),
        (
            lambda predictions, targets: np.sqrt(np.mean((predictions - targets) ** 2)),
            "This is the square root of the mean squared error. It is of use too, but leave the root away here.",
        ),
        (
            lambda predictions, targets: (predictions - targets) ** 2,
            "These are the squared errors, one for each point. The loss is one number: their mean.",
        ),
        (
            lambda predictions, targets: (
                np.sum((predictions - targets) ** 2) / max(len(targets) - 1, 1)
            ),
            "The sum is divided by one less than the number of points. Some statistics do so; the mean divides by the number.",
        ),
        (
            lambda predictions, targets: np.mean(predictions**2 - targets**2),
            "Prediction and target are squared apart from each other. Subtract first, then square the difference.",
        ),
        (
            lambda predictions, targets: np.mean((predictions - targets) ** 2) / 2,
            "This is half of it. Some books define the loss so; here it is the mean itself.",
        ),
    ],
    hints=[
        "Arrays subtract element by element: `predictions - targets` holds all the errors.",
        "`** 2` squares each element of an array.",
        "`np.mean(...)` of the squared errors is the answer.",
    ],
    points=2,
    solution=_SOLUTION,
)

# -------------------------------------------------------------------------------- gradient_step


def _step(slope: Any, intercept: Any, x: Any, y: Any, lr: float) -> tuple[Any, Any]:
    errors = slope * x + intercept - y
    return slope - lr * 2 * np.mean(errors * x), intercept - lr * 2 * np.mean(errors)


def _step_variant(
    sign: float = -1.0, factor: float = 2.0, times_x: bool = True, rate: bool = True
) -> Callable[..., tuple[Any, Any]]:
    """A step with one thing wrong."""

    def step(slope: Any, intercept: Any, x: Any, y: Any, lr: float) -> tuple[Any, Any]:
        errors = slope * x + intercept - y
        amount = sign * factor * (lr if rate else 1.0)
        toward = np.mean(errors * x) if times_x else np.mean(errors)
        return slope + amount * toward, intercept + amount * np.mean(errors)

    return step


def _step_summed(slope: Any, intercept: Any, x: Any, y: Any, lr: float) -> tuple[Any, Any]:
    errors = slope * x + intercept - y
    return slope - lr * 2 * np.sum(errors * x), intercept - lr * 2 * np.sum(errors)


def _step_one_after_the_other(
    slope: Any, intercept: Any, x: Any, y: Any, lr: float
) -> tuple[Any, Any]:
    slope = slope - lr * 2 * np.mean((slope * x + intercept - y) * x)
    return slope, intercept - lr * 2 * np.mean(slope * x + intercept - y)


def _only_gradients(slope: Any, intercept: Any, x: Any, y: Any, lr: float) -> tuple[Any, Any]:
    errors = slope * x + intercept - y
    return 2 * np.mean(errors * x), 2 * np.mean(errors)


def _step_swapped(slope: Any, intercept: Any, x: Any, y: Any, lr: float) -> tuple[Any, Any]:
    return _step(slope, intercept, x, y, lr)[::-1]


_X, _Y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, 2.5, 2.0, 5.0])

gradient_step = Exercise(
    name="gradient_step",
    reference=_step,
    cases=[
        case(0.0, 0.0, _X, _Y, 0.1).named("from slope 0, intercept 0, with lr=0.1"),
        case(1.5, -1.0, _X, _Y, 0.01).named("from slope 1.5, intercept -1, with lr=0.01"),
        case(0.5, 2.0, np.array([-1.0, 3.0]), np.array([0.0, 1.0]), 0.2).named(
            "two points, with lr=0.2"
        ),
    ],
    mistakes=[
        (
            _step_variant(sign=1.0),
            "The loss went up: the gradient points uphill, so a step subtracts it.",
        ),
        (
            _step_variant(factor=1.0),
            "Both steps are half as long as they should be: the 2 of the gradient is missing.",
        ),
        (
            _step_variant(times_x=False),
            "The slope moved by the intercept's gradient: for the slope, each error is multiplied by its `x` before the mean.",
        ),
        (
            _step_variant(rate=False),
            "The step is the whole gradient: multiply it by the learning rate `lr`.",
        ),
        (
            _step_summed,
            "The gradients are summed over the points. The loss is a mean, so its gradients are means too.",
        ),
        (
            _step_one_after_the_other,
            "The slope is right, but the intercept's gradient was taken after the slope had moved. Compute both gradients "
            "first, at the same place; then move.",
        ),
        (
            _only_gradients,
            "These are the two gradients. Return where the step leads: each parameter minus `lr` times its gradient.",
        ),
        (_step_swapped, "Slope and intercept are exchanged: return the slope first."),
    ],
    hints=[
        "Begin with the errors: `errors = slope * x + intercept - y`.",
        "The slope's gradient is `2 * np.mean(errors * x)`, the intercept's `2 * np.mean(errors)`.",
        "Return `slope - lr * ...` and `intercept - lr * ...`, separated by a comma.",
    ],
    points=2,
    solution=_SOLUTION,
)

# ------------------------------------------------------------------------- largest_stable_rate


def _bisect(diverges: Any, low: float, high: float) -> float:
    for _ in range(30):
        middle = (low + high) / 2
        if diverges(middle):
            high = middle
        else:
            low = middle
    return low


def _bisect_wrong_side(diverges: Any, low: float, high: float) -> float:
    for _ in range(30):
        middle = (low + high) / 2
        if diverges(middle):
            low = middle
        else:
            high = middle
    return low


def _bisect_once(diverges: Any, low: float, high: float) -> float:
    middle = (low + high) / 2
    return low if diverges(middle) else middle


def _bisect_few(diverges: Any, low: float, high: float) -> float:
    for _ in range(5):
        middle = (low + high) / 2
        low, high = (low, middle) if diverges(middle) else (middle, high)
    return low


def _linear_search(diverges: Any, low: float, high: float) -> float:
    rate, step = low, (high - low) / 1000
    while not diverges(rate + step):
        rate += step
    return rate


def _high_end(diverges: Any, low: float, high: float) -> float:
    _bisect(diverges, low, high)
    return high


_MOST_TRIES, _ACCURACY = 60, 1e-3


def _searched(edge: float, low: float, high: float) -> Callable[[Any], dict[str, Any]]:
    """What a search for a known edge finds, and what it costs; any right way to it will do."""

    def run(largest_stable_rate: Any) -> dict[str, Any]:
        tried: list[float] = []

        def diverges(rate: Any) -> bool:
            tried.append(float(rate))
            if len(tried) > 5000:
                raise RuntimeError("`diverges` was called 5,000 times: does the search ever stop?")
            return float(rate) > edge

        found = largest_stable_rate(diverges, low, high)
        if found is None or isinstance(found, bool):
            return {"a number is returned": found}
        off = float(found) / edge - 1
        return {
            "a number is returned": True,
            "it is the edge": "yes, within 0.1 %"
            if abs(off) <= _ACCURACY
            else f"no, it is {float(found):.6g} where the edge is {edge:.6g}",
            f"at most {_MOST_TRIES} rates are tried": "yes"
            if len(tried) <= _MOST_TRIES
            else f"no, {len(tried):,} were",
            "no rate outside low to high is tried": all(low <= rate <= high for rate in tried),
        }

    return run


largest_stable_rate = Exercise(
    name="largest_stable_rate",
    reference=_bisect,
    cases=[
        probe(_searched(0.25, 0.0, 1.0), "an edge at 0.25, between 0 and 1"),
        probe(_searched(1.7, 0.0, 2.0), "an edge at 1.7, between 0 and 2"),
        probe(_searched(0.0123, 0.0, 2.0), "an edge at 0.0123, between 0 and 2"),
    ],
    mistakes=[
        (
            _bisect_wrong_side,
            "The wrong half is kept. Where the middle diverges, the edge lies below it: the middle becomes the new `high`.",
        ),
        (
            _bisect_once,
            "The interval was halved once. Halve it again and again, in a loop, until it is tiny.",
        ),
        (
            _bisect_few,
            "The search goes the right way and stops too early: the interval is still wide. Thirty halvings make it a "
            "billion times smaller.",
        ),
        (
            _linear_search,
            "It tries one rate after the other in small steps. That takes hundreds of tries and finds the edge only to "
            "within a step. Halving the interval is faster and finer.",
        ),
        (
            _high_end,
            "It returns the `high` that it was given, not the edge: return what is left of the interval.",
        ),
    ],
    hints=[
        "The edge lies between `low` and `high`. Try the middle: `diverges((low + high) / 2)`.",
        "If the middle diverges, it becomes the new `high`; otherwise the new `low`. Either way the interval has halved.",
        "Do that 30 times in a `for` loop, then `return low`.",
    ],
    points=2,
    solution=_SOLUTION,
)

# ------------------------------------------------------------------------------------- fit_line


def _fit(x: Any, y: Any, lr: float, steps: int) -> tuple[Any, Any]:
    x = x[:, 0]
    slope, intercept = 0.0, 0.0
    for _ in range(steps):
        slope, intercept = _step(slope, intercept, x, y, lr)
    return slope, intercept


def fit_line_with_bug(x: Any, y: Any, lr: float, steps: int) -> tuple[Any, Any]:
    """The lesson's buggy fit: a column minus a row is a whole table of errors."""
    slope, intercept = 0.0, 0.0
    for _ in range(steps):
        errors = slope * x + intercept - y
        slope = slope - lr * 2 * np.mean(errors * x)
        intercept = intercept - lr * 2 * np.mean(errors)
    return slope, intercept


def _fit_mean_over_rows(x: Any, y: Any, lr: float, steps: int) -> tuple[Any, Any]:
    slope: Any = 0.0
    intercept: Any = 0.0
    for _ in range(steps):
        errors: Any = np.mean(slope * x + intercept - y, axis=0)
        slope = slope - lr * 2 * np.mean(errors * x)
        intercept = intercept - lr * 2 * np.mean(errors)
    return slope, intercept


def _fit_first_row(x: Any, y: Any, lr: float, steps: int) -> tuple[Any, Any]:
    return _fit(np.full((len(y), 1), x[0, 0]), y, lr, steps)


def _fit_one_step(x: Any, y: Any, lr: float, steps: int) -> tuple[Any, Any]:
    return _fit(x, y, lr, 1)


def _columns(seed: int, count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 2, (count, 1))
    return x, 1.5 * x[:, 0] - 0.5 + 0.1 * rng.normal(size=count)


fit_line = Exercise(
    name="fit_line",
    reference=_fit,
    cases=[
        case(*_columns(0, 30), 0.1, 300).named("30 points near the line 1.5 x - 0.5, 300 steps"),
        case(*_columns(1, 8), 0.2, 500).named("8 such points, 500 steps"),
        case(*_columns(2, 5), 0.05, 2).named("5 such points, only two steps"),
    ],
    mistakes=[
        (
            fit_line_with_bug,
            "The bug is still there: the line is flat. What is `error.shape`? A column of shape (n, 1) minus an array of "
            "shape (n,) is a table of shape (n, n).",
        ),
        (
            _fit_mean_over_rows,
            "The line is still wrong: somewhere the errors of all points are still multiplied by the x of all points, and not "
            "each error by its own x. Bring `x` and `y` to one shape once, before the loop; then everything fits.",
        ),
        (
            _fit_first_row,
            "Only the first point's x is used: `x[0]` is a row; `x[:, 0]` is the whole column as a flat array.",
        ),
        (
            _fit_one_step,
            "Only one step was taken: is there a `return` inside the loop?",
        ),
    ],
    hints=[
        "Print `x.shape`, `y.shape` and `error.shape` inside the loop. How many errors should there be?",
        "Each prediction should meet its own target. `x` is a column, `y` is flat: make them alike before the loop.",
        "One line before the loop is enough: `x = x[:, 0]`, or else one that makes a column of `y`.",
    ],
    points=2,
    solution=_SOLUTION,
)

ALL = (mean_squared_error, gradient_step, largest_stable_rate, fit_line)
