"""The training loop: what it records, when it stops, and what it says when it cannot go on."""

import math
import sys
import types

import numpy as np
import pytest

from course import datasets, models
from course.training import DivergenceError, evaluate, fit, loaders, steps
from course.training.engines import engine_of


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


@pytest.fixture
def run(engine, digits):
    """Everything that `fit` needs to train a small model on the digits."""
    train, held_out = loaders(engine, digits, batch_size=128)
    model = models.mlp(engine.nn, (64, 16, 10))
    return types.SimpleNamespace(
        engine=engine,
        model=model,
        train=train,
        held_out=held_out,
        loss=engine.nn.CrossEntropyLoss(),
        optimizer=engine.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
    )


def train(run, **arguments):
    arguments = {"loss": run.loss, "optimizer": run.optimizer, "progress": False, **arguments}
    return fit(run.model, run.train, **arguments)


def weights(model):
    return {name: value.detach().numpy().copy() for name, value in model.state_dict().items()}


def same(left, right):
    return all(np.array_equal(left[name], right[name]) for name in left)


def test_training_lowers_the_loss_and_learns_the_digits(run):
    history = train(run, epochs=6, validation=run.held_out)
    assert history.train_loss[-1] < 0.3 < 1 < history.train_loss[0]
    assert history.validation_accuracy[-1] > 0.9


def test_history_has_an_entry_a_step_and_an_entry_an_epoch(run):
    history = train(run, epochs=3, validation=run.held_out)
    assert len(run.train) == 12
    assert len(history.step_loss) == 36
    assert history.epoch_ends == [12, 24, 36]
    for column in (
        history.train_loss,
        history.train_accuracy,
        history.validation_loss,
        history.validation_accuracy,
        history.seconds,
    ):
        assert len(column) == history.epochs == 3
    assert history.stopped is None


def test_the_epoch_loss_is_the_mean_over_images_not_over_batches(run):
    history = train(run, epochs=1)
    sizes = [128] * 11 + [1438 - 11 * 128]
    assert history.train_loss[0] == pytest.approx(np.average(history.step_loss, weights=sizes))
    assert history.train_loss[0] != pytest.approx(np.mean(history.step_loss), rel=1e-6)


def test_the_first_loss_is_that_of_the_untrained_model(run):
    inputs, targets = next(iter(run.train))
    expected = run.loss(run.model(inputs), targets).item()
    history = fit(
        run.model, [(inputs, targets)], loss=run.loss, optimizer=run.optimizer, epochs=1,
        progress=False,
    )  # fmt: skip
    assert history.step_loss == [expected]


def test_gradients_do_not_pile_up_over_steps(run):
    batch = next(iter(run.train))
    before = weights(run.model)
    optimizer = run.engine.optim.SGD(run.model.parameters(), lr=0.0)
    list(steps(run.model, [batch], loss=run.loss, optimizer=optimizer))
    once = [p.grad.numpy().copy() for p in run.model.parameters()]
    list(steps(run.model, [batch] * 3, loss=run.loss, optimizer=optimizer))
    again = [p.grad.numpy() for p in run.model.parameters()]
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert same(weights(run.model), before)


def test_no_epochs_change_nothing(run):
    before = weights(run.model)
    assert train(run, epochs=0).step_loss == []
    assert same(weights(run.model), before)


def test_evaluate_is_the_mean_over_all_examples_and_trains_nothing(run, digits):
    before = weights(run.model)
    result = evaluate(run.model, run.held_out, run.loss)
    images = run.engine.from_numpy(digits.held_out_images)
    labels = run.engine.from_numpy(digits.held_out_labels)
    outputs = run.model(images)
    assert result["count"] == 359
    assert result["loss"] == pytest.approx(run.loss(outputs, labels).item(), rel=1e-5)
    right = outputs.detach().numpy().argmax(1) == digits.held_out_labels
    assert result["accuracy"] == right.mean()
    assert same(weights(run.model), before)
    assert all(p.grad is None for p in run.model.parameters())


@pytest.mark.parametrize("training", [True, False])
def test_evaluate_leaves_the_model_in_its_mode(run, training):
    run.model.train(training)
    evaluate(run.model, run.held_out, run.loss)
    assert run.model.training is training


def test_evaluate_judges_without_dropout(engine):
    model = engine.nn.Sequential(engine.nn.Linear(4, 3), engine.nn.Dropout(0.5))
    batch = [(engine.ones(64, 4), engine.from_numpy(np.zeros(64, np.int64)))]
    results = {evaluate(model, batch, engine.nn.CrossEntropyLoss())["loss"] for _ in range(5)}
    assert len(results) == 1


