"""Modules, losses and fused functions: the same weights in both engines, the same results."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sidebyside import array, check, compare, same

from course import scratch
from course.scratch import nn
from course.scratch.nn import functional as F

# PyTorch's notices about empty weights and even kernels.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
R = np.random.default_rng(5)


def normal(*shape: int) -> np.ndarray:
    return R.standard_normal(shape)


# --------------------------------------------------------------------------------- modules

MODULES: list[tuple[str, tuple, dict, list]] = [
    ("Linear", (4, 3), {}, [normal(5, 4)]),
    ("Linear", (4, 3), {"bias": False}, [normal(2, 5, 4)]),
    ("Linear", (4, 3), {}, [normal(4)]),
    ("Linear", (4, 3), {}, [normal(0, 4)]),
    ("Linear", (0, 3), {}, [normal(2, 0)]),
    ("Bilinear", (3, 4, 2), {}, [normal(5, 3), normal(5, 4)]),
    ("Bilinear", (3, 4, 2), {"bias": False}, [normal(3), normal(4)]),
    ("Embedding", (7, 3), {}, [np.array([[1, 2], [2, 6]])]),
    ("Embedding", (7, 3), {"padding_idx": 2}, [np.array([1, 2, 2])]),
    ("Embedding", (7, 3), {"padding_idx": -1}, [np.array([[6, 0]])]),
    ("Conv1d", (4, 6, 3), {}, [normal(2, 4, 9)]),
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}, [normal(2, 4, 9)]),
    ("Conv1d", (4, 6, 2), {"padding": "same"}, [normal(4, 9)]),
    ("Conv2d", (4, 6, 3), {}, [normal(2, 4, 7, 6)]),
    ("Conv2d", (4, 6, 3), {"padding": "same", "bias": False}, [normal(2, 4, 7, 6)]),
    ("Conv2d", (4, 6, 3), {"padding": "valid"}, [normal(4, 7, 6)]),
    ("Conv2d", (4, 6, (2, 3)), {"stride": (1, 2), "padding": (1, 0)}, [normal(2, 4, 7, 6)]),
    ("Conv2d", (4, 6, 3), {"dilation": (2, 1), "groups": 2}, [normal(2, 4, 7, 6)]),
    ("Conv2d", (4, 4, 3), {"groups": 4, "padding": 1}, [normal(1, 4, 5, 5)]),
    ("Conv2d", (1, 2, 1), {}, [normal(0, 1, 3, 3)]),
    ("MaxPool1d", (2,), {}, [normal(2, 3, 7)]),
    ("MaxPool1d", (3,), {"stride": 1, "padding": 1}, [normal(3, 7)]),
    ("MaxPool2d", (2,), {}, [normal(2, 3, 6, 7)]),
    ("MaxPool2d", (3,), {"stride": 2, "padding": 1}, [normal(2, 3, 6, 7)]),
    ("MaxPool2d", ((2, 3),), {"stride": (1, 2)}, [normal(3, 6, 7)]),
    ("MaxPool2d", (2,), {"stride": 1}, [np.zeros((1, 1, 4, 4))]),  # ties
    ("AvgPool1d", (3,), {"padding": 1}, [normal(2, 3, 7)]),
    ("AvgPool2d", (2,), {}, [normal(2, 3, 6, 7)]),
    ("AvgPool2d", (3,), {"stride": 2, "padding": 1}, [normal(2, 3, 6, 7)]),
    ("AdaptiveAvgPool1d", (3,), {}, [normal(2, 3, 7)]),
    ("AdaptiveAvgPool2d", (3,), {}, [normal(2, 3, 7, 5)]),
    ("AdaptiveAvgPool2d", ((None, 1),), {}, [normal(2, 3, 7, 5)]),
    ("AdaptiveAvgPool2d", (1,), {}, [normal(3, 4, 4)]),
    ("AdaptiveMaxPool1d", (2,), {}, [normal(2, 3, 7)]),
    ("AdaptiveMaxPool2d", ((2, 3),), {}, [normal(2, 3, 7, 5)]),
    ("BatchNorm1d", (4,), {}, [normal(6, 4)]),
    ("BatchNorm1d", (4,), {"momentum": None}, [normal(6, 4, 5)]),
    ("BatchNorm1d", (4,), {"affine": False, "eps": 1e-3}, [normal(6, 4)]),
    ("BatchNorm1d", (4,), {"track_running_stats": False}, [normal(6, 4)]),
    ("BatchNorm2d", (3,), {"momentum": 0.3}, [normal(4, 3, 5, 2)]),
    ("LayerNorm", (4,), {}, [normal(2, 3, 4)]),
    ("LayerNorm", ((3, 4),), {"bias": False}, [normal(2, 3, 4)]),
    ("LayerNorm", (4,), {"elementwise_affine": False, "eps": 1e-2}, [normal(2, 3, 4)]),
    ("RMSNorm", (4,), {}, [normal(2, 3, 4)]),
    ("RMSNorm", ((3, 4),), {"eps": 1e-3, "elementwise_affine": False}, [normal(2, 3, 4)]),
    ("GroupNorm", (2, 4), {}, [normal(3, 4, 5)]),
    ("GroupNorm", (4, 4), {"affine": False}, [normal(3, 4, 2, 2)]),
    ("Flatten", (), {}, [normal(2, 3, 4)]),
    ("Flatten", (0, 1), {}, [normal(2, 3, 4)]),
    ("Dropout", (0.0,), {}, [normal(3, 8)]),
    ("Identity", (3, 4), {"any": 1}, [normal(3, 8)]),
    *[(name, (), {}, [normal(3, 8) * 4]) for name in (
        "ReLU", "ReLU6", "Sigmoid", "Tanh", "SiLU", "LogSigmoid", "GELU", "LeakyReLU", "ELU",
        "Hardtanh", "Softplus",
    )],
    ("GELU", ("tanh",), {}, [normal(3, 8)]),
    ("LeakyReLU", (0.3,), {}, [normal(3, 8)]),
    ("ELU", (0.7,), {}, [normal(3, 8)]),
    ("Hardtanh", (-0.5, 0.2), {}, [normal(3, 8)]),
    ("Softplus", (2.0, 1.0), {}, [normal(3, 8)]),
    ("Softmax", (1,), {}, [normal(3, 8)]),
    ("Softmax", (-1,), {}, [normal(3, 2, 4)]),
    ("LogSoftmax", (0,), {}, [normal(3, 8)]),
]  # fmt: skip


def twins(name: str, args: tuple, kwargs: dict) -> tuple[Any, Any]:
    """The module in both engines, in float64, with PyTorch's weights."""
    theirs = getattr(torch.nn, name)(*args, **kwargs).double()
    ours = getattr(nn, name)(*args, **kwargs).double()
    state = {k: np.asarray(R.standard_normal(v.shape)) if v.is_floating_point() else v.numpy()
             for k, v in theirs.state_dict().items()}  # fmt: skip
    state = {k: np.abs(v) if k.endswith("var") else v for k, v in state.items()}
    theirs.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in state.items()})
    ours.load_state_dict(state)
    return ours, theirs


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(("name", "args", "kwargs", "inputs"), MODULES)
def test_module(name: str, args: tuple, kwargs: dict, inputs: list, training: bool) -> None:
    ours, theirs = (m.train(training) for m in twins(name, args, kwargs))
    assert [k for k, _ in ours.named_parameters()] == [k for k, _ in theirs.named_parameters()]
    assert list(ours.state_dict()) == list(theirs.state_dict())
    public = {k for k in vars(ours) if not k.startswith("_")}
    assert public <= set(dir(theirs)), "attributes that PyTorch has not"
    compare(lambda T, *x: (ours if T is scratch else theirs)(*x), inputs)
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert (p.grad is None) == (q.grad is None), key
        if p.grad is not None:
            same(array(p.grad), array(q.grad))
    same(
        [array(v) for v in ours.state_dict().values()],
        [array(v) for v in theirs.state_dict().values()],
    )


