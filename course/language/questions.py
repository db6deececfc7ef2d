"""Lesson 07's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

import math

from course.language import texts, tokenizer, trained
from course.widgets import Prediction, Question, choice, right, slider, wrong

VOCABULARY = 768


def tokens_guess() -> Prediction:
    """How long is a token of the manual's vocabulary?"""
    return Prediction(
        f"A vocabulary of {VOCABULARY} tokens is learned from the prose of Python's manual. How many characters long is a token of that prose, on average?",
        slider(1.5, 1.0, 8.0, step=0.1, label="Characters a token"),
        key="07 characters a token",
    )


def characters_a_token() -> float:
    """The same, counted."""
    text = texts.prose().text
    learned = tokenizer.train(text, VOCABULARY)
    return len(text) / len(learned.encode(text))


def first_loss_guess() -> Prediction:
    """What does a model that knows nothing pay?"""
    return Prediction(
        "A model that has learned nothing gives each of 27 tokens about the same chance. What is its loss, in nats a token?",
        slider(1.0, 0.2, 10.0, step=0.1, label="Loss", unit="nats a token"),
        key="07 first loss",
    )


def first_loss() -> float:
    """The logarithm of the number of tokens: what an even guess costs."""
    return math.log(len(trained.tokens_of(trained.recipe("names"))[0]))


_TEN_TIMES = {
    "tenth": "It falls to about a tenth",
    "half": "It falls to about half",
    "little": "It falls by a few per cent",
    "rises": "It rises",
}


def size_guess() -> Prediction:
    """What do ten times the parameters buy?"""
    return Prediction(
        "A model has ten times the parameters of another and is trained on the same batches. What becomes of the loss on held-out names?",
        choice("half", _TEN_TIMES, label="With ten times the parameters"),
        key="07 ten times",
    )


def of_ten_times(slope: float, loss: float) -> str:
    """Which of the options a change by `slope` of a loss of `loss` is."""
    left = (loss + slope) / loss
    if left > 1:
        return "rises"
    return min(
        ("tenth", "half", "little"),
        key=lambda name: abs(left - {"tenth": 0.1, "half": 0.5}.get(name, 0.95)),
    )


def mask() -> Question:
    """What would happen without the causal mask?"""
    return Question(
        "You forget the causal mask, and train. What do you see?",
        [
            wrong(
                "An error: the shapes no longer fit",
                "The mask changes numbers, not shapes. Nothing complains, which is what makes this mistake dangerous.",
            ),
            right(
                "A wonderfully low loss, and samples that are nonsense",
                "Each place can look at the very token that it is to predict, one place further on, and learns to copy it. When "
                "text is made there is nothing further on to copy.",
            ),
            wrong(
                "A higher loss, for the model is confused by the future",
                "Nothing is confusing about it: the answer itself stands in the input, one place on, and need only be copied.",
            ),
        ],
    )


def perplexity() -> Question:
    """Can perplexities over different tokens be compared?"""
    return Question(
        "Model A has a perplexity of 8 a token, with letters as tokens. Model B has 40 a token, with tokens of 3 characters on average. "
        "Which predicts the text better?",
        [
            wrong(
                "A: 8 is less than 40",
                "They are asked different questions. A chooses among letters, three times as often as B chooses among longer pieces.",
            ),
            right(
                "B: per character it pays less",
                "A pays ln 8 = 2.08 nats for every character. B pays ln 40 = 3.69 nats for three characters, 1.23 each. Compare losses per "
                "character, or per byte, never per token of different vocabularies.",
            ),
            wrong(
                "That cannot be known",
                "It can, where both are asked about the same text: turn both into nats a character.",
            ),
        ],
    )


def cache() -> Question:
    """What does the cache of keys and values save?"""
    return Question(
        "A text has 1,000 tokens, and the keys and values of all but the newest are kept. What does each head compute to draw the next one?",
        [
            right(
                "One query, one key, one value; and the query meets 1,000 keys",
                "The keys and values of earlier places never change, for those places look at nothing later. Only the new one is added. "
                "The price is memory, which grows with every token.",
            ),
            wrong(
                "Nothing: everything is in the cache",
                "The newest token's own query, key and value could not be known before it was there, and its query must meet every key.",
            ),
            wrong(
                "1,000 queries, which meet 1,000 keys",
                "That is what is computed *without* the cache: again and again the same results for the same earlier places.",
            ),
        ],
    )
