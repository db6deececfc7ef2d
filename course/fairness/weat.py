"""The word-embedding association test by hand (Caliskan, Bryson and Narayanan, 2017).

Are the vectors of two sets of words (math, art) nearer to one set of others (male, female) than the
other? The effect size is a difference of means in standard deviations; the p-value counts how many
divisions of the words into two halves give as much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from course.fairness.inputs import InputError

Array = NDArray[np.float64]
_MOST = 20_000  # divisions that are counted one by one; beyond, so many are drawn


@dataclass(frozen=True)
class Association:
    """The result of one test; the two sets of targets and of attributes as they were asked for.

    scores: for each word, its mean cosine to the first attributes less that to the second.
    effect: in standard deviations, -2 to 2. p: share of divisions with at least this difference.
    left_out: words without a vector.
    """

    targets: tuple[str, str]
    attributes: tuple[str, str]
    scores: tuple[dict[str, float], dict[str, float]]
    effect: float
    p: float
    exact: bool
    left_out: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """Mean score of the first targets less that of the second: how strong, in cosines."""
        x, y = (list(scores.values()) for scores in self.scores)
        return sum(x) / len(x) - sum(y) / len(y)


def unit(vectors: Array) -> Array:
    """Rows of length 1; raises InputError for a row of zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (lengths > 0).all():
        raise InputError("a word's vector is all zeros, so it has no direction to compare")
    return vectors / lengths


def association(words: Array, first: Array, second: Array) -> Array:
    """For each row of ``words``, its mean cosine to ``first`` less its mean cosine to ``second``."""
    w = unit(words)
    return (w @ unit(first).T).mean(axis=1) - (w @ unit(second).T).mean(axis=1)


def effect_size(x: Array, y: Array) -> float:
    """Difference of the means of two sets of scores, in standard deviations of both together."""
    spread = float(np.concatenate([x, y]).std(ddof=1))
    return float(x.mean() - y.mean()) / spread if spread > 0 else 0.0


@lru_cache(maxsize=4)
def _divisions(total: int, size: int) -> np.ndarray:
    """Every way to choose ``size`` of ``total`` places, one a row."""
    return np.array(list(combinations(range(total), size)))


def p_value(x: Array, y: Array, seed: int = 0) -> tuple[float, bool]:
    """Share of divisions of all scores into sets of these sizes that differ as much, and if exact."""
    both = np.concatenate([x, y])
    total, size = both.sum(), len(x)
    count = math.comb(len(both), size)
    if count <= _MOST:
        sums = both[_divisions(len(both), size)].sum(axis=1)
    else:
        order = np.random.default_rng(seed).random((_MOST, len(both))).argsort(axis=1)
        sums = both[order[:, :size]].sum(axis=1)
    differences = sums / size - (total - sums) / len(y)
    reached = differences >= x.mean() - y.mean() - 1e-12
    if count <= _MOST:
        return float(reached.mean()), True
    return float((reached.sum() + 1) / (_MOST + 1)), False  # the given division is one of them


def test(
    vectors: Mapping[str, Array],
    targets: tuple[str, tuple[str, ...]],
    others: tuple[str, tuple[str, ...]],
    attributes: tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]],
) -> Association:
    """Test two named sets of words against two named sets of attributes; unknown words are left out.

    Raises InputError where a set has fewer than two words with a vector.
    """
    sets = (targets, others, *attributes)
    found, missing = [], []
    for name, words in sets:
        known = [word for word in words if word in vectors]
        missing += [word for word in words if word not in vectors]
        if len(known) < 2:
            raise InputError(
                f"the set {name!r} needs at least two words with a vector; it has {len(known)}: "
                f"{', '.join(known) or 'none'}"
            )
        found.append((known, np.stack([vectors[word] for word in known])))
    (x_words, x), (y_words, y), (_, a), (_, b) = found
    x_scores, y_scores = association(x, a, b), association(y, a, b)
    p, exact = p_value(x_scores, y_scores)
    return Association(
        (targets[0], others[0]),
        (attributes[0][0], attributes[1][0]),
        (
            dict(zip(x_words, x_scores.tolist(), strict=True)),
            dict(zip(y_words, y_scores.tolist(), strict=True)),
        ),
        effect_size(x_scores, y_scores),
        p,
        exact,
        tuple(missing),
    )
