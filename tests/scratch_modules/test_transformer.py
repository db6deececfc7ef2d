"""Attention layers: PyTorch's outputs, weights, masks, gradients and names."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from twins import agree, both, close, tensors

from course import scratch
from course.scratch import nn

RNG = np.random.default_rng(0)
CAUSAL = np.triu(np.ones((5, 5), bool), 1)
PADDING = np.array([[False] * 5, [False] * 3 + [True] * 2, [False] * 4 + [True]])


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_attention_to_others_agrees_with_pytorch(
    dtype: str, need_weights: bool, first: bool
) -> None:
    q, k, v = normal(3, 4, 8), normal(3, 5, 8), normal(3, 5, 8)
    if not first:
        q, k, v = (x.swapaxes(0, 1).copy() for x in (q, k, v))
    agree(
        lambda engine: engine.MultiheadAttention(8, 2, batch_first=first),
        (q, k, v),
        dtype,
        need_weights=need_weights,
    )


MASKS = {
    "none": {},
    "causal": {"attn_mask": CAUSAL},
    "causal, and saying so": {"attn_mask": CAUSAL, "is_causal": True},
    "float": {"attn_mask": normal(5, 5)},
    "one a head": {"attn_mask": RNG.random((6, 5, 5)) < 0.2},
    "padding": {"key_padding_mask": PADDING},
    "padding and causal": {"key_padding_mask": PADDING, "attn_mask": CAUSAL, "is_causal": True},
    "float padding": {"key_padding_mask": np.where(PADDING, -np.inf, 0.0)},
    "heads apart": {"average_attn_weights": False},
}


class SelfAttention:
    """Calls a module with one tensor in all three places, which takes another path."""

    def __new__(cls, engine, *args, **kwargs):
        class Once(engine.Module):
            def __init__(self):
                super().__init__()
                self.attention = engine.MultiheadAttention(*args, **kwargs)

            def forward(self, x, **named):
                return self.attention(x, x, x, **named)

        return Once()


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("masks", MASKS.values(), ids=MASKS)
def test_self_attention_with_masks(masks: dict, bias: bool, need_weights: bool) -> None:
    agree(
        lambda engine: SelfAttention(engine, 8, 2, bias=bias, batch_first=True),
        (normal(3, 5, 8),),
        need_weights=need_weights,
        **masks,
    )


@pytest.mark.parametrize("need_weights", [True, False])
def test_attention_without_a_batch(need_weights: bool) -> None:
    agree(
        lambda engine: SelfAttention(engine, 8, 4),
        (normal(5, 8),),
        need_weights=need_weights,
        key_padding_mask=PADDING[1],
        attn_mask=CAUSAL,
    )


def test_a_float_mask_gets_its_gradient() -> None:
    mine, theirs = both(lambda engine: engine.MultiheadAttention(4, 2), "float64")
    grads = []
    for engine, module in ((scratch, mine), (torch, theirs)):
        x, mask = (tensors(engine, a, "float64", True) for a in (normal_x, normal_mask))
        module(x, x, x, attn_mask=mask)[0].square().sum().backward()
        grads.append(mask.grad)
    close(*grads, 1e-10)


normal_x, normal_mask = normal(3, 2, 4), normal(3, 3)


def test_attention_drops_only_in_training() -> None:
    layer = nn.MultiheadAttention(8, 2, dropout=0.5)
    x = scratch.ones(4, 2, 8)
    for need_weights in (True, False):
        layer.train()
        first = layer(x, x, x, need_weights=need_weights)[0]
        assert not scratch.equal(first, layer(x, x, x, need_weights=need_weights)[0])
        layer.eval()
        first = layer(x, x, x, need_weights=need_weights)[0]
        assert scratch.equal(first, layer(x, x, x, need_weights=need_weights)[0])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_encoder_layer_agrees_with_pytorch(dtype: str, norm_first: bool, activation: str) -> None:
    def build(engine):
        given = engine.functional.tanh if activation == "tanh" else activation
        return engine.TransformerEncoderLayer(
            8, 2, 16, 0.0, given, batch_first=True, norm_first=norm_first
        )

    agree(build, (normal(3, 5, 8),), dtype, src_mask=CAUSAL, src_key_padding_mask=PADDING)


def test_encoder_layer_without_biases_and_batch_second() -> None:
    agree(
        lambda engine: engine.TransformerEncoderLayer(8, 2, 16, 0.0, bias=False),
        (normal(5, 3, 8),),
        src_mask=CAUSAL,
        is_causal=True,
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.MultiheadAttention(6, 4), ValueError, "multiple of num_heads 4"),
        (lambda: nn.MultiheadAttention(4, 2)(*[scratch.ones(4)] * 3), RuntimeError, "3 dim"),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[scratch.ones(3, 1, 4)] * 3, is_causal=True),
            RuntimeError,
            "give attn_mask too",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(
                *[scratch.ones(3, 1, 4)] * 3, attn_mask=scratch.ones(2, 2)
            ),
            RuntimeError,
            r"must be \(3, 3\) or \(2, 3, 3\)",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(
                *[scratch.ones(3, 1, 4)] * 3, key_padding_mask=scratch.ones(3, 1)
            ),
            RuntimeError,
            r"must be \(1, 3\)",
        ),
        (
            lambda: nn.MultiheadAttention(4, 2)(
                *[scratch.ones(3, 1, 4)] * 3, attn_mask=scratch.ones(3, 3).long()
            ),
            RuntimeError,
            "boolean or floating point, got int64",
        ),
        (lambda: nn.TransformerEncoderLayer(4, 2, activation="elu"), RuntimeError, "not elu"),
        (lambda: nn.MultiheadAttention(4, 2, kdim=3), TypeError, "kdim"),
    ],
)
def test_errors_say_what_would_fit(call, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        call()
