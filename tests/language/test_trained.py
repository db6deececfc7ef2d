"""Models trained once and kept; the two engines beside each other; what is inside."""

import itertools
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import torch

from course import scratch
from course.language import engines, texts, trained
from course.language.characters import Characters, characters
from course.language.gpt import Config, gpt
from course.language.inside import entropy, look_inside
from course.language.sampling import probabilities

ENGINES = pytest.mark.parametrize("engine", [scratch, torch], ids=["scratch", "torch"])
TINY = trained.Recipe("names", 0, 8, 1, 2, 8, 8, 30, 5e-3)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recipes of a second, and no model trained yet."""
    monkeypatch.setattr(trained, "RECIPES", {"names": TINY})
    monkeypatch.setattr(trained, "_here", {})


def test_the_losses_of_the_engines_overlap_over_a_whole_training_in_float32() -> None:
    found = engines.trained_in_both("names", width=16, layers=2, context=8, batch_size=8, steps=400)
    assert len(found.mine) == len(found.theirs) == 400
    assert found.difference < 1e-4, found
    assert found.mine[-50:].mean() < found.mine[:10].mean() - 0.5


@pytest.mark.parametrize("name", ["names", "manual"])
def test_the_losses_overlap_to_1e9_over_50_steps_in_float64(name: str) -> None:
    small = {"width": 16, "context": 8, "batch_size": 4, "steps": 50}
    small |= {"vocabulary": 300} if name == "manual" else {}
    found = engines.trained_in_both(name, "float64", **small)
    assert found.difference < 1e-9, found
    assert "largest of 50 steps" in str(found) and "<table>" in found._repr_html_()


@pytest.mark.parametrize(("change", "words"), [({"steps": 0}, "steps"), ({"dtype": "f2"}, "f2")])
def test_a_comparison_that_cannot_be_is_refused(change: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        engines.trained_in_both("names", **change)


def test_it_is_trained_once_and_outside_of_a_learners_folder_not_kept(
    tiny: None, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not trained.is_ready("names")
    first = trained.trained("names")
    assert trained.trained("names") is first and trained.is_ready("names")
    assert list(tmp_path.rglob("*")) == [] and "trained here in" in str(first)


def test_in_a_learners_folder_it_is_read_the_next_time(
    tiny: None, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / ".train-by-hand").mkdir()
    monkeypatch.chdir(tmp_path)
    first = trained.trained("names", progress=True)
    (file,) = tmp_path.rglob("*.safetensors")
    assert "next time it is read, not trained" in capsys.readouterr().out
    monkeypatch.setattr(trained, "_here", {})
    again = trained.trained("names", progress=True)
    assert "was trained here before" in capsys.readouterr().out and again.kept == file.name
    assert again.losses == first.losses and again.held_out == first.held_out
    assert again.write(count=20, seed=3) == first.write(count=20, seed=3)
    # Another recipe is another training, and takes the old one's place.
    monkeypatch.setattr(trained, "RECIPES", {"names": replace(TINY, steps=31)})
    monkeypatch.setattr(trained, "_here", {})
    assert trained.trained("names").kept == ""
    (other,) = tmp_path.rglob("*.safetensors")
    assert other != file
    other.write_bytes(b"torn")
    monkeypatch.setattr(trained, "_here", {})
    assert trained.trained("names", progress=True).kept == ""
    assert "could not be read" in capsys.readouterr().out


def test_training_leaves_the_learners_random_numbers_alone(tiny: None) -> None:
    scratch.manual_seed(5)
    wanted = scratch.rand(3).tolist()
    scratch.manual_seed(5)
    trained.trained("names")
    assert scratch.rand(3).tolist() == wanted


def test_names_and_prompts_that_are_not_known_are_refused_in_words(tiny: None) -> None:
    with pytest.raises(ValueError, match=r"no model 'poems'\. Choose one of: names"):
        trained.trained("poems")
    with pytest.raises(ValueError, match="'É' was never seen in training"):
        trained.trained("names").write("É")
    with pytest.raises(ValueError, match="temperature must be 0 or more, got -1"):
        trained.trained("names").write("a", temperature=-1)


@pytest.mark.slow
def test_the_names_model_writes_names() -> None:
    """The lesson's own recipe: better than pairs of letters can be, and pronounceable."""
    names = trained.trained("names")
    text = texts.names().text
    index = {c: n for n, c in enumerate(sorted(set(text)))}
    pairs = np.zeros((27, 27))
    for a, b in itertools.pairwise(text):
        pairs[index[a], index[b]] += 1
    shares = pairs / pairs.sum()
    by_pairs = entropy(shares) - entropy(shares.sum(1))  # the best that a table of pairs can do
    assert names.held_out < by_pairs - 0.2
    made = names.write(count=600, seed=1, temperature=0.8).split("\n")[1:-1]
    assert 3 < np.mean([len(name) for name in made]) < 10
    assert np.mean([any(c in "aeiouy" for c in name) for name in made]) > 0.95


