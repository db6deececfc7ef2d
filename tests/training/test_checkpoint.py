"""A run that was interrupted, anywhere, ends with the very numbers of one that was not."""

import os
import pickle
import types

import numpy as np
import pytest

from course.training import CheckpointError, checkpoint, fit
from course.training.checkpoint import read, write

STEPS = 4  # an epoch
EPOCHS = 3


class Cut(BaseException):
    """A power cut: nothing in the loop expects it."""


def make_run(engine, optimizer="Adam", generator=True, patience=None):
    """A model with dropout, so that every random stream takes part in the result."""
    nn, pipeline = engine.nn, engine.utils.data
    engine.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3))
    random = np.random.RandomState(0)
    inputs = random.standard_normal((4 * STEPS, 3)).astype(np.float32)
    data = pipeline.TensorDataset(
        engine.from_numpy(inputs), engine.from_numpy(inputs.argmax(1).astype(np.int64))
    )
    stream = {"generator": engine.Generator().manual_seed(5)} if generator else {}
    options = {"SGD": {"lr": 0.1, "momentum": 0.9}, "Adam": {"lr": 0.05}}
    return types.SimpleNamespace(
        engine=engine,
        model=model,
        loader=pipeline.DataLoader(data, batch_size=4, shuffle=True, **stream),
        validation=pipeline.DataLoader(data, batch_size=8),
        optimizer=getattr(engine.optim, optimizer)(model.parameters(), **options[optimizer]),
        patience=patience,
    )


def train(run, path=None, cut_at=None, epochs=EPOCHS, error=Cut):
    calls = iter(range(1, 10**6))
    criterion = run.engine.nn.CrossEntropyLoss()

    def loss(outputs, targets):
        # Only training steps count; validation runs without gradients.
        if run.model.training and next(calls) == cut_at:
            raise error
        return criterion(outputs, targets)

    return fit(
        run.model, run.loader, loss=loss, optimizer=run.optimizer, epochs=epochs,
        validation=run.validation, checkpoint=path, patience=run.patience, progress=False,
    )  # fmt: skip


def result(run, history):
    """Everything that must come out the same, bit for bit; only the times may differ."""
    numbers = {k: v for k, v in vars(history).items() if k not in ("seconds", "stopped")}
    weights = {k: v.detach().numpy().tobytes() for k, v in run.model.state_dict().items()}
    return numbers, weights


@pytest.mark.parametrize("generator", [True, False], ids=["own stream", "shared stream"])
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_a_run_cut_at_any_step_resumes_to_the_same_bits(engine, tmp_path, optimizer, generator):
    whole = make_run(engine, optimizer, generator)
    expected = result(whole, train(whole))
    for step in range(1, STEPS * EPOCHS + 1):
        path = tmp_path / f"{step}.npz"
        with pytest.raises(Cut):
            train(make_run(engine, optimizer, generator), path, cut_at=step)
        fresh = make_run(engine, optimizer, generator)
        assert result(fresh, train(fresh, path)) == expected


@pytest.mark.parametrize("step", [2, 6, 12])
def test_the_same_objects_can_go_on_in_the_same_process(engine, tmp_path, step):
    whole = make_run(engine)
    expected = result(whole, train(whole))
    run = make_run(engine)
    path = tmp_path / "run.npz"
    with pytest.raises(Cut):
        train(run, path, cut_at=step)
    engine.manual_seed(99)  # what the reader did in between
    assert result(run, train(run, path)) == expected


def test_a_run_cut_in_its_validation_resumes_to_the_same_bits(engine, tmp_path, monkeypatch):
    whole = make_run(engine)
    expected = result(whole, train(whole))
    path = tmp_path / "run.npz"
    run = make_run(engine)
    validation, passes = run.validation, iter(range(3))

    class Cutting:
        def __iter__(self):
            if next(passes) == 1:
                raise Cut
            return iter(validation)

    run.validation = Cutting()
    with pytest.raises(Cut):
        train(run, path)
    run.validation = validation
    assert result(run, train(run, path)) == expected


def test_a_run_cut_twice_resumes_twice(engine, tmp_path):
    whole = make_run(engine)
    expected = result(whole, train(whole))
    path = tmp_path / "run.npz"
    for cut_at in (6, 3):
        with pytest.raises(Cut):
            train(make_run(engine), path, cut_at=cut_at)
    fresh = make_run(engine)
    assert result(fresh, train(fresh, path)) == expected


def test_keyboard_interrupt_keeps_the_checkpoint_and_says_where(engine, tmp_path, capsys):
    whole = make_run(engine)
    expected = result(whole, train(whole))
    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        train(make_run(engine), path, cut_at=6, error=KeyboardInterrupt)
    assert f"The checkpoint {path} holds every finished epoch" in capsys.readouterr().out
    fresh = make_run(engine)
    assert result(fresh, train(fresh, path)) == expected


def test_a_finished_run_can_be_made_longer(engine, tmp_path):
    whole = make_run(engine)
    expected = result(whole, train(whole, epochs=5))
    path = tmp_path / "run.npz"
    train(make_run(engine), path, epochs=2)
    fresh = make_run(engine)
    assert result(fresh, train(fresh, path, epochs=5)) == expected


def test_a_finished_run_is_read_not_trained_again(engine, tmp_path):
    path = tmp_path / "run.npz"
    first = make_run(engine)
    expected = result(first, train(first, path))
    fresh = make_run(engine)
    assert result(fresh, train(fresh, path, cut_at=1)) == expected


