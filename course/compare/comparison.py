"""What a comparison found, as text, a table and a picture; needs no torch."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.compare.closeness import Closeness
from course.training.history import History

# How far two runs may drift apart in an epoch and still be the same training.
LOSS_TOLERANCE = {"float32": 1e-4, "float64": 1e-10}
PARAMETER_TOLERANCE = {"float32": None, "float64": 1e-10}

# Two colours of Okabe and Ito's palette, told apart with any colour vision.
_MINE, _THEIRS = "#0072B2", "#E69F00"


@dataclass(frozen=True)
class Side:
    """One engine's run: its history, and its accuracy on the held-out data, 0 to 1."""

    history: History
    accuracy: float

    @property
    def seconds(self) -> float:
        """Seconds of training, without evaluation."""
        return sum(self.history.seconds)


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two runs of the same training, by hand (mine) and in PyTorch (theirs)."""

    model: str
    data: str
    epochs: int
    seed: int
    dtype: str
    mine: Side
    theirs: Side
    parameters: tuple[Closeness, ...]
    threads: str

    @property
    def loss_differences(self) -> NDArray[np.float64]:
        """Absolute difference of the two losses at every step."""
        return np.abs(np.subtract(self.mine.history.step_loss, self.theirs.history.step_loss))

    @property
    def loss_difference(self) -> float:
        """Largest difference of the losses over all steps."""
        return float(self.loss_differences.max())

    @property
    def parameter_difference(self) -> float:
        """Largest difference of a parameter at the end."""
        return max(parameter.difference for parameter in self.parameters)

    @property
    def agrees(self) -> bool:
        """Whether losses agree to 1e-4 in float32, losses and parameters to 1e-10 in float64."""
        allowed = PARAMETER_TOLERANCE[self.dtype]
        return self.loss_difference <= LOSS_TOLERANCE[self.dtype] and (
            allowed is None or self.parameter_difference <= allowed
        )

    @property
    def title(self) -> str:
        """What was compared, in one line."""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        return f"{self.model} on {self.data}, {self.dtype}, {epochs}, seed {self.seed}"

    @property
    def verdict(self) -> str:
        """Whether it was the same training, in one or two sentences."""
        allowed = LOSS_TOLERANCE[self.dtype]
        what = "losses" if self.dtype == "float32" else "losses and parameters"
        if self.agrees:
            return f"The {what} agree to {allowed:g}: both engines did the same training."
        advice = (
            " In float32 rounding can decide which pixel wins a max pooling, and the difference "
            "grows from there, as it does between two of PyTorch's own convolution kernels; float64 "
            "shows whether there is more to it."
            if self.dtype == "float32"
            else ""
        )
        return f"The {what} differ by more than {allowed:g}.{advice}"

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table's rows: what, by hand, PyTorch, difference."""
        mine, theirs = self.mine, self.theirs
        first, last = ((mine.history.step_loss[i], theirs.history.step_loss[i]) for i in (0, -1))
        widest = max(self.parameters, key=lambda parameter: parameter.difference)
        steps = len(mine.history.step_loss)
        return [
            ("loss, first step", f"{first[0]:.6f}", f"{first[1]:.6f}", _gap(*first)),
            ("loss, last step", f"{last[0]:.6f}", f"{last[1]:.6f}", _gap(*last)),
            (f"loss, largest of {steps:,}", "", "", f"{self.loss_difference:.1e}"),
            (f"parameter, largest ({widest.name})", "", "", f"{widest.difference:.1e}"),
            (
                "held-out accuracy",
                f"{mine.accuracy:.2%}",
                f"{theirs.accuracy:.2%}",
                f"{abs(mine.accuracy - theirs.accuracy) * 100:.2f} points",
            ),
            (
                "training time",
                f"{mine.seconds:.2f} s",
                f"{theirs.seconds:.2f} s",
                f"{mine.seconds / theirs.seconds:.2f} times",
            ),
        ]

    def __str__(self) -> str:
        table = [_HEADER, *self.rows()]
        widths = [max(len(row[column]) for row in table) for column in range(4)]
        lines = []
        for row in table:
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            lines.append("  ".join(cells).rstrip())
        lines.insert(1, "-" * (sum(widths) + 6))
        return "\n".join([self.title, "", *lines, "", self.verdict, self.threads])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in _HEADER)
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(row[0])}</th>'
            + "".join(f'<td style="text-align:right">{escape(cell)}</td>' for cell in row[1:])
            + "</tr>"
            for row in self.rows()
        )
        return (
            f"<table><caption>{escape(self.title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table><p>{escape(self.verdict)} {escape(self.threads)}</p>"
            f"{self.figure().html()}"
        )

    @property
    def alternative(self) -> str:
        """The picture in words."""
        mine = self.mine.history.step_loss
        return (
            f"Left: the loss of both engines over {len(mine):,} steps, from {mine[0]:.3f} to "
            f"{mine[-1]:.3f}, drawn over each other. Right: their difference at every step, at "
            f"most {self.loss_difference:.1e}."
        )

    def figure(self) -> Any:
        """A Picture: both loss curves over each other, and their difference a step."""
        from course.pictures import Picture

        figure = Picture(self.alternative, figsize=(9, 3.6))
        figure.suptitle(self.title)
        self.draw(figure)
        return figure

    def draw(self, figure: Any, colours: tuple[str, str] = (_MINE, _THEIRS)) -> None:
        """Draw both on an empty matplotlib Figure; colours: of the hand-built curve, of PyTorch's."""
        mine, theirs = self.mine.history.step_loss, self.theirs.history.step_loss
        steps = range(1, len(mine) + 1)
        left, right = figure.subplots(1, 2)
        left.set(xlabel="step", ylabel="loss of the batch")
        left.plot(steps, theirs, color=colours[1], lw=3, label="PyTorch")
        left.plot(steps, mine, color=colours[0], lw=1, ls="--", label="course.scratch")
        left.legend()
        right.set(xlabel="step", ylabel="difference of the loss")
        # Equal losses have no place on a logarithmic axis; they leave a gap.
        differences = np.where(self.loss_differences > 0, self.loss_differences, np.nan)
        right.plot(steps, differences, ".", color=left.xaxis.label.get_color(), ms=3)
        right.axhline(LOSS_TOLERANCE[self.dtype], color="grey", ls=":")
        right.annotate(
            "still the same training",
            (1, LOSS_TOLERANCE[self.dtype]),
            va="top",
            textcoords="offset points",
            xytext=(0, -3),
        )
        right.set(yscale="log", xlim=left.get_xlim())

    def save(self, path: str | Path) -> None:
        """Save the picture; the ending of the name (.png, .svg, .pdf) sets its format.

        Raises OSError, with what to do, where the file cannot be written.
        """
        try:
            self.figure().savefig(path, dpi=150)
        except OSError as error:
            raise type(error)(
                f"The picture {path} cannot be written ({error.strerror or error}). "
                "Choose a file in an existing folder that you may write to."
            ) from error


def require_place(picture: Path) -> None:
    """Check, before any training, that a picture can be saved under this name.

    Raises ValueError for a kind of picture that is not drawn, FileNotFoundError for no folder.
    """
    if picture.suffix not in _KINDS:
        raise ValueError(
            f"A picture cannot be saved as {picture.suffix!r} ({picture}). Let its name end in "
            ".png, .svg or .pdf."
        )
    if not picture.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {picture.parent} for the picture. Make it first, or choose another."
        )


_KINDS = (".png", ".svg", ".pdf")
_HEADER = ("", "course.scratch", "PyTorch", "difference")


def _gap(mine: float, theirs: float) -> str:
    return f"{abs(mine - theirs):.1e}"
