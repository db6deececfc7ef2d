"""Lesson 07's explorers as the reader has them: what they compute, draw, tabulate and say."""

import itertools
from typing import Any

import numpy as np
import pytest

from course.language import explorers, questions, sizes, texts, tokenizer, trained
from course.language.explorers import merging, viewing
from course.language.explorers.tokens import shortened, shown, wide
from course.language.explorers.viewing import View, ViewerParameters
from course.widgets.scene import Handle, Spot


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models of a second: these tests are about the widgets."""
    kept = {"names": trained.Recipe("names", 0, 16, 2, 4, 16, 8, 40, 5e-3)}
    monkeypatch.setattr(trained, "RECIPES", kept)
    monkeypatch.setattr(trained, "_here", {})


def press(widget: Any, name: str) -> None:
    """What a click on a spot of the scene does."""
    assert name in widget._scene.spots, sorted(widget._scene.spots)
    spot = widget._scene.spots[name]
    act = {"name": name, "x": spot.x, "y": spot.y, "drag": False}
    widget.handle({"kind": "set", "changes": {}, "acts": [act], "number": widget.answered + 1})
    assert widget.error == ""


# ------------------------------------------------------------------------------ byte pairs


@pytest.mark.parametrize("learned", ["here", "manual"])
@pytest.mark.parametrize("words", ["a", "the cat the cat", "naïve 😀 naïve\n\tx", "aaaaaaa"])
def test_each_number_of_merges_is_that_vocabularys_own_encoding(words: str, learned: str) -> None:
    source = words if learned == "here" else texts.manual().text
    full = tokenizer.train(source, 256 + 500)
    for merges in (0, 1, 7, 500):
        m = merging.simulate(merging.MergingParameters(words, merges, learned))
        made = full.merges[:merges]
        wanted = tokenizer.Tokenizer(full.tokens, made).encode(words)
        assert m.tokens == wanted and m.made == len(made)
        assert m.counts[m.made] == len(wanted) and m.counts[0] == len(words.encode())


def test_the_boxes_are_the_tokens_and_stand_apart() -> None:
    widget = explorers.byte_pairs(words="low lower lowest", merges=2)
    boxes = [s for name, s in widget._scene.spots.items() if name.startswith("token")]
    assert [s.label.split(": ")[1] for s in boxes][:2] == ["low", "␣"]
    for left, right in itertools.pairwise(boxes):
        assert right.x > left.x + left.width or right.y > left.y
    press(widget, "token 1")
    assert widget.parameters.token == 1 and widget._scene.spots["token 1"].pressed


def test_more_merges_than_there_are_pairs_is_said() -> None:
    widget = explorers.byte_pairs(words="abab", merges=90)
    assert "90 were asked for, but then no pair was left" in widget.sentence
    press(widget, "back")
    assert widget.parameters.merges == len(merging.simulate(widget.parameters).learned.merges) - 1


def test_a_very_long_text_is_cut_and_says_so() -> None:
    widget = explorers.byte_pairs(words="ŵ" * 300, merges=0)
    shown_ = sum(name.startswith("token") for name in widget._scene.spots)
    texts_ = [m.text for m in widget._scene.panels[0].marks if hasattr(m, "text")]
    assert shown_ < 600 and any(f"{600 - shown_} more tokens" in text for text in texts_)
    assert isinstance(widget._scene.handles["merges"], Handle)


def test_an_empty_text_is_named_beside_its_field() -> None:
    widget = explorers.byte_pairs()
    widget.handle({"kind": "set", "changes": {"words": {"text": ""}}, "number": 1})
    assert "type at least 1 character" in widget.wrong["words"] and widget.error == ""


@pytest.mark.parametrize(
    ("token", "text"),
    [
        (b" a", "␣a"),
        (b"\n", "↵"),
        (b"\xf0\x9f", "<F0><9F>"),
        ("é".encode(), "é"),
        (b"\x00", "<0000>"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(token: bytes, text: str) -> None:
    assert shown(token) == text


def test_long_words_are_cut_to_their_room() -> None:
    assert shortened("abc", 100) == "abc"
    cut = shortened("a" * 50, 60)
    assert cut.endswith("…") and wide(cut) <= 60


# ------------------------------------------------------------------------------ attention viewer


def viewer(**initial: Any) -> Any:
    return explorers.attention_viewer(**initial)


def test_what_is_shown_is_what_the_model_does() -> None:
    widget = viewer(prompt="mar", layer=1, head=2, place=2)
    view = widget.training.view
    model, made = trained.trained().model, trained.trained().tokenizer
    row = trained.scratch.tensor([made.encode("\nmar")])
    wanted = model.attention_maps(row)[1][0, 2].numpy()
    np.testing.assert_allclose(view.attention, wanted, atol=1e-6)
    rows = widget._table.rows
    assert [r[0] for r in rows[:3]] == [f"looks at place {n}" for n in (1, 2, 3)]
    assert sum(r[2] for r in rows[:3]) == pytest.approx(100)
    assert rows[3][0] == "next token, rank 1" and "layer 2, head 3" in widget.sentence


def test_a_token_a_row_and_a_head_are_chosen_by_pointing() -> None:
    widget = viewer(prompt="mar")
    assert widget._scene.spots["token 1"].hover and not widget._scene.spots["head 0 1"].hover
    for name, field, value in (
        ("token 1", "place", 1),
        ("row 2", "place", 2),
        ("head 1 3", "head", 3),
        ("stage scores", "stage", "scores"),
    ):
        press(widget, name)
        assert getattr(widget.parameters, field) == value
    assert widget.parameters.layer == 1
    assert np.isfinite(widget.training.view.matrix).all()
    press(widget, "stage masked")
    assert np.isneginf(widget.training.view.matrix[0, 1])


def test_it_writes_what_generate_writes() -> None:
    widget = viewer(prompt="ma", temperature=1.2, top_k=9, top_p=0.9, seed=4)
    widget.run(20)
    settings = {"temperature": 1.2, "top_k": 9, "top_p": 0.9, "seed": 4}
    wanted = trained.trained().write("\nma", 20, **settings)
    assert "".join(widget.training.view.words()) == wanted
    assert widget.steps == 20 and widget.parameters.place == -1


def test_settings_change_while_it_writes_and_a_new_prompt_begins_anew() -> None:
    widget = viewer(prompt="ma")
    widget.run(3)
    widget.set(temperature=0.0)
    assert widget.training.view.drawn == 3
    assert widget.training.view.chances.max() == 1 and "one among 1.0 equal" in widget.sentence
    widget.set(prompt="jo")
    assert widget.training.view.drawn == 0 and widget.steps == 0


def test_after_each_token_the_newest_one_looks() -> None:
    widget = viewer(prompt="maria", place=1)
    assert widget.training.view.place == 1
    widget.handle({"kind": "step", "number": 1})
    view = widget.training.view
    assert widget.parameters.place == -1 and view.place == len(view.tokens) - 1
    assert view.drawn == 1  # the text went on and did not begin anew


def test_the_reader_may_choose_the_next_token() -> None:
    widget = viewer(prompt="ma")
    token = widget.training.view.likeliest(3)[2]
    press(widget, f"take {token}")
    view = widget.training.view
    assert view.tokens[-1] == token and view.drawn == 1
    assert widget.handle({"kind": "set", "acts": [{"name": "take 99", "x": 0, "y": 0}]}) is None
    assert view.drawn == 1


def test_cut_tokens_are_said_to_be_cut() -> None:
    widget = viewer(prompt="ma", top_k=2)
    labels = [s.label for n, s in widget._scene.spots.items() if n.startswith("take")]
    assert sum("cut off" in label for label in labels) == len(labels) - 2


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("", ""),
        ("Mia", "Capital letters were made small"),
        ("zoé 1", "Left out, for they were never seen in training: “é” “ ” “1”"),
        ("é", "Left out"),
        ("a" * 100, "sees only the last 16 of 101 tokens"),
        ("😀\n\x00", "'\\x00'"),
    ],
)
def test_any_prompt_is_answered_in_words(prompt: str, words: str) -> None:
    widget = viewer(prompt=prompt)
    assert words in widget.sentence and widget.error == ""
    widget.run(2)
    assert widget.training.view.drawn == 2


def test_a_model_that_is_not_trained_yet_is_no_error() -> None:
    widget = viewer()
    press(widget, "model manual")
    assert "not trained yet: run `trained.trained('manual'" in widget.sentence
    assert widget.done and widget._table.rows
    press(widget, "model names")
    assert not widget.done and "looks most at" in widget.sentence


def test_it_stops_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "_LONGEST", 5)
    widget = viewer()
    widget.run_to_end()
    assert widget.training.view.drawn == 5
    press(widget, f"take {widget.training.view.likeliest(1)[0]}")
    assert widget.training.view.drawn == 5


def test_all_spots_have_names_of_their_own_and_lie_inside() -> None:
    widget = viewer(prompt="maria")
    for panel in widget._scene.panels:
        for mark in panel.marks:
            if isinstance(mark, Spot):
                x, y = sorted(panel.x), sorted(panel.y)
                assert x[0] - 8 <= mark.x and mark.x + mark.width <= x[1] + 1, mark
                assert y[0] <= mark.y and mark.y + mark.height <= y[1] + 1, mark
    count = sum(isinstance(m, Spot) for p in widget._scene.panels for m in p.marks)
    assert count == len(widget._scene.spots)


def test_a_view_without_a_prompt_begins_with_a_line() -> None:
    trained.trained()
    view = View(ViewerParameters(prompt=""))
    view.start()
    assert view.tokens == [0]


# ------------------------------------------------------------------------------ sizes


def test_five_models_take_turns_on_the_same_batches() -> None:
    contest = sizes.Contest(updates=20)
    counts = [runner.parameters for runner in contest.runners]
    assert counts == sorted(counts) and counts[-1] > 100 * counts[0]
    for _ in range(5 * 20):
        contest.step()
    assert [len(runner.losses) for runner in contest.runners] == [20] * 5
    assert all(runner.judged[-1][0] == 20 for runner in contest.runners)
    assert all(runner.judged[-1][1] < runner.judged[0][1] for runner in contest.runners)


@pytest.mark.parametrize("updates", [0, -1, sizes.MOST + 1])
def test_updates_out_of_range_are_named(updates: int) -> None:
    with pytest.raises(ValueError, match=f"between 1 and {sizes.MOST}, got {updates}"):
        sizes.Contest(updates)


def test_the_straight_line_is_the_one_through_the_points() -> None:
    slope, offset = sizes.line_through(np.array([10, 100, 1000]), np.array([3.0, 2.5, 2.0]))
    assert slope == pytest.approx(-0.5) and offset == pytest.approx(3.5)


def test_the_explorer_says_where_it_is_and_ends() -> None:
    widget = explorers.loss_against_parameters(updates=20, layers=1)
    assert "After 0 of 20 updates" in widget.sentence
    widget.run_to_end()
    assert widget.done and "After 20 of 20 updates" in widget.sentence
    assert len(widget._table.rows) == 5 and widget.steps == 100
    widget.set(layers=2)
    assert not widget.done and widget.steps == 0


# ------------------------------------------------------------------------------ cards


def test_the_predictions_have_answers_that_their_cards_offer() -> None:
    questions.tokens_guess().commit(round(questions.characters_a_token(), 1))
    questions.first_loss_guess().commit(round(questions.first_loss(), 1))
    assert questions.first_loss() == pytest.approx(np.log(27))
    for slope, wanted in ((-0.17, "little"), (-2.2, "tenth"), (-1.2, "half"), (0.1, "rises")):
        assert questions.of_ten_times(slope, 2.5) == wanted
        questions.size_guess().commit(wanted)


@pytest.mark.parametrize("make", [questions.mask, questions.perplexity, questions.cache])
def test_every_option_explains_itself(make: Any) -> None:
    question = make()
    assert sum(option["right"] for option in question.options) == 1
    assert all(len(option["why"]) > 30 for option in question.options)
