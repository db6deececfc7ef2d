"""The capstone's models and figures, held to other implementations."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from course.capstone import Choices, data
from course.capstone.handover import load_model, save_model
from course.capstone.measuring import latency, marks, quality, size
from course.capstone.training import Training, example_weights
from course.edge import heartbeats

LOANS = Choices("loans", features="finances", width=0, epochs=8, threshold=0.85)
DIGITS = Choices("digits", width=16, epochs=6, bits=8, threshold=0.6)
HEART = Choices("heart", features="all", width=8, epochs=4, threshold=0.6)


def trained(choices):
    case = data.load(choices.brief)
    return case, Training(case, choices).run()


def test_both_engines_end_with_the_same_model():
    import dataclasses

    for choices in (LOANS, dataclasses.replace(DIGITS, balance="classes", weight_decay=0.1)):
        _, mine = trained(choices)
        _, theirs = trained(dataclasses.replace(choices, engine="torch"))
        for a, b in zip(mine.arrays()[0], theirs.arrays()[0], strict=True):
            assert np.abs(a - b).max() < 2e-4
        assert mine.losses == pytest.approx(theirs.losses, abs=1e-4)


def test_parts_are_disjoint_and_together_all():
    case = data.load("digits")
    assert len(case.train) + len(case.tune) + len(case.held) == 1797
    case = data.load("loans")
    assert len(case.train) + len(case.tune) + len(case.held) == 1989
    case = data.load("heart")
    assert (
        case.train.ends.max() < case.tune.ends.min() < case.tune.ends.max() < case.held.ends.min()
    )


def test_balanced_accuracy_is_scikit_learns_and_the_gap_is_counted_by_hand():
    case, run = trained(LOANS)
    model, part = run.model(), case.held
    found = quality(case, model, LOANS.features, LOANS.threshold, part)
    chances = model.chances(case.prepared(part.inputs, LOANS.features))[:, 1]
    approve = chances >= LOANS.threshold
    assert found.accuracy.value == pytest.approx(100 * balanced_accuracy_score(part.truth, approve))
    rates = [approve[part.groups == g].mean() for g in ("White", "Black", "Hispanic")]
    assert found.fifth.value == pytest.approx(100 * (max(rates) - min(rates)))
    assert found.fifth.low <= found.fifth.value <= found.fifth.high


def test_digits_right_among_answered_and_the_worst_digit():
    case, run = trained(DIGITS)
    model, part = run.model(), case.held
    found = quality(case, model, "all", DIGITS.threshold, part)
    chances = model.chances(part.inputs)
    answered, answer = chances.max(axis=1) >= DIGITS.threshold, chances.argmax(axis=1)
    assert found.accuracy.value == pytest.approx(100 * (answer == part.truth)[answered].mean())
    unread = ~(answered & (answer == part.truth))
    worst = max(unread[part.truth == d].mean() for d in range(10))
    assert found.fifth.value == pytest.approx(100 * worst)


def test_an_unreachable_threshold_is_a_figure_not_an_error():
    case, run = trained(DIGITS)
    assert quality(case, run.model(), "all", 0.999, case.held).fifth.value > 0
    blank = type(run.model())(
        tuple(0 * w for w in run.model().weights), tuple(0 * b for b in run.model().biases)
    )
    found = quality(case, blank, "all", 0.9, case.held)
    assert found.accuracy.value == 0 and found.fifth.value == 100


def test_marks_are_those_of_the_streaming_monitor():
    case, run = trained(HEART)
    model, part = run.model(), case.tune
    first, last = part.ends[0], part.ends[-1]
    chances = model.chances(case.prepared(part.inputs, "all"))[:, 1]
    at_once = marks(chances, part.ends, HEART.threshold)
    monitor = heartbeats.Monitor(model.scores, HEART.threshold)
    record = heartbeats.recording()
    streamed = [monitor.push(float(v)) for v in record.signal[: last + 1]]
    streamed = np.array([s for s in streamed if s is not None])
    inside = (streamed > first) & (streamed < last - 2 * heartbeats.RATE)
    wanted = at_once[at_once < last - 2 * heartbeats.RATE]
    # The stream has a past: a mark just before the part may silence the first one in it.
    assert len(wanted) > 50
    assert set(streamed[inside][1:]) <= set(at_once) and len(set(wanted) - set(streamed)) <= 1


def test_the_delay_of_the_heart_is_the_wait_for_values_after_the_beat():
    case, run = trained(HEART)
    assert case.delay("all") == pytest.approx(1000 * heartbeats.DELAY / heartbeats.RATE)
    assert case.delay("middle") == pytest.approx(case.delay("all") / 2)
    measured = latency(case, run.model(), "all", 20)
    assert measured.value > case.delay("all")
    assert data.load("loans").delay("all") == 0


@pytest.mark.parametrize("bits", [32, 8, 4, 2])
def test_a_saved_model_answers_alike_and_its_size_is_counted(tmp_path, bits):
    case, run = trained(DIGITS)
    model = run.model(bits)
    save_model(tmp_path / "model.npz", model)
    again = load_model(tmp_path / "model.npz")
    assert np.array_equal(again.scores(case.held.inputs), model.scores(case.held.inputs))
    weights, biases = 64 * 16 + 16 * 10, 16 + 10
    scales = 0 if bits == 32 else 5 * (16 + 10)
    assert again.bytes == weights * bits // 8 + 4 * biases + scales
    assert size(again).value == pytest.approx(again.bytes / 1000)


def test_reweighing_makes_group_and_outcome_independent():
    part = data.load("loans").train
    weights = example_weights(part, 2, "groups").astype(float)
    rates = [
        np.average(part.truth[part.groups == g], weights=weights[part.groups == g])
        for g in np.unique(part.groups)
    ]
    assert max(rates) - min(rates) < 1e-6
    classes = example_weights(part, 2, "classes")
    assert classes[part.truth == 0].sum() == pytest.approx(classes[part.truth == 1].sum(), rel=1e-5)


def test_a_rate_far_too_high_says_so():
    case = data.load("digits")
    run = Training(case, Choices("digits", rate=1.0, epochs=1))
    run._inputs = np.full_like(run._inputs, np.inf)
    with pytest.raises(ValueError, match="learning rate 1 is too high"), np.errstate(all="ignore"):
        run.run()