def test_fit_trains_with_dropout_though_it_evaluated_before(engine):
    model = engine.nn.Sequential(engine.nn.Linear(4, 3), engine.nn.Dropout(0.5))
    batch = [(engine.ones(64, 4), engine.from_numpy(np.zeros(64, np.int64)))]
    optimizer = engine.optim.SGD(model.parameters(), lr=0.0)
    history = fit(
        model, batch, loss=engine.nn.CrossEntropyLoss(), optimizer=optimizer, epochs=5,
        validation=batch, progress=False,
    )  # fmt: skip
    assert len(set(history.step_loss)) > 1
    assert len(set(history.validation_loss)) == 1


def test_a_regression_has_no_accuracy(engine):
    model = engine.nn.Linear(2, 1)
    batch = [(engine.ones(8, 2), engine.ones(8, 1))]
    optimizer = engine.optim.SGD(model.parameters(), lr=0.1)
    loss = engine.nn.MSELoss()
    history = fit(
        model, batch, loss=loss, optimizer=optimizer, epochs=50, validation=batch, progress=False
    )
    assert history.validation_loss[-1] < 1e-3
    assert history.train_accuracy == history.validation_accuracy == []
    assert "accuracy" not in evaluate(model, batch, loss)
    assert "acc." not in str(history)


class Overfits:
    """A validation loader whose loss is set from outside: best in the second epoch."""

    def __init__(self, engine, losses):
        self.engine, self.losses, self.seen = engine, iter(losses), []

    def __iter__(self):
        value = next(self.losses)
        yield self.engine.ones(1, 1), self.engine.tensor([float(value)])


@pytest.fixture
def scripted(engine):
    """A model of one weight, which grows by 1 a step, and a loss that validation reads as told."""
    model = engine.nn.Linear(1, 1, bias=False)
    model.load_state_dict({"weight": engine.zeros(1, 1)})
    optimizer = engine.optim.SGD(model.parameters(), lr=1.0)

    def loss(outputs, targets):
        return -outputs.mean() if model.training else outputs.mean() * 0 + targets.mean()

    def go(losses, **arguments):
        history = fit(
            model, [(engine.ones(1, 1), engine.zeros(1))], loss=loss, optimizer=optimizer,
            validation=Overfits(engine, losses), progress=False, **arguments,
        )  # fmt: skip
        return history, model.state_dict()["weight"].item()

    return go


def test_early_stopping_waits_its_patience_and_goes_back_to_the_best_weights(scripted):
    history, weight = scripted([3, 1, 2, 2, 0], epochs=5, patience=2)
    assert history.validation_loss == [3, 1, 2, 2]
    assert history.best_epoch == 2
    assert weight == 2
    assert history.stopped.startswith("Stopped after epoch 4 of 5")


def test_an_improvement_renews_the_patience(scripted):
    history, weight = scripted([3, 1, 2, 0.5, 2, 2], epochs=9, patience=2)
    assert history.epochs == 6
    assert (history.best_epoch, weight) == (4, 4)


def test_a_run_that_ends_in_time_still_ends_with_its_best_weights(scripted):
    history, weight = scripted([3, 1, 2], epochs=3, patience=2)
    assert history.stopped is None
    assert weight == 2


def test_without_patience_the_last_weights_stay(scripted):
    _, weight = scripted([3, 1, 2, 2], epochs=4)
    assert weight == 4


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_before_its_step(engine, bad):
    model = engine.nn.Linear(1, 1)
    optimizer = engine.optim.SGD(model.parameters(), lr=0.5)
    good = (engine.ones(1, 1), engine.ones(1, 1))
    batches = [good, good, (engine.ones(1, 1) * bad, engine.ones(1, 1)), good]
    stop_at = 3
    reached = []

    def loss(outputs, targets):
        reached.append(weights(model))
        return engine.nn.functional.mse_loss(outputs, targets)

    with pytest.raises(
        DivergenceError, match=rf"{bad} at step {stop_at}.*0\.5 here, try 0\.05"
    ) as e:
        fit(model, batches, loss=loss, optimizer=optimizer, epochs=2, progress=False)
    assert len(e.value.history.step_loss) == stop_at - 1
    assert len(reached) == stop_at
    assert same(weights(model), reached[-1])
    assert all(np.isfinite(value).all() for value in weights(model).values())


def test_steps_are_counted_over_epochs(engine):
    model = engine.nn.Linear(1, 1)
    optimizer = engine.optim.SGD(model.parameters(), lr=0.1)
    values = iter([1.0, 1.0, 1.0, math.nan])

    def loss(outputs, targets):
        return outputs.mean() * next(values)

    batches = [(engine.ones(1, 1), engine.ones(1, 1))] * 2
    with pytest.raises(DivergenceError, match="at step 4"):
        fit(model, batches, loss=loss, optimizer=optimizer, epochs=5, progress=False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"epochs": -1}, "epochs must be a whole number, 0 or more; got -1"),
        ({"epochs": 1.5}, "got 1.5"),
        ({"epochs": True}, "got True"),
        ({"epochs": 1, "patience": 2}, "needs validation="),
        ({"epochs": 1, "patience": 0, "validation": [1]}, "patience must be .* got 0"),
    ],
)
def test_arguments_that_cannot_work_are_refused(run, arguments, sentence):
    before = weights(run.model)
    with pytest.raises(ValueError, match=sentence):
        train(run, **arguments)
    assert same(weights(run.model), before)


