"""Exercise: find what is wrong in a calculation of the memory that serving takes."""

from __future__ import annotations

from course.checks import Exercise, case, slip

_SOLUTION = "../solutions/08_llm_scale.ipynb"


def _bytes(
    parameters: int,
    layers: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    tokens: int,
    texts: int,
    itemsize: float,
) -> float:
    kept = 2 * layers * kv_heads * head_dim * tokens
    return parameters * itemsize + texts * kept * itemsize


def serving_with_bugs(
    parameters: int,
    layers: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    tokens: int,
    texts: int,
    itemsize: float,
) -> float:
    """The calculation as the lesson prints it, with its three bugs."""
    kept = layers * heads * head_dim * tokens
    return texts * (parameters + kept) * itemsize


serving_bytes = Exercise(
    name="serving_bytes",
    reference=_bytes,
    cases=[
        case(1000, 2, 4, 2, 8, 10, 3, 2).named(
            "a toy: 1,000 parameters, 2 layers, 3 texts of 10 tokens"
        ),
        case(8_030_261_248, 32, 32, 8, 128, 8192, 1, 2).named(
            "Llama-3-8B, one text of 8,192 tokens"
        ),
        case(8_030_261_248, 32, 32, 8, 128, 8192, 64, 1).named(
            "the same, 64 texts, 8 bits a number"
        ),
        case(6_738_415_616, 32, 32, 32, 128, 2048, 16, 2).named(
            "LLaMA-7B, where nothing is shared"
        ),
    ],
    mistakes=[
        (serving_with_bugs, "That is the calculation as it was: there are three bugs in it."),
        slip(
            "One bug is left: only `kv_heads` heads have keys and values to keep.",
            "layers * kv_heads",
            "layers * heads",
        ),
        slip("One bug is left: keys *and* values are kept.", "2 * layers", "layers"),
        slip(
            "One bug is left: all texts share the weights; only the cache is there once a text.",
            "return parameters * itemsize + texts * kept * itemsize",
            "return texts * (parameters + kept) * itemsize",
        ),
        slip(
            "Two bugs are left: keys *and* values are kept, and only of `kv_heads` heads.",
            "2 * layers * kv_heads",
            "layers * heads",
        ),
        slip(
            "Two bugs are left: only `kv_heads` heads are kept, and the weights are there once, not once a text.",
            "layers * kv_heads",
            "layers * heads",
            "return parameters * itemsize + texts * kept * itemsize",
            "return texts * (parameters + kept) * itemsize",
        ),
        slip(
            "Two bugs are left: keys *and* values are kept, and the weights are there once, not once a text.",
            "2 * layers",
            "layers",
            "return parameters * itemsize + texts * kept * itemsize",
            "return texts * (parameters + kept) * itemsize",
        ),
        slip("The cache is there once for each of the `texts`.", "texts * kept", "kept"),
    ],
    hints=[
        "Hold it against the calculator: Llama-3-8B keeps 1.07 GB for a text of 8,192 tokens in 16 bits.",
        "What does a chip hold once, and what once for each text?",
        "For each token and layer: keys and values, of each key-value head, `head_dim` numbers. `heads` is then not needed.",
    ],
    points=2,
    solution=_SOLUTION,
)
