"""The account adds up, its uncertainty is what the stated ranges make of it, and nonsense is named."""

import numpy as np
import pytest

from course.energy import footprint
from course.energy.footprint import Run, account, account_of
from course.energy.uncertainty import Span, percent, spread

RUN = {"chips": 8, "hours": 100, "watts": 400, "pue": 1.5, "g_per_kwh": 250}


def test_parts_add_up_in_the_units_that_they_name():
    run = Run(**RUN, idle_share=0.25, embodied_g=10)
    mine = account(run)
    assert mine.chips_kwh == 320 and mine.idle_kwh == 80 and mine.overhead_kwh == 200
    assert mine.kwh == 600 and mine.operational_kg == 150 and mine.embodied_kg == 8
    assert mine.kg == 158
    parts = mine.parts().values()
    assert sum(kwh for kwh, _ in parts) == 600 and sum(kg for _, kg in parts) == 158


def test_arrays_give_what_single_runs_give():
    watts = np.array([100.0, 400.0])
    many = account_of(8, 100, watts, 1.5, 250, 0.25, 10)
    for n, one in enumerate(watts):
        single = account(Run(**{**RUN, "watts": one}, idle_share=0.25, embodied_g=10))
        assert many.kg[n] == pytest.approx(single.kg) and many.kwh[n] == pytest.approx(single.kwh)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chips": 0}, "chips must be a number, above 0, not 0; count the chips"),
        ({"hours": -1}, "hours must be a number, above 0, not -1; give the hours"),
        ({"pue": 0.9}, "pue must be a number, 1 or more, not 0.9; .*upside down"),
        ({"watts": float("nan")}, "watts must be a number"),
        ({"watts": "400 W"}, "watts must be a number, above 0, not '400 W'"),
        ({"g_per_kwh": None}, "g_per_kwh must be a number"),
        ({"g_per_kwh": -5}, "g_per_kwh must be a number, 0 or more"),
        ({"idle_share": float("inf")}, "idle_share must be"),
        ({"embodied_g": True}, "embodied_g must be"),
    ],
)
def test_what_no_run_can_have_is_named(change, said):
    with pytest.raises(ValueError, match=said):
        Run(**{**RUN, **change})


def spans(**changed):
    given = {
        "chips": Span(8, 8, 8),
        "hours": Span(100, 100, 100),
        "watts": percent(400, 30, 10, "made up"),
        "pue": Span(1.2, 1.0, 1.6),
        "g_per_kwh": Span(250, 150, 400),
    }
    return {**given, **changed}


def test_draws_follow_the_triangles_that_are_stated():
    """NumPy's own triangular draws are the independent implementation."""
    mine = spread(spans(), draws=200_000)
    rng = np.random.default_rng(7)
    watts = rng.triangular(280, 400, 440, 200_000)
    pue = rng.triangular(1.0, 1.2, 1.6, 200_000)
    grams = rng.triangular(150, 250, 400, 200_000)
    kg = 8 * 100 * watts / 1000 * pue * grams / 1000
    for share in (0.02, 0.25, 0.5, 0.75, 0.98):
        assert np.quantile(mine.draws.kg, share) == pytest.approx(np.quantile(kg, share), rel=0.01)


def test_interval_arithmetic_holds_every_draw_and_the_ends_are_exact():
    mine = spread(spans())
    assert mine.least.kg == pytest.approx(8 * 100 * 0.280 * 1.0 * 0.150)
    assert mine.greatest.kg == pytest.approx(8 * 100 * 0.440 * 1.6 * 0.400)
    assert mine.least.kg <= mine.draws.kg.min() and mine.draws.kg.max() <= mine.greatest.kg
    low, high = mine.kg()
    assert mine.least.kg < low < mine.middle.kg < high < mine.greatest.kg
    assert set(mine.swings) == {"watts", "pue", "g_per_kwh"}
    assert mine.swings["pue"] == pytest.approx((80, 128))


def test_the_same_seed_gives_the_same_and_nothing_uncertain_gives_one_value():
    assert spread(spans()).kg() == spread(spans()).kg()
    assert spread(spans()).kg() != spread(spans(), seed=1).kg()
    exact = spread({name: Span(s.value, s.value, s.value) for name, s in spans().items()})
    assert exact.kg() == pytest.approx((exact.middle.kg, exact.middle.kg)) and exact.swings == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": Span(1, 1, 1)}, "unknown .'colour'."),
        ({"pue": Span(1.1, 0.9, 1.2)}, "pue must be a number, 1 or more, not 0.9"),
    ],
)
def test_ranges_that_cannot_be_are_named(given, said):
    with pytest.raises(ValueError, match=said):
        spread(spans(**given))


def test_a_missing_input_and_a_crooked_span_are_named():
    with pytest.raises(ValueError, match=r"missing .'watts', 'pue', 'g_per_kwh'."):
        spread({"chips": Span(1, 1, 1), "hours": Span(1, 1, 1)})
    with pytest.raises(ValueError, match="must lie in its range"):
        Span(1, 2, 3)


def test_percent_keeps_to_its_least():
    assert percent(1.1, 20, 10, "", least=1.0).low == 1.0
    assert footprint.bloom_embodied_g() == pytest.approx(10.34, abs=0.01)
