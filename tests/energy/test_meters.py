"""Meters: what is measured is called so, what is modelled too, and counters that wrap are made up for."""

import numpy as np
import pytest

from course import scratch
from course.energy import engines, meters, nvidia
from course.energy.meters import Meter, RaplCounter, RaplMissing, measure
from course.energy.training import SmallTraining, build


def package(root, number, name, microjoules, wrap=1_000_000):
    folder = root / f"intel-rapl:{number}"
    folder.mkdir()
    (folder / "name").write_text(f"{name}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    (folder / "max_energy_range_uj").write_text(f"{wrap - 1}\n")
    return folder / "energy_uj"


def test_rapl_adds_packages_and_makes_up_for_a_counter_that_wraps(tmp_path):
    first = package(tmp_path, "0", "package-0", 900_000)
    second = package(tmp_path, "1", "package-1", 100)
    others = (
        package(tmp_path, "0:0", "core", 5),  # a part of package-0: not again
        package(tmp_path, "2", "psys", 5),  # the whole board: not again
    )
    counter = RaplCounter(tmp_path)
    assert counter.joules() == 0
    first.write_text("100000")  # 200,000 microjoules on, past the end
    second.write_text("300100")
    for other in others:
        other.write_text("700000")
    assert counter.joules() == pytest.approx(0.5)
    first.write_text("150000")
    assert counter.joules() == pytest.approx(0.55)


def test_rapl_says_why_it_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(RaplMissing, match="no RAPL counter"):
        RaplCounter(tmp_path / "nowhere")
    file = package(tmp_path, "0", "package-0", 1)
    file.write_text("nonsense")
    with pytest.raises(RaplMissing, match="cannot be read"):
        RaplCounter(tmp_path)

    def locked(*_):
        raise PermissionError

    monkeypatch.setattr(RaplCounter, "_read", staticmethod(locked))
    with pytest.raises(RaplMissing, match="only an administrator"):
        RaplCounter(tmp_path)


def test_a_measured_reading_is_called_measured(tmp_path, monkeypatch):
    file = package(tmp_path, "0", "package-0", 0, wrap=10**9)
    monkeypatch.setattr(RaplCounter.__init__, "__defaults__", (tmp_path,))
    result, reading = measure(lambda: file.write_text("2500000") and "done")
    assert result == "done" and reading.label == "measured" and reading.joules == 2.5
    assert reading.low == reading.high == 2.5 and "RAPL" in str(reading)
    assert reading.kwh == pytest.approx(2.5 / 3.6e6)


@pytest.fixture
def no_counter(tmp_path, monkeypatch):
    monkeypatch.setattr(RaplCounter.__init__, "__defaults__", (tmp_path / "nowhere",))


def test_a_modelled_reading_is_called_modelled_and_shows_its_assumption(no_counter):
    meter = Meter(watts=10)
    meter.run(lambda: sum(n * n for n in range(200_000)))
    reading = meter.reading()
    assert reading.label == "modelled" and "10 W a busy core" in str(reading)
    assert reading.joules == pytest.approx(10 * reading.cpu_seconds) and reading.cpu_seconds > 0
    assert reading.low == pytest.approx(meters.LEAST_WATTS * reading.cpu_seconds)
    assert reading.high == pytest.approx(meters.MOST_WATTS * reading.cpu_seconds)
    assert reading.watts == pytest.approx(reading.joules / reading.seconds)


def test_stretches_add_up_and_an_error_goes_through(no_counter):
    meter = Meter()
    assert meter.reading().joules == 0 and meter.reading().watts == 0
    with pytest.raises(ZeroDivisionError):
        meter.run(lambda: sum(range(100_000)) / 0)
    once = meter.reading().cpu_seconds
    meter.run(lambda: sum(range(100_000)))
    assert meter.reading().cpu_seconds > once > 0


@pytest.mark.parametrize("watts", [0, -3, float("nan"), float("inf"), "ten", True])
def test_watts_that_cannot_be_are_refused(watts):
    with pytest.raises(ValueError, match="watts must be a number above 0"):
        Meter(watts=watts)


def test_an_unknown_device_and_a_missing_gpu_are_named(monkeypatch):
    with pytest.raises(ValueError, match="'cpu' or 'cuda', not 'tpu'"):
        Meter("tpu")
    monkeypatch.setattr(nvidia, "_LIBRARIES", ("no-such-library.so",))
    with pytest.raises(ValueError, match="no NVIDIA driver is installed"):
        Meter("cuda")


class Driver:
    """Stands in for NVIDIA's library, whose functions have these names."""

    def __init__(self, start=0, handle=0, energy=0):
        self.millijoules = 1000

        def count(device, out):
            out._obj.value = self.millijoules
            self.millijoules += 4500
            return energy

        self.nvmlInit_v2 = lambda: start
        self.nvmlDeviceGetHandleByIndex_v2 = lambda index, device: handle
        self.nvmlDeviceGetTotalEnergyConsumption = count


def test_nvidias_counter_is_in_millijoules():
    counter = nvidia.NvidiaCounter(library=Driver())
    before = counter.joules()
    assert counter.joules() - before == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ({"start": 9}, "does not answer"),
        ({"handle": 2}, "no GPU number 0"),
        ({"energy": 3}, "keeps no energy counter"),
        ({"energy": 999}, "NVML error 999"),
    ],
)
def test_nvidias_refusals_are_put_in_words(codes, said):
    with pytest.raises(nvidia.NvidiaMissing, match=said):
        nvidia.NvidiaCounter(library=Driver(**codes))


def test_every_road_says_whether_it_is_open():
    roads = dict(meters.available())
    assert list(roads)[-1] == "processor time x watts"
    assert all(text.startswith(("can be read", "not here", "always")) for text in roads.values())


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_the_small_training_learns(model):
    scratch.manual_seed(0)
    run = SmallTraining(scratch, model)
    before = run.accuracy()
    losses = run.run(120)
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])
    assert run.accuracy() > max(0.6, before)


def test_an_unknown_model_is_named():
    with pytest.raises(ValueError, match="model must be one of mlp, cnn, not 'gpt'"):
        build(scratch.nn, "gpt")


def test_both_engines_do_the_same_training_by_one_method():
    found = engines.energy_in_both(steps=20)
    assert found.difference < 1e-4
    assert found.mine.method == found.theirs.method and found.mine.joules > 0
    assert found.mine.label in str(found) and "<table>" in found._repr_html_()


@pytest.mark.parametrize("steps", [0, -1, 1.5, "ten", True])
def test_steps_that_cannot_be_are_refused(steps):
    with pytest.raises(ValueError, match="steps must be a whole number"):
        engines.energy_in_both(steps=steps)
