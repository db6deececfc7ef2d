"""Codes, scales and integer layers, held to PyTorch's own and to their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import scratch
from course.edge import bit_width, engines, networks
from course.edge.integer import Coding, calibrate, integer_matmul, integer_network
from course.edge.quantization import code_range, error, quantize, scale_and_zero

pytestmark = pytest.mark.filterwarnings("ignore:.*quantize.*deprecated")
RNG = np.random.default_rng(0)
WEIGHT = RNG.normal(size=(6, 32)) * np.exp(RNG.normal(size=(6, 1)))


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("symmetric", [True, False])
def test_values_equal_pytorchs_fake_quantization(bits, symmetric):
    import torch

    x = torch.from_numpy(WEIGHT).float()
    mine = quantize(x.numpy(), bits, symmetric=symmetric)
    args = (float(mine.scale[0, 0]), int(mine.zero[0, 0]), mine.low, mine.high)
    theirs = torch.fake_quantize_per_tensor_affine(x, *args).numpy()
    np.testing.assert_allclose(mine.values, theirs, atol=1e-6)
    rows = quantize(x.numpy(), bits, symmetric=symmetric, per="channel")
    scale, zero = (
        torch.from_numpy(rows.scale[:, 0]).float(),
        torch.from_numpy(rows.zero[:, 0]).int(),
    )
    theirs = torch.fake_quantize_per_channel_affine(x, scale, zero, 0, rows.low, rows.high).numpy()
    np.testing.assert_allclose(rows.values, theirs, atol=1e-6)


def test_scales_equal_pytorchs_observer():
    import torch

    observer = torch.ao.quantization.MinMaxObserver(
        dtype=torch.qint8, qscheme=torch.per_tensor_affine, reduce_range=False
    )
    x = torch.from_numpy(np.abs(WEIGHT)).float()
    observer(x)
    scale, zero = observer.calculate_qparams()
    mine = quantize(x.numpy(), 8, symmetric=False)
    assert mine.scale[0, 0] == pytest.approx(scale.item(), rel=1e-6)
    assert mine.zero[0, 0] == zero.item()


@given(st.integers(2, 8), st.booleans(), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20))
def test_no_value_moves_by_more_than_half_a_step_and_zero_stays(bits, symmetric, values):
    array = np.array(values)
    q = quantize(array, bits, symmetric=symmetric)
    step = float(q.scale[0, 0])
    # The zero point is rounded too, so that one end may be clipped by up to half a step more.
    assert np.abs(q.values - array).max() <= step * (0.5 if symmetric else 1.0) + 1e-9
    assert q.codes.min() >= q.low and q.codes.max() <= q.high
    assert (q.values[array == 0] == 0).all()


def test_finer_scales_never_err_more():
    wrong = [
        error(WEIGHT, quantize(WEIGHT, 4, per=per, group=8))
        for per in ("tensor", "channel", "group")
    ]
    assert wrong[0] > wrong[1] > wrong[2]


@pytest.mark.parametrize("symmetric", [True, False])
def test_least_squares_is_the_best_of_a_brute_search(symmetric):
    row = np.append(RNG.normal(size=60), 9.0)
    best = error(row, quantize(row, 3, symmetric=symmetric, calibration="mse"))
    tried = []
    for part in np.linspace(1, 0.02, 50):
        s, z = scale_and_zero(
            np.array([row.min()]) * part, np.array([row.max()]) * part, 3, symmetric
        )
        low, high = code_range(3, symmetric)
        codes = np.clip(np.rint(row / s) + z, low, high)
        tried.append(np.sqrt(np.mean(((codes - z) * s - row) ** 2)))
    assert best == pytest.approx(min(tried))
    assert best < error(row, quantize(row, 3, symmetric=symmetric))


def test_a_percentile_clips_the_outlier():
    row = np.append(np.linspace(-1, 1, 999), 50.0)
    q = quantize(row, 8, calibration="percentile", percentile=99.5)
    assert q.scale[0, 0] == pytest.approx(np.percentile(np.abs(row), 99.5) / 127)
    assert q.values[-1] < 1.1


def test_bytes_are_those_of_packed_codes_and_scales():
    assert quantize(WEIGHT, 4, per="channel").bytes == 6 * 32 // 2 + 6 * 5
    assert quantize(WEIGHT, 3, per="group", group=8).bytes == 6 * 32 * 3 // 8 + 24 * 5


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quantize([1.0, np.nan]), "hold 1 that are NaN or infinite, of 2"),
        (lambda: quantize([]), "empty"),
        (lambda: quantize(["a"]), "array of numbers"),
        (lambda: quantize([1.0], 0), "bits must be a whole number from 1 to 16"),
        (lambda: quantize([1.0], 4.5), "bits must be"),
        (lambda: quantize([1.0], per="channel"), "needs rows"),
        (lambda: quantize(WEIGHT, per="column"), "per is one of"),
        (lambda: quantize(WEIGHT, per="group", group=7), "does not divide a row of 32"),
        (lambda: quantize(WEIGHT, calibration="best"), "calibration is one of"),
        (lambda: quantize(WEIGHT, calibration="percentile", percentile=0), "percentile must"),
        (lambda: calibrate([np.inf]), "calibration data"),
        (
            lambda: integer_network(networks.reference(), np.full((2, 64), np.nan)),
            "calibration data",
        ),
        (lambda: integer_matmul(np.ones((2, 2)), np.ones((2, 2), int)), "integer codes"),
        (lambda: integer_matmul(np.ones((2, 3), int), np.ones((2, 2), int)), "do not fit"),
        (lambda: integer_matmul(np.full((1, 1), 300), np.ones((1, 1), int)), "one byte"),
        (lambda: integer_matmul(np.ones((1, 40_000), int), np.ones((1, 40_000), int)), "overflow"),
        (lambda: Coding(1.0, 0).codes([np.nan]), "activations"),
        (lambda: bit_width.trained_for(9), "bits must be one of"),
    ],
)
def test_nonsense_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_integer_product_is_pytorchs():
    import torch

    for seed in range(5):
        rng = np.random.default_rng(seed)
        a, b = rng.integers(-128, 128, (17, 40)), rng.integers(-128, 128, (8, 40))
        theirs = torch._int_mm(
            torch.from_numpy(a.astype(np.int8)), torch.from_numpy(b.astype(np.int8)).t()
        )
        mine = integer_matmul(a.astype(np.int8), b.astype(np.int8))
        assert mine.dtype == np.int32
        np.testing.assert_array_equal(mine, theirs.numpy())


def test_the_whole_int8_layer_is_pytorchs_to_one_code():
    import torch

    mine, theirs = engines.layer_codes(torch)
    assert np.abs(mine - theirs).max() <= 1
    assert (mine == theirs).mean() > 0.99


def test_the_integer_network_answers_like_the_float_one():
    data, network = networks.digits(), networks.reference()
    whole = integer_network(network, data.images[:100])
    floats = network(data.held_images)
    assert np.abs(whole(data.held_images) - floats).max() < 0.1 * np.abs(floats).max()
    same = whole(data.held_images).argmax(1) == floats.argmax(1)
    assert same.mean() > 0.99


def test_the_straight_through_gradient_is_that_of_no_rounding():
    weight = scratch.tensor(np.float32([[0.31, -1.0], [0.02, 0.5]]), requires_grad=True)
    rounded = bit_width.fake_quantize(weight, 3)
    np.testing.assert_allclose(
        rounded.detach().numpy(),
        quantize(weight.detach().numpy(), 3, per="channel").values,
        atol=1e-6,
    )
    wanted = np.float32([[1.0, 2.0], [3.0, 4.0]])
    (rounded * scratch.from_numpy(wanted)).sum().backward()
    np.testing.assert_array_equal(weight.grad.numpy(), wanted)


def test_folding_the_normalization_changes_no_answer():
    nn = scratch.nn
    model = nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3))
    model(scratch.from_numpy(RNG.normal(size=(50, 5)).astype(np.float32) * 3 + 1))
    model.eval()
    x = RNG.normal(size=(7, 5)).astype(np.float32)
    mine = networks.fold(model)(x)
    np.testing.assert_allclose(mine, model(scratch.from_numpy(x)).detach().numpy(), atol=1e-5)


def test_the_cliff_and_what_moves_it():
    assert bit_width.accuracy_at(2, "tensor") < 0.5 < bit_width.accuracy_at(2, "channel")
    assert bit_width.accuracy_at(2, "channel") < bit_width.accuracy_at(2, "group")
    assert bit_width.aware_accuracy(2) > bit_width.accuracy_at(2, "channel") + 0.1
    data, network = networks.digits(), networks.reference()
    whole = networks.accuracy(network, data.held_images, data.held_labels)
    assert abs(bit_width.accuracy_at(8, "tensor") - whole) < 0.006


def test_what_was_trained_for_few_bits_has_only_few_values():
    for weight in bit_width.trained_for(2).weights:
        assert all(len(np.unique(row)) <= 3 for row in weight)
