"""Exercise: how many micro-batches keep a pipeline's bubble small."""

from __future__ import annotations

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/06_clusters.ipynb"


def _enough(stages: int, chunks: int, share: float) -> int:
    step = stages if chunks > 1 else 1
    micro_batches = step
    while (stages - 1) / (chunks * micro_batches + stages - 1) > share:
        micro_batches += step
    return micro_batches


enough_micro_batches = Exercise(
    name="enough_micro_batches",
    reference=_enough,
    cases=[
        case(4, 1, 0.22).named("4 stages, at most 22 % waiting"),
        case(8, 1, 0.125).named("8 stages, at most one eighth waiting"),
        case(6, 2, 0.1).named("6 stages of 2 chunks, at most 10 % waiting"),
        case(16, 4, 0.05).named("16 stages of 4 chunks, at most 5 % waiting"),
        case(1, 1, 0.1).named("a single stage, which never waits"),
    ],
    mistakes=[
        slip(
            "(p - 1)/(v m) compares the waiting with the *work*. Asked is its share of the whole time, work and waiting together.",
            "(chunks * micro_batches + stages - 1)",
            "(chunks * micro_batches)",
        ),
        slip(
            "A pipeline of p stages waits for p - 1 micro-batches' time, not p: with one stage nobody waits.",
            "(stages - 1) / (chunks * micro_batches + stages - 1)",
            "stages / (chunks * micro_batches + stages)",
        ),
        slip(
            "The chunks are left out: with v chunks the waiting is v times shorter.",
            "chunks * micro_batches",
            "micro_batches",
        ),
        slip(
            "Interleaving (more than one chunk) needs a number of micro-batches that the stages divide.",
            "step = stages if chunks > 1 else 1",
            "step = 1",
        ),
        slip(
            "Only interleaving needs a multiple of the stages; with one chunk any number will do.",
            "step = stages if chunks > 1 else 1",
            "step = stages",
        ),
        slip(
            "*At most* this share: where it is met exactly, that is enough.", "> share", ">= share"
        ),
    ],
    hints=[
        "A stage works for v m units and waits for p - 1. Which part of the sum of both is the waiting?",
        "Try one number after the other until (p - 1) / (v m + p - 1) is at most `share`.",
        "With more than one chunk go up in steps of `stages`, and begin with `stages`.",
    ],
    solution=_SOLUTION,
)