@pytest.mark.parametrize("vocabulary", [0, 270])
def test_a_text_of_ones_own_is_learned(vocabulary: int) -> None:
    small = {"width": 16, "context": 8, "steps": 60, "vocabulary": vocabulary}
    found = trained.on_text("tick tock " * 150, **small)
    assert found.losses[-1] < found.losses[0] / 3 and found.start == "t"
    assert "tick tock" in found.write(count=30, temperature=0)
    assert "your text" in str(found)


@pytest.mark.parametrize(
    ("text", "changes", "words"),
    [
        ("", {}, "give a text that is not empty"),
        ("abc abc", {}, "A text of 7 tokens is too short"),
        ("abc " * 50, {"steps": 0}, "steps must be a whole number, 1 or more, got 0"),
        ("abc " * 50, {"context": 2.5}, "context must be a whole number, 1 or more, got 2.5"),
        ("abc " * 50, {"held_out": 1}, "held_out is a share between 0 and 1"),
        ("abc " * 50, {"depth": 3}, "A recipe has no 'depth'; it has vocabulary, context"),
        (5, {}, "give a text that is not empty"),
        ("abc " * 50, {"lr": -1.0}, "lr must lie between 0 and 1"),
        ("abc " * 50, {"vocabulary": 100}, "no room for the 256 bytes"),
        ("abc " * 90, {"heads": 5}, "width 48 does not divide into heads 5"),
    ],
)
def test_a_text_that_cannot_be_learned_is_refused_in_words(
    text: str, changes: dict, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        trained.on_text(text, **changes)


# ------------------------------------------------------------------------------ characters


def test_every_character_of_the_text_has_a_token_and_comes_back() -> None:
    made = characters("banana\n")
    assert made.alphabet == "\nabn" and len(made) == 4
    assert made.decode(made.encode("nab\n")) == "nab\n"
    assert made.tokens == (b"\n", b"a", b"b", b"n")


def test_characters_never_seen_and_empty_texts_are_named() -> None:
    made = characters("banana\n")
    with pytest.raises(ValueError, match=r"'z' was never seen.*abn and the line's end"):
        made.encode("baz")
    with pytest.raises(ValueError, match=r"4 is no token: .* from 0 to 3"):
        made.decode([4])
    with pytest.raises(ValueError, match="no character to learn from"):
        characters("")
    with pytest.raises(ValueError, match="each once"):
        Characters("aa")


# ------------------------------------------------------------------------------ inside


@ENGINES
def test_what_is_inside_is_the_models_own(engine: ModuleType) -> None:
    engine.manual_seed(0)
    model = gpt(engine, Config(11, context=6, layers=2, heads=2, width=8))
    tokens = [1, 5, 3, 9, 2, 2, 7, 4]  # two more than the context holds
    found = look_inside(model, tokens)
    assert found.tokens == (3, 9, 2, 2, 7, 4)
    row = engine.tensor([list(found.tokens)])
    for layer, wanted in enumerate(model.attention_maps(row)):
        np.testing.assert_allclose(found.weights[layer], wanted[0].numpy(), atol=1e-6)
    with engine.no_grad():
        wanted = model(row)[0, -1].numpy()
    np.testing.assert_allclose(found.logits, wanted, atol=1e-6)
    np.testing.assert_allclose(found.chances(0.7, 4, 0.9), probabilities(wanted, 0.7, 4, 0.9))
    assert np.isneginf(found.masked[..., 0, 1:]).all() and np.isfinite(found.scores).all()


def test_nothing_to_look_at_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="no token to look at"):
        look_inside(gpt(scratch, Config(5)), [])


def test_an_even_choice_has_the_entropy_of_its_number() -> None:
    assert entropy(np.full(8, 0.125)) == pytest.approx(np.log(8))
