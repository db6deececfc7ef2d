"""Which parts of an input an answer rests on: four methods, through either engine's autograd.

``model`` is a model of `course.scratch` or of PyTorch that returns scores (N, classes); ``x`` is an
array (N, ...), ``target`` the class to explain, one number or (N,). All return an array like ``x``.
The model's own gradients are left as they were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.training.engines import engine_of

Floats = NDArray[Any]


def scores(model: Any, x: Floats, target: Any) -> Floats:
    """The model's scores (N,) for ``target``."""
    engine, kind = _engine(model)
    x, chosen = _checked(x, target)
    with engine.no_grad():
        out = model(engine.tensor(x, dtype=kind)).numpy()
    _check_classes(out, chosen)
    return np.array(out[np.arange(len(x)), chosen])


def gradient(model: Any, x: Floats, target: Any) -> Floats:
    """The gradient of each example's score for ``target`` with respect to its input."""
    engine, kind = _engine(model)
    x, chosen = _checked(x, target)
    inputs = engine.tensor(x, dtype=kind, requires_grad=True)
    out = model(inputs)
    _check_classes(out, chosen)
    picked = out.gather(1, engine.tensor(chosen[:, None]))
    # grad() and not backward(): the parameters' own gradients belong to whoever trains.
    (found,) = engine.autograd.grad(picked.sum(), [inputs])
    return np.array(found.detach().numpy())


def saliency(model: Any, x: Floats, target: Any) -> Floats:
    """How strongly each input moves the score, whichever way: the gradient's absolute value."""
    return np.abs(gradient(model, x, target))


def gradient_x_input(model: Any, x: Floats, target: Any) -> Floats:
    """Gradient times input: what each input would contribute if the model were linear."""
    return gradient(model, x, target) * np.asarray(x)


def smooth_grad(
    model: Any, x: Floats, target: Any, *, noise: float = 0.15, samples: int = 25, seed: int = 0
) -> Floats:
    """The mean gradient over ``samples`` copies of the input with Gaussian noise (Smilkov 2017).

    ``noise`` is the standard deviation in the input's own unit. Raises ValueError for a negative
    noise or fewer than one sample.
    """
    if noise < 0 or samples < 1:
        raise ValueError(f"noise must be 0 or more and samples 1 or more; not {noise}, {samples}.")
    rng = np.random.default_rng(seed)
    x = np.asarray(x)
    total = np.zeros(x.shape)
    for _ in range(samples):
        total += gradient(model, x + noise * rng.normal(size=x.shape), target)
    return total / samples