@pytest.mark.parametrize(("name", "args", "kwargs", "inputs"), MODULES)
def test_module_in_float32(name: str, args: tuple, kwargs: dict, inputs: list) -> None:
    ours, theirs = (m.float() for m in twins(name, args, kwargs))
    floats = [x.astype(np.float32) if x.dtype == np.float64 else x for x in inputs]
    compare(lambda T, *x: (ours if T is scratch else theirs)(*x), floats, 2e-4)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        if p.grad is not None:
            same(array(p.grad), array(q.grad), 2e-4)


# --------------------------------------------------------------------------------- losses

CLASSES = np.array([0, 2, 1, 2])
SOFT = np.abs(normal(4, 3))
SOFT /= SOFT.sum(1, keepdims=True)
YES = (normal(4, 3) > 0).astype(float)
W = np.array([0.2, 1.5, 3.0])


def options(**values: list) -> list[dict]:
    """All combinations."""
    return [dict(zip(values, v, strict=True)) for v in itertools.product(*values.values())]


REDUCTION = ["mean", "sum", "none"]
LOSSES: list[tuple[str, list, list[dict]]] = [
    ("mse_loss", [normal(4, 3), normal(4, 3)], options(reduction=REDUCTION)),
    ("l1_loss", [normal(4, 3), normal(4, 3)], options(reduction=REDUCTION)),
    ("huber_loss", [normal(4, 3), normal(4, 3)], options(reduction=REDUCTION, delta=[0.3, 1.0])),
    ("smooth_l1_loss", [normal(4, 3), normal(4, 3)], options(reduction=REDUCTION, beta=[0.0, 0.5, 2.0])),
    ("cross_entropy", [normal(4, 3), CLASSES],
     options(reduction=REDUCTION, label_smoothing=[0.0, 0.2], ignore_index=[-100, 2, 0])),
    ("cross_entropy", [normal(4, 3, 2), np.array([[0, 1], [2, 1], [1, 1], [2, 0]])],
     options(reduction=REDUCTION, label_smoothing=[0.0, 0.2], ignore_index=[-100, 1])),
    ("cross_entropy", [normal(3), np.array(1)], options(reduction=REDUCTION)),
    ("cross_entropy", [normal(4, 3), SOFT], options(reduction=REDUCTION, label_smoothing=[0.0, 0.2])),
    ("cross_entropy", [normal(0, 3), np.zeros(0, int)], options(reduction=REDUCTION)),
    ("nll_loss", [normal(4, 3), CLASSES], options(reduction=REDUCTION, ignore_index=[-100, 2])),
    ("nll_loss", [normal(4, 3, 2), np.array([[0, 1], [2, 1], [1, 1], [2, 0]])], options(reduction=REDUCTION)),
    ("binary_cross_entropy_with_logits", [normal(4, 3) * 5, YES], options(reduction=REDUCTION)),
    ("binary_cross_entropy_with_logits", [np.array([1000.0, -1000.0]), np.array([0.0, 1.0])], [{}]),
    ("binary_cross_entropy", [np.abs(SOFT), YES], options(reduction=REDUCTION)),
    ("kl_div", [np.log(SOFT), SOFT[::-1].copy()], options(reduction=[*REDUCTION, "batchmean"])),
    ("kl_div", [np.log(SOFT), np.log(SOFT)], options(reduction=REDUCTION, log_target=[True])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "choices"), LOSSES)
