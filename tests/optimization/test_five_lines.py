"""The loop with lines switched off does what a notebook's loop would do."""

import numpy as np
import pytest

from course import datasets, models, scratch
from course.optimization.explorers.loop_lines import FiveLinesParameters, describe, simulate, table
from course.optimization.five_lines import LINES, STEPS, run
from course.scratch.nn.functional import cross_entropy
from course.training import fit, loaders


def test_the_complete_loop_is_the_loop_of_fit():
    scratch.manual_seed(0)
    data = datasets.load("digits")
    train, _ = loaders(scratch, data, batch_size=32)
    model = models.mlp(scratch.nn, (64, 64, 10))
    next(iter(train))  # the five-line run looks at one batch before it starts
    optimizer = scratch.optim.SGD(model.parameters(), lr=0.1)
    history = fit(model, train, loss=cross_entropy, optimizer=optimizer, epochs=1, progress=False)
    ours = [step.batch_loss for step in run().steps[: len(history.step_loss)]]
    assert np.allclose(ours, history.step_loss, rtol=1e-6)


@pytest.mark.parametrize("line", ["forward", "loss"])
def test_a_stale_loss_cannot_go_back_twice(line):
    found = run((line,))
    assert found.stopped_by == "backward" and "freed" in found.error
    assert len(found.steps) == 1
    assert "raises an error" in describe(simulate(FiveLinesParameters(**{line: False})))


@pytest.mark.parametrize("line", ["backward", "step"])
def test_without_backward_or_step_nothing_moves_and_nothing_is_said(line):
    found = run((line,))
    assert not found.error and len(found.steps) == STEPS
    assert {step.moved for step in found.steps} == {0.0}
    assert "no parameter has moved" in describe(simulate(FiveLinesParameters(**{line: False})))


def test_without_zero_grad_gradients_pile_up_and_the_end_is_worse():
    found, complete = run(("zero_grad",)), run()
    assert not found.error
    assert found.steps[-1].gradient_used > 5 * complete.steps[-1].gradient_used
    assert found.losses[-1] > complete.losses[-1]


def test_the_table_tells_what_each_line_did():
    rows = table(simulate(FiveLinesParameters(zero_grad=False, number=3))).rows
    assert [row[1] for row in rows] == list(LINES.values())
    assert rows[0][2] == "switched off"
    step = run(("zero_grad",)).steps[2]
    assert rows[4][2] == f"parameters moved by {step.moved:.3g}"


def test_the_random_stream_of_the_reader_stays_where_it_was():
    scratch.manual_seed(5)
    expected = scratch.rand(3).tolist()
    scratch.manual_seed(5)
    run.cache_clear()
    run(("step",))
    assert scratch.rand(3).tolist() == expected


def test_an_unknown_line_is_named():
    with pytest.raises(
        ValueError, match=r"'foward' is no line of the loop; the five are zero_grad"
    ):
        run(("foward",))
