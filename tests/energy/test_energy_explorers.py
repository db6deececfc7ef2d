"""Lesson 09's explorers: what they say is what was computed, and every label keeps its kind."""

import numpy as np
import pytest

from course.energy import explorers
from course.energy.explorers import flows, hours, measuring, places, serving
from course.energy.explorers.words import amount, days, energy, mass, tokens
from course.energy.grids import grid
from course.widgets.scene import Area

FRANCE = grid("France").g_per_kwh


def test_the_flow_adds_up_and_its_sum_is_the_account():
    f = flows.simulate(flows.FlowParameters(thousand_hours=1, tdp=300, pue=1.5, whole=False))
    assert f.spread.middle.kwh == pytest.approx(1000 * 0.3 * 1.5)
    assert f.spread.middle.kg == pytest.approx(450 * FRANCE / 1000)
    assert list(f.parts) == ["chips that compute", "cooling and power supply"]
    assert "450 kWh" in flows.describe(f) and "25.2 kg" in flows.describe(f)
    whole = flows.simulate(flows.FlowParameters(thousand_hours=1, tdp=300, pue=1.5))
    assert set(whole.parts) - set(f.parts) == {"hardware that waits", "making the hardware"}


def test_the_heights_of_the_ribbons_are_shares_of_the_carbon():
    f = flows.simulate(flows.FlowParameters())
    ribbons = [m for m in flows.scene(f).panels[0].marks if isinstance(m, Area) and m.edge]
    heights = [m.points[m.points[:, 0] == 2.0][:, 1] for m in ribbons]  # where they reach the sum
    shares = [kg / f.spread.middle.kg for _, kg in f.parts.values()]
    assert [h.max() - h.min() for h in heights] == pytest.approx(shares)
    assert sum(shares) == pytest.approx(1)


def test_the_flow_at_bloom_s_settings_is_bloom_s_account():
    f = flows.simulate(flows.FlowParameters(thousand_hours=1082.99, tdp=400, pue=1.0))
    # The authors took 57 g/kWh, the table's France is that of another year.
    electric = f.spread.middle.operational_kg * 57 / FRANCE
    assert electric + f.spread.middle.embodied_kg == pytest.approx(50_500, rel=0.001)


def test_every_range_in_the_table_has_an_origin():
    f = flows.simulate(flows.FlowParameters())
    rows = {row[0]: row for row in flows.table(f).rows}
    for label in ("Power of a chip (W)", "PUE", "Grid (g/kWh)", "Manufacture (g a chip-hour)"):
        assert len(rows[label][3]) > 20, label
    assert "Patterson" in rows["Power of a chip (W)"][3]
    assert "interval arithmetic" in rows["all inputs at one end"][3]
    assert "triangular" in rows["middle 90 % of draws"][3]


def test_pue_never_goes_below_one_in_a_range():
    f = flows.simulate(flows.FlowParameters(pue=1.0))
    assert f.spans["pue"].low == 1.0 and f.spread.least.overhead_kwh == 0
    lows = [flows.simulate(flows.FlowParameters(pue=p)).spans["pue"].low for p in (1.02, 1.2)]
    assert lows == pytest.approx([1.0, 1.15])


def test_two_grids_are_compared_and_two_tables_warned_of():
    said = places.describe(
        places.simulate(places.WhereParameters(here="POL", there="NOR", mwh=1.0))
    )
    assert "662 kg" in said and "30.1 kg" in said and "22 times as much on the first" in said
    said = places.describe(places.simulate(places.WhereParameters(here="NOR", there="POL")))
    assert "times as much on the second" in said
    said = places.describe(places.simulate(places.WhereParameters(here="NOR", there="us-central1")))
    assert "compare within one" in said
    said = places.describe(places.simulate(places.WhereParameters(here="NOR", there="NOR")))
    assert "which is the same" in said
    rows = places.table(places.simulate(places.WhereParameters())).rows
    assert len(rows) == 93 and sorted(row[4] for row in rows if row[4]) == [
        "another grid",
        "one grid",
    ]


def test_a_day_says_that_it_is_simulated_and_what_moving_saves():
    w = hours.simulate(hours.WhenParameters(start=19, hours=6, solar=20))
    said = hours.describe(w)
    assert said.startswith("In this simulated day") and "moving it saves nothing" in said
    assert "simulated" in hours.table(w).caption.lower()
    sunny = hours.describe(hours.simulate(hours.WhenParameters(solar=40)))
    assert "by the marginal account" in sunny and "less." in sunny
    assert "no other start is better" in hours.describe(
        hours.simulate(hours.WhenParameters(hours=24))
    )


