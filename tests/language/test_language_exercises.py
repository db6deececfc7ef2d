"""Lesson 07's exercises keep what they promise, and their references are the library's and PyTorch's."""

import itertools

import numpy as np
import pytest
import torch

from course import scratch
from course.checks import verify
from course.language import exercises
from course.language.exercises.attending import weights_with_bugs
from course.language.sampling import probabilities
from course.language.tokenizer import train

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("exercise", exercises.ALL, ids=lambda exercise: exercise.name)
def test_reference_stub_and_mistakes_are_told_apart(exercise):
    verify(exercise)


@pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])
def test_causal_attention_is_scaled_dot_product_attention(engine):
    q, k, v = (RNG.normal(size=(2, 3, 9, 8)) for _ in range(3))
    wanted = engine.nn.functional.scaled_dot_product_attention(
        *(engine.tensor(part.tolist(), dtype=engine.float64) for part in (q, k, v)), is_causal=True
    )
    found = exercises.causal_attention.reference(q, k, v)
    np.testing.assert_allclose(found, wanted.numpy(), rtol=0, atol=1e-12)


def test_the_repaired_mask_gives_rows_that_add_up_to_1_and_the_broken_one_does_not():
    scores = RNG.normal(size=(5, 5))
    np.testing.assert_allclose(exercises.attention_weights.reference(scores).sum(1), 1)
    broken = weights_with_bugs(scores)
    assert broken[0].sum() == 0 and (broken.sum(1) < 0.999).all()


def test_chances_are_those_of_the_library():
    for _ in range(20):
        logits, temperature, top_p = (
            RNG.normal(size=9) * 2,
            RNG.uniform(0.2, 2),
            RNG.uniform(0.1, 1),
        )
        found = exercises.token_chances.reference(logits, temperature, top_p)
        wanted = probabilities(logits, temperature, None, top_p)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_cache_gives_what_attention_to_all_gives():
    q, k, v = (RNG.normal(size=(6, 4)) for _ in range(3))
    cache = {"k": np.empty((0, 4)), "v": np.empty((0, 4))}
    rows = [exercises.attend_next.reference(q[n], k[n], v[n], cache) for n in range(6)]
    wanted = exercises.causal_attention.reference(q, k, v)
    np.testing.assert_allclose(np.stack(rows), wanted, rtol=0, atol=1e-12)


def test_the_first_merges_are_the_tokenizers():
    word = "lowlowerlowest"  # one piece, and no two pairs equally common before the second merge
    mine = exercises.learn_merges.reference(list(word), 2)
    learned = train(word, 258)
    theirs = [tuple(learned.tokens[t].decode() for t in merge.pair) for merge in learned.merges]
    assert mine == theirs == [("l", "o"), ("lo", "w")]


def test_merging_in_another_way_passes_too():
    def learn_merges(tokens, count):
        text, merges = list(tokens), []
        while len(merges) < count and len(text) > 1:
            pairs = list(itertools.pairwise(text))
            best = max(pairs, key=pairs.count)
            merges.append(best)
            place = 0
            while place < len(text) - 1:
                if (text[place], text[place + 1]) == best:
                    text[place : place + 2] = ["".join(best)]
                place += 1
        return merges

    assert exercises.learn_merges.check(learn_merges).passed