def test_loss(name: str, inputs: list, choices: list[dict]) -> None:
    for choice in choices:
        compare(lambda T, *x, c=choice: getattr(T.nn.functional, name)(*x, **c), inputs)


@pytest.mark.parametrize("reduction", REDUCTION)
@pytest.mark.parametrize("ignore_index", [-100, 2])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_class_weights(reduction: str, ignore_index: int, smoothing: float) -> None:
    compare(
        lambda T, x, t, w: T.nn.functional.cross_entropy(
            x, t, w, ignore_index=ignore_index, reduction=reduction, label_smoothing=smoothing
        ),
        [normal(4, 3), CLASSES, W], wanted=[True, False, False],
    )  # fmt: skip
    compare(
        lambda T, x, t, w: T.nn.functional.nll_loss(x, t, w, reduction=reduction),
        [normal(4, 3), CLASSES, W], wanted=[True, False, False],
    )  # fmt: skip
    compare(
        lambda T, x, t, w: T.nn.functional.cross_entropy(x, t, w, reduction=reduction),
        [normal(4, 3), SOFT, W], wanted=[True, True, False],
    )  # fmt: skip


def test_binary_weights() -> None:
    compare(
        lambda T, x, t, w, p: T.nn.functional.binary_cross_entropy_with_logits(x, t, w, pos_weight=p),
        [normal(4, 3), YES, W, W * 2], wanted=[True, False, False, False],
    )  # fmt: skip
    compare(
        lambda T, x, t, w: T.nn.functional.binary_cross_entropy(x, t, w),
        [SOFT, YES, W], wanted=[True, False, False],
    )  # fmt: skip


