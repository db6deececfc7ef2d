"""Explorer: who was in the training data? The loss gives members away."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from course.trust.membership import Leak, bound, leak
from course.trust.private_training import DELTA
from course.widgets import Explorer, Table, choice, slider, style

_DEFENCES = {
    "none": "No defence",
    "some": "DP-SGD, noise 5",
    "more": "DP-SGD, noise 20",
}
_NOISE = {"none": 0.0, "some": 5.0, "more": 20.0}


@dataclass(frozen=True)
class MembershipParameters:
    """What the reader sets."""

    images: int = slider(50, 20, 400, step=10, label="Training images")
    passes: int = slider(100, 10, 150, step=10, label="Training", unit="passes over all of them")
    defence: str = choice("none", _DEFENCES, label="Defence")


def simulate(p: MembershipParameters) -> Leak:
    """Train (once for each setting), then attack."""
    return leak(p.images, p.passes, _NOISE[p.defence])


def figure(found: Leak, fig: Figure) -> None:
    """Losses of members and others, and what the attack reaches at every threshold."""
    left, right = fig.subplots(1, 2)
    fig.subplots_adjust(left=0.08, right=0.96, top=0.9, bottom=0.15, wspace=0.25)
    edges = np.geomspace(1e-4, 30, 25)
    both = (
        (found.member_losses, "C0", "members", "solid"),
        (found.other_losses, "C1", "others", "dashed"),
    )
    for losses, colour, name, dashes in both:
        clipped = np.clip(losses, edges[0], edges[-1])
        left.hist(
            clipped,
            edges,
            weights=np.full(len(losses), 100 / len(losses)),
            histtype="step",
            color=colour,
            linestyle=dashes,
            linewidth=2,
            label=name,
        )
    threshold = min(max(found.attack.threshold, edges[0]), edges[-1])
    left.axvline(threshold, color=style.ink(), linewidth=1, label="threshold")
    left.set(xscale="log", xlabel="loss of an image", ylabel="share of images (%)")
    left.set_xticks([1e-4, 1e-2, 1], ["0.0001", "0.01", "1"])
    left.legend(loc="upper left", frameon=False, fontsize=9)
    left.set_title("Left of the threshold: taken for a member")
    a = found.attack
    right.plot([0, 1], [0, 1], color=style.ink(), linewidth=1, linestyle=":", label="guessing")
    right.plot(a.false_rate, a.true_rate, color="C0", linewidth=2, label="the attack")
    if math.isfinite(found.epsilon):
        grid = np.linspace(0, 1, 101)
        right.plot(
            grid,
            bound(grid, found.epsilon, DELTA),
            color="C2",
            linestyle="--",
            label=f"most at epsilon {found.epsilon:.2f}",
        )
    right.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="others accused", ylabel="members found")
    for axis in (right.xaxis, right.yaxis):
        axis.set_ticks([0, 0.5, 1])
        axis.set_major_formatter(PercentFormatter(1.0))
    right.legend(loc="lower right", frameon=False, fontsize=9)
    right.set_title("At every threshold")


def table(found: Leak) -> Table:
    """The model, and what the attack makes of it."""
    a = found.attack
    rows = [
        ("right on its training images", 100 * found.member_accuracy, "%"),
        ("right on other images", 100 * found.other_accuracy, "%"),
        ("chance that a member has the lower loss (AUC)", 100 * a.auc, "%"),
        ("members found less others accused, at the threshold", 100 * a.advantage, "points"),
        ("its standard error", 100 * a.error, "points"),
        ("members found where 1 % of the others are accused", 100 * a.at_one_percent, "%"),
        (
            f"epsilon at delta {DELTA:g}",
            found.epsilon if math.isfinite(found.epsilon) else "no limit",
            "",
        ),
    ]
    caption = (
        f"{found.images} members and {len(found.other_losses)} others, {found.steps} passes, noise "
        f"{found.noise:g}; measured here"
    )
    return Table(caption, ("What", "Value", "Unit"), rows)


def describe(found: Leak) -> str:
    """How far the attack gets, against the gap in accuracy and any promise."""
    a = found.attack
    gap = 100 * (found.member_accuracy - found.other_accuracy)
    text = (
        f"The model is right on {found.member_accuracy:.0%} of its {found.images} training images "
        f"and on {found.other_accuracy:.0%} of others, a gap of {gap:.0f} points. The attack finds "
        f"members {100 * a.advantage:.0f} points more often than it accuses others (standard error "
        f"{100 * a.error:.0f})"
    )
    if math.isinf(found.epsilon):
        return f"{text}; nothing bounds what a better attack would find."
    use = (
        ", but the model is of little use: so few cannot hide" if found.other_accuracy < 0.5 else ""
    )
    return (
        f"{text}; epsilon is {found.epsilon:.2f}, so on average no attack can gain more than "
        f"{100 * _most(found.epsilon):.0f} points{use}."
    )


def _most(epsilon: float) -> float:
    grid = np.linspace(0, 1, 1001)
    return float((bound(grid, epsilon, DELTA) - grid).max())


def membership(**initial: Any) -> Explorer:
    """Attack a digit reader: tell the images that it was trained on from others.

    ``initial`` sets any of images, passes, defence; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        MembershipParameters(**initial),
        title="Who was in the training data?",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="membership",
    )
