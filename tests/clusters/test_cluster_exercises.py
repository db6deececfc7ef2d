"""Lesson 06's exercises tell right answers from wrong ones."""

from __future__ import annotations

import numpy as np
import psutil
import pytest

from course.checks import verify
from course.clusters import exercises, pipeline
from course.clusters.exercises import splitting


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise) -> None:
    verify(exercise)


def counts_up(pieces, rank, send, receive):
    """Another right numbering: it starts with the rank's own piece."""
    n = len(pieces)
    for step in range(n - 1):
        send(pieces[(rank - step) % n])
        pieces[(rank - step - 1) % n] = pieces[(rank - step - 1) % n] + receive()
    for step in range(n - 1):
        send(pieces[(rank + 1 - step) % n])
        pieces[(rank - step) % n] = receive()


def test_a_ring_numbered_in_another_way_passes_and_leaves_no_process() -> None:
    assert exercises.ring_all_reduce.check(counts_up).passed
    children = psutil.Process().children(True)
    assert not [p for p in children if "course.clusters.peer" in p.cmdline()]


@pytest.mark.parametrize(
    ("exercise", "nonsense"),
    [
        ("ring_all_reduce", lambda pieces, rank, send, receive: 1 / 0),
        ("ring_all_reduce", lambda pieces, rank, send, receive: sum(pieces)),
        ("ring_all_reduce", lambda pieces, rank, send, receive: send("nothing")),
        ("my_part", lambda x, a, b, rank, ranks: x),
        ("my_part", lambda x, a, b, rank, ranks: np.nan * (x @ a @ b)),
        ("enough_micro_batches", lambda stages, chunks, share: -1),
        ("big_batch_step", lambda *given: None),
    ],
)
def test_nonsense_gets_nothing(exercise, nonsense) -> None:
    score = getattr(exercises, exercise).check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_a_function_of_the_learner_that_calls_another_travels_too() -> None:
    here = exercises.ring_all_reduce.check(lambda p, r, s, g: counts_up(p, r, s, g))
    assert here.passed


def test_the_parts_of_all_ranks_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(0)
    x, a, b = rng.normal(size=(3, 4)), rng.normal(size=(4, 8)), rng.normal(size=(8, 5))
    parts = [splitting._part(x, a, b, rank, 4) for rank in range(4)]
    np.testing.assert_allclose(sum(parts), np.maximum(x @ a, 0) @ b)


def test_enough_micro_batches_are_enough_when_simulated() -> None:
    for stages, chunks, share in ((4, 1, 0.22), (6, 2, 0.1)):
        name = "interleaved" if chunks > 1 else "1f1b"
        enough = exercises.enough_micro_batches.reference(stages, chunks, share)
        step = stages if chunks > 1 else 1
        assert pipeline.simulate(name, stages, enough, chunks).idle <= share
        assert pipeline.simulate(name, stages, enough - step, chunks).idle > share