LOSS_MODULES: list[tuple[str, dict, list]] = [
    ("MSELoss", {"reduction": "sum"}, [normal(4, 3), normal(4, 3)]),
    ("L1Loss", {}, [normal(4, 3), normal(4, 3)]),
    ("HuberLoss", {"delta": 0.5}, [normal(4, 3), normal(4, 3)]),
    ("SmoothL1Loss", {"beta": 0.5}, [normal(4, 3), normal(4, 3)]),
    ("CrossEntropyLoss", {"label_smoothing": 0.1, "ignore_index": 1}, [normal(4, 3), CLASSES]),
    ("NLLLoss", {"reduction": "none"}, [normal(4, 3), CLASSES]),
    ("BCELoss", {}, [SOFT, YES]),
    ("BCEWithLogitsLoss", {}, [normal(4, 3), YES]),
    ("KLDivLoss", {"reduction": "batchmean"}, [np.log(SOFT), SOFT]),
]


@pytest.mark.parametrize(("name", "kwargs", "inputs"), LOSS_MODULES)
def test_loss_module(name: str, kwargs: dict, inputs: list) -> None:
    wanted = [True] + [False] * (len(inputs) - 1)
    compare(lambda T, *x: getattr(T.nn, name)(**kwargs)(*x), inputs, wanted=wanted)


def test_loss_module_with_weights() -> None:
    def loss(T: Any, x: Any, t: Any, w: Any) -> Any:
        return T.nn.CrossEntropyLoss(w)(x, t) + T.nn.NLLLoss(weight=w)(x, t)

    compare(loss, [normal(4, 3), CLASSES, W], wanted=[True, False, False])
    assert list(nn.CrossEntropyLoss(scratch.ones(3)).state_dict()) == ["weight"]


# --------------------------------------------------------------------------------- attention

Q, K, V = normal(2, 3, 5, 4), normal(2, 3, 6, 4), normal(2, 3, 6, 7)
MASKS = [normal(5, 6), normal(5, 6) > -0.5, normal(2, 1, 5, 6), normal(2, 3, 5, 6) > 0]


def attention(T: Any, *x: Any, **kwargs: Any) -> Any:
    return T.nn.functional.scaled_dot_product_attention(*x, **kwargs)


@pytest.mark.parametrize("mask", MASKS)
def test_attention_with_a_mask(mask: np.ndarray) -> None:
    compare(attention, [Q, K, V, mask], 1e-7)


@pytest.mark.parametrize("kwargs", [{}, {"scale": 0.3}, {"is_causal": True}])
def test_attention(kwargs: dict) -> None:
    compare(lambda T, *x: attention(T, *x, **kwargs), [Q, K, V], 1e-7)
    compare(lambda T, *x: attention(T, *x, **kwargs), [Q[0, 0], K[0, 0], V[0, 0]], 1e-7)


def test_attention_of_grouped_heads() -> None:
    q, k, v = normal(2, 4, 5, 3), normal(2, 2, 6, 3), normal(2, 2, 6, 3)
    compare(lambda T, *x: attention(T, *x, enable_gqa=True), [q, k, v], 1e-7)


def test_a_query_that_sees_nothing_gets_zeros() -> None:
    mask = np.ones((5, 6), bool)
    mask[2] = False
    compare(attention, [Q, K, V, mask], 1e-7)


# --------------------------------------------------------------------------------- fused and plain


def mean_and_variance(x: Any, dims: Any) -> tuple:
    return x.mean(dims, keepdim=True), x.var(dims, correction=0, keepdim=True)


def plain_layer_norm(x: Any, w: Any, b: Any) -> Any:
    mean, variance = mean_and_variance(x, -1)
    return (x - mean) / (variance + 1e-5).sqrt() * w + b


def plain_batch_norm(x: Any, w: Any, b: Any) -> Any:
    mean, variance = mean_and_variance(x, 0)
    return (x - mean) / (variance + 1e-5).sqrt() * w + b


def plain_max_pool(x: Any) -> Any:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 1, 2, 4, 3, 5).flatten(4).max(-1)[0]


def plain_convolution(x: Any, w: Any, b: Any) -> Any:
    _, _, height, width = x.shape
    kh, kw = w.shape[2:]
    rows = [
        [(x[:, None, :, i : i + kh, j : j + kw] * w).sum((2, 3, 4)) for j in range(width - kw + 1)]
        for i in range(height - kh + 1)
    ]
    return scratch.stack([scratch.stack(r, -1) for r in rows], -2) + b[:, None, None]


