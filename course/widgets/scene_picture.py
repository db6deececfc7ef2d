"""A scene drawn by matplotlib: the still picture for readers without a running widget."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure

from course.widgets import style
from course.widgets.scene import (
    DASHES,
    Area,
    Handle,
    HeatMap,
    Line,
    Mark,
    Panel,
    Points,
    Scene,
    Text,
    points_of,
    shades,
    ticks,
)


def paint(scene: Scene, figure: Figure, theme: style.Theme) -> None:
    """Draw ``scene`` on an empty ``figure`` whose size is the scene's."""
    for n, panel in enumerate(scene.panels):
        left, top, width, height = scene.inner(n)
        across, down = scene.width, scene.height
        axes = figure.add_axes(
            (left / across, 1 - (top + height) / down, width / across, height / down)
        )
        _axes(axes, panel)
        for order, mark in enumerate(panel.marks):
            _mark(axes, mark, panel, theme, 2 + order / 100)
        if any(getattr(mark, "label", "") for mark in _listed(panel)):
            axes.legend(loc="upper right", fontsize=9)


def _listed(panel: Panel) -> list[Mark]:
    return [mark for mark in panel.marks if isinstance(mark, Line | Points)]


def _axes(axes: Any, panel: Panel) -> None:
    axes.set_xscale("log" if panel.x_log else "linear")
    axes.set_yscale("log" if panel.y_log else "linear")
    axes.set(xlim=panel.x, ylim=panel.y, xlabel=panel.xlabel, ylabel=panel.ylabel)
    axes.set_title(panel.title)
    axes.minorticks_off()
    axes.patch.set_visible(False)
    if not panel.axes:
        axes.set_axis_off()
        return
    for direction, bounds, log in (("x", panel.x, panel.x_log), ("y", panel.y, panel.y_log)):
        places = ticks(*bounds, log)
        getattr(axes, f"set_{direction}ticks")([v for v, _ in places], [t for _, t in places])
    if panel.grid:
        axes.grid(True, linewidth=0.6)


def _mark(axes: Any, mark: Mark, panel: Panel, theme: style.Theme, order: float) -> None:
    colour = style.colour(getattr(mark, "color", "ink"), theme)
    if isinstance(mark, Line):
        points, dash = points_of(mark), DASHES[mark.dash]
        look: dict[str, Any] = {"color": colour, "alpha": mark.opacity, "zorder": order}
        look |= {"linewidth": 0.75 * mark.width, "clip_on": panel.axes}
        look |= {"linestyle": (0, dash) if dash else "-"}
        axes.plot(*points.T, label=mark.label or None, **look)
        if mark.arrow and len(points) > 1:
            arrow = {"arrowstyle": "-|>", "color": colour, "alpha": mark.opacity}
            axes.annotate("", points[-1], points[-2], arrowprops=arrow, zorder=order)
    elif isinstance(mark, Points):
        axes.plot(
            *points_of(mark).T,
            mark.marker,
            color=colour,
            markersize=0.75 * mark.size,
            fillstyle="none" if mark.hollow else "full",
            markeredgecolor=colour if mark.hollow else style.colour("ground", theme),
            markeredgewidth=1.4 if mark.hollow else 0.6,
            alpha=mark.opacity,
            zorder=order,
            clip_on=False,
            label=mark.label or None,
        )
    elif isinstance(mark, Area):
        face = to_rgba(colour, mark.opacity)
        edge = style.colour(mark.edge, theme) if mark.edge else "none"
        look = {"facecolor": face, "edgecolor": edge, "zorder": order, "clip_on": panel.axes}
        axes.fill(*points_of(mark).T, **look)
    elif isinstance(mark, HeatMap):
        _heat(axes, mark, panel, theme, order)
    elif isinstance(mark, Text):
        weight = "bold" if mark.bold else "normal"
        look = {"ha": mark.align, "va": "center", "weight": weight, "zorder": order}
        axes.text(mark.x, mark.y, mark.text, color=colour, fontsize=0.75 * mark.size, **look)
    elif isinstance(mark, Handle):
        edge = style.colour("ink", theme)
        look = {"color": colour, "markersize": 0.75 * mark.size, "markeredgecolor": edge}
        axes.plot(mark.x, mark.y, "o", zorder=order, clip_on=False, **look)


def _heat(axes: Any, mark: HeatMap, panel: Panel, theme: style.Theme, order: float) -> None:
    values, (x0, x1, y0, y1) = shades(mark), mark.extent or (*panel.x, *panel.y)
    ramp = LinearSegmentedColormap.from_list("", style.ramp(mark.ramp, theme))
    axes.imshow(
        values if values.ndim == 3 else ramp(values / np.float32(255)),
        extent=(x0, x1, y0, y1),
        origin="lower",
        aspect="auto",
        interpolation="bilinear" if mark.smooth else "nearest",
        alpha=mark.opacity,
        zorder=order,
    )
    axes.set(xlim=panel.x, ylim=panel.y)  # imshow sets its own
