"""Explorer: labels are changed at known places, and confident learning looks for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.data_quality.mislabelled import HOW, Search, search
from course.widgets import Explorer, Table, choice, slider

_SHOWN = 16
_SHOW = {
    "suspects": "the most suspicious",
    "alarms": "false alarms only",
    "missed": "changed labels that were missed",
}


@dataclass(frozen=True)
class MislabelledParameters:
    """What the reader sets."""

    percent: int = slider(10, 0, 40, step=5, label="Labels changed", unit="% of all")
    how: str = choice("any", HOW, label="Replaced")
    show: str = choice("suspects", _SHOW, label="Show")


@dataclass(frozen=True)
class Gallery:
    """A search and the rows of it to show, the most doubtful first."""

    search: Search
    show: str
    rows: NDArray[np.int64]


def simulate(p: MislabelledParameters) -> Gallery:
    """Change labels, look for them, and choose what to show."""
    found = search(p.percent, p.how)
    rows = found.found.ranked
    if p.show == "alarms":
        rows = rows[~found.planted[rows]]
    elif p.show == "missed":
        rows = np.flatnonzero(found.planted & ~found.found.suspect)
    return Gallery(found, p.show, rows)


def figure(gallery: Gallery, fig: Figure) -> None:
    """Sixteen images, each with the label it was given and the one suggested."""
    fig.suptitle(_headline(gallery), fontsize=10)
    if not len(gallery.rows):
        fig.text(0.5, 0.45, "There is none.", ha="center", fontsize=14)
        return
    found = gallery.search
    fig.subplots_adjust(left=0.02, right=0.98, top=0.8, bottom=0.03, hspace=0.75, wspace=0.25)
    for axes, row in zip(fig.subplots(2, 8).flat, _padded(gallery.rows), strict=True):
        axes.set_axis_off()
        if row < 0:
            continue
        axes.imshow(found.images[row], cmap="gray_r", vmin=0, vmax=1)
        suggestion = found.found.suggestion[row]
        planted = bool(found.planted[row])
        verdict = f"it is {found.true[row]}" if planted else "unchanged"
        arrow = f" → {suggestion}?" if suggestion != found.given[row] else ""
        axes.set_title(
            f"{found.given[row]}{arrow}\n{verdict}",
            fontsize=8.5,
            color="C0" if planted else "C1",
            weight="normal" if planted else "bold",
        )


def _padded(rows: NDArray[np.int64]) -> list[int]:
    shown = [int(row) for row in rows[:_SHOWN]]
    return shown + [-1] * (_SHOWN - len(shown))


def _headline(gallery: Gallery) -> str:
    total = len(gallery.rows)
    shown = f"{min(total, _SHOWN)} of {total}" if total > _SHOWN else str(total)
    return f"{shown}: {_SHOW[gallery.show]}. Above each image: label given → label suggested"


def table(gallery: Gallery) -> Table:
    """The images shown, one a row."""
    found = gallery.search
    rows = [
        (
            int(row),
            int(found.given[row]),
            int(found.found.suggestion[row]) if found.found.suspect[row] else "none",
            int(found.true[row]),
            float(found.found.doubt[row]),
        )
        for row in gallery.rows[:_SHOWN]
    ]
    columns = (
        "Row",
        "Label given",
        "Suggested",
        "Label in the data set",
        "Difference of probability",
    )
    return Table(_headline(gallery).split(".")[0], columns, rows)


def describe(gallery: Gallery) -> str:
    """How many labels were changed, how many are suspected, and how right the suspicion is."""
    found = gallery.search
    planted, suspects = int(found.planted.sum()), int(found.found.suspect.sum())
    if not planted:
        return (
            f"No label was changed, and {suspects} of {len(found.true):,} images are still "
            "suspicious: look at them and judge for yourself."
        )
    text = f"{planted} of {len(found.true):,} labels were replaced {HOW[found.how]}; "
    if not suspects:
        return text + "no image is suspicious."
    precision = "" if math.isnan(found.precision) else f" (precision {found.precision:.0%})"
    return (
        f"{text}{suspects} images are suspicious, {found.hits} of them rightly{precision}, which is "
        f"{found.recall:.0%} of what was changed (recall). For {found.repaired} the suggestion is "
        "the true label."
    )


def mislabelled(**initial: Any) -> Explorer:
    """Find the labels that were changed, and those that perhaps were wrong all along.

    ``initial`` sets any of percent, how, show; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        MislabelledParameters(**initial),
        title="Looking for wrong labels",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="mislabelled",
    )
