"""Latencies, deadlines, devices, and the way to a server and back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.edge import devices, latency, round_trip
from course.edge.devices import Device, pareto, place, run_on


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.integers(0, 100))
def test_percentiles_are_numpys_inverted_distribution(times, percent):
    wanted = np.percentile(times, percent, method="inverted_cdf")
    assert latency.percentile(times, percent) == wanted


def test_measuring_counts_every_call_and_keeps_the_outliers():
    calls = []
    found = latency.measure(lambda: calls.append(1), name="x", repeats=7, warm_up=3)
    assert len(calls) == 1 + 3 + 7 and len(found.times) == 7
    assert found.p50 <= found.p95 <= found.p99 <= found.worst
    shown = latency.Latencies([found])
    assert "p99" in str(shown) and "<table>" in shown._repr_html_()


def test_the_clock_measures_what_it_should(monkeypatch):
    ticks = iter(range(0, 10**9, 10))
    monkeypatch.setattr(latency.time, "perf_counter_ns", lambda: next(ticks) * 100_000)
    found = latency.measure(lambda: None, repeats=4, warm_up=2)
    np.testing.assert_allclose(found.times, 1.0)


def test_a_car_at_100_moves_2_8_cm_a_millisecond():
    assert 100 * devices.metres(1) == pytest.approx(2.7778, abs=1e-4)
    assert devices.metres(1000, 36) == pytest.approx(10)


def test_time_is_the_later_of_arithmetic_and_memory():
    device = Device("d", {"int8": 2e9}, 1e6, 1e6, 3.0, "made up")
    slow = run_on(device, 1e6, 10.0, "int8", 0.5)
    assert slow.ms == pytest.approx(2.0) and slow.bound == "arithmetic"
    assert slow.millijoules == pytest.approx(6.0)
    late = run_on(device, 1e6, 5e3, "int8", 0.5)
    assert late.ms == pytest.approx(5.0) and late.bound == "memory"
    assert devices.answers_per_charge(6.0, 1.0) == pytest.approx(3.6e6 / 6)


def test_the_front_is_what_nobody_dominates():
    rng = np.random.default_rng(0)
    points = [tuple(p) for p in rng.integers(0, 12, (60, 2)).astype(float)]
    front = {points[n] for n in pareto(points)}
    for p in points:
        beaten = any(q[0] <= p[0] and q[1] >= p[1] and q != p for q in points)
        assert (p in front) != beaten


def test_every_device_says_where_its_figures_are_from():
    for device in devices.devices().values():
        assert len(device.basis) > 20
        if "halve" in device.basis or "half" in device.basis:
            assert "sparse" in device.basis
    car = devices.devices()["car"]
    assert car.peaks["int8"] == pytest.approx(275e12 / 2)


def test_no_published_model_fits_the_small_microcontroller():
    small = devices.devices()["mcu_small"]
    assert not any(p.fits for p in place(small, 1e9, 1.0))
    phone = devices.devices()["phone"]
    assert all(p.answer is None for p in place(phone, 100, 0.2) if p.candidate.precision == "fp32")


def test_a_longer_deadline_lets_more_models_in():
    pi = devices.devices()["pi5"]
    counts = [sum(p.fits for p in place(pi, ms, 0.2)) for ms in (1, 10, 100, 1000, 1e5)]
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] > 20


def test_tiny_models_against_the_flash():
    fits = {t.task: t.fits for t in devices.tiny_fits(0.8)}
    assert all(fits["KWS"].values())
    assert fits["VWW"] == {"STM32L4R5ZI": True, "STM32L452RE": True}
    assert fits["IC2"] == {"STM32L4R5ZI": True, "STM32L452RE": False}


@pytest.mark.parametrize("key", round_trip.LINKS)
def test_round_trips_follow_the_distribution_that_is_stated(key):
    link = round_trip.LINKS[key]
    lossless = round_trip.Link(link.name, link.median, link.tail, 0.0)
    trips = round_trip.simulate_trips(lossless, server=1e-9, device=20.0)
    for share in (0.5, 0.95, 0.99):
        wanted = round_trip.lognormal_quantile(link.median, link.tail, share)
        assert latency.percentile(trips.cloud_times, 100 * share) == pytest.approx(wanted, rel=0.06)
        here = round_trip.lognormal_quantile(20.0, 0.15, share)
        assert latency.percentile(trips.edge_times, 100 * share) == pytest.approx(here, rel=0.03)


def test_losses_come_as_often_as_stated_and_cost_the_time_limit():
    lossy = round_trip.Link("x", 10.0, 0.0, 0.1)
    times = round_trip.simulate_trips(lossy, 1e-9, 1.0).cloud_times
    lost = np.rint((times - 10) / round_trip.TIME_LIMIT)
    assert (lost > 0).mean() == pytest.approx(0.1, abs=0.01)
    assert (lost > 1).mean() == pytest.approx(0.01, abs=0.003)


def test_a_share_that_is_late_is_counted():
    trips = round_trip.simulate_trips(round_trip.LINKS["mobile"], device=30.0)
    cloud, device = trips.share_late(math.inf)
    assert cloud == device == 0
    assert trips.share_late(0.0) == (1, 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: latency.percentile([], 50), "no times"),
        (lambda: latency.percentile([1.0, np.nan], 50), "1 of 2 times are NaN"),
        (lambda: latency.percentile([1.0], 101), "between 0 and 100"),
        (lambda: latency.measure(lambda: None, repeats=0), "1 or more"),
        (lambda: run_on(devices.devices()["car"], 1e9, 1, "int8", 0), "share of the peak"),
        (lambda: run_on(devices.devices()["car"], 0, 1, "int8", 1), "macs must be above 0"),
        (lambda: run_on(devices.devices()["car"], 1, 1, "fp32", 1), "no arithmetic for fp32"),
        (lambda: devices.usable_peak(devices.devices()["car"], "int2"), "fp32 or int8"),
        (lambda: place(devices.devices()["car"], 0, 1), "deadline must be above 0"),
        (lambda: devices.answers_per_charge(0), "above 0 mJ"),
        (lambda: devices.tiny_fits(0), "share must lie"),
        (
            lambda: round_trip.simulate_trips(round_trip.LINKS["train"], device=0),
            "device must be above 0",
        ),
        (
            lambda: round_trip.simulate_trips(round_trip.Link("x", 1, -1, 0)),
            "tail must be 0 or more",
        ),
    ],
)
def test_nonsense_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("bad", ["3", None, True, math.nan, math.inf, [1]])
def test_what_is_no_number_is_refused_everywhere_in_words(bad):
    pi = devices.devices()["pi5"]
    for call in (
        lambda: place(pi, bad, 0.2),
        lambda: place(pi, 10, bad),
        lambda: devices.metres(bad),
        lambda: latency.percentile([1.0], bad),
        lambda: latency.measure(lambda: None, repeats=bad),
        lambda: round_trip.simulate_trips(round_trip.LINKS["fibre"], device=bad),
    ):
        with pytest.raises(ValueError, match="must"):
            call()
    with pytest.raises(ValueError, match="something to call"):
        latency.measure(3)
    with pytest.raises(ValueError, match="times must be numbers"):
        latency.percentile("abc", 50)
