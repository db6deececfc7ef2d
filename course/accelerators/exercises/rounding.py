"""Exercise: stochastic rounding, which is wrong every time and right on average."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import Exercise, probe, slip

_SOLUTION = "../solutions/05_accelerators.ipynb"


def _round(values: Any, step: float, rng: Any) -> Any:
    scaled = values / step
    low = np.floor(scaled)
    up = rng.random(values.shape) < scaled - low
    return (low + up) * step


def _noise_then_nearest(values: Any, step: float, rng: Any) -> Any:
    return np.rint(values / step + rng.random(values.shape)) * step


def _nearest(values: Any, step: float, rng: Any) -> Any:
    return np.rint(values / step) * step


def _seen(value: float, step: float, seed: int) -> Callable[[Any], dict[str, Any]]:
    """What many roundings of ``value`` show, whatever random numbers they were drawn with."""

    def run(stochastic_round: Any) -> dict[str, Any]:
        count = 20_000
        given = np.full(count, value)
        found = np.asarray(stochastic_round(given.copy(), step, np.random.default_rng(seed)))
        if found.shape != given.shape:
            return {"the shape of the result": found.shape}
        low = np.floor(value / step) * step
        near = np.isclose(found, low) | np.isclose(found, low + step)
        share = (value - low) / step
        # Five standard deviations of a mean: a right answer fails once in two million tries.
        slack = 5 * step * np.sqrt(share * (1 - share) / count)
        even = step * np.array([-3.0, 0.0, 2.0])
        kept = stochastic_round(even.copy(), step, np.random.default_rng(seed))
        others = {
            tuple(np.ravel(stochastic_round(given[:50].copy(), step, np.random.default_rng(n))))
            for n in range(300)
        }
        return {
            "the shape of the result": found.shape,
            "each result is one of the two neighbours": bool(near.all()),
            "both of them occur": bool(np.ptp(found) > 0),
            "the mean is the value": bool(abs(found.mean() - value) <= slack),
            "other draws give other results": len(others) > 1,
            "a multiple of the step stays what it is": bool(np.allclose(kept, even)),
        }

    return run


stochastic_round = Exercise(
    name="stochastic_round",
    reference=_round,
    cases=[
        probe(_seen(0.3, 1.0, 1), "0.3 in steps of 1, twenty thousand times"),
        probe(_seen(-2.9, 1.0, 2), "-2.9 in steps of 1: a negative number"),
        probe(_seen(1.0625, 0.125, 3), "1.0625 in steps of 0.125: the very middle"),
        probe(_seen(3.01, 0.5, 5), "3.01 in steps of 0.5"),
    ],
    mistakes=[
        (
            _nearest,
            "This rounds to the nearest: 0.3 becomes 0 every time, so that a thousand of them sum to 0. Draw with `rng`.",
        ),
        slip(
            "All values share one draw: ask for as many random numbers as there are values.",
            "rng.random(values.shape)",
            "rng.random()",
        ),
        slip(
            "A coin decides; the chance to go up must be the way already gone, `scaled - low`.",
            "scaled - low",
            "np.where(scaled > low, 0.5, 0)",
        ),
        slip(
            "Up and down are exchanged: 0.9 should go up nine times in ten.",
            "< scaled - low",
            "> scaled - low",
        ),
        slip(
            "Negative numbers always go towards zero here: cut down with `np.floor`, not towards zero.",
            "np.floor",
            "np.trunc",
        ),
        (
            _noise_then_nearest,
            "Noise from 0 to 1 and *then* rounding to the nearest is half a step too high on average: take the floor instead.",
        ),
    ],
    hints=[
        "Count in steps: `values / step`. The floor is the lower neighbour; what is left over is the chance to go up.",
        "`rng.random(values.shape)` is below p in a share p of the cases.",
        "`low = np.floor(values / step)`, `up = rng.random(values.shape) < values / step - low`.",
    ],
    points=2,
    solution=_SOLUTION,
)
