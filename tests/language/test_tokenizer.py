"""Byte-pair encoding, held to Hugging Face's `tokenizers` on the same texts and settings."""

import json
import pydoc_data.topics
from functools import cache
from unicodedata import category, ucd_3_2_0

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Reference
from tokenizers import models, pre_tokenizers, trainers

from course.language import tokenizer
from course.language.pieces import pieces

MANUAL = "\n".join(pydoc_data.topics.topics.values())


def reference(text: str, size: int) -> tuple[Reference, list[tuple[int, int]]]:
    """What `tokenizers` learns, and its merges as pairs of numbers."""
    other = Reference(models.BPE())
    other.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    other.train_from_iterator([text], trainer)
    model = json.loads(other.to_str())["model"]
    number = model["vocab"]
    return other, [(number[a], number[b]) for a, b in model["merges"]]


@cache
def learned() -> tokenizer.Tokenizer:
    return tokenizer.train(MANUAL, 2000)


def test_the_manual_of_python_gives_the_same_merges_and_the_same_tokens() -> None:
    other, merges = reference(MANUAL, 2000)
    assert [merge.pair for merge in learned().merges] == merges
    tokens = learned().encode(MANUAL)
    assert tokens == other.encode(MANUAL).ids
    assert learned().decode(tokens) == MANUAL


# Python and `tokenizers` may know different editions of Unicode: take what is old in both.
settled = st.characters().filter(lambda c: ucd_3_2_0.category(c) == category(c) not in ("Cn", "Cs"))
words = st.text("ab '1 \n", max_size=60) | st.text(settled, max_size=60)


@given(words)
@example("aaaa aaa aaaaa")
@example("it's IT'S we'll\u00a0l'll ²³ x² 一二 e\u0301 _a_  b\n\n c\t")
@example("\x1c\x1d a\x85b\u200b\u2028\ufeff")
@settings(deadline=None, max_examples=150)
def test_every_text_is_cut_and_encoded_as_tokenizers_does(text: str) -> None:
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    assert pieces(text) == [text[a:b] for _, (a, b) in cut]
    other, merges = reference(text, 300)
    mine = tokenizer.train(text, 300)
    assert [merge.pair for merge in mine.merges] == merges
    assert mine.encode(text) == other.encode(text).ids
    assert mine.decode(mine.encode(text)) == text


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=60)
def test_what_was_never_seen_is_encoded_and_comes_back(text: str) -> None:
    assert learned().decode(learned().encode(text)) == text


def test_half_a_surrogate_pair_is_marked_and_does_no_harm() -> None:
    assert learned().decode(learned().encode("a\ud800b")) == "a\ufffdb"


def test_a_broken_sequence_of_tokens_is_marked() -> None:
    assert learned().decode(learned().encode("é")[:1] + learned().encode("!")) == "\ufffd!"


def test_each_merge_says_how_often_its_pair_stood_there() -> None:
    small = tokenizer.train("low lower lowest", 258)
    assert [(small.tokens[m.token], m.times) for m in small.merges] == [(b"lo", 3), (b"low", 3)]


def test_a_text_without_pairs_ends_the_training_early() -> None:
    assert len(tokenizer.train("a b c", 300)) < 300
    assert len(tokenizer.train("", 300)) == 256


def test_every_merge_is_reported() -> None:
    seen: list[tokenizer.Merge] = []
    made = tokenizer.train("banana bandana", 260, on_merge=seen.append)
    assert tuple(seen) == made.merges


def test_too_small_a_vocabulary_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="255 tokens has no room for the 256 bytes"):
        tokenizer.train("text", 255)
    with pytest.raises(ValueError, match=r"whole number, got 300\.5"):
        tokenizer.train("text", 300.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"learned from a text \(str\), not from None"):
        tokenizer.train(None, 300)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", [-1, 2000])
def test_a_number_that_is_no_token_is_named(token: int) -> None:
    with pytest.raises(ValueError, match=rf"{token} is no token: .* from 0 to 1999"):
        learned().decode([token])


def test_a_progress_bar_counts_the_merges(capsys: pytest.CaptureFixture[str]) -> None:
    made = tokenizer.train("banana bandana", 260, progress=True)
    assert made == tokenizer.train("banana bandana", 260)
    assert "byte pairs" in capsys.readouterr().err


def test_prose_is_left_of_the_manual_a_paragraph_a_line() -> None:
    from course.language import texts

    lines = texts.prose().text.splitlines()
    assert 500 < len(lines) == len(set(lines))
    assert not any("::=" in line or "  " in line for line in lines)
    flat = " ".join(texts.manual().text.split())
    assert all(line in flat for line in lines)
