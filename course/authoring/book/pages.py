"""The book's pages as Markdown and notebooks: what Sphinx is given to lay out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from course.classroom.slides import each_formula, picture_of
from course.lessons import read_lesson

_SHOWN = ("source", "date", "verified")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_INSIDE = re.compile(r"\]\((?:\.\./)?(?:lessons/|solutions/)?(\d\d_[a-z0-9_]+)\.ipynb\)")


def lesson_page(notebook: Any, ready: str) -> Any:
    """A lesson as a page: without the cell that gets it ready, formulas as pictures, links to pages."""
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip() != ready.strip()]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = prose(cell.source)
    return notebook


def prose(text: str) -> str:
    """Markdown for Sphinx: no comments, formulas as pictures, lessons linked as pages."""
    text = each_formula(_COMMENT.sub("", text), picture_of)
    return _INSIDE.sub(r"](\1.ipynb)", text)


def front_page(lessons: Iterable[Path], others: Iterable[tuple[str, str]]) -> str:
    """The first page: what the book is, the lessons with their minutes, and the tables of contents."""
    lessons = list(lessons)
    read = [read_lesson(path) for path in lessons]
    rows = "\n".join(
        f"| [{lesson.number} · {lesson.title}]({path.name}) | {lesson.minutes or ''} |"
        for lesson, path in zip(read, lessons, strict=True)
    )
    contents = "\n".join(path.stem for path in lessons)
    more = "\n".join(f"{title} <{name}>" for name, title in others)
    return f"""# Train by Hand

How AI models are trained, learned by building the training yourself. This is the book to read: what the lessons' cells
print and draw stands under them, with each explorer as it looks before it is moved. To move the explorers and to write
the exercises, open a lesson in Colab or on Binder by the links at its top, or
[set the course up on your own computer](https://github.com/train-by-hand/train-by-hand#start).

| Lesson | Minutes |
|---|--:|
{rows}

```{{toctree}}
:hidden:
:caption: Lessons
{contents}
```

```{{toctree}}
:hidden:
:caption: Beside them
{more}
```
"""


def figures_page(facts: Path) -> str:
    """Every table of published figures with its sources, as kept in `course.facts`."""
    parts = ["# Sources of the figures", ""]
    parts.append(
        "Every figure that somebody else published comes from one of these tables. `no` under *verified* means from "
        "memory, derived, or with conflicting sources; no test rests on such a row."
    )
    for path in sorted(facts.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
        seen: dict[tuple[str, str, str], int] = {}
        for row in rows:
            source, date, verified = (_cell(row.get(n) or "") for n in _SHOWN)
            key = (source, date, verified)
            seen[key] = seen.get(key, 0) + 1
        parts += ["", f"## {path.stem.replace('_', ' ')}", ""]
        parts += ["| Source | Date | Verified | Rows |", "|---|---|---|--:|"]
        parts += [f"| {' | '.join(key)} | {count} |" for key, count in seen.items()]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"([|*_<>\[\]])", r"\\\1", " ".join(text.split()))
