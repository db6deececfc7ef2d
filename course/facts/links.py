"""What connects the chips of a cluster, inside a node and between nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Link(Sourced):
    """A link of one chip: 1e9 bytes a second in each direction."""

    name: str
    kind: str
    gb_s_each_way: float


@lru_cache
def links() -> tuple[Link, ...]:
    """Every link of the table, in its order."""
    return rows(Link, "links")


def link(name: str) -> Link:
    """The link of that name; raises KeyError, which lists the names, for an unknown one."""
    for found in links():
        if found.name == name:
            return found
    raise KeyError(f"no link {name!r}; there are {[found.name for found in links()]}")
