"""The published energy figures: where they are from, and that the sums that they state are theirs."""

import dataclasses
import math

import pytest

from course.facts import grids, training_energy

EVERY = [
    *training_energy.patterson(),
    *training_energy.strubell(),
    *training_energy.lives(),
    *training_energy.bloom(),
    *training_energy.bloom_comparison(),
    *training_energy.model_cards(),
    *grids.countries(),
    *grids.regions(),
    *grids.energy_sources(),
    *grids.pues(),
]


def test_every_row_says_where_and_when_it_is_from():
    assert len(EVERY) == 4 + 4 + 2 + 10 + 4 + 20 + 49 + 44 + 10 + 10
    for row in EVERY:
        assert len(row.source) > 2 and row.evidence
        assert row.date.removeprefix("read ")[:4].isdigit(), row


def test_every_number_is_finite_and_none_is_negative():
    for row in EVERY:
        for field in dataclasses.fields(row):
            value = getattr(row, field.name)
            if isinstance(value, float):
                # Montreal's cloud region prints a grid of 0 g/kWh for two years.
                zero = getattr(row, "region", "") == "northamerica-northeast1"
                assert math.isfinite(value) and value >= (0 if zero else 1e-9), (row, field.name)


def test_no_site_has_a_pue_below_one_and_no_share_is_above_one():
    assert all(1 <= site.pue < 2 for site in grids.pues())
    assert all(r.cfe_2024 is None or 0 < r.cfe_2024 <= 1 for r in grids.regions())


def test_names_are_unique():
    for names in (
        [c.iso3 for c in grids.countries()],
        [c.country for c in grids.countries()],
        [r.region for r in grids.regions()],
        [m.model for m in training_energy.model_cards()],
    ):
        assert len(set(names)) == len(names)


def test_what_is_doubted_is_marked_and_nothing_else():
    doubted = [row.model for row in training_energy.model_cards() if not row.verified]
    assert doubted == ["Llama-2-34B", "Llama-3.3-70B"]
    assert [row for row in EVERY if not row.verified and not hasattr(row, "gpu_hours")] == []


def test_the_years_of_a_region_are_those_it_has():
    by_name = {region.region: region for region in grids.regions()}
    assert list(by_name["africa-south1"].by_year) == [2023, 2024]
    assert by_name["asia-east1"].by_year[2019] == 541


@pytest.mark.parametrize(
    "find",
    [
        training_energy.bloom_figure,
        training_energy.patterson_run,
        training_energy.strubell_run,
        grids.energy_source,
        grids.pue,
    ],
)
def test_an_unknown_name_lists_the_known(find):
    with pytest.raises(KeyError, match="there are"):
        find("nothing")