def plain_cross_entropy(x: Any) -> Any:
    logs = x - x.exp().sum(1, keepdim=True).log()
    return -(logs * F.one_hot(scratch.tensor(CLASSES), 3)).sum() / 4


PAIRS: dict[str, tuple[Callable, Callable, list[tuple]]] = {
    "linear": (F.linear, lambda x, w, b: x @ w.T + b, [(5, 4), (3, 4), (3,)]),
    "bilinear": (F.bilinear, lambda x, y, w: scratch.stack(
        [((x @ w[k]) * y).sum(-1) for k in range(2)], -1), [(5, 3), (5, 4), (2, 3, 4)]),
    "cross_entropy": (lambda x: F.cross_entropy(x, scratch.tensor(CLASSES)), plain_cross_entropy, [(4, 3)]),
    "mse_loss": (F.mse_loss, lambda x, y: ((x - y) ** 2).mean(), [(4, 3), (4, 3)]),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, (4,), w, b), plain_layer_norm, [(5, 4), (4,), (4,)]),
    "rms_norm": (lambda x, w: F.rms_norm(x, (4,), w, 1e-5),
                 lambda x, w: x / ((x * x).mean(-1, keepdim=True) + 1e-5).sqrt() * w, [(5, 4), (4,)]),
    "batch_norm": (lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
                   plain_batch_norm, [(6, 3), (3,), (3,)]),
    "gelu": (F.gelu, lambda x: x * (1 + scratch.erf(x / 2**0.5)) / 2, [(3, 4)]),
    "gelu tanh": (lambda x: F.gelu(x, "tanh"),
                  lambda x: x / 2 * (1 + ((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)).tanh()), [(3, 4)]),
    "silu": (F.silu, lambda x: x / (1 + (-x).exp()), [(3, 4)]),
    "softplus": (F.softplus, lambda x: (1 + x.exp()).log(), [(3, 4)]),
    "softmax": (lambda x: x.softmax(1), lambda x: x.exp() / x.exp().sum(1, keepdim=True), [(3, 4)]),
    "log_softmax": (lambda x: x.log_softmax(0), lambda x: x.softmax(0).log(), [(3, 4)]),
    "logsumexp": (lambda x: x.logsumexp(1), lambda x: x.exp().sum(1).log(), [(3, 4)]),
    "attention": (F.scaled_dot_product_attention,
                  lambda q, k, v: (q @ k.mT / 2).softmax(-1) @ v, [(2, 5, 4), (2, 6, 4), (2, 6, 3)]),
    "conv2d": (F.conv2d, plain_convolution, [(2, 3, 5, 6), (4, 3, 2, 3), (4,)]),
    "max_pool2d": (lambda x: F.max_pool2d(x, 2), plain_max_pool, [(2, 3, 4, 6)]),
    "embedding": (lambda w: F.embedding(scratch.tensor([1, 0, 1]), w),
                  lambda w: F.one_hot(scratch.tensor([1, 0, 1]), 3).double() @ w, [(3, 4)]),
    "bce": (lambda x: F.binary_cross_entropy_with_logits(x, scratch.tensor(YES)),
            lambda x: F.binary_cross_entropy(x.sigmoid(), scratch.tensor(YES)), [(4, 3)]),
    "group_norm": (lambda x: F.group_norm(x, 1), lambda x: F.layer_norm(x, x.shape[1:]), [(3, 4, 5)]),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_fused_and_plain_agree(name: str) -> None:
    fused, plain, shapes = PAIRS[name]
    arrays = [normal(*shape) for shape in shapes]
    results = []
    for function in (fused, plain):
        leaves = [scratch.from_numpy(a.copy()).requires_grad_() for a in arrays]
        out = function(*leaves)
        weight = np.random.default_rng(0).standard_normal(out.shape)
        out.backward(scratch.from_numpy(np.asarray(weight)))
        results.append([array(out), *[array(x.grad) for x in leaves]])
    same(results[0], results[1], 1e-9)


@pytest.mark.parametrize("name", PAIRS)
def test_fused_agrees_with_differences(name: str) -> None:
    fused, _, shapes = PAIRS[name]
    # Three decimals keep the elements of a window further apart than the step of the difference.
    inputs = [scratch.from_numpy(normal(*shape)).requires_grad_() for shape in shapes]
    assert scratch.autograd.gradcheck(fused, inputs)