def test_an_empty_loader_is_refused(run):
    run.train = []
    with pytest.raises(ValueError, match=r"nothing to train on.*drop_last"):
        train(run, epochs=1)
    with pytest.raises(ValueError, match="nothing to evaluate"):
        evaluate(run.model, [], run.loss)


def test_a_generator_is_refused_because_it_serves_one_epoch_only(run):
    run.train = (batch for batch in [])
    with pytest.raises(ValueError, match=r"train_loader must have a length.*got a generator"):
        train(run, epochs=2)


def test_a_model_without_parameters_is_refused(run):
    run.model = run.engine.nn.ReLU()
    with pytest.raises(ValueError, match="ReLU has no parameters"):
        train(run, epochs=1)


def test_the_engine_of_a_model_is_found_from_its_parameters(engine):
    assert engine_of(engine.nn.Linear(1, 1)) is engine


def test_a_model_of_no_engine_is_refused():
    class Fake:
        def parameters(self):
            return [3.0]

    with pytest.raises(ValueError, match=r"expected a model of course\.scratch or torch"):
        engine_of(Fake())


def interrupt_at(step, loss):
    """A loss that behaves as the stop button does, at one step."""
    calls = iter(range(1, 10**6))

    def interrupted(outputs, targets):
        if next(calls) == step:
            raise KeyboardInterrupt
        return loss(outputs, targets)

    return interrupted


def test_a_script_that_is_interrupted_ends(run, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    with pytest.raises(KeyboardInterrupt):
        train(run, epochs=3, loss=interrupt_at(14, run.loss))
    assert "Interrupted after step 13, with 1 of 3 epochs finished" in capsys.readouterr().out


def test_a_notebook_that_is_interrupted_gets_the_history_so_far(run, monkeypatch, capsys):
    notebook = types.SimpleNamespace(get_ipython=lambda: object(), version_info=(9, 0))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    try:
        history = train(run, epochs=3, loss=interrupt_at(14, run.loss))
    except KeyboardInterrupt:  # which would end pytest itself
        pytest.fail("the interruption came through to the notebook's reader")
    assert len(history.step_loss) == 13
    assert history.epochs == 1
    assert history.stopped in capsys.readouterr().out
    assert "checkpoint=" in history.stopped


def test_an_epoch_interrupted_in_its_validation_is_not_finished(run, monkeypatch):
    monkeypatch.setitem(
        sys.modules,
        "IPython",
        types.SimpleNamespace(get_ipython=lambda: object(), version_info=(9, 0)),
    )
    # 12 training batches, then 2 of validation, an epoch.
    history = train(run, epochs=3, validation=run.held_out, loss=interrupt_at(27, run.loss))
    assert len(history.step_loss) == 24
    assert history.epochs == len(history.validation_loss) == len(history.epoch_ends) == 1
    assert "1 of 3 epochs" in str(history)
    history.figure()


def test_the_bar_counts_every_step_and_shows_the_accuracy(run, capsys):
    history = train(run, epochs=2, validation=run.held_out, progress=True)
    drawn = capsys.readouterr().err
    assert "24/24" in drawn
    assert f"validation accuracy {history.validation_accuracy[-1]:.1%}" in drawn
    train(run, epochs=1, progress=False)
    assert capsys.readouterr().err == ""


def test_history_prints_a_line_an_epoch_and_marks_the_best(scripted):
    history, _ = scripted([3, 1, 2], epochs=3, patience=2)
    lines = str(history).splitlines()
    assert len(lines) == 4
    assert [line.endswith("best") for line in lines] == [False, False, True, False]


def test_the_picture_holds_the_steps_and_the_epochs(run):
    history = train(run, epochs=2, validation=run.held_out)
    steps_line, epochs_line = history.figure().axes[0].lines
    assert steps_line.get_ydata().tolist() == history.step_loss
    assert epochs_line.get_xdata().tolist() == [12, 24]
    assert f"from {history.step_loss[0]:.3f} to" in history.figure().alt


def test_the_loaders_shuffle_by_their_seed(engine, digits):
    def first(seed):
        return next(iter(loaders(engine, digits, batch_size=32, seed=seed)[0]))[1].tolist()

    assert first(1) == first(1) != first(2)
