"""The checks of lesson 04: a leak-free split, a leak to find, and a finder of wrong labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks import Exercise, case, probe
from course.data_quality.leakage import correlation

_SOLUTION = "../solutions/04_data.ipynb"

# ------------------------------------------------------------------------------ split_by_group


def _split(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    held_out = np.isin(groups, order[: round(len(order) * share)])
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _split_rows(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    rows = np.random.default_rng(seed).permutation(len(groups))
    count = round(len(rows) * share)
    return rows[count:], rows[:count]


def _split_in_order(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    names = np.unique(groups)
    held_out = np.isin(groups, names[: round(len(names) * share)])
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _split_turned(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    train, held_out = _split(groups, share, seed)
    return held_out, train


def _split_names(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    count = round(len(order) * share)
    return order[count:], order[:count]


def _split_one_row_each(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    names, first = np.unique(groups, return_index=True)
    order = np.random.default_rng(seed).permutation(len(names))
    count = round(len(order) * share)
    return first[order[count:]], first[order[:count]]


def _split_masks(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    held_out = np.isin(np.arange(len(groups)), _split(groups, share, seed)[1])
    return ~held_out, held_out


def _split_seedless(groups: Any, share: float, seed: int) -> tuple[Any, Any]:
    return _split(groups, share, 0)


def _splits(groups: np.ndarray, share: float, seeds: tuple[int, int]) -> Callable[[Any], dict]:
    """What two splits of ``groups`` show, whatever random numbers they were drawn with."""

    def run(split_by_group: Any) -> dict[str, Any]:
        pairs = []
        for seed in (*seeds, seeds[0]):
            train, held_out = split_by_group(groups.copy(), share, seed)
            train = np.asarray(train).astype(int).ravel()
            held_out = np.asarray(held_out).astype(int).ravel()
            pairs.append((train, held_out))
        train, held_out = pairs[0]
        total = len(groups)
        inside = bool(all(0 <= row < total for row in (*train, *held_out)))
        shared = len(np.intersect1d(groups[train], groups[held_out])) if inside else -1
        kept = len(np.unique(groups[held_out])) if inside else -1
        return {
            "row numbers lie between 0 and the last row": inside,
            "groups that stand on both sides": shared,
            "every row is in one of the two, once": bool(
                np.array_equal(np.sort(np.concatenate([train, held_out])), np.arange(total))
            ),
            "groups held out": kept,
            "the same seed gives the same split": set(pairs[0][1]) == set(pairs[2][1]),
            "another seed gives another split": set(pairs[0][1]) != set(pairs[1][1]),
            "groups are drawn, not taken in order": set(groups[held_out].tolist())
            != set(np.unique(groups)[:kept].tolist())
            if inside
            else False,
        }

    return run


_FOUR_EACH = np.arange(80) % 20
_UNEVEN = np.repeat(np.arange(30) * 7, np.arange(30) % 5 + 1)

split_by_group = Exercise(
    name="split_by_group",
    reference=_split,
    cases=[
        probe(_splits(_FOUR_EACH, 0.25, (0, 1)), "80 rows, 20 groups of 4, a quarter held out"),
        probe(
            _splits(_UNEVEN, 0.2, (3, 8)),
            f"{len(_UNEVEN)} rows, 30 groups of 1 to 5, a fifth held out",
        ),
        probe(
            _splits(np.arange(40)[::-1].copy(), 0.5, (5, 6)),
            "40 rows, each its own group, half held out",
        ),
    ],
    mistakes=[
        (
            _split_rows,
            "Rows are drawn, so copies of one image stand on both sides. Draw *groups*, then take all rows of each.",
        ),
        (
            _split_in_order,
            "The first groups are held out, not random ones. Data often comes sorted: shuffle the groups with `seed`.",
        ),
        (_split_turned, "The two sides are exchanged: return the training rows first."),
        (
            _split_names,
            "These are the names of groups, not row numbers: `np.isin(groups, names)` says which rows belong to them.",
        ),
        (
            _split_one_row_each,
            "Only one row of each group is used; the others are in neither half. Take all rows of a group.",
        ),
        (
            _split_masks,
            "These are True and False for each row. Return the numbers of the rows: `np.flatnonzero(mask)`.",
        ),
        (
            _split_seedless,
            "Every seed gives the same split: hand `seed` to `np.random.default_rng`.",
        ),
    ],
    hints=[
        "First the groups: `np.unique(groups)` has each once. Shuffle those with `np.random.default_rng(seed).permutation`.",
        "`round(share * number_of_groups)` of them are held out; `np.isin(groups, those)` is True in their rows.",
        "`np.flatnonzero(mask)` gives the row numbers where `mask` is True, `np.flatnonzero(~mask)` the others.",
    ],
    points=2,
    solution=_SOLUTION,
)

# --------------------------------------------------------------------------------- prepare


def _prepare(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
    best = np.argsort(-correlation(X[train], y[train]))[:count]
    scaled = (X - mean) / spread
    return scaled[train][:, best], scaled[held_out][:, best]


def prepare_with_leaks(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    """The lesson's leaky version: scaling and columns are settled with every row."""
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    best = np.argsort(-correlation(scaled, y))[:count]
    return scaled[train][:, best], scaled[held_out][:, best]