def test_a_run_past_midnight_shades_both_ends_of_the_day():
    w = hours.simulate(hours.WhenParameters(start=22, hours=5))
    boxes = [m for m in hours.scene(w).panels[0].marks if isinstance(m, Area)][:2]
    spans = sorted(
        (float(min(x)), float(max(x))) for x in (np.array(b.points)[:, 0] for b in boxes)
    )
    assert spans == [(0, 3), (22, 24)]


def test_serving_tells_published_from_assumed():
    s = serving.simulate(serving.ServingParameters())
    kinds = {row[0]: row[2] for row in serving.table(s).rows}
    assert kinds["parameters"] == "published" and kinds["served a day"].startswith("assumed")
    assert days(s.even_days) in serving.describe(s)


def run_of(**settings):
    widget = explorers.this_run(**settings)
    widget.run(40)
    return widget


def test_this_run_names_its_method_and_its_energy_only_grows():
    widget = run_of()
    training = widget.training
    reading = training.reading
    assert reading.label in widget.sentence and reading.method in widget.sentence
    used = np.array(training.joules)[:, 0]
    assert len(used) == 41 and (np.diff(used) >= 0).all() and used[-1] > 0
    rows = dict(widget._table.rows)
    assert rows["label"] == reading.label and rows["method"] == reading.method
    assert "not counted" in rows["manufacture"]


def test_another_grid_is_another_account_of_the_same_run():
    widget = run_of(grid="POL")
    before, kwh = widget.sentence, widget.training.reading.kwh
    widget.handle({"kind": "set", "changes": {"grid": {"value": "NOR"}}})
    assert widget.training.steps == 40 and widget.training.reading.kwh == kwh
    assert "Norway" in widget.sentence and widget.sentence != before


def test_other_watts_scale_a_modelled_run_and_leave_a_measured_one():
    widget = run_of(watts=5.0)
    before = widget.training.reading
    widget.handle({"kind": "set", "changes": {"watts": {"text": "10"}}})
    factor = 2 if before.label == "modelled" else 1
    assert widget.training.reading.joules == pytest.approx(factor * before.joules)
    assert widget.training.joules[-1][0] == pytest.approx(factor * before.joules)


def test_a_run_ends_and_another_model_starts_afresh(monkeypatch):
    monkeypatch.setattr(measuring, "STEPS", 15)
    widget = explorers.this_run()
    widget.run_to_end()
    assert widget.done and widget.training.steps == 15
    widget.handle({"kind": "set", "changes": {"model": {"value": "mlp"}}})
    assert not widget.done and "Nothing has been trained yet" in widget.sentence


@pytest.mark.parametrize("name", explorers.__all__)
def test_a_value_that_does_not_fit_is_refused(name):
    with pytest.raises(TypeError):
        getattr(explorers, name)(nonsense=1)


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("flow", {"pue": 0.9}, "PUE must be a number between 1 and 2"),
        ("flow", {"thousand_hours": 0}, "Chips times hours must be"),
        ("flow", {"grid": "Atlantis"}, "Grid is one of"),
        ("where", {"mwh": -1}, "Electricity must be"),
        ("when", {"start": 24}, "Start must be a whole number between 0 and 23"),
        ("training_and_serving", {"percent": 0}, "Utilisation when serving must be"),
        ("this_run", {"watts": -2}, "must be a number between 2 and 20"),
    ],
)
def test_a_setting_out_of_range_is_named(name, settings, said):
    with pytest.raises(ValueError, match=said):
        getattr(explorers, name)(**settings)


def test_amounts_are_said_in_the_unit_that_suits():
    assert [energy(v) for v in (2.5e6, 1200, 3, 0.05, 1e-6)] == [
        "2.5 GWh",
        "1.2 MWh",
        "3 kWh",
        "50 Wh",
        "3.6 J",
    ]
    assert [mass(v) for v in (53_200, 13, 0.0283, 2.83e-7)] == [
        "53.2 t",
        "13 kg",
        "28.3 g",
        "0.283 mg",
    ]
    assert [amount(v) for v in (0, 1234, 999.6, 12.345, 0.01, 1e15)] == [
        "0",
        "1,230",
        "1,000",
        "12.3",
        "0.01",
        "1e+15",
    ]
    assert [days(v) for v in (1.0, 676.4, 3652.5)] == ["1 day", "676 days", "10 years"]
    assert [tokens(v) for v in (1.35e13, 2e10, 5e6, 100)] == [
        "13.5 trillion tokens",
        "20 billion tokens",
        "5 million tokens",
        "100 tokens",
    ]
