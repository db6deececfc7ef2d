"""Lesson 05's exercises, predictions and questions keep what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from course.accelerators import (
    exercises,
    formats,
    latency,
    operations,
    questions,
    slow_memory,
    systolic,
)
from course.accelerators.exercises import mixed
from course.accelerators.roofline import Roof, roof
from course.checks import verify
from course.facts.chips import chips


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise) -> None:
    verify(exercise)


def test_tiles_in_another_order_pass_too() -> None:
    def keeps_a(a, b, tile):
        c = np.zeros((a.shape[0], b.shape[1]))
        for i in range(0, a.shape[0], tile):
            for p in range(0, a.shape[1], tile):
                left = a.read(i, i + tile, p, p + tile)
                for j in range(0, b.shape[1], tile):
                    c[i : i + tile, j : j + tile] += left @ b.read(p, p + tile, j, j + tile)
        return c

    def keeps_b(a, b, tile):
        c = np.zeros((a.shape[0], b.shape[1]))
        for p in range(0, a.shape[1], tile):
            for j in range(0, b.shape[1], tile):
                right = b.read(p, p + tile, j, j + tile)
                for i in range(0, a.shape[0], tile):
                    c[i : i + tile, j : j + tile] += a.read(i, i + tile, p, p + tile) @ right
        return c

    assert exercises.tiled_matmul.check(keeps_a).passed
    assert exercises.tiled_matmul.check(keeps_b).passed


def test_rounding_drawn_in_another_way_passes_too() -> None:
    def add_noise_and_cut(values, step, rng):
        return step * np.floor(values / step + rng.random(len(values)))

    def choose(values, step, rng):
        low = np.floor(values / step)
        up = rng.binomial(1, values / step - low)
        return low * step + step * up

    assert exercises.stochastic_round.check(add_noise_and_cut).passed
    assert exercises.stochastic_round.check(choose).passed


@pytest.mark.parametrize(
    ("exercise", "nonsense"),
    [
        ("stochastic_round", lambda values, step, rng: values),
        ("stochastic_round", lambda values, step, rng: values.mean()),
        ("stochastic_round", lambda values, step, rng: values * np.nan),
        ("tiled_matmul", lambda a, b, tile: a),
        ("tiled_matmul", lambda a, b, tile: np.zeros((a.shape[0], b.shape[1]))),
        ("mixed_precision_step", lambda weights, gradient, scale, lr: (weights, scale * 3)),
        ("predict_time", lambda *given: ("both", 0.0)),
    ],
)
def test_nonsense_gets_nothing(exercise, nonsense) -> None:
    score = getattr(exercises, exercise).check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_the_lessons_code_really_loses_small_gradients() -> None:
    weights, gradient = np.zeros(1, np.float32), np.array([0.0004], np.float16)
    kept, _ = exercises.mixed_precision_step.reference(weights, gradient, 32768.0, 1.0)
    lost, _ = mixed.step_with_bugs(weights, gradient, 32768.0, 1.0)
    assert kept[0] == pytest.approx(-0.0004 / 32768, rel=1e-3) and lost[0] == 0


def test_slow_memory_counts_what_is_read() -> None:
    slow = slow_memory.SlowMatrix(np.arange(12).reshape(3, 4))
    np.testing.assert_array_equal(slow.read(1, 3, 2, 9), [[6, 7], [10, 11]])
    slow.read(0, 3, 0, 1)
    assert slow.reads == 7 and slow.blocks == [(2, 2), (3, 1)]
    assert repr(slow) == "SlowMatrix of shape (3, 4), 7 numbers read"
    with pytest.raises(IndexError, match="nothing is in it"):
        slow.read(3, 5, 0, 1)
    with pytest.raises(IndexError, match="row and column 0 or later, not at -1, 0"):
        slow.read(-1, 1, 0, 1)
    with pytest.raises(ValueError, match="two axes"):
        slow_memory.SlowMatrix([1, 2])


@pytest.mark.parametrize(("m", "k", "n", "tile"), [(8, 8, 8, 4), (7, 5, 11, 3), (5, 5, 5, 9)])
def test_the_formula_for_tiles_counts_what_is_read(m, k, n, tile) -> None:
    a, b = slow_memory.SlowMatrix(np.ones((m, k))), slow_memory.SlowMatrix(np.ones((k, n)))
    exercises.tiled_matmul.reference(a, b, tile)
    assert a.reads + b.reads == slow_memory.tiled_reads(m, k, n, tile)


@pytest.mark.parametrize(
    "make",
    [
        questions.batch_of_one,
        questions.which_half,
        questions.faster_threads,
        questions.twice_the_peak,
    ],
)
def test_every_option_explains_itself(make) -> None:
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_the_predictions_have_answers_that_their_cards_offer() -> None:
    questions.ones_guess().commit(questions.ones_counted())
    questions.row_guess().commit(questions.row_used())
    questions.token_guess().commit(questions.token_reached())
    questions.threads_guess().commit(questions.threads_needed())
    assert questions.ones_counted() == 256 and questions.threads_needed() == 40
    assert questions.row_used() == pytest.approx(100 / (128 + 1 + 254))
    # Two operations for each number of the matrix, two bytes each: about one a byte.
    assert questions.token_reached() == pytest.approx(100 * 3350e9 / 989e12, rel=1e-3)


def test_what_the_questions_say_is_so() -> None:
    normalisation = operations.normalisation(4096, 4096, "bf16")
    assert 1 < normalisation.intensity < 2
    ridges = [Roof("", p, c.bandwidth).ridge for c in chips() if c.placeable for p in c.peaks.values()]  # fmt: skip
    assert sorted(ridges)[len(ridges) // 2] > 50
    modern = [roof(c.name, "bf16").ridge for c in chips() if c.placeable and "bf16" in c.peaks]
    assert min(modern) > 20 * normalisation.intensity
    # Loading and draining: about three times the rows, and one percent or less is used.
    assert systolic.cycles(1, 128, 128, 128, 128) == pytest.approx(3 * 128, abs=2)
    assert systolic.utilisation(1, 128, 128, 128, 128) < 0.01
    assert formats.BF16.epsilon == 8 * formats.FP16.epsilon
    assert formats.FP16.smallest == pytest.approx(6e-8, rel=0.01)
    machine = latency.Machine(32, 10, 390)
    assert machine.busy == pytest.approx(0.8)
    assert latency.Machine(40, 10, 390).busy == 1.0
    assert latency.Machine(32, 5, 390).throughput < 1.02 * machine.throughput
