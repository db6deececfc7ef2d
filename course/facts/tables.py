"""Reading a table of published figures: text in, typed rows out, nothing without its source."""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """What every row carries: where its figures come from, of when they are, how sure they are."""

    source: str
    date: str
    verified: bool
    evidence: str
    note: str = ""

    @property
    def cite(self) -> str:
        """Source and date in a line; a figure that was not verified says so."""
        doubt = "" if self.verified else " (not verified)"
        return f"{self.source}, {self.date}{doubt}"


Row = TypeVar("Row", bound=Sourced)


def rows(kind: type[Row], name: str, folder: Path = _HERE) -> tuple[Row, ...]:
    """The rows of table ``name`` as ``kind``, a dataclass whose fields are the table's columns.

    Raises ValueError, with table and line, for columns that do not fit the fields, a value that is
    no number where one belongs, and a row without source, date, grade or evidence.
    """
    path = folder / f"{name}.csv"
    types = get_type_hints(kind)
    fields = [field.name for field in dataclasses.fields(kind)]
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if sorted(reader.fieldnames or ()) != sorted(fields):
            raise ValueError(
                f"{path.name}: the columns are {reader.fieldnames}; {kind.__name__} has {fields}"
            )
        for row in reader:
            where = f"{path.name}, line {reader.line_num}"
            if None in row or None in row.values():
                raise ValueError(f"{where}: expected {len(fields)} cells; is a comma not quoted?")
            for column in ("source", "date", "verified", "evidence"):
                if not row[column].strip():
                    raise ValueError(f"{where}: {column} is empty; every figure has one")
            found.append(
                kind(**{key: _value(text, types[key], where, key) for key, text in row.items()})
            )
    return tuple(found)


def _value(text: str, wanted: Any, where: str, column: str) -> Any:
    text = text.strip()
    if wanted is str:
        return text
    if wanted is bool:
        if text not in ("yes", "no"):
            raise ValueError(f"{where}: {column} is {text!r}; expected yes or no")
        return text == "yes"
    if not text and wanted is not float:
        return None
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{where}: {column} is {text!r}; expected a number") from None
