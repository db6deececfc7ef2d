"""The operations and layers that are needed less often: PyTorch's values, gradients and names."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from twins import CLOSE, agree, close, tensors, weighted

from course import scratch
from course.scratch import nn

RNG = np.random.default_rng(0)
X, Y, Z = (RNG.standard_normal((3, 4)) for _ in range(3))
SIGN = np.array([1, -1, 1])
IMAGES = RNG.standard_normal((2, 3, 5, 4))
ZEROS = np.array([[2.0, 0.0, 3.0, 0.0], [1.0, 2.0, -1.5, 2.0], [0.0, 0.0, 0.0, 1.0]])
SQUARES = RNG.standard_normal((2, 3, 3)) + 3 * np.eye(3)

OPERATIONS = {
    "tan": lambda e, x: e.tan(x),
    "asin": lambda e, x: e.asin(x / 4),
    "acos": lambda e, x: e.acos(x / 4),
    "atan": lambda e, x: x.atan(),
    "atan2": lambda e, x, y: e.atan2(x, y[0]),
    "sinh": lambda e, x: e.sinh(x),
    "cosh": lambda e, x: e.cosh(x),
    "log10": lambda e, x: e.log10(x * x),
    "exp2": lambda e, x: e.exp2(x),
    "erf": lambda e, x: e.erf(x),
    "logaddexp": lambda e, x, y: e.logaddexp(x * 800, y[:1]),
    "trunc": lambda e, x: e.trunc(3 * x),
    "lerp": lambda e, x, y, z: e.lerp(x, y, z),
    "lerp by a number": lambda e, x, y: e.lerp(x, y, 0.3),
    "addcmul": lambda e, x, y, z: e.addcmul(x, y, z, value=0.5),
    "addmm": lambda e, x, y, z: e.addmm(x[:, :3], y, z.T, beta=0.5, alpha=2),
    "addmm of NaN times 0": lambda e, x, y, z: e.addmm((x[0, :3] * e.nan).detach(), y, z.T, beta=0),
    "baddbmm": lambda e, x, y: e.baddbmm(x[None, :, :3], x[None], y.T[None]),
    "clip": lambda e, x: e.clip(x, -0.5, 0.5),
    "diff": lambda e, x: e.diff(x),
    "diff twice": lambda e, x: e.diff(x, 2, 0),
    "diff to nothing": lambda e, x: e.diff(x, 7),
    "cumprod": lambda e, x: e.cumprod(x, 1),
    "cumprod along 0": lambda e, x: x.cumprod(0),
    "median": lambda e, x: e.median(x),
    "median along 1": lambda e, x: tuple(e.median(x, 1)),
    "median kept": lambda e, x: tuple(x.median(0, keepdim=True)),
    "count_nonzero": lambda e, x: (e.count_nonzero(x > 0), e.count_nonzero(x > 0, 1)),
    "var_mean": lambda e, x: e.var_mean(x, 1, correction=0, keepdim=True),
    "std_mean": lambda e, x: e.std_mean(x),
    "trace": lambda e, x: e.trace(x),
    "tile": lambda e, x: (e.tile(x, (2,)), x.tile(2, 1, 3)),
    "ravel": lambda e, x: e.ravel(x.T),
    "swapaxes": lambda e, x: e.swapaxes(x, 0, 1),
    "hstack": lambda e, x, y: (e.hstack((x, y)), e.hstack((x[0], y[1]))),
    "vstack": lambda e, x, y: (e.vstack((x, y)), e.vstack((x[0], y[1]))),
    "view_as": lambda e, x: x.view_as(e.ones(4, 3)) * x.reshape_as(e.ones(4, 3)),
    "concatenate": lambda e, x, y: e.concatenate((x, y), 1),
    "linalg.norm": lambda e, x: (e.linalg.norm(x), e.linalg.norm(x, dim=1)),
    "linalg.vector_norm": lambda e, x: e.linalg.vector_norm(x, 1, 0, keepdim=True),
    "indices": lambda e, x: (e.tril_indices(3, 4, 1), e.triu_indices(4, 3)),
    "new": lambda e, x: (x.new_full((2, 2), 3), x.new_tensor([1, 2]), x.new_zeros(2)),
    "constants": lambda e, x: x * e.pi + e.e + e.finfo(x.dtype).eps,
}

# Here PyTorch computes with 1/6 and 1/alpha rounded to float32, in float64 too.
ROUNDED = {"celu": 1e-7, "hardsigmoid": 1e-7, "CELU": 1e-7, "Hardsigmoid": 1e-7}

FUNCTIONS = {
    "selu": lambda f, x: f.selu(x),
    "celu": lambda f, x: f.celu(x, 1.7),
    "hardsigmoid": lambda f, x: f.hardsigmoid(3 * x),
    "hardswish": lambda f, x: f.hardswish(3 * x),
    "prelu": lambda f, x, y: f.prelu(x, y[0]),
    "prelu with one weight": lambda f, x, y: f.prelu(x, y[0, :1]),
    "glu": lambda f, x: (f.glu(x), f.glu(x[:2], 0)),
    "softmin": lambda f, x: f.softmin(x, dim=1),
    "dropout2d of none": lambda f, x: f.dropout2d(x[None, None], 0.0),
    "pairwise_distance": lambda f, x, y: f.pairwise_distance(x, y, 1.0, keepdim=True),
    "triplet": lambda f, x, y, z: f.triplet_margin_loss(x, y, z, 2.0, reduction="none"),
    "triplet with swap": lambda f, x, y, z: f.triplet_margin_loss(x, y, z, swap=True),
    "pad": lambda f, x: f.pad(x, (1, 2)),
    "pad two dimensions": lambda f, x: f.pad(x, (1, 0, 2, 3), value=4.0),
    "pad by cutting": lambda f, x: f.pad(x, (-1, 2, 1, -2)),
    "reflect": lambda f, x: f.pad(x[None], (3, 1), "reflect"),
    "replicate": lambda f, x: f.pad(x[None, None], (2, 5, 0, 1), "replicate"),
    "circular": lambda f, x: f.pad(x[None, None], (4, 1, 2, 0), "circular"),
    "interpolate": lambda f, x: f.interpolate(x[None], scale_factor=2),
    "interpolate to a size": lambda f, x: f.interpolate(x[None, None], (7, 3)),
    "interpolate by fractions": lambda f, x: f.interpolate(x[None, None], scale_factor=(0.7, 1.6)),
}


def same_results(function, arrays, dtype: str = "float64", tolerance: float = 0) -> None:
    """Values, dtypes and gradients of `function(engine, *tensors)` agree."""
    results, grads = [], []
    for engine in (scratch, torch):
        given = tensors(engine, arrays, dtype, requires_grad=True)
        out = function(engine, *given)
        out = list(out) if isinstance(out, tuple) else [out]
        results.append(out)
        smooth = [o for o in out if o.requires_grad]
        if smooth:
            weighted(smooth).backward()
        grads.append([g.grad for g in given])
    tolerance = max(tolerance, CLOSE[dtype])
    close(*results, tolerance)
    assert [g is None for g in grads[0]] == [g is None for g in grads[1]]
    close(*grads, tolerance)


def count(function) -> int:
    return len(inspect.signature(function).parameters) - 1


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_agree_with_pytorch(name: str, dtype: str) -> None:
    function = OPERATIONS[name]
    same_results(function, (X, Y, Z)[: count(function)], dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_agree_with_pytorch(name: str, dtype: str) -> None:
    function = FUNCTIONS[name]
    same_results(
        lambda engine, *given: function(engine.nn.functional, *given),
        (X, Y, Z)[: count(function)],
        dtype,
        ROUNDED.get(name, 0),
    )


def test_cumprod_through_zeros() -> None:
    same_results(lambda e, x: x.cumprod(1), (ZEROS,))


def test_median_of_nan_is_nan() -> None:
    assert np.isnan(scratch.tensor([1.0, float("nan"), 3.0, 2.0]).median().item())


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ["margin_ranking_loss", "cosine_embedding_loss"])
def test_losses_of_pairs(name: str, reduction: str) -> None:
    pick = (lambda x: x) if name == "cosine_embedding_loss" else (lambda x: x[:, 0])
    same_results(
        lambda e, x, y, sign: getattr(e.nn.functional, name)(
            pick(x), pick(y), sign, 0.1, reduction=reduction
        ),
        (X, Y, SIGN),
    )


def test_inverse_and_solution() -> None:
    same_results(lambda e, a: e.linalg.inv(a), (SQUARES,))
    same_results(lambda e, a, b: e.linalg.solve(a, b), (SQUARES, RNG.standard_normal((2, 3, 4))))
    same_results(lambda e, a, b: e.linalg.solve(a[0], b), (SQUARES, RNG.standard_normal(3)))
    with pytest.raises(RuntimeError, match="singular"):
        scratch.linalg.inv(scratch.zeros(2, 2))


def test_unique() -> None:
    for options in ({}, {"return_inverse": True}, {"return_inverse": True, "return_counts": True}):
        array = np.array([[3, 1, 3], [2, 1, 3]])
        given = (e.unique(e.from_numpy(array), **options) for e in (scratch, torch))
        close(*given, 0)


def test_padding_sequences() -> None:
    for options in ({}, {"batch_first": True, "padding_value": 2.0}, {"padding_side": "left"}):
        same_results(
            lambda e, *given, o=options: e.nn.utils.rnn.pad_sequence(list(given), **o),
            (X, Y[:1], Z[:2]),
        )


MODULES = {
    "SELU": (lambda n: n.SELU(), (X,)),
    "CELU": (lambda n: n.CELU(0.7), (X,)),
    "Hardsigmoid": (lambda n: n.Hardsigmoid(), (3 * X,)),
    "Hardswish": (lambda n: n.Hardswish(), (3 * X,)),
    "PReLU": (lambda n: n.PReLU(), (X,)),
    "PReLU a channel": (lambda n: n.PReLU(3, 0.1), (IMAGES,)),
    "GLU": (lambda n: n.GLU(), (X,)),
    "Softmin": (lambda n: n.Softmin(dim=0), (X,)),
    "ZeroPad1d": (lambda n: n.ZeroPad1d(2), (X,)),
    "ZeroPad2d": (lambda n: n.ZeroPad2d((1, 2, 0, 1)), (IMAGES,)),
    "ConstantPad1d": (lambda n: n.ConstantPad1d((1, 2), 3.5), (X,)),
    "ConstantPad2d": (lambda n: n.ConstantPad2d(1, -1.0), (IMAGES,)),
    "ReflectionPad1d": (lambda n: n.ReflectionPad1d(2), (X,)),
    "ReflectionPad2d": (lambda n: n.ReflectionPad2d(2), (IMAGES,)),
    "ReplicationPad1d": (lambda n: n.ReplicationPad1d(2), (X,)),
    "ReplicationPad2d": (lambda n: n.ReplicationPad2d((3, 0, 1, 1)), (IMAGES,)),
    "Upsample": (lambda n: n.Upsample(scale_factor=3), (IMAGES,)),
    "Upsample to a size": (lambda n: n.Upsample((3, 9)), (IMAGES,)),
    "CosineSimilarity": (lambda n: n.CosineSimilarity(), (X, Y)),
    "PairwiseDistance": (lambda n: n.PairwiseDistance(1.0, keepdim=True), (X, Y)),
    "TripletMarginLoss": (lambda n: n.TripletMarginLoss(3.0, swap=True), (X, Y, Z)),
    "MarginRankingLoss": (lambda n: n.MarginRankingLoss(0.2), (X[:, 0], Y[:, 0], SIGN)),
    "CosineEmbeddingLoss": (lambda n: n.CosineEmbeddingLoss(0.1), (X, Y, SIGN)),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", MODULES)
def test_modules_agree_with_pytorch(name: str, dtype: str) -> None:
    build, arrays = MODULES[name]
    agree(build, arrays, dtype, tolerance=max(ROUNDED.get(name, 0), CLOSE[dtype]))


def holding(engine):
    """A module whose parameters live in a list and a dictionary."""

    class Holding(engine.Module):
        def __init__(self):
            super().__init__()
            make = torch.tensor if engine is torch.nn else scratch.tensor
            self.listed = engine.ParameterList([make([1.0, 2.0]), make([3.0, 4.0])])
            self.named = engine.ParameterDict({"a": engine.Parameter(make([5.0, 6.0]))})
            self.named["b"] = engine.Parameter(make([7.0, 8.0]))

        def forward(self, x):
            assert len(self.listed) == 2
            assert "b" in self.named
            assert list(self.named) == ["a", "b"]
            total = sum(p for p in self.listed)
            return total * x + self.named["a"] + sum(self.named.values()) + self.listed[-1]

    return Holding()


def test_parameter_lists_and_dictionaries() -> None:
    agree(holding, (X[:, :2],))


def test_dropping_whole_channels() -> None:
    for layer, shape in ((nn.Dropout2d(0.5), (40, 5, 3, 2)), (nn.Dropout1d(0.5), (40, 5, 3))):
        out = layer(scratch.ones(*shape)).numpy().reshape(40, 5, -1)
        assert np.isin(out, [0, 2]).all()
        assert (out == out[:, :, :1]).all()
        assert 0.3 < (out == 0).mean() < 0.7
        assert scratch.equal(layer.eval()(scratch.ones(*shape)), scratch.ones(*shape))


def test_a_sampler_of_a_subset() -> None:
    sampler = scratch.utils.data.SubsetRandomSampler([3, 5, 9, 11])
    assert len(sampler) == 4
    orders = {tuple(sampler) for _ in range(20)}
    assert len(orders) > 1
    assert all(sorted(order) == [3, 5, 9, 11] for order in orders)


NAMES = [
    *(
        (scratch, torch, n)
        for n in ["tan", "asin", "acos", "atan", "atan2", "erf", "lerp", "addmm", "baddbmm"]
    ),
    *(
        (scratch.nn.functional, torch.nn.functional, n)
        for n in [
            "selu",
            "celu",
            "hardsigmoid",
            "hardswish",
            "glu",
            "pad",
            "interpolate",
            "pairwise_distance",
            "dropout1d",
            "dropout2d",
            "triplet_margin_loss",
            "margin_ranking_loss",
            "cosine_embedding_loss",
        ]
    ),
    *((nn, torch.nn, name.split()[0]) for name in MODULES),
    *((nn, torch.nn, n) for n in ("ParameterList", "ParameterDict", "Dropout1d", "Dropout2d")),
    (scratch.nn.utils.rnn, torch.nn.utils.rnn, "pad_sequence"),
    (scratch.utils.data, torch.utils.data, "SubsetRandomSampler"),
]


@pytest.mark.parametrize(("mine", "theirs", "name"), NAMES, ids=lambda v: getattr(v, "__name__", v))
def test_signatures_are_part_of_pytorchs(mine, theirs, name: str) -> None:
    try:
        there = inspect.signature(getattr(theirs, name)).parameters
    except ValueError:  # written in C++, without a signature
        there = {}
    for position, (key, p) in enumerate(inspect.signature(getattr(mine, name)).parameters.items()):
        if there:
            assert p.default == there[key].default, key
            if p.kind is p.POSITIONAL_OR_KEYWORD:
                assert list(there)[position] == key


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.functional.pad(scratch.ones(2), (1,)), RuntimeError, "must hold a pair"),
        (lambda: nn.functional.pad(scratch.ones(2), (-1, -2)), RuntimeError, "cuts off more"),
        (lambda: nn.functional.pad(scratch.ones(2), (1, 1), "mirror"), NotImplementedError, "one"),
        (lambda: nn.functional.pad(scratch.ones(1, 2), (2, 0), "reflect"), RuntimeError, "up to 1"),
        (lambda: nn.ZeroPad2d((1, 2, 3)), ValueError, "one number or 4"),
        (
            lambda: nn.Upsample(2, mode="bilinear")(scratch.ones(1, 1, 2, 2)),
            NotImplementedError,
            "'bilinear'",
        ),
        (lambda: nn.Upsample()(scratch.ones(1, 1, 2)), ValueError, "size or scale_factor"),
        (lambda: nn.PReLU(3)(scratch.ones(2, 4)), RuntimeError, "3 weights"),
        (lambda: nn.GLU()(scratch.ones(3)), RuntimeError, "must be even"),
        (lambda: scratch.trace(scratch.ones(3)), RuntimeError, "expected a matrix"),
        (lambda: scratch.linalg.inv(scratch.ones(3)), RuntimeError, "square"),
        (lambda: scratch.linalg.norm(scratch.ones(3, 3), 2), NotImplementedError, "one dim"),
    ],
)
def test_errors_say_what_would_fit(call, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    "place",
    [
        "course.scratch",
        "course.scratch.autograd",
        "course.scratch.linalg",
        "course.scratch.nn",
        "course.scratch.nn.functional",
        "course.scratch.nn.init",
        "course.scratch.nn.utils",
        "course.scratch.nn.utils.rnn",
        "course.scratch.optim",
        "course.scratch.optim.lr_scheduler",
        "course.scratch.utils",
        "course.scratch.utils.data",
    ],
)
def test_what_is_left_out_is_said_to_be(place: str) -> None:
    module = scratch
    for part in place.split(".")[2:]:
        module = getattr(module, part)
    torchs = place.replace("course.scratch", "torch")
    with pytest.raises(AttributeError, match=rf"{place} has no 'Nothing'.*{torchs}\.Nothing"):
        module.Nothing  # noqa: B018
    assert not hasattr(module, "Nothing")


def test_a_method_that_is_left_out_is_said_to_be() -> None:
    with pytest.raises(AttributeError, match=r"torch\.Tensor\.logdet exists"):
        scratch.ones(2).logdet()
