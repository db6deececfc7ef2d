"""Grids by name, a simulated day that keeps its balance, and serving against training."""

import numpy as np
import pytest

from course.energy import day as days
from course.energy import grids, serving
from course.facts.chips import chip
from course.facts.grids import energy_source


@pytest.mark.parametrize(
    ("name", "key"),
    [("France", "FRA"), ("fra", "FRA"), (" us-central1 ", "us-central1"), ("Iowa", "us-central1")],
)
def test_a_grid_is_found_by_country_code_region_or_place(name, key):
    assert grids.grid(name).key == key


def test_a_country_goes_before_a_region_of_its_name():
    assert grids.grid("Finland").kind == "country" and grids.grid("europe-north1").name == "Finland"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Germny", "nearest: 'Germany'"),
        ("United", "'United Kingdom', 'United States'"),
        ("", "lists all"),
        (7, "no grid 7"),
        (None, "no grid None"),
    ],
)
def test_an_unknown_grid_names_the_nearest(name, said):
    with pytest.raises(KeyError, match=said):
        grids.grid(name)


def test_every_grid_is_there_once_the_cleanest_first():
    grams = [one.g_per_kwh for one in grids.grids()]
    assert len(grams) == 49 + 44 and grams == sorted(grams)
    assert len({one.label for one in grids.grids()}) == len(grams)


@pytest.mark.parametrize("filler", days.FILLERS)
@pytest.mark.parametrize("solar", [0.0, 0.2, 0.5, 1.0])
def test_supply_meets_demand_in_every_hour(solar, filler):
    d = days.day(solar, filler=filler)
    np.testing.assert_allclose(d.base + d.solar + d.fossil, d.demand)
    assert d.demand.mean() == pytest.approx(1)
    assert (d.solar + d.spilled).sum() == pytest.approx(24 * solar)
    for part in (d.base, d.solar, d.fossil, d.spilled):
        assert (part > -1e-12).all()
    least, most = energy_source("nuclear").g_per_kwh, energy_source(filler).g_per_kwh
    assert (d.average >= least).all() and (d.average <= most).all()


def test_without_sun_or_base_the_day_is_its_filler():
    d = days.day(0, 0, "coal")
    np.testing.assert_allclose(d.average, energy_source("coal").g_per_kwh)
    np.testing.assert_allclose(d.marginal, d.average)


def test_one_more_kilowatt_hour_comes_from_what_is_turned_up():
    """The marginal intensity is the change of a day's emissions when demand is a little more."""
    d = days.day(0.4)
    grams = {name: energy_source(name).g_per_kwh for name in ("solar", "natural_gas")}
    for hour in range(24):
        more = 1e-6
        spare = min(more, d.spilled[hour])
        emitted = spare * grams["solar"] + (more - spare) * grams["natural_gas"]
        assert d.marginal[hour] == pytest.approx(emitted / more)
    assert d.spilled.sum() > 0 and set(d.marginal) == set(grams.values())


@pytest.mark.parametrize(
    ("given", "said"),
    [((1.1,), "solar_share"), ((0.2, 0.9), "base_share"), ((0.2, 0.2, "peat"), "filler")],
)
def test_a_day_that_cannot_be_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        days.day(*given)


def test_windows_run_round_the_clock():
    values = np.arange(24.0)
    means = days.window_means(values, 3)
    assert means[0] == 1 and means[23] == pytest.approx((23 + 0 + 1) / 3)
    np.testing.assert_allclose(days.window_means(values, 24), values.mean())
    with pytest.raises(ValueError, match="hours must be"):
        days.window_means(values, 0)


@pytest.mark.parametrize("model", serving.RUNS)
def test_the_crossing_is_three_times_the_tokens_times_the_utilisations(model):
    s = serving.serve(model, 0.1, 1e9)
    expected = 3 * s.trained_tokens * s.serving / s.utilisation
    assert s.even_tokens == pytest.approx(expected)
    assert s.even_days == pytest.approx(expected / 1e9)
    print(f"{model:16} utilisation in training {s.utilisation:.1%}, even after {s.even_tokens:.3g}")
    assert 0.05 < s.utilisation < 0.6


def test_a_token_served_takes_two_operations_a_parameter():
    h100 = chip("NVIDIA H100 SXM")
    seconds = 2 * 405.8533888e9 / (0.1 * h100.peak("bf16"))
    s = serving.serve("Llama-3.1-405B", 0.1, 1e9)
    assert s.kwh_per_token == pytest.approx(seconds * 700 / 3.6e6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("GPT-9", 0.1, 1e9), "model must be one of"),
        (("LLaMA-7B", 0, 1e9), "utilisation must be above 0"),
        (("LLaMA-7B", 1.5, 1e9), "at most 1"),
        (("LLaMA-7B", 0.1, -5), "tokens_a_day must be above 0"),
    ],
)
def test_serving_that_cannot_be_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        serving.serve(*given)


@pytest.mark.parametrize("given", [(0, 1, 1), (1, 0, 1), (1, 1, -1), (1, 1, 1, 0.5)])
def test_a_training_that_cannot_be_is_refused(given):
    with pytest.raises(ValueError, match="must be"):
        serving.training_energy(*given)
