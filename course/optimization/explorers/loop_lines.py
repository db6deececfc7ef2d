"""The five-line stepper: switch a line of the loop off and see what breaks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from matplotlib.figure import Figure

from course.optimization.five_lines import GUESSING, LINES, STEPS, Run, Step, run
from course.widgets import Explorer, Table, slider, style, switch


@dataclass(frozen=True)
class FiveLinesParameters:
    """Which lines are executed, and which step is looked at."""

    zero_grad: bool = switch(True, label="zero_grad")
    forward: bool = switch(True, label="forward")
    loss: bool = switch(True, label="loss")
    backward: bool = switch(True, label="backward")
    step: bool = switch(True, label="step")
    number: int = slider(20, 1, STEPS, label="Look at step")
    learning_rate: float = slider(0.1, 0.001, 1.0, log=True, label="Learning rate")


@dataclass(frozen=True)
class FiveLines:
    """The run asked for, the complete loop's run beside it, and the step that is looked at."""

    run: Run
    complete: Run
    number: int

    @property
    def seen(self) -> Step | None:
        """The step looked at; the last that was finished, where the loop stopped before."""
        return self.run.steps[min(self.number, len(self.run.steps)) - 1] if self.run.steps else None

    @property
    def stopped(self) -> bool:
        """Whether the loop raised an error at this step or before."""
        return bool(self.run.error) and self.number > len(self.run.steps)


def simulate(p: FiveLinesParameters) -> FiveLines:
    """Run the loop without the lines that are switched off, and complete."""
    off = tuple(f.name for f in fields(p) if f.name in LINES and not getattr(p, f.name))
    return FiveLines(run(off, p.learning_rate), run((), p.learning_rate), p.number)


def _did(result: FiveLines, line: str) -> str:
    """What a line did in the step that is looked at."""
    if line in result.run.off:
        return "switched off"
    step = result.seen
    if result.stopped and list(LINES).index(line) >= list(LINES).index(result.run.stopped_by):
        return "raises an error" if line == result.run.stopped_by else "is not reached"
    if step is None:
        return "done once"
    if line == "zero_grad":
        if not step.gradient_found:
            return "no gradients to forget yet"
        return f"gradients of size {step.gradient_found:.3g} forgotten"
    if line == "forward":
        return "answers for the batch computed"
    if line == "loss":
        return f"the batch's loss is {_number(step.batch_loss)}"
    if line == "backward":
        return f"gradients are now of size {step.gradient_used:.3g}"
    return f"parameters moved by {step.moved:.3g}"


def _number(value: float | None) -> str:
    return "none yet" if value is None else f"{value:.4g}"


def figure(result: FiveLines, fig: Figure) -> None:
    """The loop as code, each line with what it did; beside it, the loss over the steps."""
    left, right = fig.subplots(1, 2, width_ratios=(1.25, 1))
    fig.subplots_adjust(left=0.01, right=0.985, top=0.9, bottom=0.22, wspace=0.16)
    left.axis("off")
    left.set_title(f"Step {result.number}, line by line", loc="left")
    for place, (line, code) in enumerate(LINES.items()):
        off = line in result.run.off
        y = 0.88 - 0.2 * place
        mark = "off" if off else f"{place + 1}"
        look: dict[str, Any] = {"transform": left.transAxes, "va": "center"}
        left.text(0.0, y, mark, fontsize=9, weight="bold", **look)
        left.text(
            0.07,
            y,
            ("# " if off else "") + code,
            family="monospace",
            alpha=0.5 if off else 1,
            **look,
        )
        left.text(0.07, y - 0.085, _did(result, line), fontsize=9, color="C0", **look)
    whole, mine = result.complete.losses, result.run.losses
    right.plot(whole, color="C0", linestyle="-", label="all five lines")
    if result.run.off:
        right.plot(mine, color="C1", linestyle="--", label="with your switches")
    shown = min(result.number, len(mine) - 1)
    right.plot(shown, mine[shown], "o", color=style.ink(), fillstyle="none", markersize=9)
    right.axhline(GUESSING, color=style.ink(), linewidth=0.8, linestyle=":")
    right.annotate("guessing", (STEPS, GUESSING), ha="right", va="bottom", fontsize=8)
    if result.run.error:
        right.annotate(
            "stops with an error",
            (len(mine) - 1, mine[-1]),
            xytext=(14, -26),
            textcoords="offset points",
            arrowprops={"arrowstyle": "->", "color": style.ink()},
            fontsize=9,
        )
    top = max(3.0, 1.1 * max(v for v in whole + mine if v == v and v < 50))
    right.set(xlabel="step", ylabel="loss on all training images", ylim=(0, top), xlim=(0, STEPS))
    right.set_title("Loss over the steps")
    right.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False, fontsize=9
    )


def table(result: FiveLines) -> Table:
    """The five lines and what each did."""
    rows = [(n + 1, code, _did(result, line)) for n, (line, code) in enumerate(LINES.items())]
    return Table(f"Step {result.number}", ("Line", "Code", "What it did"), rows)


def describe(result: FiveLines) -> str:
    """What the loop came to with these lines."""
    run_, number = result.run, result.number
    missing = ", ".join(run_.off)
    whole = result.complete.losses[number]
    if not run_.off:
        return (
            f"With all five lines the loss on the training images goes from {run_.first_loss:.3f} "
            f"to {whole:.3f} in {number} steps."
        )
    if result.stopped:
        return (
            f"Without {missing} the loop stops in step {len(run_.steps) + 1}: {run_.stopped_by} "
            f"raises an error, \u201c{run_.error.rstrip('.')}\u201d."
        )
    now = run_.losses[number]
    after = f"after {number} step{'' if number == 1 else 's'}"
    beside = f"the complete loop is at {whole:.3f}"
    moved = any(step.moved for step in run_.steps[:number])
    if not moved:
        return (
            f"Without {missing} no error is raised, and no parameter has moved: {after} "
            f"the loss is still {now:.3f}; {beside}."
        )
    return f"Without {missing} the loss is {now:.3f} {after}; {beside}."


def five_lines(**initial: Any) -> Explorer:
    """The five lines of a training loop, each with a switch, really run on the digits.

    ``initial`` sets any of zero_grad, forward, loss, backward, step, number, learning_rate; raises
    ValueError or TypeError for a value or a name that is not one of them.
    """
    return Explorer(
        FiveLinesParameters(**initial),
        title="Five lines",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="five_lines",
    )
