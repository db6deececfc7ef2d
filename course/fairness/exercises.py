"""The checks of lesson 12: two gaps, groups that are crossed, and an audit that misleads."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks import Exercise, as_exercise, case, slip
from course.fairness.intervals import wilson

_SOLUTION = "../solutions/12_bias_fairness.ipynb"


def _people(groups: str, n: int, seed: int) -> tuple[Any, Any, Any]:
    """Truth, decision and group of ``n`` made-up people; every group has both answers."""
    rng = np.random.default_rng(seed)
    group = rng.choice(
        list(groups), n, p=np.arange(1, len(groups) + 1) / sum(range(1, len(groups) + 1))
    )
    truth = (rng.random(n) < 0.35 + 0.1 * np.char.equal(group, groups[0])).astype(int)
    decision = (rng.random(n) < 0.25 + 0.4 * truth + 0.1 * np.char.equal(group, groups[-1])).astype(
        int
    )
    return truth, decision, group


def _alarming(groups: str, n: int, seed: int) -> tuple[Any, Any, Any]:
    """The same people, with many a wrong yes in the last group and equal chances for a true yes."""
    truth, _, group = _people(groups, n, seed)
    chance = np.where(truth == 1, 0.7, np.where(group == groups[-1], 0.65, 0.1))
    decision = (np.random.default_rng(seed + 200).random(n) < chance).astype(int)
    return truth, decision, group


@as_exercise(
    cases=[
        case(
            np.array([1, 1, 0, 0, 1, 1, 0, 0]),
            np.array([1, 1, 1, 0, 1, 0, 0, 0]),
            np.array(list("aaaabbbb")),
        ).named("eight people in two groups"),
        case(*_people("pq", 60, 1)).named("60 people in two groups of different size"),
        case(*_people("xyz", 90, 2)).named("90 people in three groups"),
        case(*_alarming("xy", 80, 3)).named("80 people, false alarms in one group"),
    ],
    mistakes=[
        slip(
            "Only the true-positive rates are compared. Equalized odds asks for both: people whose true answer is no count too.",
            "max(max(tpr) - min(tpr), max(fpr) - min(fpr))",
            "max(tpr) - min(tpr)",
        ),
        slip(
            "The two gaps of equalized odds are added; it is the larger one.",
            "max(max(tpr) - min(tpr), max(fpr) - min(fpr))",
            "max(tpr) - min(tpr) + max(fpr) - min(fpr)",
        ),
        slip(
            "The false-positive rate is a share of those whose true answer is *no*; here it is a share of all the group.",
            "(here & (truth == 0))",
            "here",
        ),
        slip(
            "The true-positive rate is a share of those whose true answer is *yes*; here it is a share of all the group.",
            "(here & (truth == 1))",
            "here",
        ),
        slip(
            "Demographic parity compares how many get a yes, right or wrong. The truth does not come into it.",
            "chosen.append(decision[here].mean())",
            "chosen.append((decision == truth)[here].mean())",
        ),
        slip(
            "This is the share whose *true* answer is yes (the base rate); the gap is one of the decisions.",
            "chosen.append(decision[here].mean())",
            "chosen.append(truth[here].mean())",
        ),
        slip(
            "The groups are compared with the mean of all groups, not with each other: largest less smallest.",
            "return max(chosen) - min(chosen)",
            "return max(chosen) - np.mean(chosen)",
        ),
    ],
    hints=[
        "Go through `np.unique(group)`; in each, three shares: yes among all, among truth == 1, among truth == 0.",
        "`decision[(group == name) & (truth == 1)].mean()` is a true-positive rate.",
        "The first result is `max(chosen) - min(chosen)`, the second the larger of the same for the other two lists.",
    ],
    points=2,
    solution=_SOLUTION,
)
def gaps(truth: Any, decision: Any, group: Any) -> tuple[float, float]:
    """Demographic parity gap and equalized odds gap."""
    chosen, tpr, fpr = [], [], []
    for name in np.unique(group):
        here = group == name
        chosen.append(decision[here].mean())
        tpr.append(decision[(here & (truth == 1))].mean())
        fpr.append(decision[(here & (truth == 0))].mean())
    return max(chosen) - min(chosen), max(max(tpr) - min(tpr), max(fpr) - min(fpr))


def _naive(outcome: Any, first: Any, second: Any) -> dict[str, tuple[int, float, float]]:
    found = {}
    for a in np.unique(first):
        for b in np.unique(second):
            here = (first == a) & (second == b)
            if here.any():
                share, n = outcome[here].mean(), int(here.sum())
                half = 1.96 * np.sqrt(share * (1 - share) / n)
                found[f"{a}, {b}"] = (n, share - half, share + half)
    return found


_FEW = (
    np.array([1, 0, 1, 1, 1, 0, 1]),
    np.array(["old", "old", "old", "old", "young", "young", "young"]),
    np.array(["man", "man", "man", "woman", "man", "man", "man"]),
)


def _many(seed: int) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    first, second = (
        rng.choice(["north", "south", "west"], 300),
        rng.choice(["f", "m"], 300, p=[0.1, 0.9]),
    )
    return (rng.random(300) < 0.3 + 0.4 * (first == "west")).astype(int), first, second


@as_exercise(
    cases=[
        case(*_FEW).named("seven people; nobody is young and a woman"),
        case(*_many(1)).named("300 people, three regions, two sexes"),
        case(*_many(2)).named("300 others"),
    ],
    mistakes=[
        (
            _naive,
            "This is estimate ± 1.96 standard errors. For one person of one it has no width at all, as if a single person "
            "settled the matter. Use `wilson`.",
        ),
        slip(
            "Groups of fewer than five people are dropped. Then nobody will ever ask about them; keep them, with their wide interval.",
            "if here.any():",
            "if here.sum() >= 5:",
        ),
        slip(
            "A person belongs in a crossed group who is in *both* groups: `&`, not `|`.",
            "(first == a) & (second == b)",
            "(first == a) | (second == b)",
        ),
        slip(
            "The second attribute is not used: every crossed group has everybody of the first.",
            "(first == a) & (second == b)",
            "(first == a)",
        ),
        slip(
            "The interval is of the wrong count: of all people, not of those in the crossed group.",
            "int(here.sum())",
            "len(here)",
        ),
        slip(
            "The estimate stands where the lower bound belongs.",
            "interval.low, interval.high",
            "interval.estimate, interval.high",
        ),
    ],
    hints=[
        "Two loops, one over `np.unique(first)`, one over `np.unique(second)`; `here = (first == a) & (second == b)`.",
        "`wilson(yes, n)` needs counts: `outcome[here].sum()` and `here.sum()`. Its result has `.low` and `.high`.",
        'Skip a combination with `if not here.any(): continue`; else `found[f"{a}, {b}"] = (n, interval.low, interval.high)`.',
    ],
    points=2,
    solution=_SOLUTION,
)
def crossed(outcome: Any, first: Any, second: Any) -> dict[str, tuple[int, float, float]]:
    """People and 95 % interval of every crossed group that has anybody."""
    found = {}
    for a in np.unique(first):
        for b in np.unique(second):
            here = (first == a) & (second == b)
            if here.any():
                n = int(here.sum())
                interval = wilson(int(outcome[here].sum()), n)
                found[f"{a}, {b}"] = (n, interval.low, interval.high)
    return found


def misleading_rates(truth: Any, decision: Any, group: Any) -> dict[str, float]:
    """The lesson's flawed audit: the wrong denominator, and missing labels taken for a no."""
    found = {}
    for name in np.unique(group):
        here = group == name
        innocent = here & (truth != 1)
        alarmed = here & (decision == 1)
        found[str(name)] = float((innocent & alarmed).sum() / alarmed.sum())
    return found


