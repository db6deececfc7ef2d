"""What chips reach of their published peak in the best matrix product that others found, and what a roof says of it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from course.accelerators.operations import matmul
from course.accelerators.roofline import Place, roof
from course.facts.measured_peaks import MeasuredPeak, measured_peaks

SIDE = 8192  # of a product that is large for every chip; the searches try many shapes


@dataclass(frozen=True)
class Reached:
    """A chip: its row of measurements, and a large square product under its roof in BF16."""

    row: MeasuredPeak
    place: Place

    @property
    def computed(self) -> float:
        """What the roof allows, in operations a second."""
        return self.place.attainable

    @property
    def measured(self) -> float:
        """What was reached, in operations a second."""
        return 1e12 * self.row.measured_tflops

    @property
    def share(self) -> float:
        """Measured, of what the roof allows."""
        return self.measured / self.computed


class Table(tuple[Reached, ...]):
    """The rows, which print as a table."""

    def lines(self) -> list[tuple[str, str, str, str]]:
        """Device, what the roof allows, what was measured, and their ratio."""
        return [
            (r.row.device, f"{r.computed / 1e12:,.0f}", f"{r.measured / 1e12:,.0f}", f"{100 * r.share:.0f} %")
            for r in self
        ]  # fmt: skip

    def __str__(self) -> str:
        head = ("BF16, 10^12 a second", "roof (computed)", "measured (published)", "share")
        lines = [f"{a:22}{b:>18}{c:>22}{d:>8}" for a, b, c, d in [head, *self.lines()]]
        return "\n".join([*lines, f"Measured: {self[0].row.cite}"])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col">{h}</th>'
            for h in ("BF16, 10<sup>12</sup> operations a second", "roof (computed)", "measured (published)", "share")
        )  # fmt: skip
        body = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{b}</td><td>{c}</td><td>{d}</td></tr>'
            for a, b, c, d in self.lines()
        )
        return f"<table><caption>Measured: {escape(self[0].row.cite)}</caption><tr>{head}</tr>{body}</table>"


def reached() -> Table:
    """Every chip that was measured, the one that came nearest to its peak first."""
    rows = [
        Reached(row, roof(row.chip, "bf16").place(matmul(SIDE, SIDE, SIDE, "bf16")))
        for row in measured_peaks()
    ]
    return Table(sorted(rows, key=lambda r: -r.share))
