"""Explorer: which pixels does the digit reader's answer rest on? Four methods, and two tests of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.trust import attributions, readers
from course.widgets import Explorer, Table, choice, slider, style

_METHODS = {
    "integrated": "Integrated gradients",
    "input": "Gradient times input",
    "saliency": "Saliency (size of the gradient)",
    "smooth": "SmoothGrad (mean gradient at 25 noisy copies)",
}
_NETWORKS = {"trained": "trained", "random": "untrained: random weights"}
_ORDERS = 8


@dataclass(frozen=True)
class MapParameters:
    """What the reader sets."""

    image: int = slider(3, 0, 30, label="Held-out image", unit="number")
    method: str = choice("integrated", _METHODS, label="Method")
    network: str = choice("trained", _NETWORKS, label="Network")


@dataclass(frozen=True)
class Map:
    """One image's attributions (8, 8), and its score as pixels are deleted: by them, and at random."""

    p: MapParameters
    pixels: NDArray[np.float64]
    label: int
    answer: int
    rise: float
    found: NDArray[np.float64]
    deletion: NDArray[np.float64]
    at_random: NDArray[np.float64]


def simulate(p: MapParameters) -> Map:
    """Explain the score of the network's answer, then delete pixels in the order of the map."""
    data = readers.digits()
    model = readers.trained() if p.network == "trained" else readers.fresh(1)
    x = data.held_out_images[p.image : p.image + 1].astype(np.float64)
    answer = int(readers.scores(model, x)[0].argmax())
    if p.method == "integrated":
        found = attributions.complete_gradients(model, x, answer)
    elif p.method == "input":
        found = attributions.gradient_x_input(model, x, answer)
    elif p.method == "saliency":
        found = attributions.saliency(model, x, answer)
    else:
        found = attributions.smooth_grad(model, x, answer)
    ends = attributions.scores(model, np.concatenate([x, np.zeros_like(x)]), answer)
    rng = np.random.default_rng(0)
    orders = [attributions.deletion(model, x, answer, rng.random(x.shape)) for _ in range(_ORDERS)]
    return Map(
        p,
        x[0, 0],
        int(data.held_out_labels[p.image]),
        answer,
        float(ends[0] - ends[1]),
        found[0, 0],
        attributions.deletion(model, x, answer, found),
        np.mean(orders, axis=0),
    )


def figure(m: Map, fig: Figure) -> None:
    """The image, the map with plus and minus, and the deletion test."""
    first, second, third = fig.subplots(1, 3, width_ratios=(1, 1, 1.25))
    fig.subplots_adjust(left=0.02, right=0.98, top=0.86, bottom=0.15, wspace=0.2)
    first.imshow(m.pixels, cmap="gray_r", vmin=0, vmax=1)
    first.set_title(f"labelled {m.label}, answer {m.answer}")
    most = float(np.abs(m.found).max()) or 1.0
    second.imshow(m.found, cmap=_colours(), vmin=-most, vmax=most)
    for sign, marker in ((1, "+"), (-1, "_")):
        rows, columns = np.nonzero(sign * m.found > 0.15 * most)
        second.plot(
            columns, rows, marker, color=style.ink(), markersize=6, linestyle="none", alpha=0.8
        )
    second.set_title(f"for (+) and against (-) {m.answer}")
    for axes in (first, second):
        axes.set_axis_off()
    count = np.arange(len(m.deletion))
    third.plot(count, m.deletion, color="C0", linewidth=2, label="in the map's order")
    third.plot(count, m.at_random, color="C1", linestyle="--", label="in random orders")
    third.set(xlabel="pixels deleted, the highest first", ylabel=f"score of {m.answer}")
    third.legend(loc="best", frameon=False, fontsize=9)
    third.set_title("Does the map know what matters?")


def _colours() -> LinearSegmentedColormap:
    dark = style.ink().lower() == style.scheme("dark")["ink"]
    return LinearSegmentedColormap.from_list(
        "diverging", style.ramp("diverging", "dark" if dark else "light")
    )


def table(m: Map) -> Table:
    """The ten strongest pixels."""
    order = np.argsort(-np.abs(m.found).ravel(), kind="stable")[:10]
    rows = [
        (int(n // 8) + 1, int(n % 8) + 1, float(m.pixels.flat[n]), float(m.found.flat[n]))
        for n in order
    ]
    caption = f"{_METHODS[m.p.method]}, the ten strongest pixels of image {m.p.image}"
    return Table(caption, ("Row", "Column", "Ink (0 to 1)", "Attribution (score)"), rows)


def describe(m: Map) -> str:
    """Does it add up, and does deleting by the map hurt more than deleting at random?"""
    total = float(m.found.sum())
    text = f"The {m.p.network} network answers {m.answer} to an image labelled {m.label}. "
    if m.p.method in ("integrated", "input"):
        adds = "add up to it" if abs(total - m.rise) < 1e-5 else f"sum to {total:.2f} instead"
        text += f"Its score is {m.rise:.2f} above that of an empty image; the attributions {adds}. "
    else:
        text += "These are sensitivities: their sum means nothing. "
    eight, random = float(m.deletion[8]), float(m.at_random[8])
    fall, other = m.deletion[0] - eight, m.deletion[0] - random
    return (
        f"{text}Deleting the map's 8 highest pixels lowers the score by {fall:.2f}, 8 random ones by "
        f"{other:.2f}."
    )


def explanations(**initial: Any) -> Explorer:
    """Saliency, gradient times input, SmoothGrad and integrated gradients on digits, put to the test.

    ``initial`` sets any of image, method, network; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        MapParameters(**initial),
        title="What the answer rests on",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="explanations",
        size=(8.4, 3.4),
    )
