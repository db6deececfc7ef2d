"""A newer edition of a lesson brought into a learner's copy, cell by cell.

Three notebooks take part: the edition as it was copied (``base``), the learner's (``mine``), the
newer edition (``theirs``). What only the edition changed is taken over; what only the learner
changed stays. Where both changed a cell, the lesson's stands in its place and the learner's beside
it; in an answer, the learner's stands in its place. No text of the learner's is ever dropped.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from course.classroom.align import align
from course.classroom.cells import (
    Cell,
    Notebook,
    grading,
    is_answer,
    is_locked,
    names,
    same,
    untouched,
)

YOURS = "Your version of the cell above, which the lesson has in other words now"
GONE = "Yours; the lesson no longer has this cell"
STARTS = "The lesson now begins this exercise as follows; your answer above is kept as you wrote it"
_LESSONS_OWN = ("nbgrader", "deletable", "editable")  # metadata that follows the edition alone


@dataclass
class Merged:
    """The merged notebook, and how many cells each thing was done to (``news``)."""

    notebook: Notebook
    news: Counter[str] = field(default_factory=Counter)
    moved_back: bool = False


def merge(base: Notebook | None, mine: Notebook, theirs: Notebook) -> Merged:
    """Bring ``theirs`` into ``mine``; without ``base``, what the cells prove of themselves counts."""
    work = _Merge(base["cells"] if base else None, mine["cells"], theirs["cells"])
    cells = work.run()
    metadata = {**theirs["metadata"], **mine["metadata"]}
    if "course" in theirs["metadata"]:
        metadata["course"] = theirs["metadata"]["course"]
    return Merged({**theirs, "cells": cells, "metadata": metadata}, work.news, work.moved_back)


class _Merge:
    def __init__(self, base: list[Cell] | None, mine: list[Cell], theirs: list[Cell]) -> None:
        self.base = _rebuilt(mine, theirs) if base is None else base
        self.mine, self.theirs = mine, theirs
        self.news: Counter[str] = Counter()
        self.own: dict[
            int, list[Cell]
        ] = {}  # the learner's cells, by the lesson's cell before them
        kept_ids = {names(cell)[0] for cell in self.base} & {names(cell)[0] for cell in mine}
        # Only a tool that drops ids leaves nothing but likeness to know an edited cell by.
        self.mine_base = align(mine, self.base, alike=not kept_ids - {""})
        self.base_theirs = align(self.base, theirs, alike=True)
        order = [self.mine_base[n] for n in sorted(self.mine_base)]
        self.moved_back = order != sorted(order)

    def run(self) -> list[Cell]:
        to_theirs = self._matches()
        from_mine = {t: m for m, t in to_theirs.items()}
        from_base = {t: b for b, t in self.base_theirs.items()}
        base_of_mine = self.mine_base
        blocks = {}
        for t in range(len(self.theirs)):
            m = from_mine.get(t)
            b = from_base.get(t) if m is None else base_of_mine.get(m)
            blocks[t] = self._block(m, b, t)
        anchor = -1
        for m, cell in enumerate(self.mine):
            if m in to_theirs:
                anchor = to_theirs[m]
            else:
                self._stays(cell, base_of_mine.get(m), anchor)
        cells = list(self.own.get(-1, []))
        for t in range(len(self.theirs)):
            cells += blocks[t] + self.own.get(t, [])
        reserved = {names(cell)[0] for cell in self.theirs}
        return _name_all(cells, reserved, {id(block[0]) for block in blocks.values() if block})

    def _matches(self) -> dict[int, int]:
        """The lesson's cell that each of the learner's has become."""
        found = {m: self.base_theirs[b] for m, b in self.mine_base.items() if b in self.base_theirs}
        # A cell that the learner has from elsewhere, a newer edition perhaps.
        loose_mine = [m for m in range(len(self.mine)) if m not in self.mine_base]
        loose_theirs = [t for t in range(len(self.theirs)) if t not in set(found.values())]
        more = align([self.mine[m] for m in loose_mine], [self.theirs[t] for t in loose_theirs])
        return {**found, **{loose_mine[m]: loose_theirs[t] for m, t in more.items()}}

    def _block(self, m: int | None, b: int | None, t: int) -> list[Cell]:
        """What stands in the place of the lesson's cell ``t``."""
        theirs, base = self.theirs[t], None if b is None else self.base[b]
        if m is None:
            return self._missing(theirs, base)
        mine = self.mine[m]
        if same(mine, theirs):
            return [_with_lessons_marks(mine, theirs)]
        if base is not None and same(mine, base):
            self.news["renewed"] += 1
            return [_renewed(mine, theirs)]
        if is_answer(theirs):
            self.news["answers kept"] += 1
            answer = {**_with_lessons_marks(mine, theirs), "cell_type": theirs["cell_type"]}
            begun_anew = base is not None and not same(base, theirs)
            return [_as_kind(answer), _starts(theirs)] if begun_anew else [_as_kind(answer)]
        if not is_locked(theirs) and base is not None and same(base, theirs):
            self.news["changes kept"] += 1
            return [_with_lessons_marks(mine, theirs)]
        self.news["kept beside"] += 1
        return [_renewed(mine, theirs), *_flagged(mine, YOURS)]

    def _missing(self, theirs: Cell, base: Cell | None) -> list[Cell]:
        """What the learner's copy lacks: it is new, or the learner deleted it."""
        if base is None:
            self.news["new"] += 1
            return [theirs]
        if grading(theirs):
            self.news["brought back"] += 1
            return [theirs]
        self.news["left out"] += 1
        return []

    def _stays(self, cell: Cell, b: int | None, anchor: int) -> None:
        """A cell of the learner's copy for which the newer edition has none."""
        if b is None:
            self.news["added cells kept"] += 1
            self.own.setdefault(anchor, []).append(_without_grading(cell))
        elif same(cell, self.base[b]):
            self.news["taken out"] += 1
        else:
            self.news["kept though taken out"] += 1
            self.own.setdefault(anchor, []).extend(_flagged(cell, GONE))