def integrated_gradients(
    model: Any, x: Floats, target: Any, *, baseline: Any = 0.0, steps: int = 64
) -> Floats:
    """The gradient averaged along the straight way from ``baseline`` to ``x``, times that way.

    Midpoint rule in ``steps`` parts (Sundararajan, Taly and Yan, 2017). Its sum comes close to
    score(x) - score(baseline), *completeness*, the closer the more steps; :func:`complete_gradients`
    takes as many as it needs. Raises ValueError for fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}.")
    x, chosen = _checked(x, target)
    start = _baseline(baseline, x)
    places = (np.arange(steps) + 0.5) / steps
    way = start + places.reshape(-1, *[1] * x.ndim) * (x - start)
    flat = way.reshape(-1, *x.shape[1:])
    grads = gradient(model, flat, np.tile(chosen, steps))
    return np.asarray((x - start) * grads.reshape(way.shape).mean(axis=0))


def complete_gradients(
    model: Any, x: Floats, target: Any, *, baseline: Any = 0.0, tolerance: float = 1e-6
) -> Floats:
    """Integrated gradients of one example (1, ...), as exact as ``tolerance`` asks.

    Of each part of the way completeness is checked by itself, and what misses is halved: a network
    with ReLUs has kinks, and an even grid spends its points elsewhere. Raises ValueError for more
    than one example or a tolerance that is not above 0, RuntimeError where rounding forbids it.
    """
    x, chosen = _checked(x, target)
    if len(x) != 1 or not tolerance > 0:
        raise ValueError(
            f"Give one example and a tolerance above 0; not {len(x)} examples and {tolerance}."
        )
    start = _baseline(baseline, x)
    way = x - start
    left, right = np.linspace(0, 1, 65)[:-1], np.linspace(0, 1, 65)[1:]
    total = np.zeros(x.shape)
    for _ in range(60):
        middle = (left + right) / 2
        grads = gradient(model, _points(start, way, middle), np.tile(chosen, len(middle)))
        parts = grads * way * _wide(right - left, x)
        ends = scores(
            model, _points(start, way, np.r_[left, right]), np.tile(chosen, 2 * len(left))
        )
        rise = ends[len(left) :] - ends[: len(left)]
        misses = np.abs(parts.reshape(len(left), -1).sum(axis=1) - rise)
        # Each part may miss by its share of the way; a part too short to halve is let go.
        short = misses > 0.5 * tolerance * np.maximum(right - left, 1e-3)
        total += parts[~short].sum(axis=0, keepdims=True)
        if not short.any():
            return total
        left, right = (
            np.r_[left[short], middle[short]],
            np.r_[middle[short], right[short]],
        )
    raise RuntimeError(
        f"completeness to {tolerance:g} is out of reach; give a larger tolerance, or the model in "
        "64-bit numbers."
    )


def completeness(model: Any, x: Floats, target: Any, found: Floats, *, baseline: Any = 0.0) -> Any:
    """By how much the sum of attributions misses score(x) - score(baseline); (N,)."""
    x, chosen = _checked(x, target)
    rise = scores(model, x, chosen) - scores(model, _baseline(baseline, x), chosen)
    return np.asarray(found).reshape(len(x), -1).sum(axis=1) - rise


def deletion(model: Any, x: Floats, target: Any, found: Floats, *, baseline: float = 0.0) -> Floats:
    """The score of one example (1, ...) as its inputs are set to ``baseline``, the strongest first.

    Returns (inputs + 1,): a map that knows what matters makes the score fall fast.
    """
    x, chosen = _checked(x, target)
    order = np.argsort(-np.asarray(found).ravel(), kind="stable")
    copies = np.repeat(x.reshape(1, -1), len(order) + 1, axis=0)
    for count in range(1, len(order) + 1):
        copies[count:, order[count - 1]] = baseline
    return scores(model, copies.reshape(-1, *x.shape[1:]), np.tile(chosen, len(copies)))


def _points(start: Floats, way: Floats, places: Floats) -> Floats:
    return np.asarray(start + way * _wide(places, way))


def _wide(values: Floats, like: Floats) -> Floats:
    return values.reshape(-1, *[1] * (like.ndim - 1))


def _baseline(baseline: Any, x: Floats) -> Floats:
    try:
        return np.broadcast_to(np.asarray(baseline, dtype=x.dtype), x.shape)
    except ValueError:
        raise ValueError(
            f"The baseline has the shape {np.shape(baseline)}, the input {x.shape}: give one "
            "number, or an array of the input's shape."
        ) from None


def _engine(model: Any) -> tuple[Any, Any]:
    return engine_of(model), next(iter(model.parameters())).dtype


def _checked(x: Any, target: Any) -> tuple[Floats, NDArray[np.int64]]:
    array = np.asarray(x)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    if array.ndim < 2 or not len(array):
        raise ValueError(
            f"x has the shape {array.shape}; expected (examples, ...), at least one example. "
            "For one example write x[None]."
        )
    if not np.isfinite(array).all():
        raise ValueError("x holds NaN or infinity: there is no gradient to explain it with.")
    chosen = np.asarray(target)
    if chosen.dtype.kind not in "iu" or chosen.shape not in ((), (len(array),)):
        raise ValueError(
            f"target must be a class number, or one for each of {len(array)} examples; "
            f"not {target!r}."
        )
    return array, np.broadcast_to(chosen, len(array)).astype(np.int64)


def _check_classes(out: Any, chosen: NDArray[np.int64]) -> None:
    if len(out.shape) != 2:
        raise ValueError(f"The model returned the shape {tuple(out.shape)}; expected (N, classes).")
    classes = int(out.shape[1])
    if chosen.min() < 0 or chosen.max() >= classes:
        raise ValueError(
            f"There is no class {int(chosen.max())}: the model has {classes}, 0 to {classes - 1}."
        )
