"""Explorer: what pretraining brings to another task, by the number of examples and frozen layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.adaptation import transfer as simulator
from course.adaptation.transfer import LAYERS, SEEDS, SIZES, TARGETS, Transfer
from course.widgets import Explorer, Table, choice, slider, style
from course.widgets.thumbnails import thumbnails


@dataclass(frozen=True)
class TransferParameters:
    """What the reader sets."""

    target: str = choice("digits", TARGETS, label="New task")
    frozen: int = slider(0, 0, LAYERS - 1, label="Frozen layers", unit=f"of {LAYERS}")
    steps: int = slider(100, 50, 200, step=50, label="Training", unit="steps of 20 images")


def simulate(p: TransferParameters) -> Transfer:
    """Train what the parameters ask for; what was trained before is kept."""
    return simulator.transfer(p.target, p.frozen, p.steps)


def figure(t: Transfer, fig: Figure) -> None:
    """Accuracy over the number of examples, pretrained and from scratch, beside images of the task."""
    axes = fig.add_axes((0.09, 0.15, 0.55, 0.75))
    lines = ((t.pretrained, f"pretrained on {t.source}, {t.frozen} of {LAYERS} layers frozen"),
             (t.scratch, "from scratch"))  # fmt: skip
    for number, (values, label) in enumerate(lines):
        look = style.series(number)
        axes.plot(SIZES, values.mean(axis=1), **look, label=label)
        axes.fill_between(
            SIZES, values.min(axis=1), values.max(axis=1), color=look["color"], alpha=0.18
        )
    axes.set(xscale="log", xlabel="labelled images of the new task", ylabel="held-out accuracy")
    axes.set_xticks(SIZES, [str(size) for size in SIZES])
    axes.set_ylim(0.2, 1.0)
    axes.set_yticks([0.2, 0.4, 0.6, 0.8, 1.0])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.minorticks_off()
    axes.grid(True, linewidth=0.6)
    axes.legend(loc="lower right", fontsize=8.5)
    axes.set_title(f"{t.steps} steps each; mean and range of {SEEDS} runs")
    thumbnails(fig.add_axes((0.67, 0.12, 0.31, 0.76)), t.examples[:9], columns=3)
    fig.text(0.835, 0.04, "images of the new task", ha="center", fontsize=9)


def table(t: Transfer) -> Table:
    """Both accuracies and their difference at each size."""
    pairs = zip(SIZES, t.pretrained.mean(axis=1), t.scratch.mean(axis=1), t.gain, strict=True)
    rows = [(n, f"{a:.1%}", f"{b:.1%}", f"{gain:+.1f}") for n, a, b, gain in pairs]
    caption = (
        f"{TARGETS[t.target]}: pretrained on {t.source}, {t.frozen} of {LAYERS} layers frozen, "
        f"{t.steps} steps, mean of {SEEDS} runs"
    )
    columns = ("Labelled images", "Pretrained", "From scratch", "Difference (points)")
    return Table(caption, columns, rows)


def describe(t: Transfer) -> str:
    """What pretraining changed with few and with many examples."""
    first, last = t.gain[0], t.gain[-1]
    return (
        f"{_sentence(TARGETS[t.target])}: with {t.frozen} of {LAYERS} layers frozen, pretraining on "
        f"{t.source} changes the held-out accuracy by {first:+.1f} points with {SIZES[0]} labelled "
        f"images ({t.pretrained[0].mean():.1%} against {t.scratch[0].mean():.1%} from scratch) and by "
        f"{last:+.1f} with {SIZES[-1]} ({t.pretrained[-1].mean():.1%} against "
        f"{t.scratch[-1].mean():.1%})."
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def transfer(**initial: Any) -> Explorer:
    """A network pretrained on handwriting, on three other tasks: near, far and broken.

    ``initial`` sets any of target, frozen, steps; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    parameters = TransferParameters(**initial)
    simulator.transfer(parameters.target, parameters.frozen, parameters.steps, progress=True)
    return Explorer(
        parameters,
        title="Transfer",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="transfer",
    )
