"""A made-up clinic: the same patients ranked by what they cost, or by how ill they are.

It shows the mechanism behind a published case (Obermeyer et al., 2019), not its figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.fairness.inputs import InputError


@dataclass(frozen=True)
class Chosen:
    """Share of group B (0 to 1) among those chosen by cost, by illness, and among all patients."""

    by_cost: float
    by_illness: float
    of_all: float


def choose(cheaper: float, share: float = 0.03, n: int = 50_000, seed: int = 0) -> Chosen:
    """Choose the top ``share`` of simulated patients by two labels.

    Both groups are equally ill; at equal illness group B, three in ten, costs ``cheaper`` (0 to 1)
    less, for it gets less care. Raises InputError for shares out of range.
    """
    if not 0 <= cheaper < 1 or not 0 < share < 1:
        raise InputError(
            f"cheaper must be from 0 to below 1 and share between 0 and 1; got {cheaper} and {share}"
        )
    rng = np.random.default_rng(seed)
    b = rng.random(n) < 0.3
    illness = rng.gamma(2.0, 1.0, n)
    cost = illness * np.exp(0.3 * rng.normal(size=n)) * np.where(b, 1 - cheaper, 1.0)
    top = round(n * share)
    return Chosen(
        float(b[np.argsort(-cost)[:top]].mean()),
        float(b[np.argsort(-illness)[:top]].mean()),
        float(b.mean()),
    )
