"""Optimizers raced on a surface of choice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import contourpy
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from course.optimization.race import OPTIMIZERS, SURFACES, Race, Surface, Track, run_race
from course.widgets import Explorer, Table, choice, choices, slider, style

_FLOOR = 1e-12  # the lowest gap the logarithmic axis shows


@dataclass(frozen=True)
class RaceParameters:
    """What the reader sets."""

    surface: str = choice("bowl", {k: s.name for k, s in SURFACES.items()}, label="Surface")
    learning_rate: float = slider(0.03, 1e-4, 1.0, label="Learning rate", log=True)
    steps: int = slider(100, 10, 400, step=10, label="Steps", unit="updates")
    optimizers: tuple[str, ...] = choices(
        tuple(OPTIMIZERS), OPTIMIZERS, label="Optimizers in the race"
    )


def simulate(p: RaceParameters) -> Race:
    """Run the race that the parameters ask for."""
    return run_race(p.surface, p.optimizers, p.learning_rate, p.steps)


def figure(race: Race, fig: Figure) -> None:
    """The paths on the contours, beside the loss over the steps."""
    left, right = fig.subplots(1, 2, width_ratios=(1.15, 1))
    fig.subplots_adjust(left=0.075, right=0.985, top=0.9, bottom=0.23, wspace=0.26)
    _map(left, race.surface)
    right.set_title("Loss over the steps")
    right.set(xlabel="step", ylabel="loss above the minimum", yscale="log", xlim=(0, race.steps))
    lines = [_draw_track(track, race.surface, left, right) for track in race.tracks]
    right.minorticks_off()
    right.grid(True, linewidth=0.6)
    fig.legend(
        handles=lines, loc="lower center", ncols=5, frameon=False, fontsize=9, handlelength=3
    )


def _map(axes: Any, surface: Surface) -> None:
    axes.add_collection(
        LineCollection(_contours(surface.name), colors=style.ink(), linewidths=0.7, alpha=0.3)
    )
    axes.plot(*surface.start, "s", color=style.ink(), markersize=8, fillstyle="none")
    axes.plot(
        *np.transpose(surface.valleys),
        "*",
        color=style.ink(),
        markersize=12,
        zorder=3,
        fillstyle="none",
    )
    axes.set_title(f"Paths on the {surface.name}: from the square to a star")
    axes.set(xlabel="parameter x", ylabel="parameter y")
    axes.set(xlim=surface.window[:2], ylim=surface.window[2:])
    axes.locator_params(nbins=5)


def _draw_track(track: Track, surface: Surface, left: Any, right: Any) -> Any:
    number = list(OPTIMIZERS).index(track.optimizer)
    every = max(1, len(track.gaps) // 6)
    # Staggered, so that of two runs that coincide both are seen.
    look = {**style.series(number), "markevery": (number * every // 5, every), "markersize": 4.5}
    points = track.points
    if track.diverged_at is not None:
        points = points[: _leaves(points, surface.window) + 1]
    (line,) = left.plot(*points.T, **look, label=track.name)
    gaps = np.maximum(track.gaps, _FLOOR)
    right.plot(gaps, **look)
    if track.diverged_at is not None:
        right.annotate(
            f"{track.name.split(' with')[-1].strip()} diverged",
            (len(gaps) - 1, gaps[-1]),
            xytext=(5, -3 - 11 * number),
            textcoords="offset points",
            color=look["color"],
            fontsize=8,
        )
    return line


def _leaves(points: np.ndarray, window: tuple[float, float, float, float]) -> int:
    """The first point outside ``window``: beyond it a diverging path only scribbles."""
    left, right, bottom, top = window
    x, y = points.T
    outside = (x < left) | (x > right) | (y < bottom) | (y > top)
    return int(np.argmax(outside)) if outside.any() else len(points) - 1


@lru_cache(maxsize=8)
def _contours(name: str) -> list[np.ndarray]:
    """The contour lines of a surface, found once."""
    surface = next(s for s in SURFACES.values() if s.name == name)
    left, right, bottom, top = surface.window
    x, y = np.meshgrid(np.linspace(left, right, 160), np.linspace(bottom, top, 160))
    # Depth on a root scale: the floor of a valley is where the optimizers spend their steps.
    depth = np.maximum(surface.height(x, y) - surface.minimum, 0.0) ** 0.25
    levels = np.linspace(depth.min(), depth.max(), 14)[1:-1]
    generator: Any = contourpy.contour_generator(x, y, depth)
    return [line for level in levels for line in generator.lines(float(level))]


def table(race: Race) -> Table:
    """Where each optimizer is after the last step."""
    rows = [
        (
            track.name,
            len(track.gaps) - 1,
            track.final,
            float(track.points[-1][0]),
            float(track.points[-1][1]),
            "no" if track.diverged_at is None else f"at step {track.diverged_at}",
        )
        for track in race.tracks
    ]
    columns = ("Optimizer", "Steps taken", "Loss above the minimum", "x", "y", "Diverged")
    caption = f"{race.surface.formula}, learning rate {race.learning_rate:.6g}, same start for all"
    return Table(caption, columns, rows)


def describe(race: Race) -> str:
    """Who is lowest, who is last, and who diverged."""
    where = (
        f"After {race.steps} steps on the {race.surface.name} with learning rate "
        f"{race.learning_rate:.6g}"
    )
    finished, lost = race.finished, race.diverged
    if not finished:
        return f"{where}, every optimizer in the race has diverged: {_names(lost)}."
    best, worst = finished[0], finished[-1]
    text = f"{where}, {best.name} is lowest, {best.final:.2g} above the minimum"
    if worst is not best:
        text += f"; {worst.name} is highest of those that stayed, at {worst.final:.2g}"
    if lost:
        return f"{text}. Diverged: {_names(lost)}."
    return f"{text}. None diverged."


def _names(tracks: list[Track]) -> str:
    return ", ".join(f"{t.name} at step {t.diverged_at}" for t in tracks)


def optimizer_race(**initial: Any) -> Explorer:
    """SGD, momentum, RMSprop, Adam and AdamW on one surface, from the same start.

    ``initial`` sets any of surface, learning_rate, steps, optimizers; raises ValueError or
    TypeError for a value or a name that is not one of them.
    """
    return Explorer(
        RaceParameters(**initial),
        title="Optimizer race",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="optimizer_race",
    )
