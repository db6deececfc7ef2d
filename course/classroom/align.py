"""Which cell of one notebook is which of another: by name, by content, by place and likeness."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from course.classroom.cells import Cell, content, names, same

_LIKE = 0.5  # the share of two texts that is common where one is taken for the other's new wording


def align(old: Sequence[Cell], new: Sequence[Cell], *, alike: bool = False) -> dict[int, int]:
    """Which cell of ``new`` each cell of ``old`` has become, by their numbers.

    Every cell has one partner at most. With ``alike``, cells between the same two partners that
    have no partner yet are also matched by likeness.
    """
    found: dict[int, int] = {}
    for kind in range(3):  # an id names its cell better than a grade id, which a copied cell keeps
        _pair_by_name(old, new, kind, found)
    _pair_by_content(old, new, found)
    if alike:
        _pair_by_likeness(old, new, found)
    return found


def _pair_by_name(
    old: Sequence[Cell], new: Sequence[Cell], kind: int, found: dict[int, int]
) -> None:
    free: dict[str, int] = {}
    taken = set(found.values())
    for number, cell in enumerate(new):
        for name in names(cell):
            if name and number not in taken:
                free.setdefault(name, number)
    for number, cell in enumerate(old):
        name = names(cell)[kind]
        if number not in found and name in free and free[name] not in found.values():
            found[number] = free[name]


def _pair_by_content(old: Sequence[Cell], new: Sequence[Cell], found: dict[int, int]) -> None:
    taken = set(found.values())
    free: dict[tuple[str, str], list[int]] = {}
    for number, cell in enumerate(new):
        if number not in taken:
            free.setdefault(content(cell), []).append(number)
    for number, cell in enumerate(old):
        waiting = free.get(content(cell), [])
        if number not in found and waiting and same(cell, new[waiting[0]]):
            found[number] = waiting.pop(0)


def _pair_by_likeness(old: Sequence[Cell], new: Sequence[Cell], found: dict[int, int]) -> None:
    taken = set(found.values())
    edges = [-1, *sorted(found), len(old)]
    for before, after in pairwise(edges):
        first = found.get(before, -1) + 1
        last = found.get(after, len(new))
        for number in range(before + 1, after):
            free = [n for n in range(first, last) if n not in taken]
            likeness = {n: _likeness(old[number], new[n]) for n in free}
            best = max(likeness, key=lambda n: likeness[n], default=None)
            if best is not None and likeness[best] >= _LIKE:
                found[number] = best
                taken.add(best)


def _likeness(one: Cell, other: Cell) -> float:
    if one["cell_type"] != other["cell_type"]:
        return 0.0
    matcher = SequenceMatcher(None, one["source"], other["source"], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _LIKE else 0.0
