"""The reading guide names every file of the engine, and about how long it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course import scratch

ENGINE = Path(scratch.__file__).parent
ROWS = re.findall(
    r"^\|(?: \d+ \|)? (`.*?) \| ([\d,]+) \|",
    (ENGINE / "README.md").read_text("utf-8"),
    re.MULTILINE,
)


def files(cell: str) -> list[Path]:
    """The files that a row names; later ones may leave out the folder of the first."""
    named = re.findall(r"`([^`]+)`", cell)
    folder = Path(named[0]) if named[0].endswith("/") else Path(named[0]).parent
    named = [n for n in named if not n.endswith("/")]
    return [
        ENGINE / n if (ENGINE / n).exists() and "/" in n else ENGINE / folder / n for n in named
    ]


def test_every_file_is_named_once() -> None:
    named = [path for cell, _ in ROWS for path in files(cell)]
    there = {p for p in ENGINE.rglob("*.py") if p.name != "__init__.py"}
    assert set(named) == there | {ENGINE / "nn" / "utils" / "__init__.py"}
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("cell", "lines"), ROWS)
def test_the_lengths_are_about_right(cell: str, lines: str) -> None:
    total = sum(len(path.read_text("utf-8").splitlines()) for path in files(cell))
    assert abs(total - int(lines.replace(",", ""))) <= max(25, total // 4), total
