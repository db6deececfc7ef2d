"""A small table of results, as the reader, a screen reader and a terminal get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True)
class Table:
    """A caption, column headings with units, and rows; numbers are shown with four digits."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.caption!r}: a row has {len(row)} cells, "
                    f"there are {len(self.columns)} columns: {list(row)}"
                )

    @property
    def texts(self) -> list[list[str]]:
        """The rows as text."""
        return [[_text(value) for value in row] for row in self.rows]

    def state(self) -> dict[str, Any]:
        """The table as JSON for a script."""
        return {"caption": self.caption, "columns": list(self.columns), "rows": self.texts}

    def __str__(self) -> str:
        lines = [[str(c) for c in self.columns], *self.texts]
        widths = [max(len(line[n]) for line in lines) for n in range(len(self.columns))]
        body = ["  ".join(t.ljust(w) for t, w in zip(s, widths, strict=True)) for s in lines]
        return "\n".join([self.caption, *(line.rstrip() for line in body)])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(str(c))}</th>' for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(t)}</td>" for t in row) + "</tr>" for row in self.texts
        )
        return (
            f"<table><caption>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.4g}"
