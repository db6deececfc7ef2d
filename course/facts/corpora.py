"""Sizes of the text collections that language models are trained on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from course.facts.tables import Sourced, rows


@dataclass(frozen=True, kw_only=True)
class Corpus(Sourced):
    """One collection: ``value`` in ``unit``, counted with ``tokenizer`` (empty: not stated)."""

    name: str
    quantity: str
    value: float
    unit: str
    tokenizer: str


@lru_cache
def corpora() -> tuple[Corpus, ...]:
    """Every corpus of the table, in its order."""
    return rows(Corpus, "corpora")


def corpus(name: str) -> Corpus:
    """The corpus of that name; raises KeyError, which lists the names, for an unknown one."""
    for found in corpora():
        if found.name == name:
            return found
    raise KeyError(f"no corpus {name!r}; there are {[c.name for c in corpora()]}")
