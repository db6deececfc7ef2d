"""The tables behind the scale room: nothing without its source and date, nothing twice."""

from __future__ import annotations

import pytest

from course.facts import cloud_prices, language_models, scaling

TABLES = {
    "language models": (language_models.language_models(), 59),
    "rounded models": (language_models.rounded_models(), 9),
    "constants": (scaling.scaling_constants(), 25),
    "exponents": (scaling.scaling_exponents(), 4),
    "budgets": (scaling.chinchilla_budgets(), 6),
    "GPT-3's compute": (scaling.gpt3_compute(), 11),
    "prices": (cloud_prices.cloud_prices(), 32),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_where_and_when_it_is_from(name: str) -> None:
    rows, count = TABLES[name]
    assert len(rows) == count
    for row in rows:
        assert len(row.source) > 8 and row.evidence
        assert row.date.removeprefix("read ")[:4].isdigit(), row


def test_names_are_there_once() -> None:
    names = [row.model for row in language_models.language_models()]
    assert len(set(names)) == len(names)
    pairs = [(row.fit, row.constant) for row in scaling.scaling_constants()]
    assert len(set(pairs)) == len(pairs)


def test_intervals_hold_their_values_but_for_one_that_is_so_printed() -> None:
    for row in scaling.scaling_constants():
        if row.low95 is not None and row.high95 is not None:
            assert row.low95 < row.value < row.high95
    odd = [
        row.approach
        for row in scaling.scaling_exponents()
        if row.parameter_low is not None
        and row.parameter_high is not None
        and not row.parameter_low <= row.parameter_exponent <= row.parameter_high
    ]
    assert odd == ["3: a formula for the loss"]
