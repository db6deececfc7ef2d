"""Lesson 11's exercises, predictions, questions and comparison keep what they promise."""

import numpy as np
import pytest

from course.checks import verify
from course.edge import engines, exercises, file_types, questions
from course.edge.latency import Latency, percentile
from course.edge.networks import digits, reference
from course.edge.quantization import quantize


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


def test_the_exercises_answers_are_the_rooms():
    weight = reference().weights[0].astype(float)
    codes, scale, zero = exercises.quantize_affine.reference(weight, 8)
    mine = quantize(weight, 8, symmetric=False)
    np.testing.assert_array_equal(codes, mine.codes)
    assert scale == mine.scale[0, 0] and zero == mine.zero[0, 0]
    times = np.random.default_rng(0).exponential(size=37)
    for percent in (1, 50, 95, 99, 100):
        assert exercises.latency_percentile.reference(times, percent) == percentile(times, percent)


def test_numpys_own_nearest_rank_passes_too():
    def latency_percentile(times, percent):
        return np.percentile(times, percent, method="inverted_cdf")

    assert exercises.latency_percentile.check(latency_percentile).passed


def test_neurons_in_another_order_pass_too():
    def drop_neurons(first, bias, second, count):
        strength = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=0)
        keep = np.argsort(strength)[::-1][:count]
        return first[keep], bias[keep], second[:, keep]

    assert exercises.drop_neurons.check(drop_neurons).passed


def test_the_broken_layer_really_is_broken():
    codes, zero, weights, bias = exercises._codes(4, 64, 6, 1, 17)
    right = exercises.integer_layer.reference(codes, zero, weights, bias)
    assert not np.array_equal(exercises.broken_layer(codes, zero, weights, bias), right)
    exact = (codes.astype(object) - zero) @ weights.astype(object).T + bias
    np.testing.assert_array_equal(right, exact.astype(int))


@pytest.mark.parametrize("nonsense", [lambda *a: None, lambda *a: (1, 2), lambda *a: "x"])
@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_nonsense_gets_nothing_and_breaks_nothing(exercise, nonsense):
    score = exercise.check(nonsense)
    assert float(score) == 0 and score.diagnosis != "broken"


def test_the_predictions_have_answers_that_their_cards_offer():
    questions.bits_guess().commit(questions.bits_needed())
    assert 2 < questions.bits_needed() <= 4
    assert 0.3 < questions.zeros_speedup() < 3
    questions.zeros_guess().compare(questions.zeros_speedup())

    def latency(ms):
        return Latency("", np.array([ms]), ms)

    for ms, word in ((0.5, "faster"), (1.0, "same"), (2.0, "slower")):
        found = file_types.Examined(1, 1, 1, {}, latency(1.0), latency(ms), (), (), ())
        assert questions.int8_outcome(found) == word
        questions.int8_guess().commit(word)


@pytest.mark.parametrize("make", [questions.tails, questions.sparse, questions.aware])
def test_every_option_explains_itself(make):
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)


def test_by_hand_and_pytorch_stand_beside_each_other():
    found = engines.in_both()
    gaps = [row[1] for row in found.rows]
    assert gaps[0] == gaps[1] == 0 and gaps[2] <= 1 and max(gaps[3:]) < 1e-5
    assert "int8 product" in str(found) and "<table>" in found._repr_html_()


def test_the_digits_are_the_courses_own_split():
    data = digits()
    assert len(data.images) == 1438 and len(data.held_images) == 359
