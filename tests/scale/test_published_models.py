"""Parameter counts against every published table, row by row."""

from __future__ import annotations

import pytest

from course.facts import architectures, language_models, scaling
from course.scale import built, published
from course.scale.parameters import (
    active_parameters,
    by_group,
    multiplied_parameters,
    parameters,
    parts,
)
from course.scale.shapes import Experts, Shape, ShapeError

ROWS = language_models.language_models()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.model)
def test_the_count_is_the_published_one_to_the_unit(row) -> None:
    shape = published.model(row.model)
    found = parameters(shape)
    print(f"{row.model:22} {found:>16,} by formula, {row.parameters or 0:>16,.0f} published")
    assert sum(by_group(shape).values()) == found
    if row.verified:
        assert row.parameters == found
    else:  # nothing is published for it that a test may rest on
        assert row.parameters is None
    if row.active_parameters:
        assert row.active_parameters == active_parameters(shape)
    if row.nonembedding_parameters:
        outside = sum(p.count for p in parts(shape) if p.group in ("embedding", "head"))
        assert row.nonembedding_parameters == found - outside


def test_plain_models_are_those_that_the_clusters_room_counts_too() -> None:
    names = {row.model for row in architectures.architectures()}
    assert {"GPT-2 small", "Pythia-12B", "Llama-3.1-405B", "Mixtral-8x7B-v0.1"} <= names
    assert not {"DeepSeek-V3", "Qwen2.5-7B", "Gemma-2-9B"} & names
    with pytest.raises(KeyError, match="no architecture 'GPT-9'; there are"):
        architectures.architecture("GPT-9")


@pytest.mark.parametrize("row", language_models.rounded_models(), ids=lambda row: row.model)
def test_rounded_counts(row) -> None:
    if row.model.startswith("Chinchilla"):
        pytest.skip(
            "its relative positions have weights of their own, which the paper does not detail"
        )
    if row.gated:  # PaLM, as its note says: norms are not counted there, 256k tokens
        h, heads, d = row.hidden, row.heads, row.head_dim
        count = 256_000 * h + row.layers * (2 * h * heads * d + 2 * h * d + 12 * h * h)
        if row.model == "PaLM 8B":
            shape = Shape(
                name=row.model, layers=32, hidden=4096, heads=16, kv_heads=1, head_dim=256,
                ffn=4 * 4096, vocab=256_000, tied=True, norms_per_layer=0, outer_norms=0,
            )  # fmt: skip
            assert parameters(shape) == count
    else:  # with its printed width, not the 24 heads of 128 that do not fit it (see its note)
        shape = published.gpt(row.model, int(row.layers), int(row.hidden), 16, 50_257, 2_048)
        count = parameters(shape)
    print(f"{row.model:14} {count:>16,.0f} calculated, {row.parameters:>16,.0f} printed")
    assert count == pytest.approx(row.parameters, rel=0.021)  # XL: 1.316 printed as 1.3, 2.7: 2.65


@pytest.mark.parametrize("row", scaling.gpt3_compute(), ids=lambda row: row.model)
def test_operations_of_gpt3s_table(row) -> None:
    params, tokens = 1e6 * row.million_parameters, 1e9 * row.billion_tokens
    flops = row.flops_per_parameter_and_token * params * tokens
    print(
        f"{row.model:14} {flops:.3e} calculated, {row.flops:.2e} printed ({flops / row.flops - 1:+.2%})"
    )
    assert flops == pytest.approx(row.flops, rel=0.004)
    assert flops / 8.64e19 == pytest.approx(row.petaflops_days, rel=0.005)


def test_what_a_token_meets() -> None:
    mixtral = published.model("Mixtral-8x7B-v0.1")
    assert active_parameters(mixtral) < parameters(mixtral) / 3
    dense = published.model("Llama-3-8B")
    assert active_parameters(dense) == parameters(dense)
    tied = published.model("Llama-3.2-3B")
    norms = by_group(tied)["norms"]
    # The table is looked up and, as the head, multiplied with: the same numbers, counted once.
    assert multiplied_parameters(tied) == parameters(tied) - norms


def test_names_that_are_not_quite_right() -> None:
    assert published.model("llama-3-8b").name == "Llama-3-8B"
    with pytest.raises(
        KeyError, match=r"no published model 'Llama-3-8'; the nearest.*'Llama-3-8B'"
    ):
        published.model("Llama-3-8")
    with pytest.raises(KeyError, match=r"'DeepSeek-V3'"):
        published.model("deepseek")
    with pytest.raises(KeyError, match="there are"):
        published.model("")


def test_both_engines_build_what_the_formula_counts() -> None:
    found = built.counted_in_both(
        ["GPT-2 small", "Llama-3.2-3B", "Qwen3-0.6B", "Mixtral-8x7B-v0.1"]
    )
    print(found)
    assert found.difference == 0 and found.rows[0][2] == parameters(built.LITTLE)
    assert "<table>" in found._repr_html_()
    with pytest.raises(ValueError, match="latent"):
        built.counted_in_both(["DeepSeek-V3"])


def shape(**changes) -> Shape:
    given = {
        "name": "toy", "layers": 2, "hidden": 8, "heads": 4, "kv_heads": 2, "head_dim": 2,
        "ffn": 16, "vocab": 10,
    }  # fmt: skip
    return Shape(**{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kv_heads": 3}, "3 key-value heads do not divide 4 heads.*one of 1, 2, 4"),
        ({"layers": 0}, "layers is 0; expected a whole number, 1 or more"),
        ({"hidden": 8.5}, "hidden is 8.5"),
        ({"vocab": True}, "vocab is True"),
        ({"qk_norm": "both"}, "qk_norm is 'both'"),
        ({"windowed_layers": 5}, "5 layers have a window, but there are 2"),
        ({"experts": Experts(count=4, per_token=5, width=8)}, "would use 5 experts of 4"),
        ({"experts": Experts(count=4, per_token=0, width=8)}, "per_token is 0"),
        (
            {"experts": Experts(count=4, per_token=1, width=8, dense_layers=2)},
            "at least one must have",
        ),
    ],
)
def test_a_shape_that_contradicts_itself(changes, said) -> None:
    with pytest.raises(ShapeError, match=said):
        shape(**changes)
