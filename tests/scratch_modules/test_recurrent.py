"""Recurrent layers and cells: PyTorch's outputs, gradients and weight names."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from twins import agree, both, close, tensors

from course import scratch
from course.scratch import nn

KINDS = ["RNN", "LSTM", "GRU"]
RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("layers", "both_ways", "first", "bias"),
    [
        (1, False, False, True),
        (2, True, True, True),
        (3, False, True, False),
        (1, True, False, False),
    ],
)
def test_layers_agree_with_pytorch(
    kind: str, dtype: str, layers: int, both_ways: bool, first: bool, bias: bool
) -> None:
    def build(engine):
        return getattr(engine, kind)(
            5, 4, layers, bias=bias, batch_first=first, bidirectional=both_ways
        )

    agree(build, (normal(3, 6, 5),), dtype)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batched", [True, False])
def test_a_given_first_state_gets_its_gradient(kind: str, batched: bool) -> None:
    middle = (3,) if batched else ()
    state = normal(2, *middle, 4)
    hx = (state, normal(2, *middle, 4)) if kind == "LSTM" else state
    agree(lambda engine: getattr(engine, kind)(5, 4, 2), (normal(6, *middle, 5), hx))


def test_rnn_with_relu() -> None:
    agree(lambda engine: engine.RNN(5, 4, 2, "relu"), (normal(6, 3, 5),))


@pytest.mark.parametrize("kind", KINDS)
def test_one_step_and_large_values(kind: str) -> None:
    agree(lambda engine: getattr(engine, kind)(2, 3), (300 * normal(1, 2, 2),))


def test_dropout_between_layers_only_in_training() -> None:
    layer = nn.GRU(4, 4, 2, dropout=0.9)
    x = scratch.from_numpy(normal(5, 3, 4).astype(np.float32))
    assert not scratch.equal(layer(x)[0], layer(x)[0])
    layer.eval()
    assert scratch.equal(layer(x)[0], layer(x)[0])
    one = nn.GRU(4, 4, 1, dropout=0.9)
    assert scratch.equal(one(x)[0], one(x)[0])


def test_dropout_of_zero_and_evaluation_agree_with_pytorch() -> None:
    agree(lambda engine: engine.LSTM(4, 4, 2, dropout=0.5), (normal(5, 3, 4),), train=False)


def test_first_weights_lie_within_pytorchs_bound() -> None:
    weights = np.concatenate([p.detach().numpy().ravel() for p in nn.LSTM(30, 25).parameters()])
    assert np.abs(weights).max() <= 0.2
    assert np.abs(weights).max() > 0.19


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_changed_in_place_before_backward_is_found_out(kind: str) -> None:
    layer = getattr(nn, kind)(3, 3)
    out, _ = layer(scratch.ones(2, 1, 3))
    with scratch.no_grad():
        layer.weight_hh_l0.mul_(2)
    with pytest.raises(RuntimeError, match="modified in place"):
        out.sum().backward()


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_agree_with_finite_differences(kind: str) -> None:
    layer = getattr(nn, kind)(2, 2, bidirectional=True).double()
    x = scratch.from_numpy(normal(3, 2, 2)).requires_grad_()
    assert scratch.autograd.gradcheck(lambda x, *_: layer(x)[0], (x, *layer.parameters()))


def test_dtype_may_be_given() -> None:
    assert nn.GRU(2, 2, dtype=scratch.float64).weight_hh_l0.dtype == scratch.float64


def test_a_deep_copy_computes_the_same() -> None:
    mine, theirs = both(lambda engine: engine.GRU(3, 4), "float64")
    x = normal(2, 1, 3)
    close(
        copy.deepcopy(mine)(tensors(scratch, x, "float64")),
        theirs(tensors(torch, x, "float64")),
        1e-12,
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.LSTM(3, 0), ValueError, "hidden_size 0 must be at least 1"),
        (lambda: nn.LSTM(3, 2, 0), ValueError, "num_layers 0"),
        (lambda: nn.LSTM(3, 2, dropout=2.0), ValueError, "dropout is a probability"),
        (lambda: nn.RNN(3, 2, nonlinearity="gelu"), ValueError, "'tanh' or 'relu', got 'gelu'"),
        (lambda: nn.LSTM(3, 2)(scratch.ones(3)), ValueError, "expected 2 or 3 dimensions"),
        (lambda: nn.GRU(3, 2)(scratch.ones(4, 1, 2)), RuntimeError, "input_size=3"),
        (lambda: nn.GRU(3, 2)(scratch.ones(0, 1, 3)), RuntimeError, "no steps"),
        (
            lambda: nn.GRU(3, 2)(scratch.ones(4, 1, 3), scratch.ones(1, 2, 2)),
            RuntimeError,
            r"must have shape \(1, 1, 2\)",
        ),
        (
            lambda: nn.LSTM(3, 2)(scratch.ones(4, 1, 3), scratch.ones(1, 1, 2)),
            RuntimeError,
            "h and c, got 1",
        ),
        (lambda: nn.LSTM(3, 2, proj_size=1), TypeError, "proj_size"),
    ],
)
def test_errors_say_what_would_fit(call, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        call()
