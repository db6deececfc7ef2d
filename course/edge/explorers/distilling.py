"""Explorer: a small student, a teacher, and the temperature of the teacher's answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course.edge.distillation import SEEDS, TEMPERATURES, Students, soften, students
from course.edge.networks import digits, reference
from course.widgets import Explorer, Table, choice, style


@dataclass(frozen=True)
class DistillationParameters:
    """What the reader sets."""

    temperature: str = choice("4", {f"{t:g}": f"{t:g}" for t in TEMPERATURES}, label="Temperature")
    width: str = choice("8", {"4": "4", "8": "8", "16": "16"}, label="Student's hidden units")
    labels: str = choice(
        "50", {"50": "50", "100": "100", "200": "200"}, label="Images with a label"
    )


@dataclass(frozen=True)
class Distilled:
    """The teacher's answer to one image, softened, and how the students did."""

    temperature: float
    image: NDArray[np.float32]
    label: int
    answer: NDArray[np.float64]
    students: Students


@lru_cache
def doubtful() -> int:
    """The held-out image, rightly answered, about which the teacher doubts most."""
    data = digits()
    chances = soften(reference()(data.held_images), 1.0)
    right = chances.argmax(axis=1) == data.held_labels
    return int(np.where(right, chances.max(axis=1), 2).argmin())


def simulate(p: DistillationParameters) -> Distilled:
    """Soften one answer, and train the students (once for each setting)."""
    data, row = digits(), doubtful()
    temperature = float(p.temperature)
    answer = soften(reference()(data.held_images[row : row + 1])[0], temperature)
    found = students(int(p.width), int(p.labels))
    return Distilled(temperature, data.held_images[row], int(data.held_labels[row]), answer, found)


def figure(d: Distilled, fig: Figure) -> None:
    """An image and the teacher's softened answer; beside it the students' accuracies."""
    left, right = fig.subplots(1, 2)
    fig.subplots_adjust(left=0.075, right=0.985, top=0.88, bottom=0.15, wspace=0.24)
    bars = left.bar(range(10), 100 * d.answer, color="C0")
    bars[d.label].set(facecolor="C1", hatch="//", edgecolor=style.ink())
    left.set(xlabel="digit (hatched: the label)", ylabel="teacher's probability (%)", ylim=(0, 103))
    left.set_xticks(range(10))
    left.set_title(f"The teacher about one image, temperature {d.temperature:g}")
    inset = fig.add_axes((0.09, 0.6, 0.1, 0.26))
    inset.imshow(d.image.reshape(8, 8), cmap="gray_r")
    inset.set_axis_off()
    s = d.students
    lines = (
        ("teacher's answers, all images", s.more, "C0", "-o"),
        (f"teacher's answers, the same {s.labels} images", s.same, "C1", "--s"),
    )
    for name, scores, color, dash in lines:
        means, spread = 100 * scores.mean(axis=1), 100 * scores.std(axis=1)
        right.plot(TEMPERATURES, means, dash, color=color, label=name)
        right.vlines(TEMPERATURES, means - spread, means + spread, color=color, linewidth=1)
    plain = 100 * s.labelled.mean()
    right.axhline(plain, color="C2", linestyle="-.", label=f"labels, {s.labels} images")
    right.axhline(
        100 * s.teacher, color=style.ink(), linestyle=":", linewidth=1, label="the teacher"
    )
    right.axvline(d.temperature, color=style.ink(), linewidth=0.8, linestyle=":")
    right.set(
        xscale="log", xlabel="temperature", ylabel="held-out digits right (%)", ylim=(30, 102)
    )
    right.set_xticks(TEMPERATURES, [f"{t:g}" for t in TEMPERATURES])
    right.minorticks_off()
    right.grid(True, linewidth=0.6)
    right.legend(fontsize=8, frameon=False, loc="lower left")
    right.set_title(f"Students with {s.width} hidden units, mean of {SEEDS} seeds")


def table(d: Distilled) -> Table:
    """Accuracy by temperature."""
    s = d.students
    rows = [
        (f"{t:g}", 100 * s.same[n].mean(), 100 * s.more[n].mean(), 100 * s.labelled.mean())
        for n, t in enumerate(TEMPERATURES)
    ]
    columns = (
        "Temperature",
        f"Teacher, the same {s.labels} images (%)",
        "Teacher, all images (%)",
        f"Labels alone, {s.labels} images (%)",
    )
    return Table(f"Held-out digits right, means of {SEEDS} seeds, measured here", columns, rows)


def describe(d: Distilled) -> str:
    """What the student gains by the teacher."""
    s, n = d.students, TEMPERATURES.index(d.temperature)
    second = np.sort(d.answer)[-2]
    return (
        f"At temperature {d.temperature:g} the teacher gives its second guess about this {d.label} "
        f"{second:.0%}. A student with {s.width} hidden units gets {s.labelled.mean():.1%} of the held-out "
        f"digits right from {s.labels} labels, {s.same[n].mean():.1%} from the teacher's answers to the same "
        f"images, and {s.more[n].mean():.1%} from its answers to all images; the teacher {s.teacher:.1%}."
    )


def distillation(**initial: Any) -> Explorer:
    """A teacher's softened answers, and what students of three sizes learn from them.

    ``initial`` sets any of temperature, width, labels (as texts); raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return Explorer(
        DistillationParameters(**initial),
        title="Distillation",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="distillation",
    )
