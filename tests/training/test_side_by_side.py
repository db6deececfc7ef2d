"""Both engines do the same training, and the report says so, or says that they do not."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course import compare, models, scratch
from course.compare.batches import FixedBatches, draw_rows

BOTH_WAYS = [(scratch, torch), (torch, scratch), (scratch, scratch), (torch, torch)]


@pytest.fixture(scope="module")
def short():
    return compare.run("mlp", "digits")


@pytest.mark.parametrize(
    ("model", "data"), [("mlp", "digits"), ("cnn", "digits"), ("mlp", "mnist"), ("cnn", "mnist")]
)
def test_in_float64_an_epoch_agrees_to_1e_10(model, data):
    comparison = compare.run(model, data, dtype="float64")
    assert comparison.parameter_difference <= 1e-10
    assert comparison.loss_difference <= 1e-10
    assert comparison.agrees


@pytest.mark.parametrize(
    ("model", "data"), [("mlp", "digits"), ("cnn", "digits"), ("mlp", "mnist")]
)
def test_in_float32_the_loss_curves_of_an_epoch_agree_to_1e_4(model, data):
    comparison = compare.run(model, data, seed=3)
    assert comparison.loss_difference <= 1e-4
    assert comparison.agrees


def test_in_float32_the_cnn_agrees_unless_rounding_decides_a_pooling():
    # Among the millions of pooling windows of an epoch a few are tied to the last bit. In about
    # three of ten seeds the two engines give such a tie to different pixels, and the curves part
    # by 1e-4 to 2e-3; PyTorch with and without oneDNN parts from itself as often and as far.
    differences = (compare.run("cnn", "mnist", seed=seed).loss_difference for seed in range(4))
    assert any(difference <= 1e-4 for difference in differences)


def test_it_trains_and_does_not_only_agree(short):
    assert short.mine.history.step_loss[-1] < 0.3 * short.mine.history.step_loss[0]
    assert short.mine.accuracy == pytest.approx(short.theirs.accuracy, abs=0.01)
    assert short.mine.accuracy > 0.85


def test_every_epoch_has_an_order_of_its_own():
    comparison = compare.run("mlp", "digits", epochs=2)
    assert comparison.mine.history.epochs == 2
    assert len(comparison.loss_differences) == 90


def test_the_seed_sets_the_weights_and_the_batches(short):
    torch.manual_seed(123)  # not from here
    again, other = compare.run("mlp", "digits"), compare.run("mlp", "digits", seed=1)
    assert again.theirs.history.step_loss == short.theirs.history.step_loss
    assert other.theirs.history.step_loss[0] != short.theirs.history.step_loss[0]


def test_a_wrong_optimizer_is_found(monkeypatch):
    right = scratch.optim.SGD

    def wrong(parameters, lr, momentum):
        return right(parameters, lr=lr * 1.01, momentum=momentum)

    monkeypatch.setattr(scratch.optim, "SGD", wrong)
    for dtype in ("float32", "float64"):
        comparison = compare.run("mlp", "digits", dtype=dtype)
        assert not comparison.agrees
        assert "differ by more than" in comparison.verdict
        assert comparison.verdict in str(comparison)


def test_equal_losses_with_other_parameters_agree_in_float32_only(short):
    apart = (compare.Closeness("1.weight", exact=False, close=False, difference=1e-6),)
    losses = {"mine": short.mine, "theirs": short.mine}
    assert dataclasses.replace(short, **losses, parameters=apart).agrees
    assert not dataclasses.replace(short, **losses, parameters=apart, dtype="float64").agrees


def test_the_callers_random_streams_are_left_where_they_were():
    for engine in (scratch, torch):
        engine.manual_seed(4)
    expected = [engine.rand(3).tolist() for engine in (scratch, torch)]
    for engine in (scratch, torch):
        engine.manual_seed(4)
    compare.run("mlp", "digits")
    assert [engine.rand(3).tolist() for engine in (scratch, torch)] == expected


def test_the_table_is_aligned_and_names_time_loss_and_parameters(short):
    lines = str(short).splitlines()
    assert lines[0] == "mlp on digits, float32, 1 epoch, seed 0"
    assert lines[2].split() == ["course.scratch", "PyTorch", "difference"]
    edge = lines[2].index("PyTorch") + len("PyTorch")
    for start in ("loss, first step", "loss, last step", "held-out accuracy", "training time"):
        (line,) = [line for line in lines if line.startswith(start)]
        assert line[edge - 1] != " "
        assert line[edge] == " "
    assert f"{short.loss_difference:.1e}" in str(short)
    assert f"{short.parameter_difference:.1e}" in str(short)
    assert "both engines did the same training" in str(short)
    assert repr(short) == str(short)


def test_the_html_has_headers_and_a_picture_with_words_for_it(short):
    html = short._repr_html_()
    assert html.count('scope="col"') == 4
    assert html.count('scope="row"') == len(short.rows())
    assert f'alt="{short.alternative}"' in html
    assert "data:image/png;base64,iVBOR" in html


def test_the_picture_shows_both_curves_and_their_difference(short):
    left, right = short.figure().axes
    theirs, mine = left.lines
    assert mine.get_ydata().tolist() == short.mine.history.step_loss
    assert theirs.get_ydata().tolist() == short.theirs.history.step_loss
    assert np.nanmax(right.lines[0].get_ydata()) == short.loss_difference


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_picture_is_saved_by_its_ending(short, tmp_path, ending):
    short.save(tmp_path / f"curve.{ending}")
    start = (tmp_path / f"curve.{ending}").read_bytes()[:8]
    assert start.startswith({"png": b"\x89PNG", "svg": b"<?xml"}[ending])


def test_run_saves_the_picture_it_is_asked_for(tmp_path):
    compare.run("mlp", "digits", picture=tmp_path / "curve.png")
    assert (tmp_path / "curve.png").exists()


def test_a_picture_that_cannot_be_written_says_what_to_do(tmp_path, monkeypatch):
    # Said before the training, which would be lost.
    monkeypatch.setattr(compare.side_by_side, "fit", None)
    with pytest.raises(OSError, match=r"no folder.*missing.*Make it first"):
        compare.run("mlp", "digits", picture=tmp_path / "missing" / "curve.png")
    with pytest.raises(ValueError, match=r"'\.txt'.*\.png, \.svg or \.pdf"):
        compare.run("mlp", "digits", picture=tmp_path / "curve.txt")


def test_saving_to_a_folder_says_what_to_do(short, tmp_path):
    (tmp_path / "curve.png").mkdir()
    with pytest.raises(OSError, match=r"curve\.png cannot be written"):
        short.save(tmp_path / "curve.png")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"model": "gpt"}, "'gpt'. Choose one of: mlp, cnn"),
        ({"data": "iris"}, "'iris'. Choose one of: digits, mnist"),
        ({"dtype": "float16"}, "one of float32, float64; got 'float16'"),
        ({"epochs": 0}, "epochs must be a whole number, 1 or more; got 0"),
        ({"epochs": "2"}, "got '2'"),
        ({"seed": -1}, "seed must be a whole number, 0 or more; got -1"),
    ],
)
def test_bad_arguments_are_named(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        compare.run(**arguments)


@pytest.mark.parametrize(("source", "target"), BOTH_WAYS)
def test_weights_go_across_whole_and_are_not_shared(source, target):
    origin, copy = models.cnn(source.nn, side=8), models.cnn(target.nn, side=8)
    compare.copy_weights(origin, copy)
    values = {name: value.detach().numpy().copy() for name, value in origin.state_dict().items()}
    images = np.random.default_rng(0).random((2, 1, 8, 8)).astype(np.float32)
    outputs = [m(e.from_numpy(images)) for m, e in ((origin, source), (copy, target))]
    assert compare.cmp("outputs", *outputs).close
    for name, value in copy.state_dict().items():
        assert compare.cmp(name, value, values[name]).exact
    with source.no_grad():
        for parameter in origin.parameters():
            parameter.mul_(0.0)
    assert all(compare.cmp(n, v, values[n]).exact for n, v in copy.state_dict().items())


@pytest.mark.parametrize(("source", "target"), BOTH_WAYS)
def test_weights_arrive_in_the_dtype_of_their_place(source, target):
    origin = models.mlp(source.nn, (3, 2)).to(source.float64)
    copy = models.mlp(target.nn, (3, 2))
    compare.copy_weights(origin, copy)
    for name, value in copy.state_dict().items():
        array = value.detach().numpy()
        assert array.dtype == np.float32
        assert np.array_equal(array, origin.state_dict()[name].numpy().astype(np.float32))


@pytest.mark.parametrize(("source", "target"), BOTH_WAYS)
def test_weights_of_another_model_are_refused_by_name_and_shape(source, target):
    copy = models.mlp(target.nn, (3, 4))
    before = copy.state_dict()["1.weight"].numpy().copy()
    with pytest.raises(ValueError, match=r"1\.weight has shape \(2, 3\) .* \(4, 3\)"):
        compare.copy_weights(models.mlp(source.nn, (3, 2)), copy)
    with pytest.raises(ValueError, match=r"3\.bias has shape \(4,\) in the source, \(none\)"):
        compare.copy_weights(models.mlp(source.nn, (3, 4, 4)), copy)
    assert np.array_equal(copy.state_dict()["1.weight"].numpy(), before)


def test_cmp_tells_exact_from_close_from_different():
    ones = scratch.ones(2, 2)
    assert compare.cmp("same", ones, torch.ones(2, 2)) == compare.Closeness("same", True, True, 0.0)
    near = compare.cmp("near", ones, torch.ones(2, 2) + 1e-6)
    assert (near.exact, near.close) == (False, True)
    far = compare.cmp("far", ones, torch.ones(2, 2) * 1.5)
    assert (far.exact, far.close, far.difference) == (False, False, 0.5)
    assert repr(far).split() == [
        "far", "exact:", "no", "close:", "no", "largest", "difference:", "0.5",
    ]  # fmt: skip


def test_cmp_is_stricter_in_float64():
    one = np.ones(1)
    assert not compare.cmp("x", one, one + 1e-6).close
    assert compare.cmp("x", one, one + 1e-12).close
    assert compare.cmp("x", one.astype(np.float32), one + 1e-6).close


def test_cmp_lets_the_largest_element_set_the_scale():
    assert compare.cmp("x", np.array([0.0, 1e6]), np.array([1e-5, 1e6])).close
    assert not compare.cmp("x", np.array([0.0, 1e6]), np.array([1e-3, 1e6])).close


def test_cmp_never_calls_nan_close_to_a_number():
    assert not compare.cmp("x", np.array([np.nan]), np.array([1.0])).close
    assert compare.cmp("x", np.array([np.nan]), np.array([np.nan])).exact


def test_cmp_takes_numbers_labels_and_empty_tensors():
    assert compare.cmp("number", 1.0, 1.0).exact
    assert not compare.cmp("labels", np.array([1, 2]), np.array([1, 3])).close
    assert compare.cmp("empty", np.zeros(0), torch.zeros(0)).exact


def test_cmp_refuses_two_shapes_by_name():
    with pytest.raises(ValueError, match=r"logits: the shapes differ, \(2, 3\) beside \(3, 2\)"):
        compare.cmp("logits", scratch.zeros(2, 3), torch.zeros(3, 2))


@given(
    count=st.integers(1, 60),
    batch_size=st.integers(1, 70),
    epochs=st.integers(1, 3),
    seed=st.integers(0, 2**31),
)
def test_every_epoch_draws_every_row_once(count, batch_size, epochs, seed):
    drawn = draw_rows(count, batch_size, epochs, seed)
    assert len(drawn) == epochs
    for batches in drawn:
        assert sorted(np.concatenate(batches)) == list(range(count))
        assert all(len(rows) == batch_size for rows in batches[:-1])
        assert 0 < len(batches[-1]) <= batch_size


def test_batches_that_were_not_drawn_are_not_invented(engine):
    batches = FixedBatches(engine, np.zeros((2, 1)), np.zeros(2, np.int64), draw_rows(2, 1, 1, 0))
    assert len(list(batches)) == len(batches) == 2
    with pytest.raises(ValueError, match="Only 1 epochs"):
        list(batches)
