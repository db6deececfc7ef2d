"""Exercise: learn the merges of byte-pair encoding."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from course.checks import as_exercise, case, slip

_SOLUTION = "../solutions/07_language_model.ipynb"


def _overlapping(tokens: list[str], count: int) -> list[tuple[str, str]]:
    """Joins every pair of neighbours, also where two overlap."""
    merges = []
    for _ in range(count):
        pairs = Counter(pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.__getitem__)
        merges.append(best)
        joined = [a + b for a, b in pairwise(tokens) if (a, b) == best]
        tokens = [t for t in tokens if t not in best] + joined
    return merges


def _without_joining(tokens: list[str], count: int) -> list[tuple[str, str]]:
    return [pair for pair, _ in Counter(pairwise(tokens)).most_common(count)]


@as_exercise(
    cases=[
        case(list("abababcd"), 1).named("abababcd, 1 merge"),
        case(list("abababcd"), 3).named("abababcd, 3 merges"),
        case(list("the cat sat on the mat"), 6).named("the cat sat on the mat, 6 merges"),
        case(list("xyabxyab"), 4).named("xyabxyab, 4 merges"),
        case(list("aaaaa"), 2).named("aaaaa, 2 merges"),
        case(list("ab"), 5).named("ab, 5 merges: more than there are"),
        case(list("x"), 3).named("x: no pair at all"),
    ],
    mistakes=[
        (
            _without_joining,
            "These are the commonest pairs of *characters*. After each merge the text changes: join the pair everywhere, then "
            "count anew.",
        ),
        (
            _overlapping,
            "The joined tokens do not stand where their pair stood. Walk from the left and build a new list.",
        ),
        slip(
            "The pair with the *fewest* places is merged: take the most common one.",
            "max(pairs",
            "min(pairs",
        ),
        slip(
            "After a join the walk goes on by one, so the second half is used twice: go on by two.",
            "place += 2",
            "place += 1",
        ),
        slip(
            "The last token is lost: a pair needs two tokens, but a token that is left over stays in the text.",
            "while place < len(tokens)",
            "while place < len(tokens) - 1",
        ),
    ],
    hints=[
        "`Counter(pairwise(tokens))` counts all pairs of neighbours; `max(pairs, key=pairs.get)` is the first of the commonest.",
        "Join with a `while` loop over `place`: where `tokens[place : place + 2]` is the pair, add `a + b` to a new list and go on "
        "by two; else add the token and go on by one.",
        "Where there is no pair left, stop: `if not pairs: break`.",
    ],
    points=2,
    solution=_SOLUTION,
)
def learn_merges(tokens: Any, count: int) -> Any:
    """The reference: the pairs merged, in order."""
    merges = []
    for _ in range(count):
        pairs = Counter(pairwise(tokens))
        if not pairs:
            break
        best = max(pairs, key=pairs.__getitem__)
        merges.append(best)
        joined, place = [], 0
        while place < len(tokens):
            if tuple(tokens[place : place + 2]) == best:
                joined.append(best[0] + best[1])
                place += 2
            else:
                joined.append(tokens[place])
                place += 1
        tokens = joined
    return merges