def _rebuilt(mine: list[Cell], theirs: list[Cell]) -> list[Cell]:
    """What the lost original must have held, as far as the learner's cells prove it."""
    now = {name: cell for cell in theirs for name in names(cell) if name}
    base: list[Cell] = []
    seen: set[str] = set()
    for cell in mine:
        name = next((name for name in names(cell) if name in now), names(cell)[0])
        if untouched(cell):
            original = cell
        elif name in now:
            original = now[name]
        elif grading(cell):
            original = {**cell, "source": "\0"}  # the lesson's once; of its text nothing is known
        else:
            continue
        if name not in seen:
            seen.add(name)
            base.append(original)
    return base


def _with_lessons_marks(mine: Cell, theirs: Cell) -> Cell:
    kept = {k: v for k, v in mine["metadata"].items() if k not in _LESSONS_OWN}
    found = {**mine, "metadata": {**kept, **theirs["metadata"]}}
    if theirs.get("id"):
        found["id"] = theirs["id"]
    return found


def _renewed(mine: Cell, theirs: Cell) -> Cell:
    return {**theirs, "metadata": _with_lessons_marks(mine, theirs)["metadata"]}


def _as_kind(cell: Cell) -> Cell:
    """The cell with the fields of its kind, which the learner may have changed in the editor."""
    if cell["cell_type"] == "code":
        return {"outputs": [], "execution_count": None, **cell}
    return {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}


def _without_grading(cell: Cell) -> Cell:
    """A learner's own cell: copied from a graded one, it must not be graded twice."""
    metadata = {k: v for k, v in cell["metadata"].items() if k not in _LESSONS_OWN}
    return {**cell, "metadata": metadata}


def _flagged(cell: Cell, why: str) -> list[Cell]:
    """The learner's cell with a line at its head that says what it is."""
    own = _without_grading(cell)
    own.pop("id", None)
    if cell["cell_type"] == "markdown":
        return [{**own, "source": f"#### {why}\n\n{cell['source']}"}]
    if cell["cell_type"] == "code" and not cell["source"].lstrip().startswith("%%"):
        return [{**own, "source": f"# {why}\n{cell['source']}"}]
    return [_prose(f"#### {why.replace('above', 'below')}"), own]  # %%magic stands first in a cell


def _starts(theirs: Cell) -> Cell:
    if theirs["cell_type"] == "code":
        return _prose(f"#### {STARTS}\n\n```python\n{theirs['source']}\n```")
    quoted = "\n".join(f"> {line}".rstrip() for line in theirs["source"].splitlines())
    return _prose(f"#### {STARTS}\n\n{quoted}")


def _prose(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _name_all(cells: list[Cell], reserved: set[str], lessons_own: set[int]) -> list[Cell]:
    """The cells, each with an id of its own; the lesson's keep theirs, the same cells the same."""
    used, named = set(reserved), []
    for cell in cells:
        name = str(cell.get("id", ""))
        if id(cell) not in lessons_own and (not name or name in used):
            text = f"{cell['cell_type']}\n{cell['source']}"
            first = name = f"own-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
            count = 1
            while name in used:
                count += 1
                name = f"{first}-{count}"
            cell = {**cell, "id": name}
        used.add(name)
        named.append(cell)
    return named
