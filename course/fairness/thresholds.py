"""Two groups, a score, and a threshold for each: every rate moves, and rules tie the thresholds.

Choosing a threshold for each group after training is *post-processing*: the model stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from course import records
from course.fairness.inputs import InputError, groups_of, probabilities, zeros_and_ones
from course.fairness.logistic import out_of_fold
from course.fairness.metrics import Audit, Counts

RULES = {
    "free": "each by itself",
    "same": "the same threshold",
    "selection": "equal selection rates",
    "opportunity": "equal true-positive rates",
    "mistakes": "equal false-positive rates",
}
_RATE = {
    "selection": "selection_rate",
    "opportunity": "true_positive_rate",
    "mistakes": "false_positive_rate",
}


@dataclass(frozen=True)
class Scored:
    """Two groups of people with a score between 0 and 1 and a true answer.

    what: what the truth is, in words, for it is not the same in every table.
    """

    name: str
    groups: tuple[str, str]
    scores: tuple[NDArray[np.float64], NDArray[np.float64]]
    truths: tuple[NDArray[np.int64], NDArray[np.int64]]
    selected: str
    what: str

    def counts(self, which: int, threshold: float) -> Counts:
        """The four outcomes of a group at a threshold (a yes from there on)."""
        yes, truth = self.scores[which] >= threshold, self.truths[which] == 1
        return Counts(
            float((~yes & ~truth).sum()),
            float((yes & ~truth).sum()),
            float((~yes & truth).sum()),
            float((yes & truth).sum()),
        )

    def audit(self, thresholds: tuple[float, float]) -> Audit:
        """Both groups at their thresholds."""
        return Audit({g: self.counts(n, thresholds[n]) for n, g in enumerate(self.groups)})


def matched(scored: Scored, rule: str, first: float) -> float:
    """The second group's threshold that a rule of RULES (not "free") asks for, given the first's.

    It is the candidate whose rate comes nearest; with few people that is not equality.
    Raises InputError for another rule.
    """
    if rule == "same":
        return first
    if rule not in _RATE:
        raise InputError(
            f"rule must be one of {', '.join(k for k in RULES if k != 'free')}, not {rule!r}"
        )
    rate = _RATE[rule]
    target = getattr(scored.counts(0, first), rate)
    return _nearest(scored.scores[1], scored.truths[1], rate, target)


def _nearest(
    scores: NDArray[np.float64], truths: NDArray[np.int64], rate: str, target: float
) -> float:
    """The threshold, midway between two scores, whose rate comes nearest to ``target``."""
    pool = {"selection_rate": truths >= 0, "true_positive_rate": truths == 1}
    counted = np.sort(scores[pool.get(rate, truths == 0)])
    if not len(counted):
        return 0.5
    edges = np.concatenate([[0.0], (counted[1:] + counted[:-1]) / 2, [1.0]])
    shares = 1 - np.searchsorted(counted, edges, side="left") / len(counted)
    return float(edges[np.argmin(np.abs(shares - target))])


@dataclass(frozen=True)
class GroupThresholds:
    """A threshold for each group, found on one set of people and used on others."""

    rule: str
    thresholds: dict[str, float]

    def decide(self, scores: object, group: object) -> NDArray[np.int64]:
        """Decisions, 0 or 1, shape (N,).

        Raises InputError for scores outside 0 to 1 and for a group that was not fitted.
        """
        groups = groups_of(group, known=sorted(self.thresholds))
        s = probabilities(scores, len(groups))
        return (s >= np.array([self.thresholds[g] for g in groups.tolist()])).astype(np.int64)


def fit_thresholds(
    truth: object, scores: object, group: object, rule: str, share: float
) -> GroupThresholds:
    """Thresholds of every group by a rule, with about ``share`` of all people selected.

    rule: "same", or a rate to make equal: "selection", "opportunity", "mistakes". Raises InputError
    for unsuited arrays (as `audit` does), another rule, or a share outside 0 to 1.
    """
    groups = groups_of(group)
    y, s = zeros_and_ones(truth, "truth", len(groups)), probabilities(scores, len(groups))
    if not 0 < share < 1:
        raise InputError(f"share must lie strictly between 0 and 1; got {share}")
    if rule == "same":
        one = float(np.quantile(s, 1 - share))
        return GroupThresholds(rule, {str(g): one for g in np.unique(groups)})
    if rule not in _RATE:
        raise InputError(f"rule must be same, {', '.join(_RATE)}, not {rule!r}")
    names = [str(g) for g in np.unique(groups)]
    best: tuple[float, dict[str, float]] = (np.inf, {})
    for target in np.linspace(0.005, 0.995, 199):
        found = {g: _nearest(s[groups == g], y[groups == g], _RATE[rule], target) for g in names}
        picked = np.mean(s >= np.array([found[g] for g in groups.tolist()]))
        best = min(best, (abs(float(picked) - share), found), key=lambda pair: pair[0])
    return GroupThresholds(rule, best[1])


@lru_cache
def made_up(base_a: float = 0.7, base_b: float = 0.5, n: int = 2000, seed: int = 0) -> Scored:
    """Made-up applicants whose repayment is known; scores are calibrated in both groups.

    Both groups are spread alike around their base rates.
    """
    rng = np.random.default_rng(seed)
    scores, truths = [], []
    for base in (base_a, base_b):
        s = rng.beta(4 * base, 4 * (1 - base), n)
        scores.append(s)
        truths.append((rng.random(n) < s).astype(np.int64))
    return Scored(
        "made-up applicants", ("Group A", "Group B"), (scores[0], scores[1]),
        (truths[0], truths[1]), "gets a loan", "would repay",
    )  # fmt: skip


@lru_cache
def real(name: str) -> Scored:
    """Scores of a model that was not shown race, for the two groups of a table of `course.records`.

    Each person is scored by a model fitted without them. The truth is the decision that was made.
    """
    table = records.load(name)
    score = out_of_fold(table.scaled(), table.outcome)
    white = table.attribute("race") == "White"
    what = "was approved by the lender" if name == "mortgages" else "was released by the police"
    selected = "the model would approve" if name == "mortgages" else "the model would release"
    return Scored(
        name, ("White", table.minority), (score[white], score[~white]),
        (table.outcome[white], table.outcome[~white]), selected, what,
    )  # fmt: skip