def _columns_leak(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
    best = np.argsort(-correlation(X, y))[:count]
    scaled = (X - mean) / spread
    return scaled[train][:, best], scaled[held_out][:, best]


def _scaling_leaks(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    best = np.argsort(-correlation(X[train], y[train]))[:count]
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    return scaled[train][:, best], scaled[held_out][:, best]


def _each_by_itself(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    best = np.argsort(-correlation(X[train], y[train]))[:count]
    halves = (X[train], X[held_out])
    first, second = ((h - h.mean(axis=0)) / h.std(axis=0) for h in halves)
    return first[:, best], second[:, best]


def _one_scale(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    scaled = (X - X[train].mean()) / X[train].std()
    best = np.argsort(-correlation(X[train], y[train]))[:count]
    return scaled[train][:, best], scaled[held_out][:, best]


def _unscaled(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    best = np.argsort(-correlation(X[train], y[train]))[:count]
    return X[train][:, best], X[held_out][:, best]


def _columns_twice(X: Any, y: Any, train: Any, held_out: Any, count: int) -> tuple[Any, Any]:
    mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
    scaled = (X - mean) / spread
    mine = np.argsort(-correlation(X[train], y[train]))[:count]
    yours = np.argsort(-correlation(X[held_out], y[held_out]))[:count]
    return scaled[train][:, mine], scaled[held_out][:, yours]


def _study(rows: int, columns: int, seed: int) -> tuple[Any, Any, Any, Any]:
    """Rows whose held-out part differs in place and spread, so that a leak is seen in the numbers."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(rows, columns)), rng.integers(0, 2, rows)
    order = rng.permutation(rows)
    held_out, train = order[: rows // 3], order[rows // 3 :]
    X[held_out] = 1.5 * X[held_out] + 0.5
    return X, y, train, held_out


prepare = Exercise(
    name="prepare",
    reference=_prepare,
    cases=[
        case(*_study(30, 40, 0), 5).named("30 rows, 40 columns, the best 5"),
        case(*_study(24, 100, 1), 10).named("24 rows, 100 columns, the best 10"),
    ],
    mistakes=[
        (
            prepare_with_leaks,
            "Both leaks are still there: mean and spread come from all rows, and so does the choice of the columns.",
        ),
        (
            _columns_leak,
            "The scaling is clean now, but the columns are still chosen with the held-out rows and their labels: "
            "use `X[train]` and `y[train]` there too.",
        ),
        (
            _scaling_leaks,
            "The columns are chosen cleanly now, but mean and spread still come from all rows: take them from `X[train]`.",
        ),
        (
            _each_by_itself,
            "Each side is scaled by its own mean and spread, so the same row would get other numbers on the other side. "
            "Scale the held-out rows with the *training* mean and spread.",
        ),
        (
            _one_scale,
            "One mean and one spread for the whole table: each column has its own (`axis=0`).",
        ),
        (
            _unscaled,
            "The columns are right, but nothing is scaled: subtract the mean, divide by the spread.",
        ),
        (
            _columns_twice,
            "The held-out rows got other columns, chosen with their own labels. Choose once, on the training rows.",
        ),
    ],
    hints=[
        "Ask of each line: does it look at rows that the model is judged on?",
        "Two quantities are learned from data here: mean and spread, and which columns are best. Learn both from `X[train]`.",
        "`scaled = (X - X[train].mean(axis=0)) / X[train].std(axis=0)`, and `correlation(X[train], y[train])`.",
    ],
    points=2,
    solution=_SOLUTION,
)

# --------------------------------------------------------------------------------- find_suspects


def _find(probabilities: Any, labels: Any) -> Any:
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[labels == c, c].mean() for c in classes])
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels)


def _find_most_probable(probabilities: Any, labels: Any) -> Any:
    return probabilities.argmax(axis=1) != labels


def _find_all_rows(probabilities: Any, labels: Any) -> Any:
    confident = np.where(probabilities >= probabilities.mean(axis=0), probabilities, -1)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels)


def _find_half(probabilities: Any, labels: Any) -> Any:
    confident = np.where(probabilities >= 0.5, probabilities, -1)
    return (confident.max(axis=1) >= 0) & (confident.argmax(axis=1) != labels)


def _find_unsure(probabilities: Any, labels: Any) -> Any:
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[labels == c, c].mean() for c in classes])
    return probabilities[np.arange(len(labels)), labels] < thresholds[labels]


def _find_without_none(probabilities: Any, labels: Any) -> Any:
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[labels == c, c].mean() for c in classes])
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    return confident.argmax(axis=1) != labels


def _find_turned(probabilities: Any, labels: Any) -> Any:
    return ~_find(probabilities, labels)


def _opinions(rows: int, classes: int, seed: int, sharpness: float) -> tuple[Any, Any]:
    """Probabilities of a fair model, surer of some classes than of others, and labels partly wrong."""
    rng = np.random.default_rng(seed)
    true = rng.permutation(np.arange(rows) % classes)
    scores = rng.normal(size=(rows, classes))
    scores[np.arange(rows), true] += sharpness * (0.4 + true / classes)
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = true.copy()
    labels[: rows // 6] = (labels[: rows // 6] + 1) % classes
    return probabilities, labels


find_suspects = Exercise(
    name="find_suspects",
    reference=_find,
    cases=[
        case(*_opinions(60, 3, 0, 3.0)).named("60 rows, 3 classes"),
        case(*_opinions(120, 10, 1, 4.0)).named("120 rows, 10 classes"),
        case(*_opinions(80, 4, 2, 1.5)).named("80 rows, 4 classes, an unsure model"),
    ],
    mistakes=[
        (
            _find_most_probable,
            "Every image that the model answers differently is suspected. Compare only classes that reach their threshold: "
            "an unsure model must not accuse.",
        ),
        (
            _find_all_rows,
            "A threshold is the mean over the rows that carry this *label*, not over all rows: "
            "`probabilities[labels == c, c].mean()`.",
        ),
        (
            _find_half,
            "The threshold is the same for every class. Each class has its own: the mean probability of `c` where the label is `c`.",
        ),
        (
            _find_unsure,
            "A low probability for the given label is not enough: *another* class must reach its threshold.",
        ),
        (
            _find_without_none,
            "Rows where no class reaches its threshold are suspected too; `argmax` answers 0 there. Leave such rows alone.",
        ),
        (_find_turned, "True and False are exchanged: True should mark the suspects."),
    ],
    hints=[
        "First the thresholds, one for each of the `probabilities.shape[1]` classes: `probabilities[labels == c, c].mean()`.",
        "Blot out what is below its threshold: `np.where(probabilities >= thresholds, probabilities, -1)`.",
        "Suspect: the largest of what is left is not -1, and its class is not the label.",
    ],
    points=2,
    solution=_SOLUTION,
)

ALL = (split_by_group, prepare, find_suspects)
