"""The association test by hand, held to another way of computing it; its vectors and refusals."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from course.fairness import weat, words
from course.fairness.inputs import InputError


def test_scores_and_effect_are_those_of_loops():
    rng = np.random.default_rng(0)
    X, Y, A, B = (rng.normal(size=(n, 6)) for n in (5, 4, 3, 3))

    def cosine(u, v):
        return u @ v / np.sqrt(u @ u) / np.sqrt(v @ v)

    def score(w):
        return np.mean([cosine(w, a) for a in A]) - np.mean([cosine(w, b) for b in B])

    x, y = np.array([score(w) for w in X]), np.array([score(w) for w in Y])
    np.testing.assert_allclose(weat.association(X, A, B), x, atol=1e-12)
    effect = (x.mean() - y.mean()) / np.std([*x, *y], ddof=1)
    assert weat.effect_size(x, y) == pytest.approx(effect, abs=1e-12)


def test_the_p_value_counts_every_division():
    x, y = np.array([0.9, 0.4, 0.5]), np.array([0.1, 0.3, 0.6])
    both = [*x, *y]
    given = x.mean() - y.mean()
    every = [np.mean(o[:3]) - np.mean(o[3:]) >= given - 1e-12 for o in permutations(both)]
    assert weat.p_value(x, y) == (pytest.approx(np.mean(every)), True)


def test_many_words_are_drawn_and_agree_with_counting(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(0.4, 1, 7), rng.normal(0, 1, 7)
    exact, counted = weat.p_value(x, y)
    monkeypatch.setattr(weat, "_MOST", 3000)
    drawn, was_counted = weat.p_value(x, y)
    assert counted and not was_counted and drawn == pytest.approx(exact, abs=0.03)


def test_the_encoder_s_associations():
    found = {name: words.run(name, "encoder") for name in words.TESTS}
    for name, result in found.items():
        print(
            f"{name:12} effect {result.effect:+.2f}, p {result.p:.1e}, left out {result.left_out}"
        )
    assert found["insects"].effect > 1.3 and found["occupations"].effect > 1.3
    assert found["math"].p < 0.05
    assert found["science"].p > 0.05 and found["career"].p > 0.05  # what the lesson says of them
    assert "tulip" in found["insects"].left_out


def test_made_sentences_give_what_was_put_in():
    assert words.run("occupations", "made", 50).p > 0.05
    assert words.run("occupations", "made", 90).effect > 1.5
    assert words.run("occupations", "made", 10).effect < -1.5
    sixty, ninety = (words.run("occupations", "made", p) for p in (60, 90))
    assert sixty.effect > 1.3 and ninety.difference > 1.5 * sixty.difference


VECTORS = {w: np.array([1.0, n]) for n, w in enumerate("abcdefgh")}


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: words.run("luck", "encoder"), "a test is one of"),
        (lambda: words.run("math", "made"), "only tell of occupations"),
        (lambda: words.run("math", "web"), "'encoder' or 'made'"),
        (lambda: words.made_vectors(120), "between 0 and 100"),
        (
            lambda: weat.test(
                VECTORS,
                ("x", ("a", "zzz")),
                ("y", ("c", "d")),
                (("a", ("e", "f")), ("b", ("g", "h"))),
            ),
            "at least two words",
        ),
        (lambda: weat.unit(np.zeros((1, 3))), "all zeros"),
    ],
)
def test_what_cannot_be_tested_is_named(ask, says):
    with pytest.raises(InputError, match=says):
        ask()


def test_without_the_encoder_s_package(monkeypatch, tmp_path):
    words.encoder_vectors.cache_clear()
    monkeypatch.setattr(words, "PACKAGE", "no_such_package_here")
    assert not words.available()
    with pytest.raises(InputError, match="pip install"):
        words.encoder_vectors()


def test_a_damaged_package_is_named(monkeypatch, tmp_path):
    from importlib.machinery import ModuleSpec

    words.encoder_vectors.cache_clear()
    (tmp_path / "model").mkdir()
    spec = ModuleSpec("x", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(words.importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(InputError, match=r"cannot be read.*Reinstall"):
        words.encoder_vectors()
    words.encoder_vectors.cache_clear()
