"""Colours, line styles and themes of every picture: safe for colour-blind readers, light and dark.

The hues are Okabe and Ito's. Colour is never alone: :func:`series` gives each line its own
dashes and marker too.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Literal

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure
from PIL import Image

from course.widgets.canvas import Canvas

Theme = Literal["light", "dark"]

# Okabe and Ito's colours, ordered so that the first five keep 3:1 contrast to the background.
PALETTE: dict[Theme, tuple[str, ...]] = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#B8578F", "#000000", "#B97A00", "#3A8FC4"),
    "dark": ("#56B4E9", "#E69F00", "#2BC79B", "#E29CC4", "#F0E442", "#FF7F33", "#FFFFFF"),
}
_DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (1, 1)), "-")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_INK: dict[Theme, tuple[str, str, str]] = {  # background, text, grid
    "light": ("#ffffff", "#1f1f1f", "#d0d0d0"),
    "dark": ("#181818", "#ececec", "#444444"),
}
_QUIET: dict[Theme, str] = {"light": "#595959", "dark": "#b4b4b4"}
# Colours along a ramp, evenly spaced; the first is cividis, even to every kind of colour vision.
_RAMPS: dict[str, dict[Theme, tuple[str, ...]]] = {
    "sequential": {
        "light": ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"),
        "dark": ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838"),
    },
    "diverging": {
        "light": ("#b34a00", "#ee9c5c", "#f7f7f7", "#6fb1dd", "#005f99"),
        "dark": ("#ff9838", "#a35a12", "#202020", "#1b6796", "#6cc3f5"),
    },
    "grey": {"light": ("#ffffff", "#000000"), "dark": ("#000000", "#ffffff")},
}
PIXELS_PER_INCH = 96  # what CSS calls an inch


def series(number: int) -> dict[str, Any]:
    """The colour, dashes and marker of line ``number`` (from 0), for ``axes.plot``."""
    n = number % len(_MARKERS)
    return {"color": f"C{n}", "linestyle": _DASHES[n], "marker": _MARKERS[n]}


def ink() -> str:
    """The text colour of the theme that is being drawn."""
    return str(matplotlib.rcParams["text.color"])


def colour(name: str, theme: Theme) -> str:
    """The colour called ``name`` ("C0" …, "ink", "quiet", "grid", "ground") as ``#rrggbb``.

    Raises ValueError for a name that is none of these.
    """
    named = scheme(theme)
    if name not in named:
        raise ValueError(f"no colour is called {name!r}; there are {', '.join(named)}")
    return named[name]


def scheme(theme: Theme) -> dict[str, str]:
    """All named colours of a theme."""
    ground, ink_, grid = _INK[theme]
    rest = {"ground": ground, "ink": ink_, "grid": grid, "quiet": _QUIET[theme]}
    return {**{f"C{n}": c for n, c in enumerate(PALETTE[theme])}, **rest}


def ramp(name: str, theme: Theme) -> tuple[str, ...]:
    """The colours, evenly spaced, along the ramp ``name``: sequential, diverging or grey."""
    return _RAMPS[name][theme]


def for_script() -> dict[str, Any]:
    """Every named colour and ramp of both themes, for a script that draws."""
    themes: tuple[Theme, Theme] = ("light", "dark")
    return {
        t: {**scheme(t), "ramps": {name: list(both[t]) for name, both in _RAMPS.items()}}
        for t in themes
    }


def rc(theme: Theme) -> Any:
    """The matplotlib settings of a theme; inside them ``"C0"``, ``"C1"`` … are its palette."""
    back, text, grid = _INK[theme]
    return {
        "figure.facecolor": back,
        "axes.facecolor": back,
        "savefig.facecolor": back,
        "text.color": text,
        "axes.labelcolor": text,
        "axes.edgecolor": text,
        "axes.titlecolor": text,
        "xtick.color": text,
        "ytick.color": text,
        "grid.color": grid,
        "legend.facecolor": back,
        "legend.edgecolor": grid,
        "axes.prop_cycle": cycler(color=PALETTE[theme]),
        "image.cmap": "cividis",
        # Fixed, for matplotlib otherwise measures every tick label to place each title: a third of
        # the time of a small picture.
        "axes.titley": 1.02,
        "axes.titlesize": 10.0,
        "font.size": 10.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }


def draw(
    canvas: Canvas, paint: Callable[[Figure], Any], theme: Theme = "light", scale: float = 1.0
) -> bytes:
    """Empty ``canvas``, call ``paint(canvas)`` in ``theme`` and return the picture as PNG bytes.

    ``scale`` is the screen's pixels per CSS pixel (2 on a dense screen).
    """
    buffer = io.BytesIO()
    with matplotlib.rc_context(rc(theme)):
        if canvas.theme == theme:
            canvas.begin()
        else:  # the colours of kept axes would be those of the other theme
            canvas.clear()
        canvas.theme = theme
        canvas.set_facecolor(_INK[theme][0])
        try:
            paint(canvas)
        except BaseException:
            canvas.clear()
            raise
        canvas.end()
        canvas.set_dpi(PIXELS_PER_INCH * scale)
        picture = Image.fromarray(canvas.pixels())
    # Without opacity and lightly compressed, which is quicker than what savefig writes.
    picture.convert("RGB").save(buffer, format="png", compress_level=1)
    return buffer.getvalue()