# --------------------------------------------------------------------------------- random parts


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_dropout(p: float) -> None:
    x = scratch.ones(200, 200, requires_grad=True)
    out = F.dropout(x, p)
    kept = out.detach() != 0
    assert abs(kept.float().mean().item() - (1 - p)) < 0.01
    if p < 1:
        assert np.allclose(out.detach()[kept].numpy(), 1 / (1 - p))
    out.sum().backward()
    assert x.grad is not None and np.allclose(x.grad.numpy(), out.detach().numpy())
    assert F.dropout(x, p, training=False) is x
    assert nn.Dropout(p).eval()(x) is x


INITS = [
    ("uniform_", (-2.0, 3.0)), ("normal_", (1.0, 2.0)), ("trunc_normal_", (0.0, 1.0, -1.0, 0.5)),
    ("xavier_uniform_", (1.3,)), ("xavier_normal_", ()), ("kaiming_uniform_", (0.1, "fan_out")),
    ("kaiming_normal_", (0, "fan_in", "relu")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), INITS)
@pytest.mark.parametrize("shape", [(200, 300), (64, 50, 3, 3)])
def test_initial_values_have_pytorchs_moments(name: str, args: tuple, shape: tuple) -> None:
    ours, theirs = scratch.empty(*shape), torch.empty(*shape)
    assert getattr(nn.init, name)(ours, *args) is ours
    getattr(torch.nn.init, name)(theirs, *args)
    scale = theirs.std().item()
    assert abs(ours.mean().item() - theirs.mean().item()) < 0.05 * scale
    assert abs(ours.std().item() / scale - 1) < 0.02
    for end in ("min", "max"):
        a, b = getattr(ours, end)().item(), getattr(theirs, end)().item()
        assert abs(a - b) < (0.01 if "uniform" in name or "trunc" in name else 1.5) * max(
            abs(b), scale
        )


def test_initial_values_that_are_fixed() -> None:
    for name, args in [("constant_", (3.0,)), ("zeros_", ()), ("ones_", ())]:
        compare(lambda T, n=name, a=args: getattr(T.nn.init, n)(T.empty(3, 4), *a), [])
    for nonlinearity, param in [("relu", None), ("tanh", None), ("leaky_relu", 0.3), ("selu", None), ("linear", None)]:  # fmt: skip
        assert nn.init.calculate_gain(nonlinearity, param) == torch.nn.init.calculate_gain(
            nonlinearity, param
        )