def test_early_stopping_goes_on_where_it_was(engine, tmp_path):
    whole = make_run(engine, patience=2)
    whole_history = train(whole, epochs=60)
    assert whole_history.stopped
    expected = result(whole, whole_history)
    best = whole_history.best_epoch
    for cut_at in (STEPS * best + 1, STEPS * (best + 1) + 1):
        path = tmp_path / f"{cut_at}.npz"
        with pytest.raises(Cut):
            train(make_run(engine, patience=2), path, cut_at=cut_at, epochs=60)
        fresh = make_run(engine, patience=2)
        history = train(fresh, path, epochs=60)
        assert result(fresh, history) == expected
        assert history.stopped == whole_history.stopped


def damage_nothing_left(data):
    return b""


def damage_cut_short(data):
    return data[: len(data) // 2]


def damage_one_byte(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


def damage_other_text(data):
    return b"my notes on training\n"


def damage_pickle(data):
    return pickle.dumps({"a": 1})


@pytest.mark.parametrize(
    "damage",
    [damage_nothing_left, damage_cut_short, damage_one_byte, damage_other_text, damage_pickle],
)
def test_a_damaged_file_is_named_and_left_as_it_is(engine, tmp_path, damage):
    path = tmp_path / "run.npz"
    train(make_run(engine), path, epochs=1)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    run = make_run(engine)
    untouched = result(run, types.SimpleNamespace())
    with pytest.raises(CheckpointError, match=r"run\.npz cannot be read as a checkpoint"):
        train(run, path)
    assert path.read_bytes() == before
    assert result(run, types.SimpleNamespace()) == untouched


def test_any_other_npz_is_no_checkpoint(engine, tmp_path):
    path = tmp_path / "run.npz"
    np.savez(path, weights=np.ones(3))
    with pytest.raises(CheckpointError, match="cannot be read as a checkpoint"):
        train(make_run(engine), path)
    np.savez(path, json=np.frombuffer(b'{"format": "other"}', np.uint8))
    with pytest.raises(CheckpointError, match="its format is 'other'"):
        train(make_run(engine), path)


def test_reading_runs_no_code(engine, tmp_path):
    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "was here"),))

    path = tmp_path / "run.npz"
    np.savez(path, json=np.array([Evil()], dtype=object))
    with pytest.raises(CheckpointError):
        read(path, engine)
    assert not (tmp_path / "was here").exists()


def other_learning_rate(run):
    run.optimizer.param_groups[0]["lr"] = 0.5


def other_optimizer(run):
    run.optimizer = run.engine.optim.SGD(run.model.parameters(), lr=0.1)


def other_model(run):
    run.model = run.engine.nn.Linear(3, 3)
    run.optimizer = run.engine.optim.Adam(run.model.parameters(), lr=0.05)


def other_batches(run):
    run.loader = list(run.loader)[:2]


def other_patience(run):
    run.patience = 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (other_learning_rate, r"optimizer lr was 0\.05 and is now 0\.5"),
        (other_optimizer, "optimizer was Adam and is now SGD"),
        (other_model, r"model\.3\.bias was \(3,\) float32 and is now not there"),
        (other_batches, "batches an epoch was 4 and is now 2"),
        (other_patience, "patience was None and is now 4"),
    ],
)
def test_another_runs_checkpoint_is_refused_and_left(engine, tmp_path, change, sentence):
    path = tmp_path / "run.npz"
    train(make_run(engine), path, epochs=1)
    before = path.read_bytes()
    run = make_run(engine)
    change(run)
    with pytest.raises(CheckpointError, match=sentence):
        train(run, path)
    assert path.read_bytes() == before


def test_the_other_engines_checkpoint_is_refused(tmp_path):
    import torch

    from course import scratch

    path = tmp_path / "run.npz"
    train(make_run(scratch), path, epochs=1)
    with pytest.raises(CheckpointError, match=r"engine was course\.scratch and is now torch"):
        train(make_run(torch), path)


def test_a_failed_write_leaves_the_old_checkpoint_and_no_litter(engine, tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    train(make_run(engine), path, epochs=1)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(OSError, match=r"run\.npz cannot be written \(No space left on device\)"):
        train(make_run(engine), path, epochs=2)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_an_interrupted_write_leaves_no_litter(engine, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "run.npz", {})
    assert os.listdir(tmp_path) == []


def test_folders_on_the_way_are_made(engine, tmp_path):
    path = tmp_path / "runs" / "today" / "run.npz"
    train(make_run(engine), path, epochs=1)
    assert path.exists()


def test_a_place_that_cannot_be_written_says_what_to_do(engine, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OSError, match=r"cannot be written.*a folder that you may write to"):
        train(make_run(engine), tmp_path / "file" / "run.npz", epochs=1)


def test_a_folder_is_no_checkpoint(engine, tmp_path):
    with pytest.raises(CheckpointError, match="is a folder"):
        train(make_run(engine), tmp_path, epochs=1)


def test_a_tree_comes_back_as_it_went(engine, tmp_path):
    path = tmp_path / "tree.npz"
    state = {
        "state": {0: {"step": 3, "rate": 0.1, "betas": (0.9, 0.999)}, 1: {}},
        "none": None,
        "flags": [True, False],
        "infinite": float("inf"),
        "array": np.arange(3),
        "tensor": engine.ones(2, 2),
    }
    write(path, state)
    back = read(path, engine)
    assert type(back["tensor"]) is type(state["tensor"])
    assert np.array_equal(back.pop("tensor").numpy(), state.pop("tensor").numpy())
    assert np.array_equal(back.pop("array"), state.pop("array"))
    assert back == state