def _with_missing(n: int, seed: int) -> tuple[Any, Any, Any]:
    truth, decision, group = _people("ab", n, seed)
    truth = truth.astype(float)
    truth[np.random.default_rng(seed + 100).random(n) < 0.15 + 0.2 * (group == "a")] = np.nan
    return truth, decision, group


@as_exercise(
    cases=[
        case(
            np.array([0, 0, 1, np.nan, 0, 0, 1, 1]),
            np.array([1, 0, 1, 1, 1, 1, 1, 0]),
            np.array(list("aaaabbbb")),
        ).named("eight people, one with an unknown truth"),
        case(*_with_missing(80, 4)).named("80 people, more unknown in one group"),
        case(*_with_missing(120, 5)).named("120 others"),
    ],
    mistakes=[
        (
            misleading_rates,
            "Both faults are still there: ask *of whom* this is a share, and what `truth != 1` says about people whose truth is missing.",
        ),
        slip(
            "The denominator is right now, but `nan != 1` is True: whoever's truth is unknown is still counted as a no.",
            "truth == 0",
            "truth != 1",
        ),
        slip(
            "Missing labels are out now, but this is still a share of the *alarms* (the false discovery rate), not of the innocent.",
            "innocent.sum()",
            "alarmed.sum()",
        ),
        slip(
            "This is a share of the whole group: the true yes do not belong below the line.",
            "/ innocent.sum()",
            "/ here.sum()",
        ),
    ],
    hints=[
        "The false-positive rate is the share of a yes among those whose true answer is no. Which line divides by what?",
        "`np.nan != 1` is True. Of whom do you know that the true answer is no?",
        "`innocent = here & (truth == 0)`, and divide by `innocent.sum()`.",
    ],
    points=2,
    solution=_SOLUTION,
)
def false_positive_rates(truth: Any, decision: Any, group: Any) -> dict[str, float]:
    """False-positive rate by group, of the people whose truth is known."""
    found = {}
    for name in np.unique(group):
        here = group == name
        innocent = here & (truth == 0)
        alarmed = here & (decision == 1)
        found[str(name)] = float((innocent & alarmed).sum() / innocent.sum())
    return found


ALL: tuple[Exercise, ...] = (gaps, crossed, false_positive_rates)
