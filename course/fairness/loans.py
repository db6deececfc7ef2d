"""Known results on the Boston mortgages, made again from the rows: rates, and two regressions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course import records
from course.fairness.intervals import Interval, wilson
from course.fairness.logistic import linear_probability

# The controls of the textbook's regression.
CONTROLS = (
    "hrat", "obrat", "loanprc", "unem", "male", "married", "dep", "sch", "cosign", "chist", "pubrec",
    "mortlat1", "mortlat2", "vr",
)  # fmt: skip


@dataclass(frozen=True)
class WhiteCoefficient:
    """How much more probable approval is for White applicants, others things equal, and how sure.

    value, error (standard error): probability, 0 to 1. people: rows used; rows with a gap are not.
    """

    controls: int
    value: float
    error: float
    people: int


def approvals() -> dict[str, Interval]:
    """Approved share by race, with Wilson's intervals."""
    table = records.load("mortgages")
    race = table.attribute("race")
    return {
        str(name): wilson(float(table.outcome[race == name].sum()), float((race == name).sum()))
        for name in ("White", "Hispanic", "Black")
    }


def white_coefficient(controls: tuple[str, ...] = CONTROLS) -> WhiteCoefficient:
    """The linear probability model: approved on White and these columns (male among them)."""
    table = records.load("mortgages")
    sex = table.attribute("sex")
    male = np.where(sex == "not recorded", np.nan, (sex == "male").astype(float))
    columns = [male if name == "male" else table.matrix([name])[:, 0] for name in controls]
    white = (table.attribute("race") == "White").astype(float)
    X = np.stack([white, *columns], axis=1)
    rows = ~np.isnan(X).any(axis=1)
    beta, error = linear_probability(table.outcome[rows], X[rows])
    return WhiteCoefficient(len(controls), float(beta[0]), float(error[0]), int(rows.sum()))