@pytest.mark.parametrize("name, args", [("Linear", (50, 60)), ("Conv2d", (8, 9, 3)), ("Embedding", (70, 80)), ("Conv1d", (8, 9, 5)), ("Bilinear", (9, 8, 7))])  # fmt: skip
def test_layers_start_like_pytorchs(name: str, args: tuple) -> None:
    ours, theirs = getattr(nn, name)(*args), getattr(torch.nn, name)(*args)
    for (key, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert tuple(p.shape) == tuple(q.shape), key
        assert p.dtype == np.float32 and p.is_leaf and p.requires_grad
        if p.numel() > 50:
            # Six standard errors of the ratio of two such spreads, each of a normal at the widest.
            assert abs(p.std().item() / q.std().item() - 1) < 6 / p.numel() ** 0.5
            assert abs(p.abs().max().item() / q.abs().max().item() - 1) < 0.3


# --------------------------------------------------------------------------------- module machinery


def network(T: Any) -> Any:
    class Net(T.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = T.nn.Sequential(T.nn.Linear(4, 5), T.nn.BatchNorm1d(5), T.nn.ReLU())
            self.heads = T.nn.ModuleList([T.nn.Linear(5, 2) for _ in range(2)])
            self.named = T.nn.ModuleDict({"a": T.nn.Linear(2, 2, bias=False)})
            self.scale = T.nn.Parameter(T.ones(2))
            self.tied = self.named["a"]
            self.register_buffer("kept", T.zeros(3))
            self.register_buffer("passing", T.zeros(3), persistent=False)
            self.register_parameter("nothing", None)
            self.number = 3

        def forward(self, x: Any) -> Any:
            x = self.body(x)
            return self.named["a"](self.heads[0](x) + self.heads[1](x)) * self.scale

    return Net()


def test_what_a_module_holds_is_named_as_in_pytorch() -> None:
    ours, theirs = network(scratch), network(torch)
    for look in (
        lambda m: [k for k, _ in m.named_parameters()], lambda m: [k for k, _ in m.named_buffers()],
        lambda m: [k for k, _ in m.named_modules()], lambda m: [k for k, _ in m.named_children()],
        lambda m: list(m.state_dict()), lambda m: len(list(m.parameters())), lambda m: len(list(m.modules())),
        lambda m: [k for k, _ in m.named_parameters(recurse=False)],
        lambda m: [k for k, _ in m.named_parameters(prefix="p")],
        lambda m: [type(x).__name__ for x in m.children()], lambda m: m.training,
        lambda m: m.get_submodule("body.0").in_features, lambda m: len(m.body), lambda m: len(m.heads),
        lambda m: type(m.body[-1]).__name__, lambda m: [type(x).__name__ for x in m.body[:2]],
        lambda m: list(m.named.keys()), lambda m: "a" in m.named, lambda m: m.nothing, lambda m: m.number,
        lambda m: [x.training for x in m.eval().modules()], lambda m: m.train().body.training,
    ):  # fmt: skip
        assert look(ours) == look(theirs)


def test_assignment_and_removal() -> None:
    for T in (scratch, torch):
        m = network(T)
        m.scale = T.nn.Parameter(T.zeros(2))
        assert m.scale.sum().item() == 0 and len(list(m.parameters())) == len(
            list(network(T).parameters())
        )
        m.kept = T.ones(3)
        assert m.state_dict()["kept"].sum().item() == 3
        m.kept = T.nn.Parameter(T.ones(3))
        assert "kept" in dict(m.named_parameters()) and "kept" not in dict(m.named_buffers())
        del m.scale
        assert "scale" not in dict(m.named_parameters()) and not hasattr(m, "scale")
        m.late = T.nn.Linear(1, 1)
        assert "late.weight" in m.state_dict()
        m.number = T.nn.Parameter(T.ones(1))
        assert "number" in dict(m.named_parameters())
        with pytest.raises(TypeError):
            m.number = T.ones(1)  # a tensor in the place of a parameter
        m.number = None
        assert m.number is None and "number" not in m.state_dict()


def test_state_dict_round_trip() -> None:
    a, b = network(scratch), network(scratch)
    assert str(b.load_state_dict(a.state_dict())) == str(
        network(torch).load_state_dict(network(torch).state_dict())
    )
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        assert scratch.equal(p, q) and p is not q
    state = a.state_dict()
    a.scale._array[...] = 9
    assert state["scale"].sum().item() == 18, "it shares the module's memory, as PyTorch's does"
    del state["scale"]
    state["odd"] = scratch.ones(1)
    with pytest.raises(RuntimeError, match=r"missing: scale; unexpected: odd"):
        b.load_state_dict(state)
    result = b.load_state_dict(state, strict=False)
    assert result.missing_keys == ["scale"] and result.unexpected_keys == ["odd"]
    with pytest.raises(RuntimeError, match="shape"):
        b.load_state_dict({**a.state_dict(), "scale": scratch.ones(3)})


def test_pytorch_loads_the_engines_state_and_the_reverse() -> None:
    ours, theirs = network(scratch), network(torch)
    theirs.load_state_dict(
        {k: torch.from_numpy(v.numpy().copy()) for k, v in ours.state_dict().items()}
    )
    x = normal(6, 4).astype(np.float32)
    compare(lambda T, x: (ours if T is scratch else theirs)(x), [x], 1e-4)
    ours.load_state_dict(theirs.state_dict())
    compare(lambda T, x: (ours.eval() if T is scratch else theirs.eval())(x), [x], 1e-4)


def test_module_hooks() -> None:
    logs: list = []
    for T in (scratch, torch):
        log: list = []
        logs.append(log)
        m = T.nn.Sequential(T.nn.Identity(), T.nn.Identity())
        m[0].register_forward_pre_hook(lambda mod, args, log=log: log.append(("pre", len(args))))
        m[0].register_forward_pre_hook(lambda mod, args: (args[0] * 2,))
        handle = m[1].register_forward_hook(
            lambda mod, args, out, log=log: log.append(("post", out.sum().item()))
        )
        m[1].register_forward_hook(lambda mod, args, out: out + 1)
        assert m(T.ones(2)).tolist() == [3, 3]
        handle.remove()
        m(T.ones(2))
    assert logs[0] == logs[1] and len(logs[0]) == 3


def test_changing_all_of_a_module() -> None:
    orders: list = []
    for T in (scratch, torch):
        m = network(T)
        seen: list = []
        orders.append(seen)
        assert m.apply(lambda mod, seen=seen: seen.append(type(mod).__name__)) is m
        assert m.double() is m and next(m.parameters()).dtype == T.float64
        assert m.to(T.float32).body[1].running_mean.dtype == T.float32
        assert m.body[1].num_batches_tracked.dtype == T.int64
        m(T.ones(3, 4)).sum().backward()
        m.zero_grad(set_to_none=False)
        assert all(p.grad is not None and p.grad.sum().item() == 0 for p in m.parameters())
        m.zero_grad()
        assert all(p.grad is None for p in m.parameters())
        assert not any(p.requires_grad for p in m.requires_grad_(False).parameters())
    assert orders[0] == orders[1]


def test_modules_can_be_copied_and_pickled() -> None:
    import copy

    m = network(scratch)
    twin = copy.deepcopy(m)
    twin.scale._array[...] = 5
    assert m.scale.sum().item() == 2 and twin.tied is twin.named["a"]
    linear = pickle.loads(pickle.dumps(nn.Linear(2, 3)))
    assert linear(scratch.ones(1, 2)).shape == (1, 3)


def test_inplace_is_taken_when_false_and_refused_in_words_when_true() -> None:
    x = scratch.tensor([-1.0, 2.0])
    for name in ("ReLU", "ReLU6", "LeakyReLU", "ELU", "SiLU", "Hardtanh", "Dropout"):
        layer = getattr(nn, name)(inplace=False)
        assert layer.inplace is False and layer(x) is not None
        with pytest.raises(NotImplementedError, match="inplace=True is left out"):
            getattr(nn, name)(inplace=True)
    for function in (F.relu, F.relu6, F.leaky_relu, F.elu, F.silu, F.hardtanh, F.dropout):
        function(x, inplace=False)
        with pytest.raises(NotImplementedError, match="inplace=True is left out"):
            function(x, inplace=True)
    with pytest.raises(NotImplementedError, match="inplace=True is left out"):
        nn.ReLU(True)


def test_modules_made_from_functions_are_classes_like_others() -> None:
    assert repr(nn.Sequential(nn.ReLU(), nn.LeakyReLU(0.2), nn.Softmax(dim=1))) == repr(
        torch.nn.Sequential(torch.nn.ReLU(), torch.nn.LeakyReLU(0.2), torch.nn.Softmax(dim=1))
    )
    assert nn.MaxPool2d(3).stride == torch.nn.MaxPool2d(3).stride == 3
    assert "functional.gelu" in nn.GELU.__doc__ and nn.GELU.__name__ == "GELU"
    assert pickle.loads(pickle.dumps(nn.LeakyReLU(0.2))).negative_slope == 0.2
    with pytest.raises(TypeError, match=r"Softmax\(dim.*missing a required argument: 'dim'"):
        nn.Softmax()
    with pytest.raises(TypeError, match="unexpected keyword argument 'slope'"):
        nn.LeakyReLU(slope=1)


def test_utils() -> None:
    def gradients(T: Any, kind: float) -> Any:
        ps = [
            T.nn.Parameter(T.ones(3, dtype=T.float64)),
            T.nn.Parameter(T.ones(2, dtype=T.float64)),
        ]
        (ps[0].sum() * 3 + (ps[1] * T.tensor([1.0, -9.0], dtype=T.float64)).sum()).backward()
        total = T.nn.utils.clip_grad_norm_(ps, 2.0, norm_type=kind)
        vector = T.nn.utils.parameters_to_vector(ps).detach()
        T.nn.utils.vector_to_parameters(vector * 2, ps)
        grads = [p.grad for p in ps]
        T.nn.utils.clip_grad_value_(ps, 0.5)
        return total, grads, [p.detach() for p in ps]

    for kind in (1.0, 2.0, float("inf")):
        compare(lambda T, kind=kind: gradients(T, kind), [])
    check(lambda T, x: T.nn.functional.normalize(x, dim=1), (3, 4))
    check(lambda T, x: T.nn.functional.one_hot((x > 0).long(), 4), (3,))
