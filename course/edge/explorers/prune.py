"""Explorer: weights left out, what it costs, and what time it really saves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course.edge.pruning import SHARES, LayerTimes, Pruned, layer_times, pruned
from course.widgets import Explorer, Table, choice, style

_SHARE = {f"{s:g}": f"{s:.0%}" for s in SHARES}
_KINDS = {
    "dense": "zeros in a dense matrix",
    "sparse": "a sparse matrix (CSR)",
    "smaller": "a smaller dense matrix",
}


@dataclass(frozen=True)
class PruningParameters:
    """What the reader sets."""

    share: str = choice("0.5", _SHARE, label="Left out")
    width: str = choice(
        "512", {"128": "128", "256": "256", "512": "512"}, label="Timed layer: width"
    )
    batch: str = choice("16", {"1": "1", "16": "16", "64": "64"}, label="Inputs at once")


@dataclass(frozen=True)
class Pruning:
    """Accuracies of the digit network at every share, and times of one layer."""

    share: float
    runs: tuple[Pruned, ...]
    times: LayerTimes

    @property
    def place(self) -> int:
        """Where the chosen share stands."""
        return SHARES.index(self.share)


def simulate(p: PruningParameters) -> Pruning:
    """Prune at every share; time the layer once for each setting."""
    return Pruning(
        float(p.share), tuple(pruned(s) for s in SHARES), layer_times(int(p.width), int(p.batch))
    )


def figure(r: Pruning, fig: Figure) -> None:
    """Accuracy over the share left out; beside it how much faster, in theory and measured."""
    left, right = fig.subplots(1, 2)
    fig.subplots_adjust(left=0.075, right=0.985, top=0.88, bottom=0.15, wspace=0.24)
    percent = 100 * np.array(SHARES)
    lines = (
        ("single weights, trained on", "magnitude_retrained", "C0", "-o"),
        ("single weights", "magnitude", "C0", ":o"),
        ("whole neurons, trained on", "neurons_retrained", "C1", "--s"),
        ("whole neurons", "neurons", "C1", ":s"),
    )
    for name, field, color, dash in lines:
        scores = [100 * getattr(run, field) for run in r.runs]
        left.plot(percent, scores, dash, color=color, label=name, markersize=5)
    left.set(xlabel="left out (%)", ylabel="held-out digits right (%)", ylim=(0, 103))
    left.legend(fontsize=8, frameon=False, loc="lower left")
    left.set_title("Accuracy of the digit network")
    theory = [1 / (1 - s) for s in SHARES]
    right.plot(
        percent, theory, "-", color=style.ink(), linewidth=1, label="theory: 1 / (1 - share)"
    )
    for number, (kind, name) in enumerate(_KINDS.items()):
        speed = r.times.speedup(kind)
        right.plot(
            percent,
            speed,
            ("-o", "--s", "-.^")[number],
            color=f"C{number}",
            label=name,
            markersize=5,
        )
    right.axhline(1, color=style.ink(), linewidth=0.8, linestyle=":")
    right.set(
        xlabel="left out (%)",
        ylabel="times faster than the full layer",
        yscale="log",
        ylim=(0.02, 60),
    )
    right.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    right.legend(fontsize=8, frameon=False, loc="upper left")
    right.set_title(f"Measured here: {r.times.width} by {r.times.width}, {r.times.batch} at once")
    for axes in (left, right):
        axes.axvline(100 * r.share, color=style.ink(), linewidth=0.8, linestyle=":")
        axes.grid(True, linewidth=0.6)


def table(r: Pruning) -> Table:
    """Every share: accuracies, and times."""
    rows = [
        (
            f"{run.share:.0%}",
            100 * run.magnitude_retrained,
            100 * run.neurons_retrained,
            f"{run.speedup_in_theory:.3g}",
            *(1000 * getattr(r.times, kind)[n] for kind in _KINDS),
        )
        for n, run in enumerate(r.runs)
    ]
    columns = (
        "Left out",
        "Single weights, trained on (%)",
        "Whole neurons, trained on (%)",
        "Faster in theory (times)",
        *(f"{name} (µs)" for name in _KINDS.values()),
    )
    return Table(
        "Held-out digits right, and times of one layer (medians), measured here", columns, rows
    )


def describe(r: Pruning) -> str:
    """What the chosen share costs and saves."""
    run, n = r.runs[r.place], r.place
    speeds = {kind: r.times.speedup(kind)[n] for kind in _KINDS}
    return (
        f"With {r.share:.0%} left out and ten epochs of training after it, "
        f"{run.magnitude_retrained:.1%} of the digits are right where single weights went and "
        f"{run.neurons_retrained:.1%} where hidden neurons went. In theory the timed layer is "
        f"{run.speedup_in_theory:.3g} times faster; measured here: {speeds['dense']:.2g} times with zeros in "
        f"a dense matrix, {speeds['sparse']:.2g} with a sparse one, {speeds['smaller']:.2g} with a smaller one."
    )


def pruning(**initial: Any) -> Explorer:
    """Weights or neurons left out: accuracy, and time in theory and as measured.

    ``initial`` sets any of share, width, batch (as texts); raises ValueError or TypeError for a value
    or a name that is not one of them.
    """
    return Explorer(
        PruningParameters(**initial),
        title="Leaving weights out",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="pruning",
    )
