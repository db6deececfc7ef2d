"""Exercise: every parameter of a model of the Llama kind."""

from __future__ import annotations

from typing import Any

from course.checks import Case, Exercise, case, slip
from course.scale.published import model

_SOLUTION = "../solutions/08_llm_scale.ipynb"


def _count(
    layers: int, hidden: int, heads: int, kv_heads: int, ffn: int, vocab: int, tied: bool
) -> int:
    head_dim = hidden // heads
    attention = 2 * hidden * hidden + 2 * hidden * kv_heads * head_dim
    feed_forward = 3 * hidden * ffn
    norms = 2 * hidden
    tables = vocab * hidden * (1 if tied else 2)
    return tables + layers * (attention + feed_forward + norms) + hidden


def _published(name: str) -> Case:
    shape = model(name)
    sizes = (shape.layers, shape.hidden, shape.heads, shape.kv_heads, shape.ffn, shape.vocab)
    return case(*sizes, shape.tied).within(0).named(name)


def _with_biases(*sizes: Any) -> int:
    layers, hidden, heads, kv_heads, ffn, _, _ = sizes
    biases = 2 * hidden + 2 * kv_heads * (hidden // heads) + 2 * ffn + hidden
    return _count(*sizes) + layers * biases


count_parameters = Exercise(
    name="count_parameters",
    reference=_count,
    cases=[
        case(2, 8, 4, 2, 20, 50, False)
        .within(0)
        .named("2 layers, width 8, 4 heads, 2 key-value heads"),
        case(2, 8, 4, 2, 20, 50, True).within(0).named("the same with a tied head"),
        _published("LLaMA-7B"),
        _published("Llama-3-8B"),
        _published("Llama-3.2-3B"),
    ],
    mistakes=[
        slip(
            "Keys and values have `kv_heads` heads only, not `heads`: their matrices are narrower.",
            "kv_heads * head_dim",
            "heads * head_dim",
        ),
        slip(
            "The feed-forward part is gated: three matrices between `hidden` and `ffn`, not two.",
            "3 * hidden",
            "2 * hidden",
        ),
        slip(
            "The norm after the last layer is missing: `hidden` numbers more.",
            "norms) + hidden",
            "norms)",
        ),
        slip("Each layer has two norms, of `hidden` numbers each.", "norms = 2", "norms = 1"),
        slip("The norms of the layers are missing.", " + norms)", ")"),
        slip(
            "A tied head *is* the table of tokens and is counted once; an untied one is a second matrix.",
            "(1 if tied else 2)",
            "2",
        ),
        slip(
            "Without a tie the output head is a matrix of its own, as large as the table of tokens.",
            "(1 if tied else 2)",
            "1",
        ),
        slip(
            "Attention has four matrices: queries, keys, values, and its output.",
            "2 * hidden * hidden",
            "hidden * hidden",
        ),
        (_with_biases, "Models of this kind have no biases."),
    ],
    hints=[
        "Write down one layer: four matrices of attention, three of the feed-forward part, two norms.",
        "A head is `hidden // heads` wide. Queries: hidden x hidden. Keys: hidden x (kv_heads * head width).",
        "Outside: the table of tokens (vocab x hidden), the last norm (hidden), and a head if it is not tied.",
    ],
    points=2,
    solution=_SOLUTION,
)
