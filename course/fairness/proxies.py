"""Drop the attribute, the bias stays: other columns tell it, and the model learns from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from course import records
from course.fairness.inputs import InputError
from course.fairness.intervals import Interval, newcombe, wilson
from course.fairness.logistic import Array, auc, out_of_fold


@dataclass(frozen=True)
class Proxies:
    """A model that reads some columns of a table, and what the same columns tell of race.

    auc: how well they tell (0.5: not at all, 1: always). gap: selection rate of White people less
    that of `other`, by the model, which says yes to as many people as were decided a yes.
    decided: the same gap in the decisions. agreement: share of people whom model and decision treat
    alike. selected: rates by group.
    """

    table: str
    other: str
    seen: bool
    used: tuple[str, ...]
    dropped: tuple[str, ...]
    auc: float
    agreement: float
    gap: Interval
    decided: Interval
    selected: dict[str, Interval]


@lru_cache
def strength(name: str) -> tuple[tuple[str, float], ...]:
    """The columns and how well each alone tells who is White (AUC, 0.5 to 1), the best first."""
    table = records.load(name)
    white = (table.attribute("race") == "White").astype(np.int64)
    X = table.scaled()
    found = [(column, auc(X[:, n], white)) for n, column in enumerate(table.columns)]
    return tuple(sorted(((c, max(a, 1 - a)) for c, a in found), key=lambda pair: -pair[1]))


@lru_cache
def without(name: str, dropped: int, seen: bool) -> Proxies:
    """Fit models without the ``dropped`` most telling columns, with race as a column or not.

    Raises InputError where no column would be left.
    """
    table = records.load(name)
    order = [column for column, _ in strength(name)]
    if not 0 <= dropped < len(order):
        raise InputError(f"between 0 and {len(order) - 1} columns can be dropped, not {dropped}")
    used = [column for column in table.columns if column not in order[:dropped]]
    white = table.attribute("race") == "White"
    X = table.scaled(used)
    telling = auc(out_of_fold(X, white.astype(np.int64)), white.astype(np.int64))
    scores = out_of_fold(_with(X, white) if seen else X, table.outcome)
    yes = np.zeros(len(table), dtype=np.int64)
    yes[np.argsort(-scores, kind="stable")[: int(table.outcome.sum())]] = 1
    other = table.minority
    return Proxies(
        name,
        other,
        seen,
        tuple(used),
        tuple(order[:dropped]),
        telling,
        float((yes == table.outcome).mean()),
        _gap(yes, white),
        _gap(table.outcome, white),
        {
            "White": wilson(float(yes[white].sum()), float(white.sum())),
            other: wilson(float(yes[~white].sum()), float((~white).sum())),
        },
    )


def _with(X: Array, white: object) -> Array:
    column = np.asarray(white, dtype=np.float64)[:, None]
    return np.concatenate([X, (column - column.mean()) / column.std()], axis=1)


def _gap(yes: object, white: object) -> Interval:
    y, w = np.asarray(yes), np.asarray(white)
    return newcombe(float(y[w].sum()), float(w.sum()), float(y[~w].sum()), float((~w).sum()))
