"""The optimizer race: real optimizers descend a surface of two parameters, step by step.

The steps are taken by ``course.scratch.optim`` (or ``torch.optim``) on gradients from autograd;
nothing here knows an update rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

# A run whose loss has grown to this many times its start is called diverged and ends.
DIVERGED = 1e6


@dataclass(frozen=True)
class Surface:
    """A loss of two parameters: ``height(x, y)``, on tensors and arrays alike, and where to look.

    ``minimum`` is its least height, ``valleys`` the places that have it, ``window`` (left, right,
    bottom, top) the part drawn.
    """

    name: str
    formula: str
    height: Callable[[Any, Any], Any]
    start: tuple[float, float]
    valleys: tuple[tuple[float, float], ...]
    minimum: float
    window: tuple[float, float, float, float]


BOWL_CURVATURES = (1.0, 25.0)


def _bowl(x: Any, y: Any) -> Any:
    return 0.5 * (BOWL_CURVATURES[0] * x * x + BOWL_CURVATURES[1] * y * y)


def _banana(x: Any, y: Any) -> Any:
    bend = y - x * x
    return (1 - x) * (1 - x) + 100 * bend * bend


def _saddle(x: Any, y: Any) -> Any:
    return 0.5 * x * x - 0.5 * y * y + 0.125 * y * y * y * y


def _valleys(x: Any, y: Any) -> Any:
    a, b = x * x + y - 11, x + y * y - 7
    return a * a + b * b


SURFACES: dict[str, Surface] = {
    "bowl": Surface(
        "long bowl",
        "(x² + 25 y²) / 2",
        _bowl,
        (-4.0, 1.2),
        ((0.0, 0.0),),
        0.0,
        (-5.0, 2.0, -2.0, 2.0),
    ),
    "banana": Surface(
        "curved valley (Rosenbrock)",
        "(1 − x)² + 100 (y − x²)²",  # noqa: RUF001  (a minus sign, for reading)
        _banana,
        (-1.2, 1.0),
        ((1.0, 1.0),),
        0.0,
        (-2.0, 2.0, -1.0, 3.0),
    ),
    "saddle": Surface(
        "saddle",
        "x²/2 − y²/2 + y⁴/8",  # noqa: RUF001
        _saddle,
        (-2.0, 0.01),
        ((0.0, math.sqrt(2.0)), (0.0, -math.sqrt(2.0))),
        -0.5,
        (-2.6, 1.6, -2.2, 2.2),
    ),
    "valleys": Surface(
        "four valleys (Himmelblau)",
        "(x² + y − 11)² + (x + y² − 7)²",  # noqa: RUF001
        _valleys,
        (-0.5, -1.0),
        ((3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)),
        0.0,
        (-5.5, 5.5, -5.5, 5.5),
    ),
}

OPTIMIZERS: dict[str, str] = {
    "sgd": "SGD",
    "momentum": "SGD with momentum 0.9",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}


@dataclass(frozen=True)
class Track:
    """One run: ``points`` (steps + 1, 2) and ``gaps`` (steps + 1), the loss above the minimum.

    ``diverged_at`` is the step at which the loss left all bounds, or None.
    """

    optimizer: str
    points: np.ndarray
    gaps: np.ndarray
    diverged_at: int | None

    @property
    def name(self) -> str:
        """The optimizer as a reader knows it."""
        return OPTIMIZERS[self.optimizer]

    @property
    def final(self) -> float:
        """The loss above the minimum after the last step."""
        return float(self.gaps[-1])


@dataclass(frozen=True)
class Race:
    """The tracks of several optimizers on one surface, all from the same start."""

    surface: Surface
    learning_rate: float
    steps: int
    tracks: tuple[Track, ...]

    @property
    def finished(self) -> list[Track]:
        """The tracks that did not diverge, the lowest first."""
        return sorted((t for t in self.tracks if t.diverged_at is None), key=lambda t: t.final)

    @property
    def diverged(self) -> list[Track]:
        """The tracks that diverged."""
        return [t for t in self.tracks if t.diverged_at is not None]


def run_race(surface: str, optimizers: Sequence[str], learning_rate: float, steps: int) -> Race:
    """Run ``optimizers`` (keys of OPTIMIZERS) for ``steps`` steps on a surface (key of SURFACES).

    Raises ValueError for an unknown name, a learning rate not above 0 or a negative number of
    steps.
    """
    wanted = [(surface, list(SURFACES)), *((o, list(OPTIMIZERS)) for o in optimizers)]
    for name, known in wanted:
        if name not in known:
            raise ValueError(f"{name!r} is not known here; choose from {', '.join(known)}")
    if not (learning_rate > 0 and math.isfinite(learning_rate)):
        raise ValueError(f"the learning rate must be above 0 and finite, not {learning_rate}")
    if steps < 0:
        raise ValueError(f"the number of steps must be 0 or more, not {steps}")
    tracks = tuple(_scratch_track(surface, o, float(learning_rate), int(steps)) for o in optimizers)
    return Race(SURFACES[surface], learning_rate, steps, tracks)


@lru_cache(maxsize=256)
def _scratch_track(surface: str, optimizer: str, learning_rate: float, steps: int) -> Track:
    from course import scratch

    return descend(SURFACES[surface], optimizer, learning_rate, steps, scratch)


def descend(
    surface: Surface, optimizer: str, learning_rate: float, steps: int, engine: ModuleType
) -> Track:
    """One optimizer's descent, in float64; ``engine`` is ``course.scratch`` or ``torch``."""
    place = engine.tensor(list(surface.start), dtype=engine.float64, requires_grad=True)
    stepper = _make(optimizer, place, learning_rate, engine)
    points = [list(surface.start)]
    gaps = [float(surface.height(*surface.start)) - surface.minimum]
    limit = DIVERGED * max(gaps[0], 1.0)
    diverged_at = None
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, steps + 1):
            stepper.zero_grad()
            surface.height(place[0], place[1]).backward()
            stepper.step()
            x, y = (float(v) for v in place.detach().numpy())
            gap = surface.height(np.float64(x), np.float64(y)) - surface.minimum
            if not (math.isfinite(gap) and gap <= limit):
                diverged_at = step
                break
            points.append([x, y])
            # The minimum is known to rounding; a gap below that is no gap.
            gaps.append(max(float(gap), 0.0))
    return Track(optimizer, np.array(points), np.array(gaps), diverged_at)


def _make(optimizer: str, place: Any, learning_rate: float, engine: ModuleType) -> Any:
    optim = engine.optim
    makers: dict[str, Callable[[], Any]] = {
        "sgd": lambda: optim.SGD([place], lr=learning_rate),
        "momentum": lambda: optim.SGD([place], lr=learning_rate, momentum=0.9),
        "rmsprop": lambda: optim.RMSprop([place], lr=learning_rate),
        "adam": lambda: optim.Adam([place], lr=learning_rate),
        "adamw": lambda: optim.AdamW([place], lr=learning_rate),
    }
    return makers[optimizer]()


def largest_stable_rate(curvatures: Sequence[float]) -> float:
    """The learning rate above which gradient descent on a quadratic diverges: 2 / λmax.

    ``curvatures`` are the eigenvalues of the quadratic's Hessian; raises ValueError unless one is
    above 0.
    """
    steepest = max(curvatures, default=0.0)
    if not steepest > 0:
        raise ValueError(f"a quadratic that curves up somewhere is expected, not {curvatures}")
    return 2.0 / steepest
