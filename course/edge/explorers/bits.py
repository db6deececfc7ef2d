"""Explorer: fewer bits for each weight, and the accuracy that they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.edge import bit_width as bw
from course.edge.networks import accuracy, digits, reference
from course.edge.quantization import CALIBRATIONS, PER, Quantized, error
from course.widgets import Explorer, Table, choice, slider, style

_SHORT = {"tensor": "one scale", "channel": "a scale per channel", "group": "a scale per group"}


@dataclass(frozen=True)
class BitParameters:
    """What the reader sets."""

    bits: int = slider(4, bw.BITS[0], bw.BITS[-1], label="Bits of a weight")
    per: str = choice("tensor", PER, label="Scales")
    calibration: str = choice("minmax", CALIBRATIONS, label="Range set by")


@dataclass(frozen=True)
class Bits:
    """The first layer quantized, and accuracies (0 to 1) by bits: each way of scaling, and aware."""

    parameters: BitParameters
    weights: NDArray[Any]
    quantized: Quantized
    after: dict[str, tuple[float, ...]]
    aware: tuple[float, ...]
    whole: float  # in float32
    bytes: int

    @property
    def place(self) -> int:
        """Where the chosen bits stand in the tuples."""
        return bw.BITS.index(self.parameters.bits)

    @property
    def here(self) -> float:
        """The accuracy as set."""
        return self.after[self.parameters.per][self.place]


def simulate(p: BitParameters) -> Bits:
    """Quantize the reference network at every number of bits."""
    network, data = reference(), digits()
    per: Any = p.per
    calibration: Any = p.calibration
    chosen = bw.quantized_weights(network, p.bits, per, calibration)[0]
    kinds: tuple[Any, ...] = tuple(PER)
    after = {k: tuple(bw.accuracy_at(b, k, calibration) for b in bw.BITS) for k in kinds}
    aware = tuple(bw.aware_accuracy(b) for b in bw.BITS)
    whole = accuracy(network, data.held_images, data.held_labels)
    size = bw.stored_bytes(network, p.bits, per)
    return Bits(p, network.weights[0], chosen, after, aware, whole, size)


def figure(b: Bits, fig: Figure) -> None:
    """The weights and the values left for them; beside them accuracy over bits."""
    left, right = fig.subplots(1, 2)
    fig.subplots_adjust(left=0.075, right=0.985, top=0.88, bottom=0.15, wspace=0.24)
    edge = float(np.abs(b.weights).max())
    bins = np.linspace(-edge, edge, 81)
    values = b.quantized.values.ravel()
    before, after = (np.histogram(v, bins)[0] for v in (b.weights, values))
    left.stairs(before, bins, color="C0", alpha=0.35, fill=True, label="weights")
    left.stairs(after, bins, color="C1", linewidth=1.4, label="after rounding")
    left.set(
        xlabel="weight of the first layer", ylabel="how many", yscale="log", xlim=(-edge, edge)
    )
    left.set_ylim(0.7, 6000)
    left.set_title(f"{b.weights.size:,} weights, {len(np.unique(values)):,} different values left")
    left.legend(loc="upper left", fontsize=8, frameon=False)
    lines = {**{_SHORT[k]: v for k, v in b.after.items()}, "trained for it, per channel": b.aware}
    dashes = ("-", "--", "-.", ":")
    for number, (name, scores) in enumerate(lines.items()):
        chosen = name == _SHORT[b.parameters.per]
        right.plot(
            bw.BITS,
            100 * np.array(scores),
            dashes[number],
            marker="os^D"[number],
            color=f"C{number}",
            markersize=5,
            linewidth=2.6 if chosen else 1.3,
            label=name,
        )
    right.axhline(100 * b.whole, color=style.ink(), linewidth=0.8, linestyle=":")
    right.plot(
        b.parameters.bits, 100 * b.here, "s", markersize=13, fillstyle="none", color=style.ink()
    )
    right.set(
        xlabel="bits of a weight",
        ylabel="held-out digits right (%)",
        xlim=(1.7, 8.3),
        ylim=(0, 103),
    )
    right.grid(True, linewidth=0.6)
    right.legend(loc="lower right", fontsize=8, frameon=False)
    right.set_title(f"Dotted: 32-bit floats, {b.whole:.1%}")


def table(b: Bits) -> Table:
    """Accuracy in percent by bits, for each way."""
    rows = [
        (bits, *(100 * b.after[k][n] for k in PER), 100 * b.aware[n])
        for n, bits in enumerate(bw.BITS)
    ]
    columns = ("Bits", *(f"{_SHORT[k]} (%)" for k in PER), "Trained for it, per channel (%)")
    caption = (
        f"Held-out digits right, range set by {CALIBRATIONS[b.parameters.calibration]}; measured here; "
        f"in 32-bit floats {b.whole:.1%}"
    )
    return Table(caption, columns, rows)


def describe(b: Bits) -> str:
    """What rounding costs as it is set, and what training for it would give."""
    p = b.parameters
    wrong = error(b.weights, b.quantized) / float(np.sqrt(np.mean(b.weights**2)))
    return (
        f"With {p.bits} bits and {PER[p.per].replace('one for', 'one scale for')}, the first layer's weights "
        f"are off by {wrong:.1%} of their size (root mean square), the network takes {b.bytes:,} bytes, and "
        f"{b.here:.1%} of the held-out digits are right (32-bit floats: {b.whole:.1%}); trained for {p.bits} "
        f"bits, {b.aware[b.place]:.1%}."
    )


def bit_width(**initial: Any) -> Explorer:
    """Bits of a weight, and how the scale is set: error, size, accuracy.

    ``initial`` sets any of bits, per, calibration; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        BitParameters(**initial),
        title="Fewer bits",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="bit_width",
    )
