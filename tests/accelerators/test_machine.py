"""Measuring this machine: what is counted is exact, what is timed is what ran, and words where it cannot be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from course import models, recipes, scratch
from course.accelerators import benches, engines, learner_step, measuring, predicted
from course.accelerators.explorers import own_machine as explorer
from course.accelerators.measured import Measured, Reading, size

QUICK = {"seconds": 1e-4, "largest": 2**20}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_SIDES", (32, 64, 128))
    monkeypatch.setattr(measuring, "_finished", [])
    monkeypatch.setattr(learner_step, "BATCHES", (1, 32))


@pytest.fixture(scope="module")
def once() -> list[Measured]:
    return []


@pytest.fixture
def found(once: list[Measured]) -> Measured:
    if not once:
        benches_ = [benches.Cpu((1, 2))]
        once.append(measuring.measure_roofline(benches_, **QUICK, progress=False))
    return once[0]


def test_every_thread_count_size_and_precision_is_measured(found):
    for threads in (1, 2):
        sizes = [r.size for r in found.of("memory", threads=threads)]
        assert sizes == [48 * 2**10, 192 * 2**10, 768 * 2**10]
        for precision in ("fp32", "fp64"):
            assert found.peak(threads, precision) > 1e6
            sides = [r.size for r in found.of("product", threads=threads, precision=precision)]
            assert sides == list(measuring._SIDES)
        steps = found.of("step", threads=threads, subject="digits")
        assert [r.size for r in steps] == list(learner_step.BATCHES)
    for r in found.readings:
        assert 0 < r.best <= r.middle and r.flops > 0 and r.bytes > 0


def test_the_roof_is_the_fastest_product_and_the_memory_that_is_asked_for(found):
    roof = found.roof(1, "fp64")
    assert roof.peak == max(r.rate for r in found.of("product", threads=1, precision="fp64"))
    memory = found.of("memory", threads=1)
    assert roof.bandwidth == memory[-1].bandwidth
    assert found.bandwidth(1, footprint=100_000) == memory[1].bandwidth
    assert found.bandwidth(1, footprint=1e12) == memory[-1].bandwidth
    text = str(found)
    assert "Measured here:" in text and "product in FP64" in text and "GB/s" in text
    assert "<caption>Measured here" in found._repr_html_()


def test_what_was_not_measured_is_named(found):
    with pytest.raises(ValueError, match=r"no bandwidth was measured on 'cpu' with 7 threads"):
        found.bandwidth(7)
    with pytest.raises(ValueError, match=r"'fp16' was measured.*cpu with 1 threads in fp32"):
        found.peak(1, "fp16")
    with pytest.raises(ValueError, match="measured: nothing"):
        Measured("none").roof(1)
    with pytest.raises(ValueError, match="more than 0, not 0"):
        measuring.Session(seconds=0)


def test_sums_are_done_and_their_bytes_counted():
    for threads in (1, 2):
        bench = benches.Cpu((threads,))
        call, moved = bench.adding(24_000, threads)
        call()
        repeats = moved // 24_000
        assert moved == repeats * 24_000 and (repeats == 1) == (threads == 1)
    call, moved = benches.Cpu((1,)).adding(12 * 100, 1)
    assert moved == 1200
    parts = call.__closure__[1].cell_contents[0]
    np.testing.assert_array_equal(parts[2], 1)
    call()
    np.testing.assert_array_equal(parts[2], 2)


def test_a_time_is_the_best_of_tries_and_never_of_the_first(monkeypatch):
    clock, lasts = [0.0], iter([9.0, 3.0, 1.0, 2.0])

    def call() -> None:
        clock[0] += next(lasts)

    monkeypatch.setattr(measuring.time, "perf_counter", lambda: clock[0])
    assert measuring.timed(call, lambda: None, 1.0) == (1.0, 2.0)
    # What takes very long is timed once, after the first.
    lasts = iter([9.0, 30.0])
    assert measuring.timed(call, lambda: None, 1.0) == (30.0, 30.0)


def test_larger_products_stop_where_they_would_take_too_long(monkeypatch):
    monkeypatch.setattr(measuring, "_SIDES", (128, 256, 512, 1024))
    monkeypatch.setattr(measuring, "timed", lambda call, wait, seconds: (0.016, 0.016))
    session = measuring.Session([benches.Cpu((1,))], **QUICK)
    while session.next():
        pass
    assert [r.size for r in session.found.of("product", precision="fp32")] == [128, 256]
    assert session.done == session.total and not session.next()


def test_a_busy_machine_is_said(monkeypatch):
    monkeypatch.setattr(measuring, "timed", lambda call, wait, seconds: (0.001, 0.002))
    session = measuring.Session([benches.Cpu((1,))], **QUICK)
    while session.next():
        pass
    assert "something else runs on this machine" in session.found.notes[-1]


def test_threads_in_each_others_way_are_said_and_end_nothing(monkeypatch):
    def slower(call, wait, seconds):
        slow = session.found.readings and session.found.readings[-1].threads == 2
        return (0.5, 0.5) if slow else (1e-4, 1e-4)

    monkeypatch.setattr(measuring, "timed", slower)
    session = measuring.Session([benches.Cpu((1, 2))], **QUICK)
    while session.next():
        pass
    assert len(session.found.of("product", threads=2, precision="fp64")) == 3
    assert any("FP64 2 threads were slower than 1" in note for note in session.found.notes)


def test_a_gpu_is_measured_by_the_same_lines(monkeypatch):
    pytest.importorskip("torch")
    gpu = benches.TorchGpu("cpu")
    gpu.precisions, gpu.kind, gpu.label = ("fp32", "bf16"), "gpu", "a card"
    both = measuring.measure_roofline([benches.Cpu((1,)), gpu], **QUICK, progress=False)
    assert both.peak(1, "bf16", "gpu") > 0 and both.bandwidth(1, "gpu") > 0
    assert any(where == "GPU" for where, *_ in both.rows())
    assert "On a card, a product of side 64, measured:" in engines.gpu_line(gpu)
    # CuPy has NumPy's names.
    like = benches.CupyGpu(np)
    call, moved = like.adding(1200, 1)
    call(), like.product(8, "fp32")(), like.wait()
    assert moved == 1200


def test_where_threads_cannot_be_set_it_is_said(monkeypatch):
    monkeypatch.setattr(benches, "settable", lambda: False)
    assert benches.thread_counts(8) == (8,)
    session = measuring.Session([benches.Cpu()], **QUICK)
    assert "cannot be set here" in session.found.notes[0]
    with session.devices[0].limited(1):
        pass


def test_thread_counts_are_few():
    assert [benches.thread_counts(n) for n in (1, 2, 4, 64)] == [(1,), (1, 2), (1, 2, 4), (1, 8, 64)]  # fmt: skip


@pytest.mark.parametrize("name", learner_step.SIZES)
@pytest.mark.parametrize("batch", [1, 32])
def test_a_steps_products_are_those_that_pytorch_counts(name, batch):
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    sizes = learner_step.SIZES[name]
    model = models.mlp(torch.nn, sizes)
    counter = FlopCounterMode(display=False)
    with counter:
        torch.nn.functional.cross_entropy(
            model(torch.zeros(batch, sizes[0])), torch.zeros(batch, dtype=torch.long)
        ).backward()
    pairs = list(pairwise(sizes))
    others = batch * sizes[-1] * 8 + 4 * learner_step.parameters(sizes)
    for number, (_, outputs) in enumerate(pairs):
        others += batch * outputs + outputs * (batch - 1)  # bias, and its gradient
        others += 2 * batch * outputs if number < len(pairs) - 1 else 0  # ReLU, and its gradient
    assert learner_step.counted(sizes, batch).flops == counter.get_total_flops() + others


def test_a_steps_bytes_by_hand_for_one_layer():
    # Three examples, two inputs, four outputs; FP32.
    logits = 12 + 12  # loss: read, gradient written
    forward = (6 + 8 + 12) + (12 + 12)  # product; bias
    back = (6 + 12 + 8) + (12 + 4)  # gradients of weights and bias
    update = 5 * 12
    assert learner_step.counted((2, 4), 3).bytes == 4 * (logits + forward + back + update)
    assert learner_step.footprint((2, 4), 3) == 4 * (3 * 12 + 3 * (2 + 16))


def test_the_step_is_lesson_threes_and_leaves_the_readers_random_numbers():
    plan = recipes.recipe("mlp", "digits")
    model = plan.build(scratch.nn)
    assert learner_step.parameters(plan.sizes) == sum(p.numel() for p in model.parameters())
    scratch.manual_seed(3)
    before = scratch.rand(3).tolist()
    scratch.manual_seed(3)
    learner_step.stepper("digits", 8)()
    assert scratch.rand(3).tolist() == before
    with pytest.raises(ValueError, match="no data set named 'cats'"):
        learner_step.stepper("cats", 8)
    with pytest.raises(ValueError, match="batch must be 1 or more, not 0"):
        learner_step.counted((2, 2), 0)
    with pytest.raises(ValueError, match="two sizes or more"):
        learner_step.counted((2,), 1)


def test_both_engines_round_alike():
    pytest.importorskip("torch")
    both = engines.rounded_in_both(20_000)
    assert len(both.rows) == 5
    for row in both.rows[:4]:
        assert row.different == 0 and row.results == 20_000
    # Sums may be added in another order, and tip a rounding by one step.
    assert both.rows[4].steps <= 1
    assert "round to FP8 E4M3" in str(both) and "<caption>" in both._repr_html_()
    with pytest.raises(ValueError, match="1 or more, not 0"):
        engines.rounded_in_both(0)


def test_a_wrong_rounding_would_be_seen(monkeypatch):
    pytest.importorskip("torch")
    right = engines.FloatFormat.round
    monkeypatch.setattr(engines.FloatFormat, "round", lambda self, v: right(self, 1.01 * v))
    assert all(row.different for row in engines.rounded_in_both(500).rows)


def test_the_explorer_measures_on_its_button_and_shows_the_step():
    run = explorer.MachineRun(**QUICK)
    run.reset(explorer.MachineParameters())
    assert "Nothing is measured yet" in run.describe() and not run.found.readings
    run.scene()
    run.step()
    assert "1 of " in run.describe() and run.table().rows
    while not run.done:
        run.step()
    words = run.describe()
    assert "its ridge is at" in words and "The training step on digits with batch 32" in words
    before = len(run.found.readings)
    for threads in ("one", "all"):
        for precision in ("fp32", "fp64"):
            assert run.change(explorer.MachineParameters(threads, precision))
            assert f"in {precision.upper()}" in words or run.scene()
            assert precision.upper() in run.describe()
    assert len(run.found.readings) == before
    reading, place = run.steps_shown()[0]
    assert place.operation.flops == reading.flops
    assert explorer.placed(Measured("none"), reading) is None


def test_the_explorer_begins_with_what_was_measured_and_measures_again_when_told(
    found, monkeypatch
):
    session = measuring.Session([benches.Cpu((1,))], **QUICK)
    monkeypatch.setattr(measuring, "_finished", [session])
    session.found, session.done = found, session.total
    run = explorer.MachineRun(**QUICK)
    run.reset(explorer.MachineParameters())
    assert run.done and "its ridge is at" in run.describe()
    run.reset(explorer.MachineParameters())
    assert not run.done and not run.found.readings


def test_operations_are_predicted_by_the_measured_roof_and_timed(found):
    rows = predicted.predict_and_time(found, seconds=1e-4, side=64)
    assert [r.place.bound for r in rows[:2]] == ["memory", "memory"]
    for r in rows:
        assert r.seconds > 0 and r.factor == r.seconds / r.place.time
        roof = found.roof(1, footprint=r.place.operation.bytes)
        assert r.place == roof.place(r.place.operation)
    assert "one row times 64 by 64" in str(rows) and "then timed here" in rows._repr_html_()
    for what, operation, call in predicted._operations(16):
        result = call()
        assert result is None or operation.traffic["result"] == result.nbytes, what


def test_sizes_in_words():
    assert (size(48 * 2**10), size(192 * 2**20), size(7)) == ("48 KiB", "192 MiB", "7 bytes")
    assert Reading("step", "cpu", 1, "fp32", 1, 10.0, 5.0, 2.0, 3.0).restless == 0.5
    assert measuring.machine().endswith(("processor", "processors"))
